"""The syntax of a whole blueprint as frozen models.

Rules:
- Unknown keys are refused and types are not guessed; every field bears a description, which is
  what editors and the reference show.
- Names are checked here, what they refer to in `semantics`.
"""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field, PrivateAttr, model_validator

from ringwall.blueprint.load_balancers import (
    AccessLogs,
    HealthCheck,
    Listener,
    LoadBalancer,
    Rule,
    TargetGroup,
)
from ringwall.blueprint.responding import Response
from ringwall.blueprint.services import (
    AccountSettings,
    DnsFirewall,
    DnsList,
    DnsQueryLogs,
    DnsRule,
    FlowLogs,
    Quotas,
    Segment,
    StaticRoute,
    TransitGateway,
)
from ringwall.blueprint.vpcs import (
    Attachment,
    Endpoints,
    Flow,
    GatewayEndpoint,
    Group,
    InterfaceEndpoint,
    Nacl,
    NaclEntry,
    Tier,
    Vpc,
)
from ringwall.blueprint.watching import Monitoring
from ringwall.blueprint.web_acls import ManagedRules, RateLimit, WebAcl, WebAclLogs
from ringwall.blueprint.words import (
    Account,
    AskedNames,
    Cidr4,
    Cidrs,
    EndNames,
    Many,
    Model,
    PortList,
    Region,
    Word,
    Zone,
)
from ringwall.errors import Problem
from ringwall.model.graph import Origin

__all__ = [
    "AccessLogs",
    "AccountSettings",
    "Addresses",
    "Attachment",
    "Blueprint",
    "DnsFirewall",
    "DnsList",
    "DnsQueryLogs",
    "DnsRule",
    "Endpoints",
    "Expectation",
    "Flow",
    "FlowLogs",
    "GatewayEndpoint",
    "Group",
    "HealthCheck",
    "InterfaceEndpoint",
    "Listener",
    "LoadBalancer",
    "ManagedRules",
    "Nacl",
    "NaclEntry",
    "Path",
    "Quotas",
    "RateLimit",
    "Rule",
    "Segment",
    "StaticRoute",
    "TargetGroup",
    "Tier",
    "TransitGateway",
    "Vpc",
    "WebAcl",
    "WebAclLogs",
]

Path = tuple[str | int, ...]

MOST_VPCS = 1_000  # what a Transit Gateway and one run can bear; a bound on time


class Addresses(Model):
    """Where addresses come from."""

    ipv4: Cidr4 = Field(default="10.0.0.0/8", description="The pool from which VPCs are allotted.")
    vpc_prefix: int = Field(
        default=16, ge=16, le=28, description="Length of a VPC's allotted block."
    )
    ipv6: Literal["none", "amazon"] = Field(
        default="none", description="Whether VPCs are dual stack, with blocks that Amazon gives."
    )


class Expectation(Model):
    """What must, or must not, be reachable; proven before and after every change."""

    name: str = Field(min_length=1, max_length=100, description="What to call it in reports.")
    sources: EndNames = Field(
        alias="from",
        description="Who opens the connection: vpc, vpc/tier, vpc/group, */group, segment:NAME, "
        "internet, a network, an address or a CIDR; one or a list.",
    )
    destinations: EndNames = Field(
        alias="to", description="Who is reached: as `from`, and vpc/endpoints and aws:SERVICE."
    )
    ports: PortList = Field(
        description="Ports: 443, 443/udp, 8000-8080, 8/icmp, icmp or any; one or a list."
    )
    reachable: bool = Field(description="true: it must work for all; false: for none.")
    why: str = Field(default="", max_length=500, description="The reason, shown when it fails.")


class AskedExpectation(Expectation):
    """An expectation of a network that need not be a blueprint's: ids and Name tags are names."""

    sources: AskedNames = Field(alias="from", description="Who opens the connection.")
    destinations: AskedNames = Field(alias="to", description="Who is reached.")


class ExpectationFile(Model):
    """Expectations of a network that need not come from a blueprint."""

    networks: dict[Word, Cidrs] = Field(
        default={}, description="Names of address ranges, for the expectations."
    )
    expect: tuple[AskedExpectation, ...] = Field(
        strict=False, description="What must, and must not, be reachable."
    )


