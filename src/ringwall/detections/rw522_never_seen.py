"""RW522: what the blueprint allows and nobody used, with the tighter blueprint that is proven."""

from collections.abc import Iterator, Sequence

from ringwall.blueprint.compile import compile_blueprint
from ringwall.blueprint.ends import declared_flows
from ringwall.blueprint.tightening import Tightening, narrowed, summary, tightened
from ringwall.detections.conversing import Edge, conversations, edges, judged, whole
from ringwall.detections.detection import (
    Context,
    Detection,
    Entity,
    Parameter,
    Row,
    Sighting,
    Value,
)
from ringwall.detections.flows_used import Used, uses
from ringwall.errors import QuestionError
from ringwall.model.finding import Severity
from ringwall.model.ports import PortSpec
from ringwall.reach.conversations import Standing
from ringwall.reach.engine import Engine
from ringwall.reach.expectations import check

DAY = 86_400  # seconds
HALF = 2  # logs that cover half a day less than asked count as covering it


def _judge(detection: Detection, rows: Sequence[Row], context: Context) -> Iterator[Sighting]:
    """Yield a finding for each flow of which something was never used.

    Raises QuestionError when the logs are of fewer days than is asked.
    """
    bp, names = context.blueprint, context.names
    assert bp is not None
    assert names is not None
    begun = min(whole(row["first"]) for row in rows)
    ended = max(whole(row["last"]) for row in rows)
    days, most = whole(rows[0]["days"]), whole(rows[0]["most"])
    if ended - begun < days * DAY - DAY // HALF:
        msg = f"the logs cover {(ended - begun) / DAY:.1f} days, {detection.name} asks for {days}"
        raise QuestionError(msg, hint=f"ingest more, or --set {detection.name}.days=N")
    seen = [edge for edge in edges(rows, context) if edge.is_told]
    used = uses(bp, names, seen)
    proof = _Proof(context, seen)
    for path, _, flow in declared_flows(bp):
        change = _tightening(Tightening(path, flow, None), used[path], most)
        if change is not None:
            yield _sighting(detection, change, proof, (begun, ended))


def _tightening(gone: Tightening, used: Used, most: int) -> Tightening | None:
    """Return what can be left out of a flow, None if all of it was used."""
    flow = gone.was
    if not used:
        return gone
    left = narrowed(
        flow,
        sources=[name for name in flow.sources if name in used.sources],
        destinations=[name for name in flow.destinations if name in used.destinations],
        ports=[port for spec in flow.ports for port in _ports(spec, used, most)],
    )
    return Tightening(gone.path, flow, left) if left != flow else None


def _ports(spec: PortSpec, used: Used, most: int) -> Iterator[PortSpec]:
    """Yield what was used of a range of ports; a range of which much was used stays as it is."""
    seen = sorted(used.ports.get(spec, ()))
    if not seen:
        return
    wide = spec.protocol in {"tcp", "udp"} and spec.high - spec.low >= most
    if wide and len(seen) <= most:
        yield from (PortSpec(spec.protocol, port, port) for port in seen)
    else:
        yield spec


class _Proof:
    """What a tighter blueprint would cut of what was seen, or break of what is expected."""

    def __init__(self, context: Context, seen: Sequence[Edge]) -> None:
        assert context.meant is not None
        assert context.blueprint is not None
        self._blueprint, self._expected = context.blueprint, context.expected
        asked = conversations(context.meant, ())
        self._seen = [(edge, judged(asked, edge).standing) for edge in seen]
        self._held = [result.ok for result in check(context.meant, self._expected)]

    def breaks(self, change: Tightening) -> str:
        """Return what a change would break, "" if nothing."""
        bp = tightened(self._blueprint, [change])
        engine = Engine(compile_blueprint(bp), bp.networks)
        asked = conversations(engine, ())
        for edge, before in self._seen:
            after = judged(asked, edge).standing
            if before is not after and before in {Standing.ALLOWED, Standing.POSSIBLE}:
                return f"{edge.source} to port {edge.service} of {edge.destination} was seen"
        for held, result in zip(self._held, check(engine, self._expected), strict=True):
            if held and not result.ok:
                return f"expectation {result.expectation.name!r} needs it"
        return ""


