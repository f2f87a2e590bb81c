"""A compiled graph → CloudFormation templates, and what they cannot say.

Rules:
- What a stack needs of an earlier one it imports by name: `<deployment>-<logical id>`.
- Logical ids are made of type and key alone, so that they stay when the network around changes.
- AWS's own prefix lists and domain lists have other ids in each region: they are parameters, and
  the template's metadata says what each stands for, so that it reads back without them.
- A security group's rules are resources; its own egress is CloudFormation's way to have none.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ringwall.errors import InputError
from ringwall.formats.cloudformation.filters import NOWHERE
from ringwall.formats.cloudformation.functions import DNS_ENTRY
from ringwall.formats.cloudformation.leftovers import left_out
from ringwall.formats.cloudformation.stacking import IPV6_BLOCK, VPC, Stack, stack_up
from ringwall.formats.cloudformation.stacks import MEANINGS
from ringwall.formats.export import Export
from ringwall.model.graph import (
    Address,
    Node,
    Ref,
    ResourceGraph,
    Value,
    map_references,
    references,
)
from ringwall.resources import resource_type
from ringwall.resources.ownership import DEPLOYMENT_TAG, to_tag_list

MANAGED_BY_TAG = "ringwall:managed-by"
MANAGER = "cloudformation"
MOST_OUTPUTS = 200  # CloudFormation quotas
LONGEST_ID = 200  # of 255, leaving room for a suffix
DASHBOARD = "AWS::CloudWatch::Dashboard"
UNTAGGED = frozenset({"AWS::EC2::VPCBlockPublicAccessOptions", "AWS::Logs::QueryDefinition"})
TAGS = {"AWS::Route53::HostedZone": "HostedZoneTags"}
# The attribute that is the id, where `Ref` gives another or the documentation leaves it open.
ID_ATTRIBUTES = {
    "AWS::EC2::EIP": "AllocationId",
    "AWS::EC2::SecurityGroup": "GroupId",
    "AWS::Route53Resolver::FirewallDomainList": "Id",
    "AWS::Route53Resolver::FirewallRuleGroup": "Id",
    "AWS::Route53Resolver::ResolverQueryLoggingConfig": "Id",
}
PACKAGE = "Ringwall::Lambda::Package"  # where a zip is that stands beside the blueprint
# What is named without being made, by type: the parameter's pattern, and how its value is found.
PARAMETERS = {
    "AWS::EC2::PrefixList": ("^pl-[0-9a-f]+$", "aws ec2 describe-managed-prefix-lists"),
    PACKAGE: ("^.+$", "upload the zip there first: aws s3 cp"),
    "AWS::Route53Resolver::FirewallDomainList": (
        "^rslvr-fdl-[0-9a-z]+$",
        "aws route53resolver list-firewall-domain-lists",
    ),
}
_WORD = re.compile(r"[A-Za-z0-9]+")


def write(graph: ResourceGraph) -> Export:
    """Write a graph that was compiled from a blueprint.

    The files are in the order in which their stacks are to be created.
    """
    kept = graph.without(
        (node.type, node.key) for node in graph if node.type.startswith("Ringwall::")
    )
    tags = (node.tags.get(DEPLOYMENT_TAG) for node in graph)
    writer = _Writer(kept, next((tag for tag in tags if tag), "network"), stack_up(kept))
    files = writer.files()
    return Export(files, tuple(left_out(graph)), writer.holds())


def logical_id(type_name: str, key: str) -> str:
    """Return the logical id of a node: words of its type and key, and what tells it apart."""
    words = _WORD.findall(f"{type_name.rsplit('::', 1)[-1]} {key}")
    text = "".join(word[0].upper() + word[1:] for word in words)
    digest = hashlib.sha256(f"{type_name} {key}".encode()).hexdigest()
    return f"{text[:LONGEST_ID]}{digest[:6]}"


@dataclass(slots=True)
class _Draft:
    """The sections of one template."""

    parameters: dict[str, Any] = field(default_factory=dict)
    meanings: dict[str, str] = field(default_factory=dict)
    resources: dict[str, Any] = field(default_factory=dict)
    outputs: dict[str, Any] = field(default_factory=dict)


class _Writer:
    def __init__(self, graph: ResourceGraph, deployment: str, stacks: tuple[Stack, ...]) -> None:
        self._graph = graph
        self._deployment = deployment
        self._stacks = stacks
        self._drafts = {stack.name: _Draft() for stack in stacks}
        self._stack_of: dict[Address, str] = {
            (node.type, node.key): stack.name for stack in stacks for node in stack.nodes
        }

    def files(self) -> dict[str, str]:
        """Return the templates."""
        for stack in self._stacks:
            draft = self._drafts[stack.name]
            for node in stack.nodes:
                draft.resources[logical_id(node.type, node.key)] = self._resource(stack.name, node)
        return {f"{stack.name}.json": self._text(stack.name) for stack in self._stacks}

    def holds(self) -> dict[str, str]:
        """Return what each file holds."""
        found = {}
        for stack in self._stacks:
            draft = self._drafts[stack.name]
            parts = [_counted(len(draft.resources), "resource")]
            if draft.outputs:
                parts.append(_counted(len(draft.outputs), "export"))
            if draft.parameters:
                parts.append(f"parameters {', '.join(sorted(draft.parameters))}")
            found[f"{stack.name}.json"] = ", ".join(parts)
        return found

    def _text(self, name: str) -> str:
        draft = self._drafts[name]
        if len(draft.outputs) > MOST_OUTPUTS:
            count = len(draft.outputs)
            msg = f"stack {name!r} would have {count} exports; {MOST_OUTPUTS} is the most"
            raise InputError(msg, hint="split the network into several deployments")
        template: dict[str, Any] = {
            "AWSTemplateFormatVersion": "2010-09-09",
            "Description": f"{self._deployment}: {name}",
        }
        if draft.meanings:
            template["Metadata"] = {MEANINGS: dict(sorted(draft.meanings.items()))}
            template["Parameters"] = dict(sorted(draft.parameters.items()))
        template["Resources"] = draft.resources
        if draft.outputs:
            template["Outputs"] = dict(sorted(draft.outputs.items()))
        return json.dumps(template, indent=2) + "\n"

    def _resource(self, stack: str, node: Node) -> dict[str, Any]:
        properties = map_references(
            _as_cloudformation(node), lambda ref: self._expression(stack, ref)
        )
        if node.type == DASHBOARD:
            properties["DashboardBody"] = _joined(properties["DashboardBody"])
        if node.tags and node.type not in UNTAGGED:
            tags = {**node.tags, MANAGED_BY_TAG: MANAGER}
            properties[TAGS.get(node.type, "Tags")] = to_tag_list(tags)
        found: dict[str, Any] = {"Type": node.type}
        depends = self._depends(stack, node)
        if depends:
            found["DependsOn"] = depends
        if node.protect:
            found |= {"DeletionPolicy": "Retain", "UpdateReplacePolicy": "Retain"}
        if _is_typed_icmpv6(node):
            found["Metadata"] = {"cfn-lint": {"config": {"ignore_checks": ["E3688"]}}}
        if properties:
            found["Properties"] = properties
        return found

    def _depends(self, stack: str, node: Node) -> list[str]:
        named = {(ref.type, ref.key) for ref in references(node.properties)}
        wanted = set(resource_type(node.type).depends(node, self._graph)) - named
        wanted |= {address for address in named if address[0] == IPV6_BLOCK}
        return sorted(logical_id(*a) for a in wanted if self._stack_of.get(a) == stack)

    def _expression(self, stack: str, ref: Ref) -> Any:  # noqa: ANN401
        """Return how a stack names what a reference names."""
        if ref.type == IPV6_BLOCK:
            return self._ipv6(stack, ref)
        home = self._stack_of.get((ref.type, ref.key))
        if home is None:
            return self._parameter(stack, ref) if ref.type in PARAMETERS else ref.key
        name, value = logical_id(ref.type, ref.key), _local(ref)
        return value if home == stack else self._import(home, name, ref.attribute, value)

    def _import(self, home: str, name: str, attribute: str, value: Any) -> Any:  # noqa: ANN401
        suffix = "" if attribute == "id" else "".join(_WORD.findall(attribute))
        export = f"{self._deployment}-{name}{suffix}"
        output = {"Value": value, "Export": {"Name": export}}
        self._drafts[home].outputs[f"{name}{suffix}"] = output
        return {"Fn::ImportValue": export}

    def _ipv6(self, stack: str, ref: Ref) -> Any:  # noqa: ANN401
        """Return a part of a VPC's IPv6 block: `ipv6/<length>/<index>`."""
        node = self._graph[ref.type, ref.key]
        vpc = node.properties["VpcId"]
        home = self._stack_of[VPC, vpc.key]
        name = logical_id(VPC, vpc.key)
        whole: Any = {"Fn::Select": [0, {"Fn::GetAtt": [name, "Ipv6CidrBlocks"]}]}
        if home != stack or self._stack_of[ref.type, ref.key] != stack:
            whole = self._import(self._stack_of[ref.type, ref.key], name, "Ipv6", whole)
        _, length_text, index_text = ref.attribute.split("/")
        length, index = int(length_text), int(index_text)
        if length == 56:
            return whole
        return {"Fn::Select": [index, {"Fn::Cidr": [whole, index + 1, 128 - length]}]}

    def _parameter(self, stack: str, ref: Ref) -> Any:  # noqa: ANN401
        pattern, command = PARAMETERS[ref.type]
        words = _WORD.findall(ref.key.removeprefix("aws:").removeprefix("com.amazonaws."))
        stem = ref.type.rsplit("::", 1)[-1]
        name = stem + "".join(word[0].upper() + word[1:] for word in words)
        draft = self._drafts[stack]
        draft.meanings[name] = ref.key
        draft.parameters[name] = {
            "Type": "String",
            "AllowedPattern": pattern,
            "Description": f"Id of {ref.key.removeprefix('aws:')} in this region: {command}",
        }
        return {"Ref": name}


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"


