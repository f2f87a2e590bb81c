"""The networks of the generated worlds, and what is asked of them."""

from pathlib import Path

import pytest
from benchmarks.worlds import PLACES, attacks_of, file_of

from ringwall.app.sources import open_network
from ringwall.app.workspace import CloudSettings
from ringwall.lab.traffic.attacks import order_of

NETWORKS = sorted(path.stem for path in PLACES[1].glob("*.yaml"))


@pytest.mark.parametrize("name", NETWORKS)
def test_a_network_of_the_worlds_is_read(name: str) -> None:
    graph = open_network(file_of(name), CloudSettings()).graph
    assert list(graph.of_type("AWS::EC2::Subnet"))
    assert list(graph.of_type("AWS::EC2::FlowLog"))


def test_a_network_is_named_or_a_file() -> None:
    assert Path(file_of("fortress")).name == "fortress.yaml"
    assert file_of("some/other.yaml") == "some/other.yaml"
    assert len(NETWORKS) == 3


def test_attacks_are_the_same_over_ipv6_but_for_the_family() -> None:
    for number in range(1, 40):
        four, six = attacks_of(number), attacks_of(number, ipv6=True)
        assert four == [each.removesuffix(":v6") for each in six]
        assert [order_of(each, 0).strength for each in six] == [each.split(":")[1] for each in four]
    assert any(
        each.endswith(":v6") for number in range(40) for each in attacks_of(number, ipv6=True)
    )
    assert attacks_of(0, ipv6=True) == []
