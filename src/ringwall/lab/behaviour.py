"""What a row of the lab's behaviours says: what moto lacks, where AWS says it, what probes it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Behaviour:
    """One thing that moto lacks: `source` is AWS's page, `probe` is `file::test` in tests/lab."""

    id: str
    what: str
    source: str
    probe: str


def rows(prefix: str, file: str, *told: tuple[str, str, str]) -> tuple[Behaviour, ...]:
    """Return behaviours that one file of tests probes, numbered from 1."""
    return tuple(
        Behaviour(f"{prefix}{number}", what, source, f"{file}.py::{probe}")
        for number, (what, source, probe) in enumerate(told, 1)
    )
