"""The grammar of names in flows, expectations and questions: text into Names.

Rules:
- The grammar alone decides the kind; whether a VPC or group of that name exists is for the caller.
- A WORD is a VPC, a network of addresses, or, among a VPC's own flows, a group of that VPC.
- A MEMBER is `vpc/tier`, `vpc/group` or `vpc/endpoints`; its VPC may be `*`.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network, ip_network

from ringwall.errors import QuestionError

ENDPOINTS = "endpoints"  # the group of a VPC's interface endpoints
INTERNET = "internet"
EVERY_VPC = "*"
RESERVED = frozenset({INTERNET, ENDPOINTS, "any", "all", "aws", "none"})

# Short enough that `<deployment>-<vpc>-<group>` fits the 255 characters of a group's name and a
# Name tag's 256.
LONGEST = 32
WORD_PATTERN = r"[a-z](?:[a-z0-9-]{0,30}[a-z0-9])?"
_WORD = re.compile(WORD_PATTERN)
_AWS_ID = re.compile(
    r"(?:vpc|subnet|eni|i|sg|igw|eigw|nat|rtb|acl|vpce|tgw|tgw-attach|tgw-rtb|pcx|pl|vgw|lb)"
    r"-[0-9a-f]{8}(?:[0-9a-f]{9})?"
    r"|arn:aws[a-z-]*:elasticloadbalancing:[a-z0-9-]+:\d{12}:loadbalancer/[A-Za-z0-9/-]+"
)
_SERVICE = re.compile(r"[a-z0-9][a-z0-9.-]{0,62}")
_ADDRESS = re.compile(r"[0-9a-fA-F:.]+(?:/\d{1,3})?")

GRAMMAR = (
    "vpc, vpc/tier, vpc/group, */group, segment:NAME, internet, aws:SERVICE, vpc/endpoints, "
    "a network, an address or a CIDR"
)


class NameKind(StrEnum):
    """What a name says by its form."""

    INTERNET = "internet"
    CIDR = "cidr"  # an address is a CIDR of one
    SERVICE = "service"  # aws:s3
    SEGMENT = "segment"
    MEMBER = "member"
    WORD = "word"
    AWS_ID = "aws-id"


@dataclass(frozen=True, slots=True)
class Name:
    """A name, taken apart: `word` is the VPC, segment, service, network or id."""

    kind: NameKind
    text: str
    word: str = ""
    member: str = ""
    cidr: IPv4Network | IPv6Network | None = None

    def __str__(self) -> str:
        return self.text


def is_word(text: str) -> bool:
    """Say whether a text may name a VPC, tier, group, segment or network."""
    return len(text) <= LONGEST and _WORD.fullmatch(text) is not None


def parse_name(text: str) -> Name:
    """Take a name apart; raises QuestionError, whose hint lists the forms."""
    if text == INTERNET:
        return Name(NameKind.INTERNET, text)
    if text.startswith("aws:") and _SERVICE.fullmatch(text[4:]):
        return Name(NameKind.SERVICE, text, text[4:])
    if text.startswith("segment:") and is_word(text[8:]):
        return Name(NameKind.SEGMENT, text, text[8:])
    if _ADDRESS.fullmatch(text) and ("." in text or ":" in text):
        return _address(text)
    vpc, slash, member = text.partition("/")
    if slash and (vpc == EVERY_VPC or is_word(vpc)) and is_word(member):
        return Name(NameKind.MEMBER, text, vpc, member)
    if _AWS_ID.fullmatch(text):
        return Name(NameKind.AWS_ID, text, text)
    if is_word(text):
        return Name(NameKind.WORD, text, text)
    msg = f"name {_short(text)!r} cannot be understood"
    raise QuestionError(msg, hint=f"write {GRAMMAR}")


def _address(text: str) -> Name:
    try:
        cidr = ip_network(text)
    except ValueError as error:
        try:
            meant = ip_network(text, strict=False)
        except ValueError:
            msg = f"address {_short(text)!r} cannot be understood"
            raise QuestionError(msg, hint="write 10.1.2.3, 10.1.0.0/16 or 2001:db8::/32") from error
        msg = f"{text!r} is an address inside {meant}, not a CIDR"
        raise QuestionError(msg, hint=f"write {meant}") from error
    return Name(NameKind.CIDR, text, cidr=cidr)


def _short(text: str) -> str:
    return text if len(text) <= 60 else text[:57] + "..."
