"""The syntax of Application Load Balancers: listeners, rules, target groups, logs."""

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, Strict, WithJsonSchema, model_validator

from ringwall.blueprint.services import Retention
from ringwall.blueprint.words import Many, Model, Word, Words, refuse, short

_CERTIFICATE = re.compile(
    r"arn:aws(?:-cn|-us-gov)?:(?:acm:[a-z0-9-]+:[0-9]{12}:certificate/[A-Za-z0-9-]+"
    r"|iam::[0-9]{12}:server-certificate/[A-Za-z0-9/._+=@,-]+)"
)
# "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09": what AWS recommends and its console gives; TLS 1.3
# and 1.2, forward secrecy, and hybrid post-quantum key exchange for clients that know it
# (Application Load Balancers guide, security policies).
TLS_POLICY = "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09"
STRONG_POLICIES = frozenset(
    {
        TLS_POLICY,
        "ELBSecurityPolicy-FS-1-2-Res-2020-10",
        "ELBSecurityPolicy-TLS13-1-2-2021-06",
        "ELBSecurityPolicy-TLS13-1-2-FIPS-2023-04",
        "ELBSecurityPolicy-TLS13-1-2-FIPS-PQ-2025-09",
        "ELBSecurityPolicy-TLS13-1-2-PQ-2025-09",
        "ELBSecurityPolicy-TLS13-1-2-Res-2021-06",
        "ELBSecurityPolicy-TLS13-1-2-Res-FIPS-2023-04",
        "ELBSecurityPolicy-TLS13-1-2-Res-FIPS-PQ-2025-09",
        "ELBSecurityPolicy-TLS13-1-3-2021-06",
        "ELBSecurityPolicy-TLS13-1-3-FIPS-2023-04",
        "ELBSecurityPolicy-TLS13-1-3-FIPS-PQ-2025-09",
        "ELBSecurityPolicy-TLS13-1-3-PQ-2025-09",
    }
)
HTTP_PORT, HTTPS_PORT = 80, 443
MOST_LISTENERS = 50  # of a load balancer (Application Load Balancers quotas)
MOST_RULES = 100  # of a load balancer, without default rules
MOST_VALUES = 5  # condition values of a rule
LAST_PRIORITY = 50_000  # CreateRule, Priority

Port = Annotated[int, Field(ge=1, le=65_535)]


def _certificate(text: str) -> str:
    if not _CERTIFICATE.fullmatch(text):
        hint = "write arn:aws:acm:REGION:ACCOUNT:certificate/ID"
        refuse("BP103", f"{short(text)!r} is not the ARN of a certificate", hint)
    return text


def _policy(text: str) -> str:
    if not re.fullmatch(r"ELBSecurityPolicy-[A-Za-z0-9-]{1,60}", text):
        hint = f"write, for example, {TLS_POLICY}"
        refuse("BP103", f"{short(text)!r} is not a TLS policy of load balancers", hint)
    return text


def _codes(value: object) -> object:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _as_list(value: object) -> object:
    return [value] if isinstance(value, str) else value


Certificate = Annotated[
    str, AfterValidator(_certificate), WithJsonSchema({"type": "string", "pattern": "^arn:aws"})
]
TlsPolicy = Annotated[
    str,
    AfterValidator(_policy),
    WithJsonSchema({"type": "string", "pattern": "^ELBSecurityPolicy-[A-Za-z0-9-]{1,60}$"}),
]
_PATTERNS = {"type": "string", "minLength": 1, "maxLength": 128}
_ONE_OR_MANY = WithJsonSchema(
    {"anyOf": [_PATTERNS, {"type": "array", "items": _PATTERNS, "minItems": 1}]}
)
_PATH = Field(pattern=r"^[A-Za-z0-9_.$/~\"'@:+*?&-]{1,128}$")
_HOST = Field(pattern=r"^[A-Za-z0-9.*?-]{1,128}$")
Paths = Annotated[
    tuple[Annotated[str, _PATH], ...], Strict(False), BeforeValidator(_as_list), _ONE_OR_MANY
]
Hosts = Annotated[
    tuple[Annotated[str, _HOST], ...], Strict(False), BeforeValidator(_as_list), _ONE_OR_MANY
]
Codes = Annotated[
    str,
    BeforeValidator(_codes, json_schema_input_type=int | str),
    Field(pattern=r"^[2-4][0-9]{2}([,-][2-4][0-9]{2})*$"),
]
Status = Annotated[int, Field(ge=200, le=599)]


