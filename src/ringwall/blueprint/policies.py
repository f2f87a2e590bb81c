"""A file of what may be done without a person."""

from ipaddress import ip_network
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from ringwall.blueprint.words import Cidr, Model, refuse
from ringwall.model.widest import WIDEST


def _narrow(cidr: str) -> str:
    """Refuse what nobody can answer for: it would take the look at who else is hit away."""
    block = ip_network(cidr)
    widest = WIDEST[block.version]
    if block.prefixlen < widest:
        message = (
            f"{cidr} is wider than /{widest}: whoever is in it would be hit without being looked at"
        )
        refuse("BP131", message, "name the networks of those who may be hit, each with its reason")
    return cidr


Accepted = Annotated[Cidr, AfterValidator(_narrow)]


class Caps(Model):
    """How much is done without a person."""

    per_hour: int = Field(default=10, ge=0, le=1000, description="Actions that begin in an hour.")
    targets: int = Field(default=20, ge=0, le=1000, description="What one of them touches.")
    entries: int = Field(
        default=19,
        ge=0,
        le=39,
        description="Of a network ACL, a direction and family; AWS takes 20, 40 on request.",
    )


class AwsRanges(Model):
    """The addresses that AWS publishes as its own, which are never blocked."""

    file: str = Field(
        pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*\.json$",
        description="The file `ip-ranges.json` that AWS publishes, beside the policy.",
    )
    services: list[str] = Field(
        default=[],
        description="Names of services in it, as CLOUDFRONT; left out: AMAZON without EC2, behind "
        "which anybody may be.",
    )


class PolicyFile(Model):
    """What may be done without a person, how much of it, and how long it stands."""

    modes: dict[str, Literal["observe", "approve", "auto"]] = Field(
        default={}, description="By detection, alarm or type of finding, as patterns with `*`."
    )
    caps: Caps = Field(default=Caps(), description="Beyond them a person is asked.")
    hours: float | None = Field(
        default=None, gt=0, le=8760, strict=False, description="How long what is temporary stands."
    )
    replay_days: int = Field(default=7, ge=1, le=90, description="Days of traffic to replay.")
    never: dict[Cidr, str] = Field(
        default={}, description="Addresses that are never blocked, each with its reason."
    )
    aws_ranges: AwsRanges | None = Field(
        default=None, description="AWS's own addresses are never blocked."
    )
    accepted: dict[Accepted, str] = Field(
        default={},
        description="Addresses that may be hit beside an offender, each with its reason, where "
        "there is no room to deny many offenders one by one; none wider than a /16 or a /48.",
    )
