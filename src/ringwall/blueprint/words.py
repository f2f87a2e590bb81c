"""The scalar words of a blueprint: text checked and put into its type, or refused with a code.

Rule: a refusal is a PydanticCustomError whose type is a code of `codes.py` and whose context holds
the message and the hint.
"""

import difflib
import re
from collections.abc import Callable, Collection
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Annotated, Any, NoReturn, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Strict,
    StringConstraints,
    WithJsonSchema,
)
from pydantic_core import PydanticCustomError

from ringwall.errors import QuestionError
from ringwall.model import names, ports
from ringwall.model.ports import PortSpec

Item = TypeVar("Item")

# What EC2 takes in the description of a group (CreateSecurityGroup, GroupDescription).
_DESCRIPTION = re.compile(r"[a-zA-Z0-9 ._\-:/()#,@\[\]+=&;{}!$*]{1,255}")
_LONGEST_ASKED = 512  # an ARN, or a VPC's Name tag of 256 with that of something in it
_REGION = re.compile(r"[a-z]{2}(?:-[a-z]{2,12}){1,2}-\d")
_ZONE_ID = re.compile(r"[a-z]{2,8}\d-az\d{1,2}")
_DOMAIN = re.compile(r"(?:\*\.)?(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9-]{1,63}\.?")
_SERVICE = re.compile(r"[a-z0-9][a-z0-9-]*(?:\.[a-z0-9][a-z0-9-]*)*")

REGION_PATTERN = rf"^{_REGION.pattern}$"