def _is_typed_icmpv6(node: Node) -> bool:
    """Tell whether a rule names an ICMPv6 type with all its codes.

    cfn-lint takes that for ICMP alone; EC2 for both (IpPermission: "If the protocol is ICMP or
    ICMPv6, this is the type number or -1 (all ICMP types)").
    """
    properties = node.properties
    return (
        properties.get("IpProtocol") == "icmpv6"
        and properties.get("ToPort") == -1
        and properties.get("FromPort") != -1
    )


def _joined(body: Value) -> Value:
    """Return an object as JSON text, joined around the expressions in it."""
    found: list[Any] = []

    def marked(value: Value) -> Value:
        if isinstance(value, Mapping) and len(value) == 1 and next(iter(value)) in _EXPRESSIONS:
            found.append(value)
            return f"\0{len(found) - 1}\0"
        if isinstance(value, Mapping):
            return {name: marked(item) for name, item in value.items()}
        return [marked(item) for item in value] if isinstance(value, list) else value

    text = json.dumps(marked(body), sort_keys=True, separators=(",", ":"))
    parts = re.split(r"\\u0000(\d+)\\u0000", text)
    whole = [found[int(part)] if at % 2 else part for at, part in enumerate(parts)]
    return {"Fn::Join": ["", whole]} if found else text


