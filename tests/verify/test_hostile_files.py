"""Files that are no certificates, cut, shuffled and mutated: one line and exit 2, or an answer."""

import json
from pathlib import Path
from random import Random
from typing import Any

import pytest

from ringwall.cli.main import run
from ringwall.errors import InputError
from ringwall.verify.certificate import Certificate, from_text, to_text
from ringwall.verify.checking import Answer
from tests.verify.claims import checked, example, proof_of

GRAPH = example("fortress").graph
NAMES = (
    "production is apart from non-production",
    "web is not on the internet",
    "private tiers reach the internet through NAT",
)
TEXT = to_text(Certificate("fortress", "", tuple(proof_of("fortress", n) for n in NAMES)))
DOCUMENT = json.loads(TEXT)
VALUES: tuple[Any, ...] = (
    None, True, -1, 1e300, "", "0-", "9999999", "x", "10.0.0.0/99", "a-b", "any", [], {}, [[]],
    "tcp/70000", "protocol 999", "\x00", "0 1 2", "sender", "arrived", "unknown", "nat", "٣",
)  # fmt: skip


def answers(text: str) -> list[Answer]:
    """Return what is said of each proof; raises InputError, and nothing else."""
    return [checked(GRAPH, proof).answer for proof in from_text(text, "file").proofs]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\x00",
        "[]",
        "{}",
        "null",
        '"certificate"',
        '{"schema": "ringwall/certificate/2"}',
        '{"schema": "ringwall/certificate/1"}',
        '{"schema": "ringwall/certificate/1", "network": {}, "proofs": []}',
        to_text(Certificate("", "", ())).replace("[]", "[1]"),
        "[" * 100_000,
        '{"a":' * 50_000,
        "9" * 10_000,
        TEXT[: len(TEXT) // 2],
        TEXT.replace('"tcp', '"pct'),
    ],
)
def test_what_is_no_certificate_is_said_in_one_line(
    text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(InputError):
        from_text(text, "file")
    file = tmp_path / "certificate.json"
    file.write_text(text)
    network = str(Path(__file__).parents[2] / "examples" / "minimal.yaml")
    assert run(["verify-certificate", network, str(file)]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.count("error: ") == 1
    assert len(told.err.splitlines()) <= 2


def test_a_file_without_proofs_proves_nothing(tmp_path: Path) -> None:
    file = tmp_path / "certificate.json"
    file.write_text(to_text(Certificate("", "", ())))
    network = str(Path(__file__).parents[2] / "examples" / "minimal.yaml")
    assert run(["verify-certificate", network, str(file)]) == 1  # its expectations lack proofs


def test_ends_without_end_are_refused() -> None:
    document = json.loads(TEXT)
    way = document["proofs"][0]["ways"][0]
    document["proofs"] = document["proofs"][:1]
    way["senders"] = way["senders"][:1] * 20_001
    with pytest.raises(InputError, match="more than"):
        from_text(json.dumps(document), "file")


def mutated(value: Any, rng: Random) -> Any:
    """Return a document with one value in it replaced, taken away, doubled or shuffled."""
    value = json.loads(json.dumps(value))
    at = value
    while True:
        keys = list(at) if isinstance(at, dict) else list(range(len(at)))
        if not keys:
            return value
        key = rng.choice(keys)
        if isinstance(at[key], dict | list) and at[key] and rng.random() < 0.85:
            at = at[key]
            continue
        match rng.randrange(4):
            case 0:
                at[key] = rng.choice(VALUES)
            case 1:
                del at[key]
            case 2 if isinstance(at, list):
                at.append(at[key])
            case _ if isinstance(at, list):
                rng.shuffle(at)
            case _:
                at[key] = rng.choice(list(at.values()))
        return value


def test_mutants_end_in_an_answer_or_in_a_line() -> None:
    rng = Random(11)
    read = 0
    for _ in range(120):
        document = DOCUMENT
        for _ in range(rng.choice((1, 1, 2, 5))):
            document = mutated(document, rng)
        try:
            found = answers(json.dumps(document))
        except InputError:
            continue
        read += 1
        assert len(found) <= len(NAMES) + 5
    assert read >= 20


@pytest.mark.campaign
@pytest.mark.timeout(1_800)
def test_thousands_of_mutants() -> None:
    rng = Random(12)
    for _ in range(2_000):
        document = DOCUMENT
        for _ in range(rng.choice((1, 2, 5, 20))):
            document = mutated(document, rng)
        text = json.dumps(document)
        cut = text[: rng.randrange(len(text))] if rng.random() < 0.1 else text
        try:
            answers(cut)
        except InputError:
            continue
