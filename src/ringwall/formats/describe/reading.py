"""Files by relative path → the graph of every account and region that they describe.

Rules:
- Account and region are those of the folders (`111122223333/us-east-1/…`), else those that the
  items name themselves (an owner, a zone), else those that the rest of the input has.
- An answer that nobody reads and that may say which packets pass is Unknown, by its file.
- Groups that are given without their rules by id have the rules of their IpPermissions.
"""

import json
import re
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ringwall.errors import InputError
from ringwall.formats.describe import loose
from ringwall.formats.describe.answers import (
    BESIDE,
    PAGING,
    SHARED,
    alike,
    details,
    is_of_object,
    is_service_networks,
    items_of,
    listings,
    listings_by_name,
    named,
)
from ringwall.formats.describe.checks import check
from ringwall.formats.describe.moment import FILE, is_moment
from ringwall.formats.describe.permissions import rules_of
from ringwall.model.collector import uncollected
from ringwall.model.graph import Node, ResourceGraph, Unknown
from ringwall.resources.assemble import assemble
from ringwall.resources.kind import Listing, Reads
from ringwall.resources.ownership import DEPLOYMENT_TAG
from ringwall.resources.service_network_vpc_association import SERVICE_NETWORKS

LARGEST = 512 * 1024 * 1024  # bytes of one file, unpacked
REFUSED = "refused.json"
DETAILS = ".details"
ACCOUNT = re.compile(r"\d{12}")
REGION = re.compile(r"[a-z]{2}(?:-[a-z]+)+-\d")
ARN = re.compile(r"arn:[\w-]+:[\w-]+:([\w-]+):(\d{12}):.*")
ZONE = re.compile(r"([a-z]{2}(?:-[a-z]+)+-\d)[a-z]")
RULES = "ec2:describe_security_group_rules"
GROUPS = "ec2:describe_security_groups"
# Calls per object whose answers decide about packets: what is missing of them is marked there.
TRANSIT_ROUTES = "ec2:search_transit_gateway_routes"
Place = tuple[str, str]  # account and region


@dataclass(slots=True)
class _Collected:
    """What was read of one account and region."""

    listings: dict[str, list[Any]] = field(default_factory=lambda: defaultdict(list))
    details: dict[str, dict[str, Any]] = field(default_factory=lambda: defaultdict(dict))
    refused: dict[str, str] = field(default_factory=dict)
    unknowns: list[Unknown] = field(default_factory=list)


def read_folder(files: Mapping[str, bytes], absent: frozenset[str] = frozenset()) -> ResourceGraph:
    """Read a folder; raises InputError with file and line for what is no JSON, or for no answer.

    Of the types in `absent` there is none where the folder has no answer about them.
    """
    with uncollected():
        return _read(files, absent)


def _read(files: Mapping[str, bytes], absent: frozenset[str]) -> ResourceGraph:
    documents = [(path, doc) for path in sorted(files) for doc in _documents(path, files[path])]
    usual = _usual(documents)
    found: dict[Place, _Collected] = defaultdict(_Collected)
    for path, document in documents:
        place = _place(path, document, usual)
        _collect(path, document, found[place])
    if not any(part.listings for part in found.values()):
        msg = "no file holds an answer of AWS's describe calls"
        raise InputError(msg, hint="`ringwall snapshot -o DIR` writes such a folder")
    return _merged([_graph(place, part, absent) for place, part in sorted(found.items())])


def _documents(path: str, data: bytes) -> Iterator[Any]:
    """Yield the documents of a file: JSON, several one after the other, or lines; gzip, too."""
    if not path.endswith((".json", ".json.gz", ".jsonl", ".jsonl.gz")):
        return
    if path.endswith(".gz"):
        data = _unpacked(path, data)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        line = data.count(b"\n", 0, fault.start) + 1
        msg = f"{path}:{line}: byte 0x{data[fault.start]:02x} is not UTF-8 text"
        raise InputError(msg) from None
    decoder, at = json.JSONDecoder(), 0
    while at < len(text):
        if text[at].isspace():
            at += 1
            continue
        try:
            value, at = decoder.raw_decode(text, at)
        except (ValueError, RecursionError) as fault:
            position = getattr(fault, "pos", at)
            line = text.count("\n", 0, position) + 1
            why = getattr(fault, "msg", "it is nested too deeply")
            msg = f"{path}:{line}: not JSON: {why}"
            raise InputError(msg) from None
        yield value


