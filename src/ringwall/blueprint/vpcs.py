"""The syntax of a VPC: its tiers, groups, flows and endpoints."""

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, JsonValue, model_validator

from ringwall.blueprint.load_balancers import LoadBalancer
from ringwall.blueprint.words import (
    Cidr,
    Cidr4,
    Description,
    EndNames,
    Many,
    Model,
    PortList,
    Ports,
    ServiceName,
    Word,
    Words,
    refuse,
)
from ringwall.model.ports import PROTOCOL_NUMBERS, Protocol, last_of

ATTACHMENT = "attachment"  # the tier that is added for the Transit Gateway's attachment

TierKind = Literal["public", "private", "isolated", "attachment"]
Nat = Literal["none", "one", "one-per-zone", "central"]
GATEWAY_SERVICES = ("s3", "dynamodb")  # the services that have gateway endpoints


class NaclEntry(Model):
    """A hand-written entry of a tier's network ACL."""

    number: int = Field(
        ge=100,
        le=999,
        description="Rule number, 100 to 999: lower is judged first. 1 to 99 belong to the "
        "responder, 1000 and above to the entries derived from flows.",
    )
    direction: Literal["ingress", "egress"] = Field(
        description="Whether packets enter (ingress) or leave (egress) the subnets."
    )
    action: Literal["allow", "deny"] = Field(description="What happens to a packet that matches.")
    protocol: Annotated[
        Literal["tcp", "udp", "icmp", "icmpv6", "any"] | Annotated[int, Field(ge=0, le=255)] | None,
        Field(description="Protocol by name or number; may be left out when `ports` says it."),
    ] = None
    ports: Ports | None = Field(
        default=None, description="Ports as in flows: 443, 443/udp, 8000-8080, 8/icmp, icmp, any."
    )
    cidr: Cidr = Field(description="Whose packets: the source (ingress) or destination (egress).")
    why: str = Field(default="", max_length=255, description="The reason, for who reads it later.")

    @model_validator(mode="after")
    def _agrees(self) -> "NaclEntry":
        if self.protocol is None and self.ports is None:
            refuse("BP081", "the entry names neither ports nor a protocol", "ports: any")
        if self.protocol is None or self.ports is None or self.ports.protocol == self.protocol:
            return self
        plain = self.ports.protocol == "tcp" and self.protocol == "udp"
        if not plain:
            message = f"ports {self.ports} do not go with protocol {self.protocol}"
            refuse("BP081", message, "leave out the protocol, or the ports")
        return self

    @property
    def protocol_number(self) -> int:
        """Return the protocol's number, -1 for any."""
        if isinstance(self.protocol, int):
            return self.protocol
        return PROTOCOL_NUMBERS[self._protocol]

    @property
    def range(self) -> tuple[int, int] | None:
        """Return the ports or ICMP types, both ends inclusive; None where the protocol has none."""
        if isinstance(self.protocol, int) or self._protocol == "any":
            return None
        if self.ports is None:
            return (0, last_of(self._protocol))
        return (self.ports.low, self.ports.high)

    @property
    def _protocol(self) -> Protocol:
        if isinstance(self.protocol, str):
            return self.protocol
        return "any" if self.ports is None else self.ports.protocol


class Nacl(Model):
    """What a person adds to the network ACL that is derived from flows."""

    entries: Many[NaclEntry] = Field(
        default=(), description="Hand-written entries; they are judged before derived ones."
    )


class Tier(Model):
    """Subnets of one kind, one in each zone."""

    kind: TierKind = Field(
        description="public: the internet both ways; private: out by NAT only; isolated: no "
        "internet; attachment: the small subnets of the Transit Gateway's attachment."
    )
    cidr: Cidr4 | None = Field(
        default=None,
        description="The block that covers the tier in all zones; allotted when left out.",
    )
    prefix: int | None = Field(
        default=None,
        ge=16,
        le=28,
        description="Length of the block to allot, for example 20 for a /20.",
    )
    map_public_ip: bool = Field(
        default=False,
        description="Whether instances get a public IPv4 address without asking (public tiers).",
    )
    nacl: Nacl = Field(default=Nacl(), description="Hand-written entries of the network ACL.")
    description: str = Field(default="", max_length=255, description="What the tier is for.")
    protect: bool = Field(
        default=False, description="Refuse every plan that would replace or delete its subnets."
    )
    was: Words = Field(default=(), description="Former names, newest first, so that it is renamed.")


