"""Plans with faults, made from good ones by a seed: cut, shuffled, with other values."""

import json
import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

WORDS: tuple[Any, ...] = (
    None, True, False, 0, -1, 1.5, 10**30, "", "x", [], {}, [[]], [None], {"a": {"b": 1}}, [True],
    "10.0.0.0/33", "10.0.0.1", "::/0", "0.0.0.0/0", "vpc-1234567890abcdef0", "sg-0", "tcp", "-1",
    "aws_vpc", "aws_security_group_rule", "aws_instance", "aws_nothing", "managed", "data",
    "module.a.aws_vpc.b", "aws_vpc.main.id", "var.x", "local.x", "each.value", "count.index",
    "module.net.vpc_id", 'a["b"].c', "a[", "]", "..", "${aws_vpc.main.id}", "\u202e", "\x07",
    {"references": ["aws_vpc.main.id"]}, {"references": "x"}, {"constant_value": []},
    {"references": [1]}, {"references": ["aws_subnet.a"], "constant_value": 1},
)  # fmt: skip
Path = tuple[Any, ...]


def mutants(sources: Sequence[str], count: int, seed: int = 0) -> Iterator[str]:
    """Yield mutants of the sources, the same ones for the same seed."""
    chance = random.Random(seed)
    documents = [json.loads(source) for source in sources]
    for _ in range(count):
        if chance.random() < 0.1:
            yield _bytes(chance.choice(sources), chance)
            continue
        document = json.loads(json.dumps(chance.choice(documents)))
        for _ in range(chance.choice((1, 1, 1, 2, 4, 8))):
            chance.choice(_MUTATORS)(document, chance)
        yield json.dumps(document)


def places(value: Any, path: Path = ()) -> Iterator[Path]:
    """Yield the path of everything inside a document."""
    items: Iterable[tuple[Any, Any]] = value.items() if isinstance(value, dict) else ()
    items = enumerate(value) if isinstance(value, list) else items
    for key, item in items:
        yield (*path, key)
        yield from places(item, (*path, key))


def _walk(document: Any, path: Path) -> Any:
    for key in path:
        document = document[key]
    return document


def _place(document: Any, chance: random.Random) -> Path:
    """Return a place, each depth as likely as another."""
    path: Path = ()
    depth = chance.randint(1, 12)
    value = document
    for _ in range(depth):
        if isinstance(value, dict) and value:
            key: Any = chance.choice(list(value))
        elif isinstance(value, list) and value:
            key = chance.randrange(len(value))
        else:
            break
        path, value = (*path, key), value[key]
    return path


def _value(document: Any, chance: random.Random) -> None:
    path = _place(document, chance)
    if path:
        _walk(document, path[:-1])[path[-1]] = chance.choice(WORDS)


def _drop(document: Any, chance: random.Random) -> None:
    path = _place(document, chance)
    if path:
        del _walk(document, path[:-1])[path[-1]]


def _move(document: Any, chance: random.Random) -> None:
    one, other = _place(document, chance), _place(document, chance)
    if one and other:
        value = json.loads(json.dumps(_walk(document, one)))
        _walk(document, other[:-1])[other[-1]] = value


def _rename(document: Any, chance: random.Random) -> None:
    path = _place(document, chance)
    if path and isinstance(path[-1], str):
        parent = _walk(document, path[:-1])
        parent[chance.choice(("references", "x", "vpc_id", "values"))] = parent.pop(path[-1])


def _double(document: Any, chance: random.Random) -> None:
    path = _place(document, chance)
    if path and isinstance(path[-1], int):
        parent = _walk(document, path[:-1])
        parent.append(parent[path[-1]])


def _shuffle(document: Any, chance: random.Random) -> None:
    path = _place(document, chance)
    value = _walk(document, path)
    if isinstance(value, list):
        chance.shuffle(value)


def _bytes(text: str, chance: random.Random) -> str:
    at = chance.randrange(len(text) + 1)
    if chance.random() < 0.3:
        return text[:at]
    return text[:at] + chance.choice('[]{}:,"\\0-\t\x00é') + text[at + 1 :]


_MUTATORS: tuple[Callable[[Any, random.Random], None], ...] = (
    _value, _value, _value, _drop, _drop, _move, _rename, _double, _shuffle,
)  # fmt: skip