class HealthCheck(Model):
    """How a load balancer finds out whether a target is well."""

    path: str = Field(
        default="/", pattern=r"^/[!-~]{0,1023}$", description="The path that is asked for."
    )
    protocol: Literal["HTTP", "HTTPS"] | None = Field(
        default=None, description="How it asks; as the target group when left out."
    )
    port: Port | None = Field(default=None, description="Where; the targets' port when left out.")
    codes: Codes = Field(default="200", description="Answers of the well: 200, 200-299, 200,302.")
    interval_seconds: int = Field(default=30, ge=5, le=300, description="Time between checks.")
    timeout_seconds: int = Field(default=5, ge=2, le=120, description="How long it waits.")
    healthy_count: int = Field(default=5, ge=2, le=10, description="Good answers until well.")
    unhealthy_count: int = Field(default=2, ge=2, le=10, description="Bad ones until unwell.")

    @model_validator(mode="after")
    def _in_time(self) -> "HealthCheck":
        if self.timeout_seconds >= self.interval_seconds:
            message = (
                f"a check every {self.interval_seconds} seconds cannot wait for "
                f"{self.timeout_seconds}"
            )
            refuse("BP016", message, "let timeout_seconds be less than interval_seconds")
        return self


class TargetGroup(Model):
    """Where a load balancer leads: members of a group, registered by whoever makes them."""

    group: Word = Field(description="The group of this VPC whose members are registered.")
    port: Port = Field(description="The port on which the targets take requests.")
    protocol: Literal["HTTP", "HTTPS"] = Field(
        default="HTTP", description="How the load balancer talks to the targets."
    )
    target_type: Literal["instance", "ip"] = Field(
        default="instance", description="What is registered: instances, or addresses of this VPC."
    )
    health_check: HealthCheck = Field(
        default=HealthCheck(), description="How the well are told from the unwell."
    )
    deregistration_seconds: int = Field(
        default=300, ge=0, le=3_600, description="How long a leaving target finishes its requests."
    )
    stickiness_seconds: int | None = Field(
        default=None,
        ge=1,
        le=604_800,
        description="How long a cookie leads to the same target; not at all when left out.",
    )


class Answer(Model):
    """What a listener or a rule does with a request: lead on, redirect or answer, one of these."""

    target_group: Word | None = Field(
        default=None, description="A target group of this load balancer."
    )
    redirect: Literal["https"] | None = Field(
        default=None, description="https: to the same address by HTTPS on port 443."
    )
    respond: Status | None = Field(
        default=None, description="An HTTP status with which the load balancer itself answers."
    )

    @model_validator(mode="after")
    def _one(self) -> "Answer":
        given = [self.target_group, self.redirect, self.respond]
        if sum(each is not None for each in given) != 1:
            message = "it leads to a target_group, redirects or responds, one of these"
            refuse("BP103", message, "target_group: web")
        return self


class Rule(Answer):
    """A rule of a listener, for requests to some hosts or paths."""

    priority: int = Field(
        ge=1, le=LAST_PRIORITY, description="Its place: lower is judged first; names the rule."
    )
    path: Paths = Field(
        default=(), description="Patterns of paths, `*` and `?` included; one or a list."
    )
    host: Hosts = Field(
        default=(), description="Patterns of host names, `*` and `?` included; one or a list."
    )

    @model_validator(mode="after")
    def _asks(self) -> "Rule":
        count = len(self.path) + len(self.host)
        if not count:
            refuse("BP103", "the rule names neither a path nor a host", "path: /api/*")
        if count > MOST_VALUES:
            refuse("BP083", f"a rule has {MOST_VALUES} values at most, not {count}", "make two")
        return self