class Group(Model):
    """A workload group: interfaces that share what they may reach and who may reach them."""

    tier: Word = Field(description="The tier in whose subnets its interfaces live.")
    description: Description | None = Field(
        default=None, description="What the group is for; EC2 shows it. Taken at creation alone."
    )
    kind: Word | None = Field(
        default=None,
        description="What sort of workload it is: load-balancer, web, app, database, management, "
        "or any word.",
    )
    protect: bool = Field(
        default=False, description="Refuse every plan that would replace or delete it."
    )
    was: Words = Field(default=(), description="Former names, newest first, so that it is renamed.")


class Flow(Model):
    """Traffic that is meant: who may open connections to whom."""

    name: str | None = Field(default=None, max_length=100, description="What to call the flow.")
    sources: EndNames = Field(
        alias="from",
        description="Who opens the connection: a group, vpc/group, */group, vpc/tier, vpc, "
        "segment:NAME, internet, a network, an address or a CIDR; one or a list.",
    )
    destinations: EndNames = Field(
        alias="to",
        description="Who is reached: as `from`, and aws:SERVICE (behind an endpoint) and "
        "vpc/endpoints (the interface endpoints of a VPC).",
    )
    ports: PortList = Field(
        description="Ports: 443, 443/udp, 8000-8080, 8/icmp, icmp or any; one or a list."
    )
    why: str = Field(default="", max_length=255, description="The reason, for who reads it later.")


def _service_mapping(value: object) -> object:
    return {"service": value} if isinstance(value, str) else value


class GatewayEndpoint(Model):
    """A gateway endpoint: a route to S3 or DynamoDB that needs no internet."""

    service: Literal["s3", "dynamodb"] = Field(description="s3 or dynamodb.")
    policy: dict[str, JsonValue] | None = Field(
        default=None, description="The endpoint's IAM policy document; AWS's default lets all."
    )


class InterfaceEndpoint(Model):
    """An interface endpoint: addresses in a tier that lead to a service."""

    service: ServiceName = Field(
        description="Short name (ssm, kms, ecr.api) or full name (com.amazonaws.vpce.…)."
    )
    policy: dict[str, JsonValue] | None = Field(
        default=None, description="The endpoint's IAM policy document; AWS's default lets all."
    )
    private_dns: bool = Field(
        default=True, description="Whether the service's own DNS names lead to the endpoint."
    )


GatewayItem = Annotated[
    GatewayEndpoint,
    BeforeValidator(
        _service_mapping, json_schema_input_type=Literal["s3", "dynamodb"] | GatewayEndpoint
    ),
]
InterfaceItem = Annotated[
    InterfaceEndpoint,
    BeforeValidator(_service_mapping, json_schema_input_type=ServiceName | InterfaceEndpoint),
]


class Endpoints(Model):
    """How a VPC reaches AWS services without the internet."""

    gateway: Many[GatewayItem] = Field(
        default=(), description="Gateway endpoints: s3, dynamodb; a name or {service, policy}."
    )
    interface: Many[InterfaceItem] = Field(
        default=(), description="Interface endpoints: a name or {service, policy, private_dns}."
    )
    tier: Word | None = Field(
        default=None,
        description="The tier of the interface endpoints; the first private tier when left out.",
    )
    shared: bool = Field(
        default=False,
        description="Whether VPCs that this VPC's segment is joined with resolve and reach the "
        "interface endpoints too.",
    )
    policies: dict[str, dict[str, JsonValue]] = Field(
        default={}, description="Policy documents by service, for endpoints given by name."
    )

    def policy_of(self, endpoint: GatewayEndpoint | InterfaceEndpoint) -> dict[str, Any] | None:
        """Return the policy document of an endpoint, None for AWS's default."""
        return endpoint.policy or self.policies.get(endpoint.service)

    @property
    def services(self) -> tuple[str, ...]:
        """Return the services that have an endpoint here."""
        gateways = tuple(endpoint.service for endpoint in self.gateway)
        return gateways + tuple(endpoint.service for endpoint in self.interface)


