"""The tables of a store against the fields of AWS's logs."""

from ringwall.traffic.fields import DEFAULT_FLOW, FLOW, TRANSIT
from ringwall.traffic.tables import TABLES, Type


def test_the_formats_have_as_many_fields_as_aws_says():
    assert (len(DEFAULT_FLOW), len(FLOW), len(TRANSIT)) == (14, 42, 36)


def test_every_field_of_a_log_stands_in_a_column():
    for fields, name in ((FLOW, "flow"), (TRANSIT, "transit")):
        there = {column.field for column in TABLES[name].columns}
        # The header, not the version, says what a record is; `log-status` says in which table.
        assert {field.name for field in fields} - there == {"version", "log-status"}


def test_no_column_has_two_names_and_every_time_is_a_long():
    for table in TABLES.values():
        names = [column.name for column in table.columns]
        assert len(names) == len(set(names))
        assert {c.name: c.type for c in table.columns}[table.time] is Type.INT64
