"""The syntax of what serves all VPCs: Transit Gateway, DNS Firewall, logs, account settings."""

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema, model_validator

from ringwall.blueprint.words import Cidr, Domain, Many, Model, Word, Words, did_you_mean, refuse

Retention = Literal[  # what CloudWatch Logs takes (PutRetentionPolicy)
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922,
    3288, 3653,
]  # fmt: skip

# Every field of a VPC flow log, in the order of the versions that brought them (VPC guide).
FLOW_LOG_FIELDS = (
    "version", "account-id", "interface-id", "srcaddr", "dstaddr", "srcport", "dstport",
    "protocol", "packets", "bytes", "start", "end", "action", "log-status", "vpc-id",
    "subnet-id", "instance-id", "tcp-flags", "type", "pkt-srcaddr", "pkt-dstaddr", "region",
    "az-id", "sublocation-type", "sublocation-id", "pkt-src-aws-service", "pkt-dst-aws-service",
    "flow-direction", "traffic-path", "ecs-cluster-arn", "ecs-cluster-name",
    "ecs-container-instance-arn", "ecs-container-instance-id", "ecs-container-id",
    "ecs-second-container-id", "ecs-service-name", "ecs-task-definition-arn", "ecs-task-arn",
    "ecs-task-id", "reject-reason", "resource-id", "encryption-status",
)  # fmt: skip
# What AWS writes when no format is asked for: the fields of version 2.
DEFAULT_FLOW_LOG_FIELDS = FLOW_LOG_FIELDS[:14]


class StaticRoute(Model):
    """A static route of a segment: to a VPC, or nowhere."""

    cidr: Cidr = Field(description="The destination.")
    vpc: Word | None = Field(default=None, description="The VPC to whose attachment it leads.")
    blackhole: Literal[True] | None = Field(default=None, description="Drop what matches.")

    @model_validator(mode="after")
    def _one_target(self) -> "StaticRoute":
        if (self.vpc is None) == (self.blackhole is None):
            refuse(
                "BP070", "a route leads to a vpc or is a blackhole, one of both", "blackhole: true"
            )
        return self


class Segment(Model):
    """A route domain of the Transit Gateway: VPCs that share one route table."""

    routes_to: Words = Field(
        default=(),
        description="Segments whose VPCs are reached from here, this one included only when named; "
        "both sides must name each other for connections to work.",
    )
    routes: Many[StaticRoute] = Field(
        default=(), description="Static and blackhole routes of the segment's table."
    )
    description: str = Field(default="", max_length=255, description="What the segment is for.")
    protect: bool = Field(
        default=False, description="Refuse every plan that would replace or delete it."
    )
    was: Words = Field(default=(), description="Former names, newest first, so that it is renamed.")


_ASN = "64512 to 65534, or 4200000000 to 4294967294"


class TransitGateway(Model):
    """The Transit Gateway that joins VPCs, one route table a segment."""

    id: Annotated[str, Field(pattern=r"^tgw-[0-9a-f]{8}([0-9a-f]{9})?$")] | None = Field(
        default=None, description="Id of a gateway brought along; one is made when left out."
    )
    asn: int | None = Field(
        default=None, description=f"Private AS number of the gateway to make: {_ASN}."
    )
    segments: Annotated[dict[Word, Segment], Field(min_length=1)] = Field(
        description="Route domains by name."
    )
    security_group_references: bool = Field(
        default=False,
        description="Whether groups name groups of other VPCs (inbound, same region); else the "
        "tier's addresses are used.",
    )
    dns_support: bool = Field(
        default=True, description="Whether public names resolve to private addresses across VPCs."
    )
    ecmp: bool = Field(default=True, description="Whether VPN connections share the load.")
    egress: Word | None = Field(
        default=None,
        description="The VPC whose NAT gateways serve VPCs with `nat: central`; needed only when "
        "several could.",
    )
    protect: bool = Field(
        default=False, description="Refuse every plan that would replace or delete it."
    )

    @model_validator(mode="after")
    def _made_or_brought(self) -> "TransitGateway":
        if self.id is not None and self.asn is not None:
            refuse("BP072", "a gateway brought along has its AS number", "leave out `asn`")
        if self.asn is not None and not (
            64_512 <= self.asn <= 65_534 or 4_200_000_000 <= self.asn <= 4_294_967_294
        ):
            refuse("BP016", f"{self.asn} is not a private AS number", f"use {_ASN}")
        return self