class Listener(Answer):
    """A port on which a load balancer takes requests, and what becomes of them."""

    port: Port = Field(description="The port.")
    protocol: Literal["HTTP", "HTTPS"] = Field(default="HTTPS", description="HTTPS, or HTTP.")
    certificate: Certificate | None = Field(
        default=None, description="The certificate's ARN, of ACM or IAM (HTTPS)."
    )
    tls_policy: TlsPolicy | None = Field(
        default=None, description=f"The TLS policy (HTTPS); {TLS_POLICY} when left out."
    )
    rules: Many[Rule] = Field(
        default=(), description="Rules that are judged before what the listener does by default."
    )

    @model_validator(mode="after")
    def _secured(self) -> "Listener":
        if self.protocol == "HTTPS" and self.certificate is None:
            hint = "add `certificate: arn:aws:acm:…`, or `protocol: HTTP`"
            refuse("BP103", f"the listener on port {self.port} has no certificate", hint)
        if self.protocol == "HTTP" and (self.certificate or self.tls_policy):
            message = f"the listener on port {self.port} speaks HTTP, which has no certificate"
            refuse("BP103", message, "write `protocol: HTTPS`, or leave out what is of TLS")
        return self


class AccessLogs(Model):
    """Every request, written to a bucket that is made for it."""

    retention_days: Retention = Field(
        default=365, description="How long the bucket's lifecycle keeps them."
    )


class LoadBalancer(Model):
    """An Application Load Balancer: in every zone of its group's tier."""

    group: Word = Field(
        description="The group of this VPC that it bears: flows from and to it are the load "
        "balancer's, its tier gives the subnets."
    )
    scheme: Literal["internet-facing", "internal"] | None = Field(
        default=None,
        description="Whether it has public addresses; in a public tier yes when left out.",
    )
    listeners: Annotated[
        tuple[Listener, ...], Field(strict=False, min_length=1, max_length=MOST_LISTENERS)
    ] = Field(description="Where it takes requests.")
    target_groups: dict[Word, TargetGroup] = Field(
        default={}, description="Where it leads, by name."
    )
    redirect_http: bool = Field(
        default=True,
        description="Whether port 80 redirects to HTTPS, where a listener takes HTTPS on 443 and "
        "none has port 80.",
    )
    drop_invalid_headers: bool = Field(
        default=True, description="Whether headers with names that are not valid are removed."
    )
    desync_mitigation: Literal["defensive", "strictest", "monitor"] = Field(
        default="defensive", description="How requests are met that may be read in two ways."
    )
    forwarded_for: Literal["append", "preserve", "remove"] = Field(
        default="append", description="What becomes of the X-Forwarded-For header."
    )
    preserve_host: bool = Field(
        default=False, description="Whether targets get the Host header as it came."
    )
    http2: bool = Field(default=True, description="Whether clients may speak HTTP/2.")
    idle_seconds: int = Field(
        default=60, ge=1, le=4_000, description="How long a silent connection is kept."
    )
    access_logs: AccessLogs | None = Field(
        default=None, description="Write every request to a bucket; not at all when left out."
    )
    web_acl: Word | None = Field(
        default=None, description="The web ACL of `web_acls` that judges its requests."
    )
    waf_fail_open: bool = Field(
        default=False, description="Whether requests pass when the web ACL cannot be asked."
    )
    protect: bool = Field(
        default=False,
        description="Refuse every plan that would replace or delete it, and let AWS refuse as "
        "well (deletion protection).",
    )
    was: Words = Field(default=(), description="Former names, newest first, so that it is renamed.")

    @property
    def all_listeners(self) -> tuple[Listener, ...]:
        """Return the listeners, the one that redirects to HTTPS included."""
        ports = {listener.port for listener in self.listeners}
        secure = any(
            listener.port == HTTPS_PORT and listener.protocol == "HTTPS"
            for listener in self.listeners
        )
        if self.redirect_http and secure and HTTP_PORT not in ports:
            return (*self.listeners, Listener(port=HTTP_PORT, protocol="HTTP", redirect="https"))
        return self.listeners
