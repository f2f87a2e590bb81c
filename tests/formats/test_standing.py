"""Interfaces that are put into a network which is only written."""

import json

import pytest

from ringwall.app.workspace import blueprint_of
from ringwall.errors import InputError
from ringwall.formats.describe.standing import with_interfaces
from ringwall.traffic.naming import Names
from tests.fortress import TEXT

GRAPH = blueprint_of(TEXT, "fortress.yaml").graph


def answer(*items: dict[str, object]) -> str:
    return json.dumps({"NetworkInterfaces": items})


def eni(number: int, address: str, **more: object) -> dict[str, object]:
    item = {"NetworkInterfaceId": f"eni-{number:017}", "PrivateIpAddress": address}
    return {**item, "PrivateIpAddresses": [{"PrivateIpAddress": address}], **more}


def test_an_interface_stands_in_the_subnet_of_its_address_with_the_group_of_its_name():
    groups = {"Groups": [{"GroupName": "fortress-production-web"}]}
    tags = {"TagSet": [{"Key": "ringwall:group", "Value": "production/app"}]}
    text = answer(eni(1, "10.1.16.9", **groups), eni(2, "10.1.18.9", **tags))
    names = Names.of(with_interfaces(GRAPH, text, "x.json"))
    found = [names.of_address(address) for address in ("10.1.16.9", "10.1.18.9", "10.1.16.8")]
    assert [(each.group, each.tier, each.interface[-1:]) for each in found] == [
        ("production/web", "private", "1"),
        ("production/app", "private", "2"),
        ("", "private", ""),
    ]


def test_what_stands_elsewhere_or_bears_a_group_of_others_is_left_out():
    strange = {"Groups": [{"GroupId": "sg-strange"}]}
    text = answer(eni(1, "10.1.16.9"), eni(2, "192.168.1.1"), eni(3, "10.1.16.8", **strange))
    graph = with_interfaces(GRAPH, text, "x.json")
    assert [node.key[-1] for node in graph.of_type("AWS::EC2::NetworkInterface")] == ["1"]


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", "null", '{"NetworkInterfaces": [1]}', answer(eni(1, "x")), "[" * 9999]
)
def test_what_is_no_such_answer_is_refused_in_a_line(text):
    with pytest.raises(InputError, match=r"x\.json: no answer of describe-network-interfaces"):
        with_interfaces(GRAPH, text, "x.json")


def test_interfaces_of_another_network_are_refused():
    with pytest.raises(InputError, match="none of its 1 interfaces stands in a subnet"):
        with_interfaces(GRAPH, answer(eni(1, "192.168.1.1")), "x.json")
