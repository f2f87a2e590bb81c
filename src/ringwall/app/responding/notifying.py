"""Where notices go, by name → what tells them.

A name is the ARN of an SNS topic, `ssm:PARAMETER` or `secretsmanager:SECRET` that holds a webhook's
address, `s3://BUCKET/PREFIX` for findings of OCSF, or `security-hub`.
"""

from collections.abc import Iterable
from importlib.metadata import version
from re import compile as pattern
from typing import Final

from ringwall.app.workspace import Wanted
from ringwall.blueprint.compile.watching import NOTICES
from ringwall.errors import InputError
from ringwall.model.arns import partition_of
from ringwall.model.webhooks import MANAGED, PARAMETER
from ringwall.playbooks.notice import Where
from ringwall.shell.aws import Cloud
from ringwall.shell.clock import Clock
from ringwall.shell.notices.channels import Channel, Findings, SecurityHub, Topic
from ringwall.shell.notices.telling import Teller
from ringwall.shell.notices.webhook import Webhook

SECURITY_HUB: Final = "security-hub"
WAYS: Final = "the ARN of a topic, ssm:PARAMETER, secretsmanager:SECRET, s3://BUCKET/PREFIX, " + (
    SECURITY_HUB
)
ADDRESS: Final = (
    "whoever has the address of a webhook can write there: put it, with https://, into a parameter"
    " (aws ssm put-parameter --type SecureString), and name that"
)
_TOPIC: Final = pattern(r"arn:[a-z-]+:sns:[a-z0-9-]+:\d{12}:[A-Za-z0-9_.-]+")
_BUCKET: Final = pattern(r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/.*)?")


def teller_of(places: Iterable[str], where: Where, cloud: Cloud, clock: Clock) -> Teller:
    """Return what tells all places, each once; raises InputError for a name that is none."""
    channels = tuple(_channel(place, cloud, clock) for place in dict.fromkeys(places))
    return Teller(where, channels)


def declared(wanted: Wanted, cloud: Cloud) -> tuple[str, ...]:
    """Return where a blueprint's `response` sends notices: its topic, and what it names beside."""
    response = wanted.blueprint.response
    if response is None:
        return ()
    told = response.notices
    topic = wanted.graph["AWS::SNS::Topic", NOTICES].properties["TopicName"]
    arn = f"arn:{partition_of(cloud.region)}:sns:{cloud.region}:{cloud.account}:{topic}"
    hub = SECURITY_HUB if told.security_hub else None
    return tuple(each for each in (arn, told.webhook, told.findings, hub) if each)


def judge_places(places: Iterable[str]) -> None:
    """Raise InputError for a name that is none."""
    for place in places:
        named = (place.startswith((PARAMETER, MANAGED)) and place[-1] != ":") or (
            place == SECURITY_HUB or _TOPIC.fullmatch(place) or _BUCKET.fullmatch(place)
        )
        if not named:
            # Whoever gives a webhook's address in the place of its name has given a secret.
            shown = f"{place.partition('://')[0]}://…" if place.startswith("http") else repr(place)
            msg = f"{shown} names no place for notices"
            more = f"; {ADDRESS}" if place.lower().startswith("http") else ""
            raise InputError(msg, hint=f"one of {WAYS}{more}")


def _channel(place: str, cloud: Cloud, clock: Clock) -> Channel:
    judge_places([place])
    if place == SECURITY_HUB:
        return SecurityHub(cloud)
    if place.startswith((PARAMETER, MANAGED)):
        return Webhook(cloud, place, clock)
    if place.startswith("s3:"):
        return Findings(cloud, place, version("ringwall"))
    return Topic(cloud, place)