class DnsList(Model):
    """A list of domains."""

    domains: Annotated[tuple[Domain, ...], Field(strict=False, min_length=1, max_length=1_000)] = (
        Field(description="Domains: example.org, or *.example.org for what lies below it.")
    )
    was: Words = Field(default=(), description="Former names, newest first, so that it is renamed.")


class DnsRule(Model):
    """A rule of the DNS Firewall; rules are judged in the order in which they stand."""

    name: Word | None = Field(default=None, description="The rule's name; its list's when absent.")
    domain_list: Word | None = Field(
        default=None, alias="list", description="A list of `dns_firewall.lists`."
    )
    managed: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")] | None = Field(
        default=None, description="An AWS managed list by name, resolved when planned."
    )
    action: Literal["ALLOW", "ALERT", "BLOCK"] = Field(description="What happens to the query.")
    response: Literal["NODATA", "NXDOMAIN", "OVERRIDE"] | None = Field(
        default=None, description="How a blocked query is answered; NODATA when left out."
    )
    override: Domain | None = Field(
        default=None, description="The domain that an OVERRIDE answers with (a CNAME)."
    )
    override_ttl: int = Field(
        default=60, ge=0, le=604_800, description="How long that answer is kept, in seconds."
    )

    @model_validator(mode="after")
    def _agrees(self) -> "DnsRule":
        if (self.domain_list is None) == (self.managed is None):
            refuse("BP090", "a rule judges a `list` or a `managed` list, one of both")
        if self.response is not None and self.action != "BLOCK":
            message = f"{self.action} lets the query pass, so it has no response"
            refuse("BP090", message, "leave out `response`")
        if (self.response == "OVERRIDE") != (self.override is not None):
            hint = "override: sinkhole.example.org"
            refuse("BP090", "response OVERRIDE and `override` need each other", hint)
        return self

    @property
    def block_response(self) -> str | None:
        """Return how a blocked query is answered, None for a rule that does not block."""
        return (self.response or "NODATA") if self.action == "BLOCK" else None


class DnsFirewall(Model):
    """Which domains VPCs may resolve."""

    lists: dict[Word, DnsList] = Field(default={}, description="Lists of domains by name.")
    rules: Annotated[tuple[DnsRule, ...], Field(strict=False, min_length=1, max_length=100)] = (
        Field(description="Rules in the order of judgement; what no rule meets is resolved.")
    )
    fail_open: bool = Field(
        default=False, description="Whether queries pass when the firewall itself fails."
    )
    associate: Words | None = Field(
        default=None, description="The VPCs that it guards; all when left out."
    )
    priority: int = Field(
        default=101,
        ge=101,
        le=9_000,
        description="The association's place among a VPC's rule groups; lower is judged first.",
    )


class DnsQueryLogs(Model):
    """Log every DNS query of the VPCs."""

    retention_days: Retention = Field(default=365, description="How long CloudWatch keeps them.")


def _fields(value: object) -> object:
    if value == "full":
        return FLOW_LOG_FIELDS
    if value == "default":
        return DEFAULT_FLOW_LOG_FIELDS
    if not isinstance(value, list | tuple):
        refuse("BP014", "`format` is full, default or a list of fields", "format: full")
    seen: list[object] = []
    for item in value:
        if item not in FLOW_LOG_FIELDS:
            text = str(item)[:60]
            refuse(
                "BP015", f"{text!r} is no field of a flow log", did_you_mean(text, FLOW_LOG_FIELDS)
            )
        if item in seen:
            refuse("BP049", f"the field {item} stands twice", "leave out one")
        seen.append(item)
    if not seen:
        refuse("BP016", "the list of fields is empty", "format: full")
    return tuple(value)


