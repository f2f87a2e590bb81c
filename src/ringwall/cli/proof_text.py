"""Proofs of expectations → lines that people read."""

from collections.abc import Iterator

from ringwall.app.proving import Proof


def proof_line(proof: Proof, where: str = "") -> str:
    """Return how many expectations hold, and how much was judged."""
    total = len(proof.results)
    atoms = sum(result.atoms for result in proof.results)
    held = total - len(proof.failing)
    mark = "✓" if proof.ok else "✗"
    suffix = f" {where}" if where else ""
    judged = f"({atoms:,} classes of packets judged)"
    return f"{mark} {held} of {total} expectations hold{suffix}   {judged}"


def result_lines(proof: Proof) -> Iterator[str]:
    """Yield a line for each expectation."""
    for result in proof.results:
        yield f"  {'✓' if result.ok else '✗'} {result.name}   {result.verdict}  ({result.atoms:,})"


def failing_lines(proof: Proof) -> Iterator[str]:
    """Yield each expectation that does not hold, with the path or the blockers."""
    for result in proof.failing:
        yield f"✗ {result.name}   {result.origin or ''}"
        yield f"    {result.told()}"
        for line in result.explanation_lines():
            yield f"    {line}"
