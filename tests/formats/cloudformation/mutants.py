"""Templates with faults, made from good ones by a seed: cut, shuffled, with other values."""

import random
from collections.abc import Callable, Iterator, Sequence

WORDS = (
    "", "null", "true", "-1", "1.5", "99999999999999999999", "[]", "{}", "[[x]]", "{a: {b: 1}}",
    "10.0.0.0/33", "10.0.0.1", "::/0", "vpc-1234567890abcdef0", "sg-0", "!Ref Nobody", "!Ref Main",
    "!Ref AWS::NoValue", "!GetAtt Main.Nothing", "!GetAtt Web", "!Sub '${Nobody}'", "!Sub '${'",
    "!Select [9, [a]]", "!Select [x, !Ref Zones]", "!Cidr [10.0.0.0/30, 256, 1]", "!Cidr [x, 1]",
    "!If [Nobody, a, b]", "!If [IsLive, a]", "!FindInMap [Sizes, a, b]", "!ImportValue nobody",
    "!Split [',', 'a,b']", "!Join ['', !Ref Admin]", "!Base64 x", "!Nothing x", "!!python/none x",
    "'{{resolve:ssm:/x}}'", "!GetAZs ''", "!Equals [1, 1]", "*nobody", "&a [*a]", "\x07", "\u202e",
    "AWS::EC2::VPC", "AWS::EC2::Nothing", "AWS::EC2::SecurityGroupIngress", "AWS::EC2::Instance",
)  # fmt: skip


def mutants(sources: Sequence[str], count: int, seed: int = 0) -> Iterator[str]:
    """Yield mutants of the sources, the same ones for the same seed."""
    chance = random.Random(seed)
    for _ in range(count):
        text = chance.choice(sources)
        for _ in range(chance.choice((1, 1, 1, 2, 4))):
            text = chance.choice(_MUTATORS)(text, chance)
        yield text


def _cut(text: str, chance: random.Random) -> str:
    return text[: chance.randrange(len(text) + 1)]


def _drop(text: str, chance: random.Random) -> str:
    lines = text.split("\n")
    start = chance.randrange(len(lines))
    del lines[start : start + chance.randint(1, 3)]
    return "\n".join(lines)


def _double(text: str, chance: random.Random) -> str:
    lines = text.split("\n")
    at, to = chance.randrange(len(lines)), chance.randrange(len(lines))
    lines.insert(to, lines[at])
    return "\n".join(lines)


def _swap(text: str, chance: random.Random) -> str:
    lines = text.split("\n")
    one, other = chance.randrange(len(lines)), chance.randrange(len(lines))
    lines[one], lines[other] = lines[other], lines[one]
    return "\n".join(lines)


def _value(text: str, chance: random.Random) -> str:
    lines = text.split("\n")
    at = chance.randrange(len(lines))
    key, colon, rest = lines[at].rpartition(": ")
    if not colon:
        return text
    end = "".join(part for part in rest if part in "]},")
    lines[at] = f"{key}: {chance.choice(WORDS)}{end}"
    return "\n".join(lines)


def _inner(text: str, chance: random.Random) -> str:
    spots = [i for i in range(len(text) - 2) if text[i : i + 2] == ": "]
    if not spots:
        return text
    at = chance.choice(spots) + 2
    end = at
    while end < len(text) and text[end] not in ",}\n]":
        end += 1
    return text[:at] + chance.choice(WORDS) + text[end:]


def _byte(text: str, chance: random.Random) -> str:
    at = chance.randrange(len(text) + 1)
    return text[:at] + chance.choice("[]{}:,&*!|>'\"%@`#-?\t\x00\x85é") + text[at + 1 :]


def _other_word(text: str, chance: random.Random) -> str:
    words = text.split(" ")
    one, other = chance.randrange(len(words)), chance.randrange(len(words))
    words[one] = words[other]
    return " ".join(words)


_MUTATORS: tuple[Callable[[str, random.Random], str], ...] = (
    _cut, _drop, _double, _swap, _value, _value, _inner, _inner, _inner, _byte, _other_word,
)  # fmt: skip
