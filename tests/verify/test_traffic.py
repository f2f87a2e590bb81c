"""What the ports of a claim mean to the checker."""

import pytest

from ringwall.model.expectation import Expectation
from ringwall.model.ports import parse_ports
from ringwall.reach.engine import Engine
from ringwall.reach.expectations import check as judge
from ringwall.verify.closing import NoProofError, close
from ringwall.verify.gaps import Gaps
from ringwall.verify.network import Network
from tests.builders import two_subnets
from tests.trace.asking import told


@pytest.mark.parametrize("protocol", ["icmpv6/128.0", "icmpv6", "icmp/8.0", "47"])
def test_any_traffic_is_the_icmp_of_the_other_family_too(protocol: str):
    base = two_subnets().group("v/a", "web", f"out {protocol} group:v/b")
    graph = base.group("v/b", "app", f"in {protocol} group:v/a").graph()
    claim = Expectation("it", ("v/a",), ("v/b",), (parse_ports("any"),), reachable=False)
    assert not judge(Engine(graph), [claim])[0].ok
    network = Network(graph)
    with pytest.raises(NoProofError, match="reach their end"):
        close(network, Gaps(network), claim, {})


@pytest.mark.parametrize("protocol", ["icmpv6/128.0", "icmpv6", "47"])
def test_the_tracer_and_the_engine_say_so_too(protocol: str):
    base = two_subnets().group("v/a", "web", f"out {protocol} group:v/b")
    base.group("v/b", "app", f"in {protocol} group:v/a")
    assert "ALLOW" in told(base, "v/a", "v/b", "any").mixed
