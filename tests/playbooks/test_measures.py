"""Requests that hold what AWS alone knows: read just before, and the same in a journal."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from ringwall.playbooks.measures import Measure, Reading, Request

BY_NAME = {"Filters": [{"Name": "group-name", "Values": ["ringwall-quarantine"]}]}
GROUP = Reading("ec2", "describe_security_groups", BY_NAME, "SecurityGroups.0.GroupId")
SET = {"Name": "blocked", "Scope": "REGIONAL", "Id": "i"}
ADDRESSES = Reading("wafv2", "get_ip_set", SET, "IPSet.Addresses", add=("198.51.100.7/32",))
LOCK = Reading("wafv2", "get_ip_set", SET, "LockToken")


def answering(answer: Mapping[str, Any], asked: list[str]) -> Any:
    def ask(service: str, operation: str, request: Mapping[str, Any]) -> Mapping[str, Any]:
        del request
        asked.append(f"{service}:{operation}")
        return answer

    return ask


def test_what_aws_alone_knows_is_read_just_before():
    moved = Request("ec2", "modify_network_interface_attribute", {"Groups": [GROUP], "N": "eni-1"})
    ask = answering({"SecurityGroups": [{"GroupId": "sg-7"}]}, [])
    assert moved.filled(ask) == {"Groups": ["sg-7"], "N": "eni-1"}


def test_a_list_is_read_and_one_is_added_once():
    asked: list[str] = []
    request = Request("wafv2", "update_ip_set", {**SET, "Addresses": ADDRESSES, "LockToken": LOCK})
    addresses = ["203.0.113.1/32", "198.51.100.7/32"]
    ask = answering({"IPSet": {"Addresses": addresses}, "LockToken": "t"}, asked)
    assert request.filled(ask) == {
        **SET, "Addresses": ["198.51.100.7/32", "203.0.113.1/32"], "LockToken": "t",
    }  # fmt: skip
    assert asked == ["wafv2:get_ip_set"]


def test_what_others_added_since_stays_when_one_is_dropped():
    drop = Reading("wafv2", "get_ip_set", SET, "IPSet.Addresses", drop=("198.51.100.7/32",))
    answer = {"IPSet": {"Addresses": ["203.0.113.1/32", "198.51.100.7/32"]}}
    assert drop.of(answer) == ["203.0.113.1/32"]


@pytest.mark.parametrize("answer", [{}, {"SecurityGroups": []}, {"SecurityGroups": None}])
def test_what_aws_does_not_answer_is_said(answer: dict[str, Any]):
    with pytest.raises(LookupError, match=r"describe_security_groups does not answer Sec"):
        GROUP.of(answer)


def test_a_request_that_reads_is_the_same_after_its_document():
    measure = Measure(
        "isolate it",
        "eni-1",
        (Request("ec2", "modify_network_interface_attribute", {"Groups": [GROUP]}),),
        (Request("wafv2", "update_ip_set", {"Addresses": ADDRESSES}),),
        once=True,
    )
    again = Measure.from_dict(json.loads(json.dumps(measure.to_dict())))
    assert again == measure
    assert again.do[0].readings == (GROUP,)


def test_a_key_tells_requests_apart_and_not_their_order():
    one, two = Request("ec2", "x", {"a": 1, "b": [2]}), Request("ec2", "x", {"b": (2,), "a": 1})
    assert one.key == two.key
    assert one.key != Request("ec2", "x", {"a": 1, "b": [3]}).key
