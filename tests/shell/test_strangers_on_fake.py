"""Whatever strangers build around and inside our VPCs, and hands inside ours, by real requests."""

from dataclasses import dataclass
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ringwall.changes.ownership import Owner, owners
from ringwall.model.graph import Node
from tests.convergence import content
from tests.fakes.cloud import FakeCloud
from tests.fortress import changed
from tests.shell.estates import EXAMPLES, Estate, graph_of

DEPLOYMENT = "minimal"
TEXT = (EXAMPLES / "minimal.yaml").read_text()
CHANGED = changed(
    TEXT, ("5432", "5433"), ("[us-east-1a, us-east-1b]", "[us-east-1a, us-east-1b, us-east-1c]")
)
WANTED = {"apply": graph_of(TEXT), "update": graph_of(CHANGED), "destroy": graph_of(TEXT)}
ANYBODY = "198.51.100.0/24"
TAGS = st.sampled_from(
    [
        {"Name": "mine"},
        {"ringwall:deployment": "other", "ringwall:key": "main"},
        {"ringwall:deployment": DEPLOYMENT},
        {"ringwall:key": "main"},
    ]
)
PLACES = st.sampled_from(["ours", "theirs"])
NUMBERS = st.integers(1, 99) | st.integers(100, 32766)
PORTS = st.integers(0, 65535)


@cache
def deployed() -> FakeCloud:
    cloud = FakeCloud()
    estate = Estate(cloud, DEPLOYMENT, WANTED["apply"])
    estate.carry_out(estate.plan())
    return cloud


@cache
def wanted_content(purpose: str) -> list[str]:
    estate = Estate(deployed().copy(), DEPLOYMENT, WANTED[purpose])
    estate.carry_out(estate.plan() if purpose != "destroy" else estate.destroy_plan())
    return content(estate.observed(), DEPLOYMENT)


@dataclass
class Stranger:
    """Somebody with another engine, a console, and access to everything."""

    cloud: FakeCloud

    def __post_init__(self):
        observed = Estate(self.cloud, DEPLOYMENT, WANTED["apply"]).observed()
        self.ours = {(n.type, n.key): n.physical_id for n in observed}
        self.vpcs = {"ours": self.ours["AWS::EC2::VPC", "main"]}
        self.vpcs["theirs"] = self.ask("create_vpc", CidrBlock="192.168.0.0/16")["Vpc"]["VpcId"]
        self.groups = [self.ours["AWS::EC2::SecurityGroup", f"main/{g}"] for g in ("web", "db")]

    def ask(self, operation, **request):
        return self.cloud.call("ec2", operation, request)

    def tag(self, resource, tags):
        pairs = [{"Key": key, "Value": value} for key, value in tags.items()]
        self.ask("create_tags", Resources=[resource], Tags=pairs)

    def subnet(self, number, place, tags):
        block = f"10.0.{200 + number}.0/24" if place == "ours" else f"192.168.{number}.0/24"
        made = self.ask(
            "create_subnet", VpcId=self.vpcs[place], CidrBlock=block, AvailabilityZone="us-east-1a"
        )
        self.tag(made["Subnet"]["SubnetId"], tags)

    def group(self, number, place, tags):
        made = self.ask(
            "create_security_group",
            GroupName=f"s{number}",
            Description="s",
            VpcId=self.vpcs[place],
        )
        self.tag(made["GroupId"], tags)
        self.rule(made["GroupId"], number)
        if place == "ours":
            pairs = [{"GroupId": self.groups[number % 2]}]
            rule = {"IpProtocol": "tcp", "FromPort": 1, "ToPort": 2, "UserIdGroupPairs": pairs}
            self.ask(
                "authorize_security_group_ingress", GroupId=made["GroupId"], IpPermissions=[rule]
            )

    def table(self, number, place, tags):
        made = self.ask("create_route_table", VpcId=self.vpcs[place])["RouteTable"]["RouteTableId"]
        self.tag(made, tags)
        if place == "ours":
            self.route(made, number)

    def acl(self, number, place, tags):
        made = self.ask("create_network_acl", VpcId=self.vpcs[place])["NetworkAcl"]["NetworkAclId"]
        self.tag(made, tags)
        self.entry(made, 100 + number)

    def rule(self, group, port):
        rule = {"IpProtocol": "tcp", "FromPort": port, "ToPort": port}
        rule["IpRanges"] = [{"CidrIp": ANYBODY}]
        self.ask("authorize_security_group_ingress", GroupId=group, IpPermissions=[rule])

    def route(self, table, number):
        self.ask(
            "create_route",
            RouteTableId=table,
            DestinationCidrBlock=f"203.0.{number % 256}.0/24",
            GatewayId=self.ours["AWS::EC2::InternetGateway", "main"],
        )

    def entry(self, acl, number, action="allow"):
        self.ask(
            "create_network_acl_entry",
            NetworkAclId=acl,
            Egress=False,
            RuleNumber=number,
            Protocol="-1",
            RuleAction=action,
            CidrBlock=ANYBODY,
        )

    def theirs(self) -> list[Node]:
        observed = Estate(self.cloud, DEPLOYMENT, WANTED["apply"]).observed()
        whose = owners(observed, DEPLOYMENT)
        return [n for n in observed if whose[n.type, n.key] is Owner.FOREIGN]