class Blueprint(Model):
    """One network of one account and region: what is there, what flows, what must hold."""

    name: Word = Field(description="The deployment's name; it marks every resource as ours.")
    account: Account | None = Field(
        default=None, description="The 12 digits of the account; whichever is asked when left out."
    )
    accounts: Many[Account] = Field(
        default=(), description="Accounts; at present one, so `account` says the same."
    )
    region: Region = Field(description="The region, for example us-east-1.")
    regions: Many[Region] = Field(
        default=(), description="Regions; at present one, so `region` says the same."
    )
    zones: Annotated[tuple[Zone, ...], Field(strict=False, min_length=1, max_length=8)] = Field(
        description="Availability zones by name (us-east-1a) or id (use1-az1); append new ones."
    )
    tags: dict[str, str] = Field(default={}, description="Tags of every resource.")
    quotas: Quotas = Field(default=Quotas(), description="AWS quotas that were raised.")
    account_settings: AccountSettings = Field(
        default=AccountSettings(), description="Switches of the whole account."
    )
    addresses: Addresses = Field(
        default=Addresses(), description="The pool of addresses and the sizes of blocks."
    )
    networks: dict[Word, Cidrs] = Field(
        default={}, description="Names of address ranges, for flows and expectations."
    )
    transit_gateway: TransitGateway | None = Field(
        default=None, description="The Transit Gateway that joins VPCs; none when left out."
    )
    flow_logs: FlowLogs | None = Field(default=None, description="Flow logs of every VPC.")
    dns_firewall: DnsFirewall | None = Field(
        default=None, description="Which domains VPCs may resolve."
    )
    dns_query_logs: DnsQueryLogs | None = Field(
        default=None, description="Log every DNS query of the VPCs."
    )
    web_acls: dict[Word, WebAcl] = Field(
        default={}, description="Web ACLs of AWS WAF by name, for load balancers."
    )
    monitoring: Monitoring | None = Field(
        default=None, description="What is counted, when it alarms, and who is told."
    )
    response: Response | None = Field(
        default=None, description="What answers findings and alarms; needs `monitoring`."
    )
    vpcs: Annotated[dict[Word, Vpc], Field(min_length=1, max_length=MOST_VPCS)] = Field(
        description="VPCs by name."
    )
    flows: Many[Flow] = Field(default=(), description="What is meant to flow across VPCs.")
    expect: Many[Expectation] = Field(
        default=(), description="What must be reachable and what must not."
    )

    _file: str = PrivateAttr(default="")
    _warnings: tuple[Problem, ...] = PrivateAttr(default=())
    _origins: Mapping[Path, Origin] = PrivateAttr(default_factory=dict)

    @model_validator(mode="before")
    @classmethod
    def _single(cls, data: object) -> object:
        """Take a list of one account or region as that one."""
        if not isinstance(data, dict):
            return data
        found = dict(data)
        for one, many in (("account", "accounts"), ("region", "regions")):
            listed = data.get(many)
            if one not in data and isinstance(listed, list) and listed:
                found[one] = listed[0]
        return found

    @property
    def file(self) -> str:
        """Return the file that it was read from."""
        return self._file

    @property
    def warnings(self) -> tuple[Problem, ...]:
        """Return what is allowed but should be looked at."""
        return self._warnings

    @property
    def origins(self) -> Mapping[Path, Origin]:
        """Return where each part stands, by its path: `("vpcs", "hub", "tiers", "public")`.

        A path that is not in the text answers with the nearest part around it.
        """
        return self._origins

    def located(
        self, file: str, origins: Mapping[Path, Origin], warnings: tuple[Problem, ...]
    ) -> "Blueprint":
        """Return the blueprint with its file, places and warnings."""
        copy = self.model_copy()
        copy._file = file  # noqa: SLF001  (private attributes are set from outside of pydantic)
        copy._origins = origins  # noqa: SLF001
        copy._warnings = warnings  # noqa: SLF001
        return copy

    def is_dual_stack(self, vpc: str) -> bool:
        """Say whether a VPC has IPv6 addresses."""
        wanted = self.vpcs[vpc].ipv6
        return wanted if wanted is not None else self.addresses.ipv6 == "amazon"

    def vpcs_of(self, segment: str) -> tuple[str, ...]:
        """Return the VPCs of a segment, in order."""
        return tuple(name for name, vpc in self.vpcs.items() if vpc.segment == segment)

    @property
    def firewalled_vpcs(self) -> tuple[str, ...]:
        """Return the VPCs that the DNS Firewall guards."""
        if self.dns_firewall is None:
            return ()
        chosen = self.dns_firewall.associate
        return tuple(name for name in self.vpcs if chosen is None or name in chosen)
