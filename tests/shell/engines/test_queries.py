"""What is given to a query stands in its tree, never in its text."""

from ipaddress import ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlglot import exp

from ringwall.errors import QuestionError
from ringwall.shell.engines.duck import Duck
from ringwall.shell.engines.engine import Scope
from ringwall.shell.engines.queries import bound, detection_query, parsed, relations_of, rendered
from ringwall.shell.engines.store import Store
from ringwall.traffic.addresses import to_halves
from tests.detections.stores import store_of

BLOCKS = (
    "0.0.0.0/0",
    "10.0.0.0/8",
    "10.1.2.3/32",
    "255.255.255.255/32",
    "::/0",
    "fc00::/7",
    "2001:db8::/32",
    "2001:db8:1:2::/64",
    "2001:db8:1:2::/80",
    "2001:db8:1:2:8000::/65",
    "::/64",
    "::1/128",
    "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/128",
)


def edges(block: str) -> list[str]:
    """Return the first and last address of a block, and their neighbours outside."""
    network = ip_network(block, strict=False)
    first, last = int(network.network_address), int(network.broadcast_address)
    kind, most = type(network.network_address), (1 << network.max_prefixlen) - 1
    return [str(kind(n)) for n in (first - 1, first, last, last + 1) if 0 <= n <= most]


@pytest.fixture(scope="module")
def duck(tmp_path_factory: pytest.TempPathFactory):
    engine = Duck(
        Store.at(store_of(tmp_path_factory.mktemp("s"), "10.0.0.1 > 10.0.0.2:1")), Scope()
    )
    yield engine
    engine.close()


@pytest.mark.parametrize("block", BLOCKS)
def test_among_holds_for_the_addresses_of_a_block_alone(block: str, duck: Duck):
    network = ip_network(block, strict=False)
    for text in (*edges(block), "192.0.2.1", "2001:db9::1"):
        family, high, low = to_halves(text)
        sql = f"SELECT CASE WHEN among({family}, {high}, {low}, $blocks) THEN 1 ELSE 0 END AS found"
        query = bound(parsed(sql), {"blocks": (str(network),)})
        [row] = duck.rows(query)
        assert row["found"] == (ip_address(text) in network), text


@pytest.mark.parametrize("block", BLOCKS)
def test_the_least_number_is_never_written_for_athena_cannot_read_it(block: str):
    sql = "SELECT first FROM flow WHERE among(family, source_high, source_low, $b) ORDER BY first"
    assert "-9223372036854775808" not in rendered(bound(parsed(sql), {"b": (block,)}), "athena")


def test_among_nothing_is_never(duck: Duck):
    query = bound(
        parsed("SELECT CASE WHEN among(4, 0, 1, $none) THEN 1 ELSE 0 END AS n"), {"none": ()}
    )
    assert duck.rows(query) == [{"n": 0}]


def _first(query: exp.Expr) -> exp.Expr:
    found: exp.Expr = query.expressions[0].this
    return found


@given(text=st.text(max_size=30))
def test_a_text_that_is_given_stays_a_text(text: str):
    query = bound(parsed("SELECT $text AS t"), {"text": text})
    again = parsed(rendered(query, "duckdb"))
    assert _first(again).this == text
    assert _first(again).is_string


def test_a_list_stands_in_in_alone():
    query = detection_query(
        "SELECT first, bytes FROM flow WHERE protocol IN ($ones) ORDER BY first, bytes",
        {"ones": (6, 17)},
    )
    assert "IN (6, 17)" in rendered(query, "duckdb")


@pytest.mark.parametrize(
    ("given_", "message"),
    [({}, "the query takes $ones, and nobody gave it"), ({"ones": ()}, "$ones is an empty list")],
)
def test_what_is_not_given_is_told(given_: dict[str, tuple[int, ...]], message: str):
    with pytest.raises(QuestionError) as refused:
        detection_query("SELECT first FROM flow WHERE protocol IN ($ones) ORDER BY first", given_)
    assert message in refused.value.message


def test_a_query_names_what_it_reads_each_before_its_reader():
    assert relations_of(parsed("SELECT slot FROM conversation")) == ["flow", "conversation"]
    assert relations_of(parsed("SELECT time FROM dns")) == ["dns"]