class Model(BaseModel):
    """A frozen part of a blueprint that takes no unknown keys and guesses no types."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, populate_by_name=True)


def refuse(code: str, message: str, hint: str = "") -> NoReturn:
    """Refuse a value: raise what `problems` turns into a Problem with this code."""
    raise PydanticCustomError(code, "{message}", {"message": message, "hint": hint})


def did_you_mean(written: str, known: Collection[str]) -> str:
    """Return the hint that names the nearest known word and lists the known ones."""
    if not known:
        return ""
    near = difflib.get_close_matches(written[:100], list(known)[:2_000], n=1, cutoff=0.6)
    listed = ", ".join(list(known)[:12]) + (", …" if len(known) > 12 else "")
    return f"did you mean {near[0]!r}? known: {listed}" if near else f"known: {listed}"


def short(value: object, limit: int = 60) -> str:
    """Return a value as text that fits a line of a report."""
    text = value if isinstance(value, str) else str(value)
    text = text.encode("unicode_escape").decode("ascii") if not text.isprintable() else text
    return text if len(text) <= limit else text[: limit - 3] + "..."


def _word(text: str) -> str:
    if text in names.RESERVED:
        message = f"the name {text!r} has a meaning of its own"
        refuse("BP018", message, f"choose another name, for example {text}-1")
    if not names.is_word(text):
        tidy = re.sub(r"[^a-z0-9]+", "-", text.lower()[:200]).strip("-0123456789")[:31].strip("-")
        hint = "use lower case letters, digits and hyphens, a letter first, 32 at most"
        if names.is_word(tidy):
            hint += f": {tidy}"
        refuse("BP017", f"{short(text)!r} is not a name", hint)
    if names.parse_name(text).kind is not names.NameKind.WORD:
        refuse("BP018", f"the name {text!r} has the form of an AWS id", "choose another name")
    return text


def _cidr(text: str) -> str:
    try:
        return str(ip_network(text))
    except ValueError:
        pass
    try:
        meant: IPv4Network | IPv6Network | None = ip_network(text, strict=False)
    except ValueError:
        meant = None
    if meant is not None:
        message = f"{text} is an address inside {meant}, not the start of a block"
        refuse("BP031", message, f"write {meant}")
    refuse("BP030", f"{short(text)!r} is not a CIDR", "write, for example, 10.1.0.0/16")


def _cidr4(text: str) -> str:
    cidr = _cidr(text)
    if ":" in cidr:
        refuse("BP030", f"{cidr} is not an IPv4 block", "write, for example, 10.1.0.0/16")
    return cidr


def _ports(value: object) -> PortSpec:
    if isinstance(value, PortSpec):
        return value
    if isinstance(value, bool) or not isinstance(value, str | int):
        hint = f"write {ports.GRAMMAR}"
        refuse("BP071", f"ports cannot be {short(value)!r}", hint)
    try:
        return ports.parse_ports(value)
    except QuestionError as error:
        refuse("BP071", error.message, error.hint)


def _name(text: str) -> str:
    try:
        name = names.parse_name(text)
    except QuestionError as error:
        refuse("BP019", error.message, error.hint)
    if name.kind is names.NameKind.AWS_ID:
        message = f"{text} is an AWS id; a blueprint speaks of its own names"
        refuse("BP019", message, "use ids with `ringwall explain`, names here")
    return text


def _description(text: str) -> str:
    if not _DESCRIPTION.fullmatch(text):
        odd = sorted({c for c in text if not _DESCRIPTION.fullmatch(c)})
        message = "EC2 does not take this description"
        if odd:
            message += f": it holds {' '.join(short(c) for c in odd[:5])}"
        hint = "use 1 to 255 letters, digits, spaces and ._-:/()#,@[]+=&;{}!$*"
        refuse("BP016", message, hint)
    return text


def _account(value: object) -> object:
    # Without a leading zero YAML reads an account as a number; nothing is lost by taking it.
    if isinstance(value, int) and not isinstance(value, bool) and 10**11 <= value < 10**12:
        return str(value)
    return value


def _account_digits(text: str) -> str:
    if not re.fullmatch(r"[0-9]{12}", text):
        refuse("BP017", f"{short(text)!r} is not an account id", "write its 12 digits")
    return text


def _region(text: str) -> str:
    if not _REGION.fullmatch(text):
        refuse("BP051", f"{short(text)!r} is not a region", "write, for example, us-east-1")
    return text


def _zone(text: str) -> str:
    is_name = _REGION.fullmatch(text[:-1]) is not None and text[-1:].isalpha() and text.islower()
    if not is_name and not _ZONE_ID.fullmatch(text):
        hint = "write a zone's name (us-east-1a) or id (use1-az1)"
        refuse("BP052", f"{short(text)!r} is not an availability zone", hint)
    return text


def _domain(text: str) -> str:
    if len(text) > 255 or not _DOMAIN.fullmatch(text):
        hint = "write example.org, or *.example.org for what lies below it"
        refuse("BP091", f"{short(text)!r} is not a domain", hint)
    return text


def _service(text: str) -> str:
    if len(text) > 128 or not _SERVICE.fullmatch(text):
        hint = "write a service's short name (ssm, ecr.api) or its full name (com.amazonaws.…)"
        refuse("BP048", f"{short(text)!r} is not the name of a service", hint)
    return text


def _as_list(value: object) -> object:
    return [value] if isinstance(value, str | int) and not isinstance(value, bool) else value


def _text(pattern: str) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "pattern": pattern})


WORD_SCHEMA = {"type": "string", "pattern": f"^{names.WORD_PATTERN}$", "maxLength": names.LONGEST}
_NAME_SCHEMA = {"type": "string", "minLength": 1, "maxLength": 100}
_PORTS_SCHEMA = {
    "anyOf": [
        {"type": "integer", "minimum": 0, "maximum": ports.LAST_PORT},
        {"type": "string", "pattern": ports.PATTERN},
    ]
}


def _one_or_many(item: dict[str, Any]) -> WithJsonSchema:
    return WithJsonSchema({"anyOf": [item, {"type": "array", "items": item, "minItems": 1}]})


def _not_empty(check: Callable[[object], object]) -> Callable[[object], object]:
    def checked(value: object) -> object:
        if isinstance(value, list | tuple) and not value:
            refuse("BP016", "the list is empty", "name at least one")
        return check(value)

    return checked


Word = Annotated[str, AfterValidator(_word), WithJsonSchema(WORD_SCHEMA)]
Words = Annotated[
    tuple[Word, ...], Strict(False), BeforeValidator(_as_list), _one_or_many(WORD_SCHEMA)
]
Cidr4 = Annotated[str, AfterValidator(_cidr4), _text(r"^[0-9.]+/[0-9]{1,2}$")]
Cidr = Annotated[str, AfterValidator(_cidr), _text(r"^[0-9a-fA-F.:]+(/[0-9]{1,3})?$")]
Cidrs = Annotated[
    tuple[Cidr, ...],
    Strict(False),
    BeforeValidator(_not_empty(_as_list)),
    _one_or_many({"type": "string", "pattern": r"^[0-9a-fA-F.:]+(/[0-9]{1,3})?$"}),
]
Ports = Annotated[Any, BeforeValidator(_ports), WithJsonSchema(_PORTS_SCHEMA)]
PortList = Annotated[
    tuple[Annotated[PortSpec, BeforeValidator(_ports)], ...],
    Strict(False),
    BeforeValidator(_not_empty(_as_list)),
    _one_or_many(_PORTS_SCHEMA),
]
EndNames = Annotated[
    tuple[Annotated[str, AfterValidator(_name)], ...],
    Strict(False),
    BeforeValidator(_not_empty(_as_list)),
    _one_or_many(_NAME_SCHEMA),
]
# Of a network that nobody here declared: ids, and whatever things are called there.
AskedNames = Annotated[
    tuple[Annotated[str, StringConstraints(min_length=1, max_length=_LONGEST_ASKED)], ...],
    Strict(False),
    BeforeValidator(_not_empty(_as_list)),
    _one_or_many({"type": "string"}),
]
Description = Annotated[
    str, AfterValidator(_description), WithJsonSchema({"type": "string", "maxLength": 255})
]
Account = Annotated[
    str,
    AfterValidator(_account_digits),
    BeforeValidator(_account),
    WithJsonSchema(
        {"anyOf": [{"type": "string", "pattern": "^[0-9]{12}$"}, {"type": "integer"}]},
    ),
]
Region = Annotated[str, AfterValidator(_region), _text(REGION_PATTERN)]
Zone = Annotated[
    str,
    AfterValidator(_zone),
    _text(r"^([a-z]{2}(-[a-z]{2,12}){1,2}-\d[a-z]|[a-z]{2,8}\d-az\d{1,2})$"),
]
Domain = Annotated[str, AfterValidator(_domain), WithJsonSchema({"type": "string"})]
ServiceName = Annotated[str, AfterValidator(_service), WithJsonSchema({"type": "string"})]
Many = Annotated[tuple[Item, ...], Strict(False)]