class FlowLogs(Model):
    """Flow logs of every VPC."""

    destination: Literal["cloudwatch", "s3"] = Field(description="Where they are written.")
    traffic: Literal["ALL", "ACCEPT", "REJECT"] = Field(
        default="ALL", description="Which flows; rejected ones alone cannot show exfiltration."
    )
    aggregation_seconds: Literal[60, 600] = Field(
        default=60, description="The longest window of one record."
    )
    retention_days: Retention = Field(
        default=365, description="How long CloudWatch, or the bucket's lifecycle, keeps them."
    )
    bucket: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$")] | None = Field(
        default=None, description="Name of the bucket to make (s3); derived when left out."
    )
    format: Annotated[
        tuple[str, ...],
        Field(strict=False),
        BeforeValidator(_fields),
        WithJsonSchema(
            {
                "anyOf": [
                    {"enum": ["full", "default"]},
                    {
                        "type": "array",
                        "items": {"enum": list(FLOW_LOG_FIELDS)},
                        "minItems": 1,
                        "uniqueItems": True,
                    },
                ]
            }
        ),
    ] = Field(
        default=FLOW_LOG_FIELDS,
        description="full: every field there is; default: AWS's 14; or a list of fields.",
    )

    @property
    def log_format(self) -> str:
        """Return the format as CreateFlowLogs takes it: `${version} ${account-id} …`."""
        return " ".join(f"${{{name}}}" for name in self.format)


class AccountSettings(Model):
    """Switches of the whole account and region, changed only when owned."""

    owned: bool = Field(
        default=False, description="Whether Ringwall may change switches of the whole account."
    )
    block_public_access: Literal["off", "block-ingress", "block-bidirectional"] = Field(
        default="off",
        description="VPC Block Public Access: what internet gateways may carry in this region.",
    )
    exclusions: dict[Word, Literal["allow-bidirectional", "allow-egress"]] = Field(
        default={}, description="VPCs that Block Public Access leaves alone, and how far."
    )


class Quotas(Model):
    """AWS quotas that were raised; what goes beyond these figures is warned of."""

    vpcs: int = Field(default=5, ge=1, le=10_000, description="VPCs in the region.")
    elastic_ips: int = Field(default=5, ge=1, le=10_000, description="Elastic IPs in the region.")
    nat_gateways_per_zone: int = Field(
        default=5, ge=1, le=10_000, description="NAT gateways in one zone."
    )
    subnets_per_vpc: int = Field(default=200, ge=1, le=10_000, description="Subnets of one VPC.")
    internet_gateways: int = Field(
        default=5, ge=1, le=10_000, description="Internet gateways in the region."
    )
    group_rules: int = Field(
        default=60, ge=1, le=1_000, description="Rules of a group, a direction and family."
    )
    groups_per_interface: int = Field(
        default=5, ge=1, le=16, description="Groups of one network interface."
    )
    nacl_entries: int = Field(
        default=20, ge=1, le=40, description="Entries of a network ACL, a direction and family."
    )
    routes_per_table: int = Field(
        default=500, ge=1, le=1_000, description="Routes of one route table."
    )
    transit_gateway_route_tables: int = Field(
        default=20, ge=1, le=1_000, description="Route tables of one Transit Gateway."
    )
    load_balancers: int = Field(
        default=50, ge=1, le=10_000, description="Application Load Balancers in the region."
    )
    waf_ip_sets: int = Field(
        default=100, ge=1, le=10_000, description="IP sets of AWS WAF: two for each web ACL."
    )
    interface_endpoints_per_vpc: int = Field(
        default=50, ge=1, le=1_000, description="Interface endpoints of one VPC."
    )
