"""A plan at work: the keys of its resources, what their references name, and what is joined."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ringwall.formats.cloudformation.draft import Draft, tidy
from ringwall.formats.cloudformation.filters import DEFAULT_ACL, DEFAULT_GROUP
from ringwall.formats.cloudformation.joining import TABLE
from ringwall.formats.cloudformation.resources import INTERFACE
from ringwall.formats.cloudformation.values import Fault, is_unknown, reasons
from ringwall.formats.terraform.arguments import IPV6_BLOCK, Arguments
from ringwall.formats.terraform.document import Instance, Plan
from ringwall.formats.terraform.forms import EC2, FORMS
from ringwall.formats.terraform.joined import JOINS
from ringwall.formats.terraform.kinds import (
    ALIASES,
    AWS_LIST_NAMES,
    AWS_LISTS,
    DOMAIN_LIST,
    DOMAIN_LIST_VARIABLE,
    JOINED,
    PROVIDER_SUFFIX,
    is_beside_packets,
)
from ringwall.formats.terraform.naming import other_keys, vpc_keys
from ringwall.formats.terraform.plain import Item, plain
from ringwall.formats.terraform.references import IDS
from ringwall.formats.terraform.shapes import SHAPES
from ringwall.formats.terraform.standing import STANDING, interfaces
from ringwall.model.graph import Ref
from ringwall.resources import registry

VPC_TYPES = frozenset({"aws_vpc", "aws_default_vpc"})
IN_VPC = frozenset(
    {"aws_subnet", "aws_default_subnet", "aws_security_group", "aws_route_table", "aws_network_acl"}
)
MAIN = "main"
MOST_PARTS = 200  # of the 256 /64s of a /56; the first are for parts that a plan tells
# Types that the graph names by id and by ARN.
WITH_ARNS = frozenset(
    {
        "aws_cloudwatch_log_group",
        "aws_iam_role",
        "aws_s3_bucket",
        "aws_wafv2_ip_set",
        "aws_wafv2_web_acl",
    }
)
# Resources that hold what another resource's arguments show, too, once it was read from AWS.
HELD = frozenset(
    {
        "aws_security_group_rule",
        "aws_vpc_security_group_ingress_rule",
        "aws_vpc_security_group_egress_rule",
        "aws_network_acl_rule",
        "aws_network_acl_association",
        "aws_route",
    }
)
_NORMAL = {"AWS::EC2::TransitGatewayPeeringAttachment": "AWS::EC2::TransitGatewayAttachment"}


# What AWS makes together with a resource, by the attribute that holds its id: type and key.
MADE: Mapping[tuple[str, str], tuple[str, ...]] = {
    **{
        (vpc, attribute): made
        for vpc in VPC_TYPES
        for attribute, made in (
            (IPV6_BLOCK, (f"{EC2}VPCCidrBlock", "{}/ipv6")),
            ("default_security_group_id", (DEFAULT_GROUP, "{}")),
            ("default_network_acl_id", (DEFAULT_ACL, "{}")),
            ("main_route_table_id", (f"{EC2}RouteTable", f"{{}}/{MAIN}")),
            ("default_route_table_id", (f"{EC2}RouteTable", f"{{}}/{MAIN}")),
        )
    },
    ("aws_ec2_transit_gateway", "association_default_route_table_id"): (TABLE, "{}/default"),
    ("aws_ec2_transit_gateway", "propagation_default_route_table_id"): (TABLE, "{}/default"),
    ("aws_vpn_connection", "transit_gateway_attachment_id"): (f"{EC2}VPNConnection", "{}"),
    ("aws_instance", "primary_network_interface_id"): (INTERFACE, "{}/eth0"),
    ("aws_eip", "allocation_id"): (f"{EC2}EIP", "{}"),
    ("aws_vpc_endpoint", "dns_entry[0].dns_name"): (f"{EC2}VPCEndpoint", "{}", "DnsName"),
    ("aws_vpc_endpoint", "dns_entry[0].hosted_zone_id"): (
        f"{EC2}VPCEndpoint",
        "{}",
        "HostedZoneId",
    ),
}


@dataclass(slots=True)
class Planned:
    """A plan being read into a draft."""

    plan: Plan
    draft: Draft
    arguments: Arguments = field(init=False)
    keys: dict[str, str] = field(default_factory=dict)  # by address
    _vpcs: frozenset[str] = frozenset()
    further: dict[tuple[str, str], list[Any]] = field(default_factory=lambda: defaultdict(list))
    propagations: dict[Ref, list[Any]] = field(default_factory=lambda: defaultdict(list))
    observed: dict[str, dict[str, Any]] = field(default_factory=lambda: defaultdict(dict))
    _adopted: list[tuple[Instance, Ref, tuple[str, ...]]] = field(default_factory=list)
    _ipv6: dict[Any, list[bool]] = field(default_factory=lambda: defaultdict(list))
    _parts: Counter[Ref] = field(default_factory=Counter)
    _held: frozenset[tuple[str, str]] | None = None
    _addresses: dict[tuple[str, str], str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.arguments = Arguments(self.plan, self.names)
        managed = list(self.managed())
        vpcs = [i for i in managed if i.type in VPC_TYPES]
        self.keys = vpc_keys(vpcs)
        self._vpcs = frozenset(self.keys.values())
        homes = {self.keys[vpc.address]: vpc.path for vpc in vpcs}

        def home(instance: Instance) -> tuple[str, tuple[str, ...]]:
            vpc = self.arguments.get(instance, "vpc_id") if instance.type in IN_VPC else None
            key = vpc.key if isinstance(vpc, Ref) and vpc.type == f"{EC2}VPC" else ""
            return key, homes.get(key, ())

        rest = [i for i in managed if i.type not in VPC_TYPES]
        self.keys |= other_keys(rest, home, lambda i: self.arguments.get(i, "availability_zone"))
        for instance in managed:
            if instance.type == "aws_default_route_table":
                own = self.names(instance, "id")
                assert own is not None
                self.keys[instance.address] = own.key
            form = FORMS.get(instance.type)
            if form is not None:
                kind = _NORMAL.get(form.type, form.type)
                self._addresses[kind, self.keys[instance.address]] = instance.address

    def managed(self) -> Iterator[Instance]:
        """Yield the resources of the AWS provider that the plan keeps or makes."""
        for instance in self.plan.instances.values():
            if instance.mode == "managed" and is_of_aws(instance):
                yield instance

    def names(self, instance: Instance, attribute: str) -> Ref | None:
        """Return what an attribute of a resource names: itself, or what AWS makes with it."""
        if instance.mode == "data":
            return None
        key = self.keys.get(instance.address, instance.address)
        if attribute == "arn" and instance.type in WITH_ARNS:
            return Ref(FORMS[instance.type].type, key, "Arn")
        if attribute in IDS:
            return self._own(instance, key)
        made = MADE.get((instance.type, attribute))
        return Ref(made[0], made[1].format(key), *made[2:]) if made is not None else None

    def _own(self, instance: Instance, key: str) -> Ref | None:
        """Return the reference to a resource."""
        match instance.type:
            case "aws_default_security_group":
                vpc = self.arguments.get(instance, "vpc_id")
                if isinstance(vpc, Ref) and not is_unknown(vpc):
                    return Ref(DEFAULT_GROUP, vpc.key)
                return None
            case "aws_default_network_acl":
                found = self.arguments.get(instance, "default_network_acl_id")
                return found if isinstance(found, Ref) and found.type == DEFAULT_ACL else None
            case "aws_default_route_table":
                found = self.arguments.get(instance, "default_route_table_id")
                if isinstance(found, Ref) and self.vpc_of_main(found) is not None:
                    return found
                return Ref(f"{EC2}RouteTable", key)
            case kind if kind in ALIASES:
                found = self.arguments.get(instance, ALIASES[kind])
                return found if isinstance(found, Ref) and not is_unknown(found) else None
            case kind if kind in FORMS:
                type_name = FORMS[kind].type
                return Ref(_NORMAL.get(type_name, type_name), key)
            case _:
                return None

    def vpc_of_main(self, table: object) -> Ref | None:
        """Return the VPC whose main route table AWS made, where that is what is named."""
        if isinstance(table, Ref) and table.type == f"{EC2}RouteTable":
            vpc, slash, name = table.key.rpartition("/")
            if slash and name == MAIN and vpc in self._vpcs:
                return Ref(f"{EC2}VPC", vpc)
        return None

    def instance_of(self, ref: Ref) -> Instance | None:
        """Return the resource that a reference names, None where it is not of the plan."""
        return self.plan.instances.get(self._addresses.get((ref.type, ref.key), ""))

    def named_so(self, kind: str, instance: Instance, argument: str) -> Instance | None:
        """Return the resource of a type whose name an argument of another holds."""
        name = self.arguments.get(instance, argument)
        leads = self.arguments.leads(instance, argument)
        named = {i.address: i for lead in leads for i in lead.instances if i.type == kind}
        if isinstance(name, str):
            same = [i for i in self.managed() if i.type == kind and name in _names(i)]
            named = {i.address: i for i in same}
        return next(iter(named.values())) if len(named) == 1 else None

    def lose(self, instance: Instance, *why: str) -> None:
        """Note what is not known of a resource."""
        self.draft.lose(instance.address, *why)

    def ipv6_part(self, vpc: object) -> Ref | None:
        """Return a part of a VPC's one IPv6 block that no other subnet has.

        Of a block of AWS's choosing the parts of subnets are not in the plan, but each lies in the
        block and none overlaps another: AWS refuses the rest (CreateSubnet).
        """
        if not self._ipv6:
            for instance in self.managed():
                given = self.arguments.get(instance, "assign_generated_ipv6_cidr_block") is True
                own = self.arguments.get(instance, "ipv6_cidr_block")
                if instance.type in VPC_TYPES and (given or own):
                    home: Any = self.names(instance, "id")
                elif instance.type == "aws_vpc_ipv6_cidr_block_association":
                    home = self.arguments.get(instance, "vpc_id")
                else:
                    continue
                self._ipv6[home].append(given and not isinstance(own, str))
        if not isinstance(vpc, Ref) or self._ipv6.get(vpc) != [True]:
            return None
        self._parts[vpc] += 1
        if self._parts[vpc] > MOST_PARTS:
            return None
        return Ref(f"{EC2}VPCCidrBlock", f"{vpc.key}/ipv6", f"ipv6/64/{256 - self._parts[vpc]}")

    def propagate(self, instance: Instance, gateway: object, table: object) -> None:
        """Note a route table that learns the routes of a virtual private gateway."""
        lost = [*reasons(gateway), *reasons(table)]
        if lost or gateway is None or table is None:
            self.lose(instance, *(lost or ["it names no gateway or no table"]))
            return
        ref = gateway if isinstance(gateway, Ref) else Ref(f"{EC2}VPNGateway", str(gateway))
        self.propagations[ref].append(table)

    def empty_default(self, instance: Instance, ref: Ref, *names: str) -> None:
        """Note that AWS's own rules of the default group or ACL of a VPC go: Terraform adopts it.

        "When Terraform first adopts the default security group, it immediately removes all ingress
        and egress rules" (aws_default_security_group; the same of aws_default_network_acl).
        """
        self._adopted.append((instance, ref, names))

    def adopt(self) -> None:
        """Empty what was noted to be, once the VPCs are read."""
        waiting, self._adopted = self._adopted, []
        for instance, ref, names in waiting:
            node = self.draft.nodes.get((ref.type, ref.key))
            if node is None:
                self.draft.lose(str(ref), "its VPC is not in the plan")
                continue
            empty: dict[str, Any] = {name: [] for name in names}
            origin = node.origin and replace(node.origin, address=instance.address)
            self.draft.replace(node, properties={**node.properties, **empty}, origin=origin)

    def items(self, instance: Instance) -> Iterator[Item]:
        """Yield what a resource stands for."""
        shape = SHAPES.get(instance.type)
        if shape is not None:
            yield from shape(self, instance)
        elif instance.type in STANDING:
            yield from interfaces(self, instance)
        elif instance.type in FORMS:
            yield FORMS[instance.type].type, plain(self, instance)

    def inline(self, instance: Instance, name: str, items: Iterator[Item]) -> Iterator[Item]:
        """Yield the items of an argument, without those that AWS reports of other resources.

        An argument that is not written shows what is deployed, resources of their own among it.
        """
        if self.arguments.is_written(instance, name) or not instance.before:
            yield from items
            return
        for kind, properties in items:
            if item_key(kind, properties) not in self.held:
                yield kind, properties

    @property
    def held(self) -> frozenset[tuple[str, str]]:
        """Return what resources of their own held before the plan, by type and key."""
        if self._held is None:
            found: set[tuple[str, str]] = set()
            self._held = frozenset()
            for instance in (*self.plan.instances.values(), *self.plan.gone):
                before = instance.before or (instance.values if instance in self.plan.gone else {})
                if instance.type in HELD and before:
                    old = replace(
                        instance, values=before, unknown={}, config={}, before={}, sensitive={}
                    )
                    found |= {
                        key for item in self.items(old) if (key := item_key(*item)) is not None
                    }
            self._held = frozenset(found)
        return self._held

    def join(self) -> None:
        """Gather what resources of their own add to others."""
        for instance in self.managed():
            if instance.type not in JOINED:
                continue
            argument, what = JOINED[instance.type]
            target = self.arguments.get(instance, argument)
            address = self._address_of(target)
            if address is None:
                if not is_beside_packets(instance.type):
                    why = next(reasons(target), f"{argument}: {target} is not in the plan")
                    self.lose(instance, why)
                continue
            self.further[address, what] += self._joined(instance, what)

    def _address_of(self, target: object) -> str | None:
        if isinstance(target, Ref):
            return self._addresses.get((target.type, target.key))
        return None

    def _joined(self, instance: Instance, what: str) -> list[Any]:
        return [JOINS[what](instance, self.arguments.get)] if what in JOINS else [instance]

    def name_others(self) -> None:
        """Name what is known by more than its id: AWS's own lists, endpoints by their DNS names.

        AWS's lists are told by data sources, and by the variables that exports have.
        """
        for instance in self.managed():
            entries = instance.values.get("dns_entry")
            first = entries[0] if isinstance(entries, list) and entries else None
            name = first.get("dns_name") if isinstance(first, Mapping) else None
            ref = self.names(instance, "dns_entry[0].dns_name")
            if isinstance(name, str) and name and ref is not None:
                self.arguments.known[name] = ref
        for variable, given in self.plan.variables.items():
            if variable.startswith(DOMAIN_LIST_VARIABLE) and isinstance(given, str):
                key = f"aws:{variable.removeprefix(DOMAIN_LIST_VARIABLE)}"
                self.arguments.known[given] = Ref(DOMAIN_LIST, key)
        for instance in self.plan.instances.values():
            name, list_id = instance.values.get("name"), instance.values.get("id")
            if (
                instance.mode == "data"
                and instance.type in AWS_LISTS
                and isinstance(name, str)
                and isinstance(list_id, str)
                and name.startswith(AWS_LIST_NAMES)
            ):
                self.arguments.known[list_id] = Ref(f"{EC2}PrefixList", f"aws:{name}")


def is_of_aws(instance: Instance) -> bool:
    """Tell whether a resource is one of hashicorp/aws, or of a provider that stands in for it."""
    provider = instance.provider
    return instance.type.startswith("aws_") and (
        not provider or provider.endswith(PROVIDER_SUFFIX) or "/" not in provider
    )


def _names(instance: Instance) -> tuple[Any, Any]:
    return instance.values.get("name"), instance.values.get("id")


def item_key(kind: str, properties: Mapping[str, Any]) -> tuple[str, str] | None:
    """Return the type and key of the node that an item becomes, None where it becomes none."""
    known = registry().get(kind)
    if known is None or known.key is None:
        return None
    try:
        return kind, known.key(known.normalise(dict(tidy(properties))))
    except (KeyError, ValueError, TypeError, AttributeError, Fault):
        return None
