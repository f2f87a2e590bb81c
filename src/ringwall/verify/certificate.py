"""Certificates as values, and as text both ways: the layout of the file, `ringwall/certificate/1`.

Rule: the text is not trusted. What does not have this layout raises InputError; what has it may
still claim anything.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ringwall.errors import InputError, QuestionError
from ringwall.model.expectation import Expectation
from ringwall.model.ports import parse_ports
from ringwall.verify.places import MEMBERS, Place
from ringwall.verify.sets import Box, Packets, Ranges
from ringwall.verify.traffic import (
    address_texts,
    read_addresses,
    read_traffic,
    traffic_texts,
)

SCHEMA = "ringwall/certificate/1"
WRITES = "`ringwall check NETWORK --certificate FILE` writes one"
MOST_ENDS = 20_000  # of one proof, on either side


@dataclass(frozen=True, slots=True)
class Cut:
    """Packets that a piece of the network stops; `why`, `id` and `source` explain, no more."""

    by: str
    packets: Packets
    why: str = ""
    id: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class Station:
    """All packets that can be at a place, and those of them that are stopped there.

    `addresses` are those of the translator that packets came by, empty where they came by none.
    """

    place: Place
    packets: Packets
    cuts: tuple[Cut, ...] = ()
    addresses: tuple[Ranges, ...] = ()


@dataclass(frozen=True, slots=True)
class Leg:
    """One way of packets: of a request, of a reply, or of a reply on its way to a NAT gateway.

    It begins at the first of its places. Bit n of what packets come from, and are meant for, is the
    n-th of the senders, and receivers: an end's label and addresses of it.
    """

    senders: tuple[tuple[str, Ranges], ...]
    receivers: tuple[tuple[str, Ranges], ...]
    stations: tuple[Station, ...]


@dataclass(frozen=True, slots=True)
class Proof:
    """Why a claim is true: the way of its packets, and, if they arrive, of each reply to them."""

    claim: Expectation
    legs: tuple[Leg, ...]

    @property
    def stations(self) -> tuple[Station, ...]:
        """Return the places of all its legs."""
        return tuple(station for leg in self.legs for station in leg.stations)


@dataclass(frozen=True, slots=True)
class Certificate:
    """Proofs about one network; `network` and `digest` say which it was."""

    network: str
    digest: str
    proofs: tuple[Proof, ...]


def to_text(certificate: Certificate) -> str:
    """Write a certificate; the same one gives the same text."""
    document = {
        "schema": SCHEMA,
        "network": {"name": certificate.network, "digest": certificate.digest},
        "proofs": [_proof_document(proof) for proof in certificate.proofs],
    }
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


def _proof_document(proof: Proof) -> dict[str, Any]:
    claim = proof.claim
    return {
        "name": claim.name,
        "from": list(claim.sources),
        "to": list(claim.destinations),
        "ports": [str(port) for port in claim.ports],
        "reachable": claim.reachable,
        "ways": [_leg_document(leg) for leg in proof.legs],
    }


def _leg_document(leg: Leg) -> dict[str, Any]:
    return {
        "senders": _sites(leg.senders),
        "receivers": _sites(leg.receivers),
        "places": [
            {
                "at": station.place.at,
                **_members(station.place),
                **_addresses(station.addresses),
                "packets": _boxes(station.packets, station.addresses),
                "cuts": [
                    {
                        "by": cut.by,
                        "why": cut.why,
                        "id": cut.id,
                        "source": cut.source,
                        "packets": _boxes(cut.packets, station.addresses),
                    }
                    for cut in station.cuts
                ],
            }
            for station in leg.stations
        ],
    }


def _members(place: Place) -> dict[str, str]:
    plain = Place(place.at)
    found = {name: getattr(place, name) for name in MEMBERS}
    return {name: value for name, value in found.items() if value != getattr(plain, name)}


def _addresses(parts: tuple[Ranges, ...]) -> dict[str, list[str]]:
    return {"addresses": [_spaced(part) for part in parts]} if parts else {}


def _sites(sites: Iterable[tuple[str, Ranges]]) -> list[dict[str, str]]:
    return [{"end": label, "addresses": _spaced(part)} for label, part in sites]


def _spaced(part: Ranges) -> str:
    return " ".join(address_texts(part))


def _boxes(packets: Packets, addresses: tuple[Ranges, ...]) -> list[dict[str, str]]:
    return [
        {
            "from": _numbers(f),
            "to": _numbers(t),
            **({"bears": _numbers(borne)} if addresses else {}),
            "traffic": ", ".join(traffic_texts(traffic)),
        }
        for f, t, borne, traffic in sorted(packets.boxes)
    ]


def _numbers(bits: int) -> str:
    """Write bits as ranges of their numbers: `0-3 7`."""
    found, n = [], 0
    while bits >> n:
        if bits >> n & 1:
            first = n
            while bits >> (n + 1) & 1:
                n += 1
            found.append(f"{first}" if first == n else f"{first}-{n}")
        n += 1
    return " ".join(found)


def from_text(text: str, name: str) -> Certificate:
    """Read a certificate; raises InputError that says where it has another layout."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as failure:
        msg = f"{name}: it is no certificate: it is no JSON ({_first_line(failure)})"
        raise InputError(msg, hint=WRITES) from None
    reader = _Reader(name)
    whole = reader.mapping(document, "the file")
    if whole.get("schema") != SCHEMA:
        msg = f"{name}: it is no certificate: its `schema` is not {SCHEMA!r}"
        raise InputError(msg, hint=WRITES)
    network = reader.mapping(whole.get("network"), "network")
    return Certificate(
        reader.text(network.get("name"), "network.name"),
        reader.text(network.get("digest"), "network.digest"),
        tuple(
            reader.proof(item, f"proofs[{n}]")
            for n, item in enumerate(reader.items(whole.get("proofs"), "proofs"))
        ),
    )