def _sighting(
    detection: Detection, change: Tightening, proof: _Proof, time: tuple[int, int]
) -> Sighting:
    breaks = proof.breaks(change)
    lines = "; ".join(change.lines())
    text = detection.says.format(
        flow=f"{change.place} ({summary(change.was)})",
        use="was never used" if change.flow is None else "was used in part",
        days=(time[1] - time[0]) / DAY,
        outcome=f"it stays: {breaks}" if breaks else f"proven to cut nothing seen: {lines}",
    )
    evidence: dict[str, Value] = {
        "change": "" if breaks else lines,
        "kept_for": breaks,
        "days": round((time[1] - time[0]) / DAY, 2),
    }
    severity = Severity.LOW if breaks else detection.severity
    ends = (Entity("flow", name=change.place),)
    return Sighting(detection.id, severity, ends, *time, text, evidence)


_NETWORK = """
name: small
region: us-east-1
zones: [us-east-1a]
vpcs:
  v:
    cidr: 10.0.0.0/16
    tiers:
      front: {kind: public, cidr: 10.0.0.0/20}
      data: {kind: isolated, cidr: 10.0.16.0/20}
    groups:
      web: {tier: front}
      db: {tier: data}
    flows:
      - {from: internet, to: web, ports: [443, 8000-8999]}
      - {from: web, to: db, ports: [5432]}
expect:
  - {name: customers, from: internet, to: v/web, ports: [443], reachable: true}
"""

_CUSTOMERS = "8.8.8.8:50000 > 10.0.0.9:443 back=900 flags every=1d times=15\n"
_DEVELOPERS = "8.8.8.8:50000 > 10.0.0.9:8000 back=900 flags times=20 ports=+1\n"

DETECTIONS = (
    Detection(
        id="RW522",
        name="never-seen",
        title="the blueprint allows what nobody used",
        severity=Severity.MEDIUM,
        confidence="medium",
        sql="""
            SELECT
              family,
              source_high,
              source_low,
              destination_high,
              destination_low,
              port,
              protocol,
              SUM(records) AS records,
              SUM(rejected) AS rejected,
              SUM(syns) AS syns,
              SUM(answers) AS answers,
              SUM(bytes_out) AS bytes_out,
              MIN(first) AS first,
              MAX(last) AS last,
              $days AS days,
              $ports AS most
            FROM conversation
            WHERE source_inside + destination_inside >= 1
            GROUP BY
              family, source_high, source_low, destination_high, destination_low, port, protocol
            HAVING SUM(records) > SUM(rejected) OR SUM(packets_back) > 0
            ORDER BY
              family, source_high, source_low, destination_high, destination_low, port, protocol
        """,
        parameters=(
            Parameter("days", 14, "what runs once a week was seen twice"),
            Parameter("ports", 8, "more ports than that of a range are not worth a list"),
        ),
        entities=("flow",),
        says="{flow} {use} in {days:.1f} days; {outcome}",
        counts={
            "change": "the change to the blueprint, proven; empty if there is none",
            "kept_for": "what needs the flow although it was not seen",
            "days": "from the first record to the last",
        },
        why="What is open and not used serves nobody but who gets in.",
        instead="Make the change in the blueprint; `ringwall plan` shows what closes. A change was "
        "proven to leave every conversation that was seen as it is, and every expectation.",
        blind="What runs less often than the logs reach back; logs of rejected traffic alone; "
        "interfaces without logs (see the coverage). Groups that share a tier are told apart by "
        "their interfaces alone (--network aws or a snapshot).",
        by_default=False,
        needs_network=True,
        needs_blueprint=True,
        judge=_judge,
        network=_NETWORK,
        hits=(
            _CUSTOMERS,
            _CUSTOMERS + "10.0.0.9:50000 > 10.0.16.9:5432 back=900 flags",
        ),
        misses=(_CUSTOMERS + _DEVELOPERS + "10.0.0.9:50000 > 10.0.16.9:5432 back=900 flags",),
    ),
)
