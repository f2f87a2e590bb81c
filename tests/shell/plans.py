"""Small plans, made by hand."""

from collections.abc import Mapping
from typing import Any

from ringwall.model.calls import Call, Idempotence, Token
from ringwall.model.graph import Node, Ref
from ringwall.model.plan import Action, Plan, Step
from ringwall.resources import vpc
from ringwall.resources.ownership import ownership_tags, to_tag_list
from ringwall.shell.executing import Settings
from ringwall.shell.pace import Pace
from tests.fakes.clock import FakeClock

VPC = "AWS::EC2::VPC"
SUBNET = "AWS::EC2::Subnet"
QUICK = Pace(attempts=3, settling=5, sightings=3, jitter=lambda: 0.5)


def settings(clock: FakeClock | None = None, **changes: Any) -> Settings:
    return Settings(clock=clock or FakeClock(), pace=QUICK, **{"workers": 1, **changes})


def vpc_node(key: str = "production") -> Node:
    properties = vpc.normalise({"CidrBlock": "10.0.0.0/16"})
    tags = ownership_tags("lab", key)
    return Node(VPC, key, "123456789012", "us-east-1", properties, tags=tags)


def step(
    number: int,
    *calls: Call,
    type_name: str = VPC,
    key: str = "production",
    action: Action = Action.CREATE,
    after: tuple[int, ...] = (),
) -> Step:
    return Step(number, action, type_name, key, calls, frozenset(after))


def plan(*steps: Step, ids: Mapping[tuple[str, str], Mapping[str, str]] | None = None) -> Plan:
    return Plan("lab", "123456789012", "us-east-1", (), steps, "digest", ids=ids or {})


def create_vpc(key: str = "production") -> Call:
    return vpc.create(vpc_node(key))[0]


def create_with_token() -> Call:
    return Call(
        "ec2",
        "create_nat_gateway",
        {"SubnetId": Ref(SUBNET, "a"), "ClientToken": Token()},
        extract={"id": "NatGateway.NatGatewayId"},
        idempotent_by=Idempotence.TOKEN,
    )


def create_route(ignore: frozenset[str] = frozenset()) -> Call:
    request = {"RouteTableId": Ref("AWS::EC2::RouteTable", "r"), "GatewayId": "igw-1"}
    return Call("ec2", "create_route", request, ignore=ignore)


def vpc_item(vpc_id: str, key: str = "production", state: str = "available") -> dict[str, Any]:
    return {
        "VpcId": vpc_id,
        "CidrBlock": "10.0.0.0/16",
        "State": state,
        "Tags": to_tag_list(ownership_tags("lab", key)),
    }
