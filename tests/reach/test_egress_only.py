"""R10: what an egress-only internet gateway let out is answered through it, in both analysers."""

from tests.builders import NetworkBuilder, open_acl
from tests.reach.test_unread import verdict

RED, BLUE = "2600:1f18:1:1::/64", "2600:1f18:2:1::/64"
OPEN = ("in all ::/0", "out all ::/0")


def two_vpcs(*, back: str = "igw:blue") -> NetworkBuilder:
    """Red goes out by an egress-only gateway; blue has an internet gateway."""
    base = NetworkBuilder()
    for number, vpc in enumerate(("red", "blue"), 1):
        base.vpc(vpc, f"10.{number}.0.0/16", ipv6=True).acl(f"{vpc}/app", *open_acl())
        base.subnet(f"{vpc}/app/a", f"10.{number}.0.0/24", ipv6=1, acl=f"{vpc}/app")
        base.group(f"{vpc}/app", "app", *OPEN)
        base.add(
            "VPCCidrBlock",
            f"{vpc}/ipv6",
            base.nodes["AWS::EC2::VPCCidrBlock", f"{vpc}/ipv6"].properties,
            observed={"Ipv6CidrBlock": f"2600:1f18:{number}::/56"},
        )
        base.add("EgressOnlyInternetGateway", vpc)
    base.internet_gateway("blue")
    base.route("red/app", "::/0", "eigw:red").route("blue/app", "::/0", back)
    return base


def test_r10_an_end_inside_answers_through_the_senders_gateway() -> None:
    """It "sends the response back to the instances" (VPC guide)."""
    assert verdict(two_vpcs(), RED, BLUE, reachable=True) == "ALLOW"


def test_r10_nothing_comes_in_by_it_that_nobody_asked_for() -> None:
    assert verdict(two_vpcs(), BLUE, RED, reachable=False) == "DENY"


def test_r10_the_acl_of_the_senders_subnet_is_asked_about_the_answer() -> None:
    base = two_vpcs().entry("red/app", "in", 1, "deny", "all", "::/0")
    assert verdict(base, RED, BLUE, reachable=False) == "ONE_WAY"


def test_an_answer_that_leaves_by_a_gateway_that_never_saw_the_connection_is_none() -> None:
    base = two_vpcs(back="eigw:blue")
    assert verdict(base, RED, BLUE, reachable=False) == "ONE_WAY"
