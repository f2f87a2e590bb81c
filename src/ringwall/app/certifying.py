"""What holds of a network → a certificate; a certificate and a network → the checker's answers."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from ringwall.app.proving import NOTHING, Asked, Proof, expected_of
from ringwall.app.sources import Source
from ringwall.errors import InputError
from ringwall.model.expectation import Expectation
from ringwall.shell.files import read_text, write_text
from ringwall.verify.certificate import WRITES, Certificate, from_text, same_claim, to_text
from ringwall.verify.checking import Answer, Checked, check
from ringwall.verify.closing import NoProofError, close
from ringwall.verify.digest import digest_of
from ringwall.verify.gaps import Gaps
from ringwall.verify.network import Network


@dataclass(frozen=True, slots=True)
class Certified:
    """A certificate that was written, and why what holds but is not in it is lacking."""

    file: str
    certificate: Certificate
    lacking: tuple[tuple[Expectation, str], ...]

    def to_dict(self) -> dict[str, Any]:
        """Return what `check --json` says of it."""
        return {
            "file": self.file,
            "digest": self.certificate.digest,
            "proofs": len(self.certificate.proofs),
            "lacking": [{"name": claim.name, "why": why} for claim, why in self.lacking],
        }


def certify(source: Source, asked: Asked, proof: Proof, target: str) -> Certified:
    """Write the certificate of the expectations that hold; raises InputError, OutsideError."""
    names = expected_of(source, asked)[1]
    network = Network(source.graph)
    gaps = Gaps(network)
    proofs, lacking = [], []
    for result in proof.results:
        if not result.ok:
            continue
        try:
            proofs.append(close(network, gaps, result.expectation, names))
        except NoProofError as failure:
            lacking.append((result.expectation, str(failure)))
    certificate = Certificate(source.name, digest_of(source.graph), tuple(proofs))
    write_text(target, to_text(certificate))
    return Certified(target, certificate, tuple(lacking))


@dataclass(frozen=True, slots=True)
class Verified:
    """What the checker says of a certificate.

    `missing` are expectations of the network's blueprint, or of a file, that it has no proof of.
    `is_same` tells whether the network is the one that it was written for.
    """

    certificate: Certificate
    is_same: bool
    checked: tuple[Checked, ...]
    missing: tuple[Expectation, ...] = ()

    @property
    def answer(self) -> Answer:
        """Return what is said of all of it."""
        answers = Counter(each.answer for each in self.checked)
        if answers[Answer.REFUSED] or self.missing:
            return Answer.REFUSED
        return Answer.UNKNOWN if answers[Answer.UNKNOWN] or not self.checked else Answer.ACCEPTED

    def to_dict(self) -> dict[str, Any]:
        """Return the document of `ringwall verify-certificate`."""
        return {
            "schema": "ringwall/verify-certificate/1",
            "answer": self.answer.value,
            "network": {
                "name": self.certificate.network,
                "digest": self.certificate.digest,
                "same": self.is_same,
            },
            "proofs": [
                {
                    "name": each.proof.claim.name,
                    "from": list(each.proof.claim.sources),
                    "to": list(each.proof.claim.destinations),
                    "ports": [str(port) for port in each.proof.claim.ports],
                    "reachable": each.proof.claim.reachable,
                    "answer": each.answer.value,
                    "why": each.why,
                    "places": len(each.proof.stations),
                    "cuts": each.cuts,
                }
                for each in self.checked
            ],
            "missing": [claim.name for claim in self.missing],
        }


def verify(
    source: Source, file: str, asked: Asked = NOTHING, *, same_network: bool = False
) -> Verified:
    """Check a certificate's file against a network.

    The names of address ranges are those of the network's blueprint and of what a file asks, whose
    expectations must all have a proof. Raises InputError where the certificate has another layout,
    and with `same_network` where it was written for another network.
    """
    certificate = from_text(read_text(file, hint=WRITES), file)
    expected, names = expected_of(source, asked)
    is_same = digest_of(source.graph) == certificate.digest
    if same_network and not is_same:
        msg = f"{file}: it was written for another network ({certificate.network!r})"
        raise InputError(msg, hint="without --same-network its proofs are checked against this one")
    network = Network(source.graph)
    gaps = Gaps(network)
    checked = tuple(check(network, gaps, proof, names) for proof in certificate.proofs)
    return Verified(certificate, is_same, checked, tuple(_missing(expected, certificate)))


def _missing(asked: Iterable[Expectation], certificate: Certificate) -> list[Expectation]:
    return [
        claim
        for claim in asked
        if not any(same_claim(claim, proof.claim) for proof in certificate.proofs)
    ]
