"""Claims about drawn networks, their certificates, and what becomes of these when rules change."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from random import Random

from ringwall.errors import QuestionError
from ringwall.model.expectation import Expectation
from ringwall.model.graph import ResourceGraph
from ringwall.model.ports import PortSpec
from ringwall.reach.engine import Engine
from ringwall.reach.expectations import check as judge
from ringwall.reach.verdicts import Verdict
from ringwall.verify.certificate import Certificate, Proof, from_text, to_text
from ringwall.verify.checking import Answer, check
from ringwall.verify.closing import NoProofError, close
from ringwall.verify.gaps import Gaps
from ringwall.verify.naming import ASKED
from ringwall.verify.network import Network
from tests.networks.drawing import draw
from tests.networks.features import Feature
from tests.networks.questions import Question, questions
from tests.verify.flips import flipped, opened, thinned

ARRIVES = {Verdict.ALLOW, Verdict.PARTIAL, Verdict.ONE_WAY}
PROTOCOLS = {6: "tcp", 17: "udp", 1: "icmp", 58: "icmpv6"}


@dataclass(slots=True)
class Tally:
    """What was claimed, and every case in which a certificate should not have been accepted."""

    counts: Counter[str] = field(default_factory=Counter)
    without: Counter[str] = field(default_factory=Counter)  # proven claims without a certificate
    wrong: list[str] = field(default_factory=list)

    def lines(self) -> list[str]:
        """Return the figures as lines."""
        return [f"{count:>7}  {what}" for what, count in sorted(self.counts.items())] + [
            f"{count:>7}  no certificate: {why}" for why, count in self.without.most_common(20)
        ]


def claim_of(question: Question, rng: Random, *, reachable: bool) -> Expectation:
    """Return what a question asks, as a claim about its port, or about any."""
    name = PROTOCOLS.get(question.protocol)
    ports = PortSpec("any")
    if name is not None and (reachable or rng.random() < 0.6):
        ports = PortSpec(name, question.port, question.port)  # type: ignore[arg-type]
    ends = (question.source.name,), (question.destination.name,)
    return Expectation(f"{ends} {ports}", *ends, (ports,), reachable=reachable)


def name_of(graph: ResourceGraph) -> dict[str, str]:
    """Return a Name for each key and id of what claims can be about."""
    return {
        key: f"The {node.short_type} {node.key.replace('/', ' ')}"
        for node in graph
        if node.type in ASKED
        for key in (node.key, node.physical_id)
        if key
    }


def called(claim: Expectation, names: Mapping[str, str]) -> Expectation:
    """Return a claim with the names of its ends in place of their keys."""
    sources, destinations = (
        tuple(names.get(each, each) for each in side)
        for side in (claim.sources, claim.destinations)
    )
    return replace(claim, sources=sources, destinations=destinations)


def run(
    seeds: Iterable[int],
    claims: int,
    flips: int,
    *,
    features: Iterable[Feature] | None = None,
    reachable: bool = False,
    to: Collection[str] = (),
    by_name: bool = False,
) -> Tally:
    """Claim, certify and flip; `flips` changes are made for each certificate.

    With `to` claims are about ends of these kinds alone; with `by_name` they name by Name tags
    what can have one.
    """
    tally = Tally()
    for seed in seeds:
        rng = Random(seed)
        try:
            graph = draw(seed, features).graph
        except IndexError:  # of some seeds too many subnets are wanted of one VPC
            continue
        names = name_of(graph) if by_name else {}
        graph = graph.with_nodes(
            replace(node, tags={**node.tags, "Name": names[node.key]})
            for node in (graph if by_name else ())
            if node.type in ASKED
        )
        engine = Engine(graph)
        network = Network(graph)
        gaps = Gaps(network)
        seen = set()
        for question in questions(graph, rng, claims):
            claim = called(claim_of(question, rng, reachable=reachable), names)
            if claim.name in seen or (to and question.destination.kind not in to):
                continue
            seen.add(claim.name)
            try:
                judged = judge(engine, [claim])[0]
            except QuestionError:  # another end stands for what is named
                continue
            tally.counts["claims"] += 1
            try:
                proof = close(network, gaps, claim, {})
            except NoProofError as failure:
                tally.counts["claims that hold"] += judged.ok
                if judged.ok:
                    tally.without[_kind(str(failure))] += 1
                continue
            where = f"seed {seed}: {claim.name}"
            if not judged.ok:
                verdict = judged.judgement.verdict
                tally.counts[f"certified though the engine says {verdict}"] += 1
                if reachable or verdict in ARRIVES:
                    tally.wrong.append(f"{where}: certified, but {verdict}")
                continue
            tally.counts["claims that hold"] += 1
            tally.counts["certificates"] += 1
            further = not reachable and len(proof.legs) > 1
            tally.counts["certificates of what load balancers pass on"] += further
            proof = carried(proof)
            found = check(network, gaps, proof, {})
            if found.answer is not Answer.ACCEPTED:
                tally.wrong.append(f"{where}: its own certificate is {found.answer}: {found.why}")
            for number in range(flips):
                _flip(tally, graph, proof, rng, f"{where}, flip {number}", is_aimed=number % 2 == 0)
    return tally


def carried(proof: Proof) -> Proof:
    """Return a proof after it was written and read."""
    text = to_text(Certificate("drawn", "", (proof,)))
    return from_text(text, "drawn").proofs[0]


def _kind(text: str) -> str:
    return " ".join(word for word in text.split() if word.isalpha())


def _flip(
    tally: Tally, graph: ResourceGraph, proof: Proof, rng: Random, where: str, *, is_aimed: bool
) -> None:
    """Change the network, at the cuts of a proof or anywhere, and hold answers together."""
    changed = graph
    if is_aimed and proof.claim.reachable:
        changed = thinned(graph, rng, rng.choice((0.05, 0.1, 0.3)))
    elif is_aimed:
        stops = sorted({cut.by for station in proof.stations for cut in station.cuts})
        for stop in stops if rng.random() < 0.5 else rng.sample(stops, min(1, len(stops))):
            changed = opened(changed, stop)
    for _ in range(0 if is_aimed else rng.choice((1, 1, 2, 4))):
        changed = flipped(changed, rng)
    try:
        judged = judge(Engine(changed), [proof.claim])[0]
    except (KeyError, ValueError, AttributeError, QuestionError):
        return  # the change leaves no network
    network = Network(changed)
    found = check(network, Gaps(network), proof, {})
    verdict = judged.judgement.verdict
    undone = proof.claim.reachable or verdict in ARRIVES
    holds = "holds" if judged.ok else "undone" if undone else "undecided"
    tally.counts[f"flips {holds}: {found.answer}"] += 1
    if holds == "undone" and found.answer is Answer.ACCEPTED:
        tally.wrong.append(f"{where}: accepted, but {verdict}")
    if holds == "undecided" and found.answer is Answer.ACCEPTED:
        tally.counts[f"accepted though the engine says {verdict}"] += 1