class Attachment(Model):
    """How a VPC is attached to the Transit Gateway."""

    appliance_mode: bool = Field(
        default=False,
        description="Keep both directions of a connection in one zone, for stateful appliances.",
    )
    tier: Word | None = Field(
        default=None,
        description="The tier that holds the attachment; its own small subnets when left out.",
    )


class Vpc(Model):
    """A VPC: one network with a purpose, its tiers, groups and what flows."""

    purpose: str = Field(default="", max_length=255, description="What the VPC is for.")
    segment: Word | None = Field(
        default=None,
        description="The Transit Gateway segment it belongs to; not attached when left out.",
    )
    cidr: Cidr4 | None = Field(
        default=None, description="Its IPv4 block, /16 to /28; allotted when left out."
    )
    ipv6: bool | None = Field(
        default=None, description="Whether it is dual stack; as `addresses.ipv6` when left out."
    )
    nat: Nat = Field(
        default="none",
        description="How private tiers reach the internet: not at all, by one NAT gateway, by one "
        "in each zone, or by those of a hub behind the Transit Gateway (central).",
    )
    tiers: Annotated[dict[Word, Tier], Field(min_length=1, max_length=100)] = Field(
        description="Subnets by kind; each tier has one in every zone."
    )
    groups: dict[Word, Group] = Field(default={}, description="Workload groups by name.")
    load_balancers: dict[Word, LoadBalancer] = Field(
        default={}, description="Application Load Balancers by name."
    )
    endpoints: Endpoints = Field(default=Endpoints(), description="Ways to AWS services.")
    flows: Many[Flow] = Field(
        default=(), description="What is meant to flow; bare group names mean this VPC's groups."
    )
    attachment: Attachment = Field(
        default=Attachment(), description="How it is attached to the Transit Gateway."
    )
    flow_logs: bool = Field(default=True, description="Whether `flow_logs` covers this VPC.")
    dns_query_logs: bool = Field(
        default=True, description="Whether `dns_query_logs` covers this VPC."
    )
    tags: dict[str, str] = Field(default={}, description="Tags of all its resources.")
    protect: bool = Field(
        default=False, description="Refuse every plan that would replace or delete what is in it."
    )
    was: Words = Field(default=(), description="Former names, newest first, so that it is renamed.")

    @property
    def is_attached(self) -> bool:
        """Say whether the VPC is attached to the Transit Gateway."""
        return self.segment is not None

    @property
    def all_tiers(self) -> dict[str, Tier]:
        """Return the tiers in order, the one added for the attachment last."""
        if not self.is_attached or self.attachment.tier is not None:
            return self.tiers
        if any(tier.kind == "attachment" for tier in self.tiers.values()):
            return self.tiers
        return {**self.tiers, ATTACHMENT: Tier(kind="attachment")}

    @property
    def attachment_tier(self) -> str | None:
        """Return the tier that holds the attachment, None for a VPC that is not attached."""
        if not self.is_attached:
            return None
        if self.attachment.tier is not None:
            return self.attachment.tier
        return next(name for name, tier in self.all_tiers.items() if tier.kind == "attachment")

    @property
    def endpoint_tier(self) -> str | None:
        """Return the tier of the interface endpoints: as written, or the first private one."""
        if self.endpoints.tier is not None:
            return self.endpoints.tier
        by_kind = {tier.kind: name for name, tier in reversed(self.tiers.items())}
        return by_kind.get("private") or by_kind.get("isolated") or by_kind.get("public")

    def tiers_of(self, kind: TierKind) -> dict[str, Tier]:
        """Return the tiers of a kind, in order."""
        return {name: tier for name, tier in self.all_tiers.items() if tier.kind == kind}

    @property
    def has_nat(self) -> bool:
        """Say whether the VPC has NAT gateways of its own."""
        return self.nat in {"one", "one-per-zone"}
