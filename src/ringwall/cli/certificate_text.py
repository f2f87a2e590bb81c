"""Certificates, written and checked → lines that people read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ringwall.app.certifying import Certified, Verified

MARKS = {"accepted": "✓", "refused": "✗", "cannot be checked": "?"}


def written_lines(certified: Certified) -> Iterator[str]:
    """Yield what a certificate holds, and what it lacks."""
    proofs = certified.certificate.proofs
    total = len(proofs) + len(certified.lacking)
    for claim, why in certified.lacking:
        yield f"? {claim.name}: holds, but not in the certificate: {why}"
    mark = "✓" if not certified.lacking else "?"
    yield f"{mark} {len(proofs)} of {total} proofs written to {certified.file}"


def verified_lines(verified: Verified, *, verbose: bool) -> Iterator[str]:
    """Yield the answer to each proof, those that are accepted only if asked for."""
    accepted = 0
    for each in verified.checked:
        claim, answer = each.proof.claim, each.answer.value
        if answer == "accepted":
            accepted += 1
            if verbose:
                places, cuts = len(each.proof.stations), each.cuts
                size = f"{places} place{'s'[: places != 1]}, {cuts} cut{'s'[: cuts != 1]}"
                yield f"✓ {claim.name:<56} {size}"
            continue
        yield f"{MARKS[answer]} {claim.name}: {answer}"
        yield f"    {each.why}"
    for claim in verified.missing:
        yield f"✗ {claim.name}: the certificate has no proof of it"
    if not verified.is_same:
        name = verified.certificate.network
        yield f"note: the network is not as it was when {name} was certified"
    total = len(verified.checked) + len(verified.missing)
    yield f"{MARKS[verified.answer.value]} {accepted} of {total} proofs accepted"
