"""Blueprints with one fault each, made from good ones by a seed, with the line of the fault.

A mutant is bytes, for files hold bytes. `line` is None where the fault has no line of its own (a
file that is too large); all mutants but those that say so must be refused.
"""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from ringwall.blueprint.positions import Origins, find
from ringwall.blueprint.yaml_text import MAX_VALUES, Place, Slot, read

FREE_TEXT = {"purpose", "description", "why", "Owner", "name", "domains", "managed"}
WRONG = ("{}", "[]", "{a: {b: 1}}", "[[x]]", "1.5", "-1", "2026-11-23T00:00:00", '"\\x01\\u202e"')
BROKEN = ("\t", "[", "{", "}", '"', "*nobody", "!!python/object:os.system", "&", "%", "@", "`")


@dataclass(frozen=True, slots=True)
class Mutant:
    """A text with one fault; `kind` says which."""

    kind: str
    data: bytes
    line: int | None
    must_fail: bool = True


def mutants(sources: list[str], count: int, seed: int = 0) -> Iterator[Mutant]:
    """Yield mutants of the sources, the same ones for the same seed."""
    chance = random.Random(seed)
    made = 0
    while made < count:
        mutant = chance.choice(_MUTATORS)(chance.choice(sources), chance)
        if mutant is not None:
            made += 1
            yield mutant


def _root(source: str) -> Slot:
    root, problems = read(source)
    assert root is not None
    assert problems == []
    return root


def _scalars(source: str) -> list[tuple[tuple[str | int, ...], Place, object]]:
    root = _root(source)
    spots = [(path, find(root, path)) for path in Origins(root, "")]
    return [
        (path, spot.value, spot.node.scalar)
        for path, spot in spots
        if spot.node.kind == "scalar" and spot.alias is None and spot.node.one_line
    ]


def _replace(source: str, place: Place, new: str) -> str:
    lines = source.split("\n")
    line = lines[place.line - 1]
    lines[place.line - 1] = line[: place.column - 1] + new + line[place.end_column - 1 :]
    return "\n".join(lines)


def _wrong_type(source: str, chance: random.Random) -> Mutant | None:
    path, place, _ = chance.choice(_scalars(source))
    if any(part in FREE_TEXT for part in path):
        return None
    new = chance.choice(WRONG)
    return Mutant(f"wrong type {new}", _replace(source, place, new).encode(), place.line)


def _other_word(source: str, chance: random.Random) -> Mutant | None:
    path, place, value = chance.choice(_scalars(source))
    keys = {
        "kind",
        "nat",
        "tier",
        "segment",
        "from",
        "to",
        "routes_to",
        "action",
        "traffic",
        "list",
    }
    if not isinstance(value, str) or not keys.intersection(map(str, path)):
        return None
    return Mutant("unknown word", _replace(source, place, value + "q").encode(), place.line)


def _huge_number(source: str, chance: random.Random) -> Mutant | None:
    path, place, value = chance.choice(_scalars(source))
    if not isinstance(value, int) or isinstance(value, bool):
        return None
    new = chance.choice(["9" * 10, "9" * 17, "9" * 400, "9" * 10_000, "-" + "9" * 30, "1e400"])
    return Mutant(f"huge number at {path[-1]}", _replace(source, place, new).encode(), place.line)


def _unknown_key(source: str, chance: random.Random) -> Mutant | None:
    root = _root(source)
    paths = [
        path
        for path in Origins(root, "")
        if path and isinstance(path[-1], str) and find(root, path).alias is None
    ]
    path = chance.choice(paths)
    names = {"vpcs", "tiers", "groups", "lists", "segments", "networks", "tags", "policies"}
    if len(path) > 1 and path[-2] in names:
        return None
    key = find(root, path).key
    assert key is not None
    return Mutant(f"unknown key {path}", _replace(source, key, f"{path[-1]}x").encode(), key.line)


def _duplicate(source: str, chance: random.Random) -> Mutant | None:
    lines = source.split("\n")
    index = chance.choice([i for i, line in enumerate(lines) if ": " in line and "#" not in line])
    line = lines[index]
    # A line whose value goes on below would take what is below with it, or stand inside of it.
    if line.lstrip().startswith("- ") or not line.rstrip().endswith(("}", "]")) or "<<" in line:
        return None
    lines.insert(index + 1, line)
    return Mutant("duplicate key", "\n".join(lines).encode(), index + 2)