def _first_line(failure: Exception) -> str:
    return (str(failure) or type(failure).__name__).splitlines()[0][:100]


class _Reader:
    """Reads values of a known layout; `where` names the place in messages."""

    def __init__(self, name: str) -> None:
        self._name = name

    def fail(self, where: str, why: str) -> InputError:
        return InputError(f"{self._name}: {where}: {why}")

    def mapping(self, value: object, where: str) -> Mapping[str, Any]:
        if not isinstance(value, dict):
            raise self.fail(where, "it is no object")
        return value

    def items(self, value: object, where: str) -> Sequence[Any]:
        if not isinstance(value, list):
            raise self.fail(where, "it is no list")
        return value

    def text(self, value: object, where: str) -> str:
        if not isinstance(value, str):
            raise self.fail(where, "it is no text")
        return value

    def texts(self, value: object, where: str) -> tuple[str, ...]:
        return tuple(self.text(item, where) for item in self.items(value, where))

    def proof(self, value: object, where: str) -> Proof:
        item = self.mapping(value, where)
        try:
            ports = tuple(parse_ports(text) for text in self.texts(item.get("ports"), where))
        except QuestionError as failure:
            raise self.fail(where, str(failure)) from None
        if not isinstance(item.get("reachable"), bool):
            raise self.fail(where, "`reachable` is neither true nor false")
        claim = Expectation(
            name=self.text(item.get("name"), f"{where}.name"),
            sources=self.texts(item.get("from"), f"{where}.from"),
            destinations=self.texts(item.get("to"), f"{where}.to"),
            ports=ports,
            reachable=item["reachable"],
        )
        legs = [
            self.leg(each, f"{where}.ways[{n}]")
            for n, each in enumerate(self.items(item.get("ways"), f"{where}.ways"))
        ]
        return Proof(claim, tuple(legs))

    def leg(self, value: object, where: str) -> Leg:
        item = self.mapping(value, where)
        senders = self.sites(item.get("senders"), f"{where}.senders")
        receivers = self.sites(item.get("receivers"), f"{where}.receivers")
        if max(len(senders), len(receivers)) > MOST_ENDS:
            raise self.fail(where, f"it has more than {MOST_ENDS:,} ends")
        counts = (len(senders), len(receivers))
        stations = [
            self.station(each, f"{where}.places[{n}]", counts)
            for n, each in enumerate(self.items(item.get("places"), f"{where}.places"))
        ]
        return Leg(senders, receivers, tuple(stations))

    def sites(self, value: object, where: str) -> tuple[tuple[str, Ranges], ...]:
        found = []
        for n, item in enumerate(self.items(value, where)):
            here = f"{where}[{n}]"
            site = self.mapping(item, here)
            part = self.addresses(site.get("addresses"), here)
            found.append((self.text(site.get("end"), here), part))
        return tuple(found)

    def addresses(self, value: object, where: str) -> Ranges:
        try:
            return read_addresses(self.text(value, f"{where}: `addresses`").split())
        except ValueError as failure:
            raise self.fail(where, _first_line(failure)) from None

    def station(self, value: object, where: str, counts: tuple[int, int]) -> Station:
        item = self.mapping(value, where)
        at = self.text(item.get("at"), f"{where}.at")
        members = {name: self.text(item[name], where) for name in MEMBERS if name in item}
        listed = self.items(item.get("addresses", []), f"{where}.addresses")
        addresses = tuple(self.addresses(each, where) for each in listed)
        if len(addresses) > MOST_ENDS:
            raise self.fail(where, f"it has more than {MOST_ENDS:,} addresses")
        limits = (*counts, len(addresses))
        cuts = []
        for n, each in enumerate(self.items(item.get("cuts", []), f"{where}.cuts")):
            here = f"{where}.cuts[{n}]"
            cut = self.mapping(each, here)
            found = self.packets(cut.get("packets"), here, limits)
            texts = (self.text(cut.get(key, ""), here) for key in ("why", "id", "source"))
            cuts.append(Cut(self.text(cut.get("by"), here), found, *texts))
        packets = self.packets(item.get("packets"), where, limits)
        return Station(Place(at, **members), packets, tuple(cuts), addresses)

    def packets(self, value: object, where: str, limits: tuple[int, int, int]) -> Packets:
        boxes: list[Box] = []
        for item in self.items(value, where):
            box = self.mapping(item, where)
            f, t, traffic = (
                self.text(box.get(key), f"{where}: `{key}`") for key in ("from", "to", "traffic")
            )
            bears = self.text(box.get("bears"), f"{where}: `bears`") if limits[2] else ""
            try:
                bits = (_bits(f, limits[0]), _bits(t, limits[1]))
                borne = _bits(bears, limits[2]) if limits[2] else 1
                boxes.append((*bits, borne, read_traffic(traffic.split(", "))))
            except ValueError as failure:
                raise self.fail(where, _first_line(failure)) from None
        return Packets.of(boxes)


def _bits(text: str, count: int) -> int:
    bits = 0
    for part in text.split():
        first, _, last = part.partition("-")
        if not (part.isascii() and first.isdigit() and (last or first).isdigit()):
            msg = f"{part!r} is no number of an end"
            raise ValueError(msg)
        if len(part) > 20 or not int(first) <= int(last or first) < count:
            msg = f"there is no end {part!r}"
            raise ValueError(msg)
        bits |= (1 << int(last or first) + 1) - (1 << int(first))
    return bits


def same_claim(one: Expectation, other: Expectation) -> bool:
    """Tell whether two claims say the same of the same ends, in any order."""

    def said(claim: Expectation) -> tuple[Iterable[Any], ...]:
        return frozenset(claim.sources), frozenset(claim.destinations), frozenset(claim.ports)

    return one.reachable == other.reachable and said(one) == said(other)