def _unpacked(path: str, data: bytes) -> bytes:
    try:
        found = zlib.decompressobj(wbits=31).decompress(data, LARGEST)
    except zlib.error as fault:
        msg = f"{path}: cannot be unpacked: {fault}"
        raise InputError(msg) from None
    if len(found) >= LARGEST:
        msg = f"{path}: it unpacks to more than {LARGEST // 1024 // 1024} MB"
        raise InputError(msg)
    return found


def _usual(documents: list[tuple[str, Any]]) -> Place:
    """Return the account and region that the input names most often."""
    accounts: Counter[str] = Counter()
    regions: Counter[str] = Counter()
    for path, document in documents:
        account, region = _place(path, document, ("", ""))
        accounts[account] += bool(account)
        regions[region] += bool(region)
    names = [max(c, key=lambda name: (c[name], name), default="") for c in (accounts, regions)]
    return names[0] or "000000000000", names[1] or "unknown"


def _place(path: str, document: Any, usual: Place) -> Place:  # noqa: ANN401  (JSON)
    parts = path.split("/")[:-1]
    account = next((part for part in parts if ACCOUNT.fullmatch(part)), "")
    region = next((part for part in parts if REGION.fullmatch(part)), "")
    if (not account or not region) and isinstance(document, Mapping):
        owner, zone = _said(document)
        account, region = account or owner, region or zone
    return account or usual[0], region or usual[1]


def _said(document: Mapping[str, Any]) -> Place:
    """Return the owner and the region that the items of an answer name."""
    for member, value in document.items():
        if member not in listings() or not isinstance(value, list):
            continue
        for item in value:
            if not isinstance(item, Mapping):
                continue
            arn = next(
                (m for v in item.values() if isinstance(v, str) and (m := ARN.match(v))), None
            )
            if arn is not None:
                return arn.group(2), arn.group(1)
            owner = str(item.get("OwnerId") or item.get("NetworkInterfaceOwnerId") or "")
            zone = ZONE.fullmatch(str(item.get("AvailabilityZone") or ""))
            if ACCOUNT.fullmatch(owner) or zone:
                known = owner if ACCOUNT.fullmatch(owner) else ""
                return known, zone.group(1) if zone else ""
    return "", ""


def _collect(path: str, document: Any, found: _Collected) -> None:  # noqa: ANN401  (JSON)
    file = path.rsplit("/", 1)[-1]
    name = file.removesuffix(".gz").removesuffix(".jsonl").removesuffix(".json")
    call = name.removesuffix(DETAILS).replace(".", ":", 1)
    if file == FILE and is_moment(document):
        return
    if file == REFUSED and isinstance(document, Mapping):
        found.refused |= {str(k): str(v) for k, v in document.items()}
    elif name.endswith(DETAILS) and call in details() and isinstance(document, Mapping):
        check(path, document)
        found.details[call] |= document
    elif not isinstance(document, Mapping):
        found.unknowns.append(Unknown(path, "it holds no object with the answer of a call"))
    else:
        check(path, document)
        _answer(path, call, document, found)


