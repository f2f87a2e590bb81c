"""The syntax of what answers findings: `response`, its package and schedules."""

import re
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, Field, WithJsonSchema, model_validator

from ringwall.blueprint.services import Retention
from ringwall.blueprint.words import Many, Model, refuse
from ringwall.model.webhooks import HINT, MANAGED, PARAMETER

DAY = 24 * 60  # minutes
_LONGEST: Final = 512  # characters of a secret's name (CreateSecret)
_NAME = r"[A-Za-z0-9_.\-]+(/[A-Za-z0-9_.\-]+)*"
_WEBHOOK = re.compile(rf"({PARAMETER}/?{_NAME}|{MANAGED}{_NAME})")
_FINDINGS = r"^s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/[A-Za-z0-9!_.'()\-]+)*/?$"


def _webhook(text: str) -> str:
    if len(text) > _LONGEST or not _WEBHOOK.fullmatch(text):
        # The value is not told: it may be the address, which is a secret.
        message = "a webhook is named by what keeps its address, and this is no such name"
        refuse("BP129", message, f"write {HINT}")
    return text


Webhook = Annotated[
    str,
    AfterValidator(_webhook),
    WithJsonSchema({"type": "string", "pattern": f"^{_WEBHOOK.pattern}$", "maxLength": _LONGEST}),
]


class Package(Model):
    """The zip that the function runs: an object in S3, or a file beside the blueprint."""

    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")] = Field(
        description="The SHA-256 of the zip in hexadecimal digits; a change of it is deployed."
    )
    file: Annotated[str, Field(min_length=1, max_length=500)] | None = Field(
        default=None, description="The zip's path, from the blueprint's folder; 50 MB at most."
    )
    bucket: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$")] | None = Field(
        default=None, description="The bucket of the zip, in this region."
    )
    key: Annotated[str, Field(min_length=1, max_length=1024)] | None = Field(
        default=None, description="The key of the zip in its bucket."
    )
    version: Annotated[str, Field(min_length=1, max_length=1024)] | None = Field(
        default=None, description="The version of the object."
    )

    @model_validator(mode="after")
    def _one_place(self) -> "Package":
        in_bucket = self.bucket is not None and self.key is not None
        parts = any(part is not None for part in (self.bucket, self.key, self.version))
        if parts != in_bucket or in_bucket == (self.file is not None):
            message = "a package is a `file`, or a `key` of a `bucket`, one of both"
            refuse("BP125", message, "file: ringwall.zip")
        return self


class Schedules(Model):
    """How often the function runs by itself, in minutes; never when it is null."""

    sweep: Annotated[int, Field(ge=1, le=DAY)] | None = Field(
        default=5, description="Take back what has stood long enough."
    )
    reconcile: Annotated[int, Field(ge=1, le=DAY)] | None = Field(
        default=15, description="Finish what a crash left, do again what somebody took away."
    )
    detections: Annotated[int, Field(ge=1, le=DAY)] | None = Field(
        default=None,
        description="Judge the traffic of the last minutes, with a handler of your own: Ringwall's "
        "has no engine for that in its package, and sweeps.",
    )
    drift: Annotated[int, Field(ge=1, le=DAY)] | None = Field(
        default=60, description="Tell what is deployed otherwise than it was meant."
    )
    check: Annotated[int, Field(ge=1, le=DAY)] | None = Field(
        default=DAY, description="Prove the expectations on what is deployed; tell what fails."
    )

    @property
    def wanted(self) -> dict[str, int]:
        """Return the schedules that run, by name."""
        every = {
            "sweep": self.sweep,
            "reconcile": self.reconcile,
            "detections": self.detections,
            "drift": self.drift,
            "check": self.check,
        }
        return {name: minutes for name, minutes in every.items() if minutes is not None}


class Notices(Model):
    """Who is told of incidents, beside the topic of `monitoring`."""

    webhook: Webhook | None = Field(
        default=None,
        description="Where its address is kept: ssm:PARAMETER or secretsmanager:SECRET.",
    )
    security_hub: bool = Field(
        default=False, description="Whether Security Hub gets a finding of each incident."
    )
    findings: Annotated[str, Field(pattern=_FINDINGS, max_length=512)] | None = Field(
        default=None, description="s3://BUCKET/PREFIX that gets findings in OCSF."
    )


class Response(Model):
    """The function that answers findings, its journal, and what calls it."""

    package: Package | None = Field(
        default=None, description="The zip to run; all but the function is deployed without it."
    )
    handler: Annotated[str, Field(pattern=r"^[A-Za-z0-9_.]{1,128}$")] = Field(
        default="ringwall.function.handler", description="The function inside of the zip."
    )
    architecture: Literal["arm64", "x86_64"] = Field(
        default="arm64", description="The processor for which the zip was made."
    )
    memory_mb: int = Field(default=1024, ge=128, le=10_240, description="The function's memory.")
    timeout_seconds: int = Field(
        default=300, ge=1, le=900, description="After how long a call of it is ended."
    )
    concurrency: Annotated[int, Field(ge=1, le=1_000)] | None = Field(
        default=2,
        description="How many calls run at the same time, reserved; null takes from the account's.",
    )
    guardduty: bool = Field(
        default=True, description="Whether findings of GuardDuty are answered, and told."
    )
    guardduty_severity: Annotated[float, Field(ge=0, le=10, strict=False)] = Field(
        default=4, description="From which severity on: 4 is medium, 7 high, 9 critical."
    )
    playbooks: Many[str] | None = Field(
        default=None,
        description="The playbooks that may be used, by id; null: all. The role may do no more.",
    )
    notices: Notices = Field(default=Notices(), description="Who is told of incidents.")
    schedules: Schedules = Field(default=Schedules(), description="What runs how often.")
    retention_days: Retention = Field(
        default=365, description="How long CloudWatch keeps what the function logs."
    )