def _overlap(source: str, chance: random.Random) -> Mutant | None:
    places = [(p, place, v) for p, place, v in _scalars(source) if p[-1] == "cidr" and len(p) == 3]
    if len(places) < 2:
        return None
    (_, place, _), (_, _, value) = chance.sample(places, 2)
    return Mutant("overlap", _replace(source, place, str(value)).encode(), place.line)


def _bad_block(source: str, chance: random.Random) -> Mutant | None:
    places = [(p, place) for p, place, v in _scalars(source) if p[-1] == "cidr"]
    if not places:
        return None
    _, place = chance.choice(places)
    new = chance.choice(["10.0.0.0/33", "10.0.0.1/8", "::/0", "0.0.0.0/0", "10.0.0.0/30", "1.2.3"])
    return Mutant(f"block {new}", _replace(source, place, new).encode(), place.line)


def _broken(source: str, chance: random.Random) -> Mutant | None:
    lines = source.split("\n")
    index = chance.randrange(len(lines))
    at = chance.randrange(len(lines[index]) + 1)
    lines[index] = lines[index][:at] + chance.choice(BROKEN) + lines[index][at:]
    return Mutant("broken", "\n".join(lines).encode(), None, must_fail=False)


def _line_gone(source: str, chance: random.Random) -> Mutant | None:
    lines = source.split("\n")
    del lines[chance.randrange(len(lines))]
    return Mutant("line gone", "\n".join(lines).encode(), None, must_fail=False)


def _cut(source: str, chance: random.Random) -> Mutant | None:
    return Mutant("cut", source.encode()[: chance.randrange(len(source))], None, must_fail=False)


def _alias_bomb(source: str, chance: random.Random) -> Mutant | None:
    width = chance.randrange(8, 30)
    bomb = ["bomb0: &b0 [" + ", ".join(["x"] * width) + "]"]
    bomb += [f"bomb{n}: &b{n} [{', '.join([f'*b{n - 1}'] * width)}]" for n in range(1, 14)]
    if chance.random() < 0.5:
        bomb = [line.replace("[", "{k: [").replace("]", "]}") for line in bomb]
    lines = source.split("\n")
    goes_off = next(n for n in range(20) if width ** (n + 1) > MAX_VALUES * 0.8)
    return Mutant("alias bomb", "\n".join([*lines, *bomb]).encode(), len(lines) + 1 + goes_off)


def _binary(source: str, chance: random.Random) -> Mutant | None:
    data = source.encode()
    line = chance.randrange(source.count("\n"))
    at = sum(len(text) + 1 for text in source.split("\n")[:line])
    junk = bytes([0xFF]) + chance.randbytes(chance.randrange(1, 400))
    return Mutant("binary", data[:at] + junk + data[at:], line + 1)


def _control(source: str, chance: random.Random) -> Mutant | None:
    lines = source.split("\n")
    index = chance.randrange(len(lines))
    at = chance.randrange(len(lines[index]) + 1)
    odd = chance.choice("\x00\x01\x08\x0b\x1b\x7f\ufffe\uffff")
    lines[index] = lines[index][:at] + odd + lines[index][at:]
    return Mutant("control character", "\n".join(lines).encode(), index + 1)


def _deep(source: str, chance: random.Random) -> Mutant | None:
    _, place, _ = chance.choice(_scalars(source))
    new = chance.choice(["[", "{a: ", "[{a: "]) * chance.choice([100, 1_000, 50_000])
    return Mutant("deep", _replace(source, place, new).encode(), place.line)


def _large(source: str, chance: random.Random) -> Mutant | None:
    return Mutant("large", (source + "\n# x" * chance.choice([500_000, 3_000_000])).encode(), None)


def _not_a_mapping(_source: str, chance: random.Random) -> Mutant | None:
    junk = ["", "---", "...", "[]", "42", "null", "- a\n- b", "#", "{}", "? ", ": ", "|", "\ufeff"]
    return Mutant("nothing", chance.choice(junk).encode(), 1)


Mutator = Callable[[str, random.Random], Mutant | None]
_MUTATORS: list[Mutator] = [
    _wrong_type, _wrong_type, _wrong_type, _other_word, _other_word, _huge_number, _huge_number,
    _unknown_key, _unknown_key, _duplicate, _duplicate, _overlap, _bad_block, _broken, _broken,
    _line_gone, _cut, _alias_bomb, _binary, _control, _deep, _not_a_mapping,
]  # fmt: skip
LARGE: Mutator = _large