_EXPRESSIONS = frozenset({"Ref", "Fn::GetAtt", "Fn::ImportValue"})


def _local(ref: Ref) -> Any:  # noqa: ANN401
    """Return how a resource is named inside its own stack."""
    name = logical_id(ref.type, ref.key)
    if ref.attribute == "id":
        attribute = ID_ATTRIBUTES.get(ref.type)
        return {"Fn::GetAtt": [name, attribute]} if attribute else {"Ref": name}
    if ref.attribute in {"DnsName", "HostedZoneId"} and ref.type == "AWS::EC2::VPCEndpoint":
        # DnsEntries holds `<zone id>:<name>`, the regional name first.
        entry = {"Fn::Select": [0, {"Fn::GetAtt": [name, "DnsEntries"]}]}
        index = 1 if ref.attribute == "DnsName" else 0
        return {"Fn::Select": [index, {"Fn::Split": [":", entry]}]}
    assert ref.attribute != DNS_ENTRY
    return {"Fn::GetAtt": [name, ref.attribute]}


def _as_cloudformation(node: Node) -> Mapping[str, Any]:
    properties = dict(node.properties)
    match node.type:
        case "AWS::EC2::SecurityGroup":
            none = {
                "IpProtocol": "-1",
                "CidrIp": NOWHERE,
                "Description": "nothing: the rules are resources of their own",
            }
            properties["SecurityGroupEgress"] = [none]
        case "AWS::Lambda::Function":
            properties.pop("CodeSha256", None)
            if "ZipFile" in properties.get("Code", {}):
                properties["Code"] = {
                    "S3Bucket": Ref(PACKAGE, "bucket"),
                    "S3Key": Ref(PACKAGE, "key"),
                }
        case "AWS::Route53::HostedZone":
            vpcs = [{"VPCId": vpc, "VPCRegion": node.region} for vpc in properties["VPCs"]]
            properties["VPCs"] = vpcs
        case "AWS::Route53Resolver::FirewallRuleGroup":
            properties["FirewallRules"] = [
                {name: value for name, value in rule.items() if name != "Name"}
                for rule in properties["FirewallRules"]
            ]
        case _:
            pass
    return properties
