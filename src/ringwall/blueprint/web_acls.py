"""The syntax of web ACLs: managed rule groups, rate limits, logging."""

from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, Strict, WithJsonSchema

from ringwall.blueprint.services import Retention
from ringwall.blueprint.words import Many, Model, Word, Words, did_you_mean, refuse, short

# AWS's managed rule groups that need no settings, with the capacity units that each takes (AWS WAF
# guide, "AWS Managed Rules rule groups list"). Those that need some are in NEEDS_SETTINGS.
CAPACITIES = {
    "AWSManagedRulesAdminProtectionRuleSet": 100,
    "AWSManagedRulesAmazonIpReputationList": 25,
    "AWSManagedRulesAnonymousIpList": 50,
    "AWSManagedRulesCommonRuleSet": 700,
    "AWSManagedRulesKnownBadInputsRuleSet": 200,
    "AWSManagedRulesLinuxRuleSet": 200,
    "AWSManagedRulesPHPRuleSet": 100,
    "AWSManagedRulesSQLiRuleSet": 200,
    "AWSManagedRulesUnixRuleSet": 100,
    "AWSManagedRulesWindowsRuleSet": 200,
    "AWSManagedRulesWordPressRuleSet": 100,
}
NEEDS_SETTINGS = frozenset(
    {
        "AWSManagedRulesACFPRuleSet",
        "AWSManagedRulesATPRuleSet",
        "AWSManagedRulesAntiDDoSRuleSet",
        "AWSManagedRulesBotControlRuleSet",
    }
)
BY_SET = 1  # an IP set match
BY_RATE = 2  # a rate-based statement by the client's address
BY_PATH = 2 + 10  # "starts with", and the one text transformation
MOST_CAPACITY = 5_000  # of a web ACL (AWS WAF quotas)
INCLUDED_CAPACITY = 1_500  # without a further charge by request (AWS WAF pricing)
MOST_RATE_LIMITS = 100


def _managed(name: str) -> str:
    if name in NEEDS_SETTINGS:
        message = f"{name} needs settings that a blueprint does not have"
        refuse("BP112", message, "add it by other means, or leave it out")
    if name not in CAPACITIES:
        message = f"{short(name)!r} is no managed rule group of AWS"
        refuse("BP112", message, did_you_mean(name, list(CAPACITIES)))
    return name


def _as_rule(value: object) -> object:
    return {"name": value} if isinstance(value, str) else value


ManagedName = Annotated[str, AfterValidator(_managed), WithJsonSchema({"enum": sorted(CAPACITIES)})]
# UpdateWebACL, Description: letters, digits and some marks, at least three.
Description = Annotated[
    str,
    Field(pattern=r"^[A-Za-z0-9_+=:#@/,.-][A-Za-z0-9_+=:#@/,. -]{1,200}[A-Za-z0-9_+=:#@/,.-]$"),
]
RuleName = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,128}$")]


class ManagedRules(Model):
    """A rule group that AWS keeps."""

    name: ManagedName = Field(description="Its name, for example AWSManagedRulesCommonRuleSet.")
    action: Literal["block", "count"] = Field(
        default="block", description="block: as its rules say; count: only count what they meet."
    )
    count: Annotated[tuple[RuleName, ...], Strict(False)] = Field(
        default=(), description="Rules of the group that only count."
    )


class RateLimit(Model):
    """How many requests one client may make."""

    name: Word = Field(description="What to call it.")
    requests: int = Field(
        ge=10, le=2_000_000_000, description="Requests of one address in that time."
    )
    seconds: Literal[60, 120, 300, 600] = Field(default=300, description="The time.")
    path: Annotated[str, Field(pattern=r"^/[!-~]{0,199}$")] | None = Field(
        default=None, description="Only requests whose path starts so; all when left out."
    )
    action: Literal["block", "count"] = Field(
        default="block", description="What happens to the requests beyond."
    )


class WebAclLogs(Model):
    """What a web ACL judged, written to a log group of CloudWatch."""

    retention_days: Retention = Field(default=365, description="How long CloudWatch keeps them.")
    redact_headers: Annotated[
        tuple[Annotated[str, Field(pattern=r"^[a-z0-9-]{1,64}$")], ...], Strict(False)
    ] = Field(
        default=("authorization", "cookie"), description="Headers that are not written, lower case."
    )


ManagedItem = Annotated[
    ManagedRules, BeforeValidator(_as_rule, json_schema_input_type=ManagedName | ManagedRules)
]


class WebAcl(Model):
    """A web ACL of AWS WAF: what judges the requests of the load balancers that name it.

    Two rules of every one block what is in its IP sets, one a family: their addresses are the
    responder's.
    """

    default: Literal["allow", "block"] = Field(
        default="allow", description="What happens to a request that no rule ends."
    )
    managed_rules: Many[ManagedItem] = Field(
        default=(
            ManagedRules(name="AWSManagedRulesAmazonIpReputationList"),
            ManagedRules(name="AWSManagedRulesCommonRuleSet"),
            ManagedRules(name="AWSManagedRulesKnownBadInputsRuleSet"),
        ),
        description="AWS's rule groups in the order of judgement, a name or {name, action, count}; "
        "reputation, common and known bad inputs when left out.",
    )
    rate_limits: Annotated[
        tuple[RateLimit, ...], Field(strict=False, max_length=MOST_RATE_LIMITS)
    ] = Field(default=(), description="Limits for each client; judged before managed rules.")
    logs: WebAclLogs | None = Field(
        default=WebAclLogs(), description="Log what it judged; `null` for no logs."
    )
    sampled_requests: bool = Field(
        default=True, description="Whether the console shows samples of what rules met."
    )
    description: Description | None = Field(
        default=None, description="What it is for; AWS WAF shows it."
    )
    protect: bool = Field(
        default=False, description="Refuse every plan that would replace or delete it."
    )
    was: Words = Field(default=(), description="Former names, newest first, so that it is renamed.")

    @property
    def capacity(self) -> int:
        """Return the capacity units (WCU) that its rules take."""
        limits = sum(BY_RATE + (BY_PATH if each.path else 0) for each in self.rate_limits)
        return 2 * BY_SET + limits + sum(CAPACITIES[each.name] for each in self.managed_rules)
