"""A file of what may be done without a person."""

from typing import Literal

from pydantic import Field

from ringwall.blueprint.words import Cidr, Model


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
    accepted: dict[Cidr, str] = Field(
        default={},
        description="Addresses that may be hit beside an offender, each with its reason, where "
        "there is no room to deny many offenders one by one.",
    )
