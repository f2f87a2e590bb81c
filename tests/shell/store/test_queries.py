"""Resolver query logs become rows of `dns`."""

import json

from tests.shell.store.conftest import Place

QUERY = {
    "version": "1.100000",
    "account_id": "123456789012",
    "region": "us-east-1",
    "vpc_id": "vpc-1",
    "query_timestamp": "2025-11-24T16:00:01Z",
    "query_name": "WWW.Example.com.",
    "query_type": "A",
    "query_class": "IN",
    "rcode": "NOERROR",
    "answers": [{"Rdata": "192.0.2.1", "Type": "A", "Class": "IN"}],
    "srcaddr": "10.0.0.1",
    "srcport": "4711",
    "transport": "UDP",
    "srcids": {"instance": "i-1", "resolver-endpoint": "rslvr-1"},
    "firewall_rule_action": "BLOCK",
    "something_new": {"a": 1},
}


def test_a_query_is_a_row(place: Place) -> None:
    place.write("q.log.gz", json.dumps(QUERY) + "\n")
    assert place.ingest().records == 1
    [row] = place.rows("dns")
    assert {name: value for name, value in row.items() if value is not None} == {
        "family": 4,
        "time": 1764000001,
        "account_id": "123456789012",
        "region": "us-east-1",
        "vpc_id": "vpc-1",
        "srcaddr_high": 0,
        "srcaddr_low": 0x0A000001,
        "srcport": 4711,
        "transport": "UDP",
        "query_name": "www.example.com",
        "query_type": "A",
        "query_class": "IN",
        "rcode": "NOERROR",
        "answers": "A 192.0.2.1",
        "instance": "i-1",
        "resolver_endpoint": "rslvr-1",
        "firewall_rule_action": "BLOCK",
    }


def test_what_is_no_query_is_set_aside_by_its_reason(place: Place) -> None:
    wrong = [
        "{",
        "[1]",
        '{"a": 1}',
        json.dumps(QUERY | {"query_timestamp": "yesterday"}),
        json.dumps(QUERY | {"srcaddr": "10.0.0"}),
        json.dumps(QUERY | {"srcport": "65536"}),
        json.dumps(QUERY | {"query_name": "\ud800"}),
        json.dumps(QUERY | {"answers": "x"}),
        "[" * 100_000,
    ]
    lines = [json.dumps(QUERY), *wrong, json.dumps(QUERY | {"srcport": 53, "srcids": None})]
    place.write("q.log", "\n".join(lines))
    report = place.ingest()
    assert report.records == 2
    assert report.aside == {"json": 5, "time": 1, "address": 1, "integer": 1, "text": 1}