BUILT = st.lists(
    st.tuples(st.sampled_from(["subnet", "group", "table", "acl"]), PLACES, TAGS), max_size=5
)


def build(stranger, built):
    for number, (kind, place, tags) in enumerate(built):
        getattr(stranger, kind)(number, place, tags)


@pytest.mark.property
@given(BUILT, st.sampled_from(["apply", "update", "destroy"]))
@settings(max_examples=60, deadline=None)
def test_what_strangers_built_is_as_it_was_after_apply_update_and_destroy(built, purpose):
    stranger = Stranger(deployed().copy())
    build(stranger, built)
    before = stranger.theirs()
    assert len(before) > len(built)
    estate = Estate(stranger.cloud, DEPLOYMENT, WANTED[purpose])
    plan = estate.destroy_plan() if purpose == "destroy" else estate.plan()
    if plan.blocked:
        half = any(tags == {"ringwall:deployment": DEPLOYMENT} for _, _, tags in built)
        inside = any(place == "ours" for _, place, _ in built)
        assert inside if purpose == "destroy" else half
        return
    estate.carry_out(plan)
    assert stranger.theirs() == before
    assert content(estate.observed(), DEPLOYMENT) == wanted_content(purpose)


@pytest.mark.property
@given(
    BUILT, st.sets(NUMBERS, max_size=4), st.sets(PORTS, max_size=4), st.sets(NUMBERS, max_size=4)
)
@settings(max_examples=60, deadline=None)
def test_what_hands_put_into_ours_goes_and_the_responders_entries_stay(
    built, numbers, ports, routes
):
    stranger = Stranger(deployed().copy())
    build(stranger, built)
    acl = stranger.ours["AWS::EC2::NetworkAcl", "main/isolated"]
    table = stranger.ours["AWS::EC2::RouteTable", "main/public"]
    numbers = {number for number in numbers if number < 1000 or number > 2000}  # ours lie between
    for number in numbers:
        # Of what has a responder's number, it is what denies; the odd ones let pass.
        stranger.entry(acl, number, "allow" if number % 2 else "deny")
    left = {number for number in numbers if number < 100 and number % 2 == 0}
    for port in ports:
        stranger.rule(stranger.groups[port % 2], port)
    for number in {number % 256 for number in routes}:
        stranger.route(table, number)
    before = stranger.theirs()
    estate = Estate(stranger.cloud, DEPLOYMENT, WANTED["apply"])
    plan = estate.plan()
    by_hand = len(numbers - left) + len(ports) + len({n % 256 for n in routes})
    assert [change.action.value for change in plan.changes] == ["delete"] * by_hand
    estate.carry_out(plan)
    again = estate.plan()
    assert again.empty
    assert {n.properties["RuleNumber"] for n in again.temporary} == left
    assert stranger.theirs() == before
    assert content(estate.observed(), DEPLOYMENT) == wanted_content("apply")
