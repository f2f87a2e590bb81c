"""Plans over what is deployed: what stays, what goes, and whose rule it was."""

import json
from typing import Any

from ringwall.formats.terraform import read
from ringwall.model.graph import ResourceGraph
from tests.formats.terraform.plans import ref

PROVIDER = "registry.terraform.io/hashicorp/aws"
RULE = {
    "protocol": "tcp",
    "cidr_blocks": ["10.0.0.0/8"],
    "ipv6_cidr_blocks": [],
    "prefix_list_ids": [],
    "security_groups": [],
    "self": False,
    "description": "",
}


def rule(port: int, **more: Any) -> dict[str, Any]:
    return {**RULE, "from_port": port, "to_port": port, **more}


def change(
    address: str,
    before: dict[str, Any] | None,
    after: dict[str, Any] | None,
    unknown: dict[str, Any] | None = None,
    **expressions: Any,
) -> dict[str, Any]:
    kind, _, name = address.partition(".")
    base = {"address": address, "mode": "managed", "type": kind, "name": name}
    base["provider_name"] = PROVIDER
    actions = ["delete"] if after is None else ["create"] if before is None else ["no-op"]
    state = {"before": before, "after": after, "after_unknown": unknown or {}}
    return {**base, "change": {"actions": actions, **state}, "expressions": expressions}


def plan(*changes: dict[str, Any]) -> ResourceGraph:
    """Read a plan of these changes, over a VPC with a group."""
    vpc = {"id": "vpc-0123456789abcdef0", "cidr_block": "10.0.0.0/16"}
    group = {"id": "sg-0123456789abcdef0", "vpc_id": vpc["id"], "name": "web", "egress": []}
    every = [change("aws_vpc.main", vpc, vpc), *changes]
    if not any(item["type"] == "aws_security_group" for item in changes):
        every.append(change("aws_security_group.web", group, group, vpc_id={}))
    kept = [item for item in every if item["change"]["after"] is not None]
    configured = [
        {**{n: item[n] for n in ("address", "mode", "type", "name", "expressions")}}
        for item in kept
    ]
    planned = [
        {**{n: item[n] for n in item if n not in {"change", "expressions"}}, "values": {}}
        for item in kept
    ]
    document = {
        "format_version": "1.2",
        "planned_values": {"root_module": {"resources": planned}},
        "resource_changes": every,
        "configuration": {"root_module": {"resources": configured}},
    }
    return read(json.dumps(document))


def group(*ingress: dict[str, Any], **expressions: Any) -> dict[str, Any]:
    values = {
        "id": "sg-0123456789abcdef0",
        "vpc_id": "vpc-0123456789abcdef0",
        "ingress": list(ingress),
        "egress": [],
    }
    return change("aws_security_group.web", values, values, **expressions)


def own_rule(port: int) -> dict[str, Any]:
    owner = {"security_group_id": "sg-0123456789abcdef0", "type": "ingress"}
    return {**rule(port), **owner, "source_security_group_id": None}


def ports(found: ResourceGraph) -> list[int]:
    rules = found.of_type("AWS::EC2::SecurityGroupIngress")
    return sorted(node.properties["FromPort"] for node in rules)


def test_what_exists_has_its_id_and_is_named_by_it() -> None:
    found = plan(group(vpc_id={}))
    assert found["AWS::EC2::VPC", "main"].physical_id == "vpc-0123456789abcdef0"
    assert found["AWS::EC2::SecurityGroup", "main/web"].properties["VpcId"] == ref("VPC", "main")


def test_a_rule_that_goes_is_gone_though_the_group_still_shows_it() -> None:
    found = plan(
        group(rule(22), rule(443), vpc_id={}),
        change("aws_security_group_rule.ssh", own_rule(22), None),
        change("aws_security_group_rule.web", own_rule(443), own_rule(443)),
    )
    assert ports(found) == [443]


def test_a_rule_that_changes_is_what_it_will_be() -> None:
    found = plan(
        group(rule(22), vpc_id={}),
        change("aws_security_group_rule.ssh", own_rule(22), own_rule(2222)),
    )
    assert ports(found) == [2222]


def test_a_rule_of_nobody_stays() -> None:
    assert ports(plan(group(rule(22), rule(443), vpc_id={}))) == [22, 443]


def test_a_written_block_is_all_there_is() -> None:
    found = plan(
        group(rule(22), ingress={"constant_value": [rule(22)]}),
        change("aws_security_group_rule.ssh", own_rule(22), None),
    )
    assert ports(found) == [22]


def test_what_is_removed_is_not_there() -> None:
    subnet = {"vpc_id": "vpc-0123456789abcdef0", "cidr_block": "10.0.0.0/24"}
    found = plan(change("aws_subnet.old", subnet, None), change("aws_subnet.new", None, subnet))
    assert [node.key for node in found.of_type("AWS::EC2::Subnet")] == ["main/new/0"]


def test_an_id_of_nobody_is_unknown_by_that_id() -> None:
    interface = {"subnet_id": "subnet-0123456789abcdef0", "security_groups": []}
    found = plan(change("aws_network_interface.a", None, interface))
    told = {str(unknown) for unknown in found.unknowns}
    assert "Subnet subnet-0123456789abcdef0: not in the input" in told


def test_a_rule_whose_block_is_unknown_may_admit_anything() -> None:
    """What decides is unknown by name, never absent."""
    after = {"security_group_id": "sg-0123456789abcdef0", "ip_protocol": "tcp"}
    unknown = {"cidr_ipv4": True, "from_port": True, "to_port": True}
    found = plan(
        change(
            "aws_vpc_security_group_ingress_rule.a",
            None,
            after,
            unknown,
            cidr_ipv4={"references": ["local.office"]},
            from_port={"references": ["local.port"]},
            to_port={"references": ["local.port"]},
        )
    )
    (node,) = found.of_type("AWS::EC2::SecurityGroupIngress")
    assert "from_port of aws_vpc_security_group_ingress_rule.a" in str(node.properties["CidrIp"])
    assert node.properties["IpProtocol"] == "-1"


def test_a_refreshed_role_has_each_policy_once() -> None:
    """A state repeats, in `inline_policy` of the role, what `aws_iam_role_policy` put there."""
    text = json.dumps({"Version": "2012-10-17", "Statement": []})
    policy = {"name": "write", "policy": text}
    role = {"id": "logs", "name": "logs", "assume_role_policy": text, "inline_policy": [policy]}
    own = {**policy, "id": "logs:write", "role": "logs"}
    graph = plan(
        change("aws_iam_role.logs", role, role),
        change(
            "aws_iam_role_policy.write",
            own,
            own,
            role={"references": ["aws_iam_role.logs.id", "aws_iam_role.logs"]},
        ),
    )
    (found,) = graph.of_type("AWS::IAM::Role")
    assert [each["PolicyName"] for each in found.properties["Policies"]] == ["write"]
