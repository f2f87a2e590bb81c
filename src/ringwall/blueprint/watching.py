"""The syntax of what watches the network: `monitoring`, its metrics and alarms."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, WithJsonSchema, model_validator

from ringwall.blueprint.words import Many, Model, Word, Words, refuse, short

LONGEST_EMAIL = 254  # RFC 5321
MOST_ALARMS = 100  # of a blueprint; CloudWatch takes 5,000 in a region


@dataclass(frozen=True, slots=True)
class Metric:
    """Something that is counted, and how.

    `fields` are those of the flow log that it needs; `traffic` is what the log must not leave out;
    `each` is what has a count of its own: the whole network, a VPC, an attachment, a gateway.
    """

    what: str
    each: Literal["network", "attachment", "gateway", "group"]
    fields: tuple[str, ...] = ()
    traffic: tuple[str, ...] = ("ALL",)


# What is counted of the flow logs, and what AWS counts by itself ("CloudWatch metrics in
# AWS Transit Gateways", "Monitor NAT gateways with Amazon CloudWatch").
METRICS: Mapping[str, Metric] = {
    "rejected": Metric("records of rejected flows", "network", ("action",), ("ALL", "REJECT")),
    "accepted": Metric("records of accepted flows", "network", ("action",), ("ALL", "ACCEPT")),
    "probes": Metric(
        "rejected attempts to open a TCP connection",
        "network",
        ("action", "tcp-flags"),
        ("ALL", "REJECT"),
    ),
    "admin-from-outside": Metric(
        "connections from public addresses that were let in to ports of administration",
        "network",
        ("action", "srcaddr", "dstport", "tcp-flags", "flow-direction"),
        ("ALL", "ACCEPT"),
    ),
    "bytes-out": Metric(
        "bytes that leave through internet gateways",
        "network",
        ("action", "bytes", "flow-direction", "traffic-path"),
        ("ALL", "ACCEPT"),
    ),
    "flow-log-events": Metric("flow log records that arrive", "group"),
    "transit-no-route": Metric("packets for which a segment has no route", "attachment"),
    "transit-blackhole": Metric("packets that met a blackhole route", "attachment"),
    "transit-bytes-out": Metric("bytes from the Transit Gateway to a VPC", "attachment"),
    "nat-port-errors": Metric("connections for which no NAT port was free", "gateway"),
    "nat-packets-dropped": Metric("packets that a NAT gateway dropped", "gateway"),
    "nat-bytes-out": Metric("bytes from NAT gateways to the internet", "gateway"),
}
MetricName = Literal[
    "rejected",
    "accepted",
    "probes",
    "admin-from-outside",
    "bytes-out",
    "flow-log-events",
    "transit-no-route",
    "transit-blackhole",
    "transit-bytes-out",
    "nat-port-errors",
    "nat-packets-dropped",
    "nat-bytes-out",
]


def _email(text: str) -> str:
    user, at, host = text.rpartition("@")
    plain = text.isascii() and text.isprintable() and not any(map(str.isspace, text))
    if not (user and at and "." in host and plain and len(text) <= LONGEST_EMAIL):
        hint = "write security@example.org; an address of the web may hold a secret"
        refuse("BP120", f"{short(text)!r} is not an e-mail address", hint)
    return text


Email = Annotated[str, AfterValidator(_email), WithJsonSchema({"type": "string"})]
Port = Annotated[int, Field(ge=1, le=65_535)]


class Alarm(Model):
    """An alarm: a metric, and from when on it is too much, or too little."""

    metric: MetricName = Field(description="What is counted.")
    above: Annotated[float, Field(ge=0, strict=False)] | None = Field(
        default=None, description="The alarm goes off above this, summed over the period."
    )
    below: Annotated[float, Field(gt=0, strict=False)] | None = Field(
        default=None, description="The alarm goes off below this instead."
    )
    of: Words = Field(
        default=(),
        description="VPCs, each of which has an alarm of its own, or segments, whose VPCs are "
        "summed (a VPC comes before a segment of its name); the whole network, or every "
        "attachment or gateway, when left out.",
    )
    minutes: Literal[1, 5, 10, 15, 30, 60] = Field(
        default=5, description="The length of one period."
    )
    periods: int = Field(default=1, ge=1, le=100, description="How many periods are looked at.")
    datapoints: int | None = Field(
        default=None,
        ge=1,
        le=100,
        description="How many of them must be too much; all by default. What flow logs count is "
        "looked at for some periods more, as records come late.",
    )
    missing: Literal["ok", "alarm", "ignore", "insufficient"] | None = Field(
        default=None,
        description="What a period without data means; `ok` for what is above, `alarm` for what is "
        "below, when left out.",
    )
    description: str = Field(
        default="", max_length=500, description="What to think of when it goes off."
    )

    @model_validator(mode="after")
    def _agrees(self) -> "Alarm":
        if (self.above is None) == (self.below is None):
            refuse("BP121", "an alarm has `above` or `below`, one of both", "above: 1000")
        if self.datapoints is not None and self.datapoints > self.periods:
            message = f"{self.datapoints} of {self.periods} periods cannot be too much"
            refuse("BP121", message, "raise `periods`, or leave out `datapoints`")
        # PutMetricAlarm: periods times their length are a day at most.
        if self.minutes * self.periods > 24 * 60:
            message = f"{self.periods} periods of {self.minutes} minutes are longer than a day"
            refuse("BP121", message, "look at a day at most")
        return self

    @property
    def treat_missing_data(self) -> str:
        """Return CloudWatch's word for what a period without data means."""
        meant = self.missing or ("ok" if self.below is None else "alarm")
        return {
            "ok": "notBreaching",
            "alarm": "breaching",
            "ignore": "ignore",
            "insufficient": "missing",
        }[meant]


class Monitoring(Model):
    """What is counted of the network, when it alarms, and who is told."""

    subscribers: Many[Email] = Field(
        default=(), description="E-mail addresses that are told of alarms; each confirms once."
    )
    alarms: Annotated[dict[Word, Alarm], Field(max_length=MOST_ALARMS)] = Field(
        default={}, description="Alarms by name."
    )
    standard_alarms: bool = Field(
        default=True,
        description="Whether there are alarms for silent flow logs, administration from outside, "
        "drops of Transit Gateways and NAT ports that ran out.",
    )
    queries: bool = Field(
        default=True, description="Whether questions to the flow logs are kept in CloudWatch."
    )
    dashboards: bool = Field(
        default=True, description="Whether there is a dashboard of the network, and one a segment."
    )
    admin_ports: Annotated[tuple[Port, ...], Field(strict=False, min_length=1, max_length=10)] = (
        Field(default=(22, 3389, 5985, 5986), description="TCP ports of administration.")
    )