def _answer(path: str, call: str, document: Mapping[str, Any], found: _Collected) -> None:
    known = listings_by_name().get(call)
    for member, value in document.items():
        if member in PAGING or member in BESIDE or loose.is_beside(member, document):
            continue
        wrapped = loose.unwrapped(member, value)
        if wrapped is not None:
            for inner in wrapped:
                _answer(path, "", inner, found)
        elif (
            member not in listings()
            or (member == SHARED and known is None)
            or is_of_object(member, value)
        ):
            _of_object(path, member, document, found)
        else:
            _listed(path, member, document, known, found)
        if any(document.get(name) for name in ("NextToken", "nextToken", "NextMarker")):
            found.unknowns.append(Unknown(f"{path}: {member}", "AWS had more pages"))


def _listed(
    path: str, member: str, document: Mapping[str, Any], known: Listing | None, found: _Collected
) -> None:
    items = items_of(known or listings()[member][0], document)
    if items is None:
        found.unknowns.append(Unknown(f"{path}: {member}", "it is no list of objects"))
        return
    for listing in alike(known or named(member, items)):
        found.listings[listing.name] += items


def _of_object(path: str, member: str, document: Mapping[str, Any], found: _Collected) -> None:
    """Take what a call per object answered, if it can be told of which object."""
    if member == SHARED and is_service_networks(path, document[member]):
        found.listings[SERVICE_NETWORKS.name] += document[member]
        return
    answered = loose.answers(path, member, document)
    if answered is None:
        why = "no resource type reads it, or it does not say of which object it is"
        found.unknowns.append(Unknown(f"{path}: {member}", why))
        return
    for call, name, value in answered:
        kept = found.details[call]
        before = kept.get(name)
        if isinstance(before, list) and isinstance(value, list):
            kept[name] = [*before, *value]
        else:
            kept[name] = value


def _graph(place: Place, found: _Collected, absent: frozenset[str]) -> ResourceGraph:
    read = dict(found.listings)
    for name in listings_by_name():
        if name == RULES and name not in read and GROUPS in read:
            read[name] = [rule for group in read[GROUPS] for rule in rules_of(group)]
    for table in read.get("ec2:describe_transit_gateway_route_tables", ()):
        key = str(table.get("TransitGatewayRouteTableId"))
        if key not in found.details[TRANSIT_ROUTES]:
            # Without its routes a table must not read as one that has none.
            found.details[TRANSIT_ROUTES][key] = {"Routes": [], "AdditionalRoutesAvailable": True}
    reads = Reads(*place, read, dict(found.details), found.refused)
    try:
        graph = assemble(reads, _deployment(read), absent)
    except (KeyError, TypeError, ValueError, AttributeError) as fault:
        what = f"{type(fault).__name__}: {fault}"
        msg = f"{'/'.join(place)}: an item is not as AWS writes it ({what})"
        raise InputError(msg, hint="is a file cut, or edited by hand?") from None
    return replace(graph, unknowns=(*graph.unknowns, *found.unknowns))


def _deployment(read: Mapping[str, list[Any]]) -> str:
    """Return the one deployment whose tags the input bears, "" for none or several."""
    found = {
        str(tag.get("Value"))
        for name in ("ec2:describe_vpcs", "ec2:describe_transit_gateways")
        for item in read.get(name, ())
        for tag in item.get("Tags") or ()
        if isinstance(tag, Mapping) and tag.get("Key") == DEPLOYMENT_TAG
    }
    return found.pop() if len(found) == 1 else ""


def _merged(graphs: list[ResourceGraph]) -> ResourceGraph:
    """Put the graphs of several accounts and regions together; what is listed twice stays once."""
    nodes: dict[tuple[str, str], Node] = {}
    unknowns: list[Unknown] = []
    assumed: list[str] = []
    for graph in graphs:
        unknowns += graph.unknowns
        assumed += graph.assumed
        for node in graph:
            known = nodes.get((node.type, node.key))
            key = node.key
            if known is not None and known.physical_id != node.physical_id:
                key = f"{node.key}@{node.account}/{node.region}"
            nodes.setdefault((node.type, key), node if key == node.key else replace(node, key=key))
    return ResourceGraph(nodes, tuple(dict.fromkeys(unknowns)), tuple(dict.fromkeys(assumed)))
