"""RW522: what the blueprint allows and nobody used, with the tighter blueprint that is proven."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from ringwall.blueprint.compile import compile_blueprint
from ringwall.blueprint.ends import declared_flows
from ringwall.blueprint.syntax import Path
from ringwall.blueprint.tightening import Tightening, narrowed, summary, tightened
from ringwall.detections.conversing import Asked, Seen, least, whole
from ringwall.detections.detection import (
    Context,
    Detection,
    Entity,
    Parameter,
    Row,
    Sighting,
    Value,
)
from ringwall.detections.flows_there import there_since
from ringwall.detections.flows_used import Used, uses
from ringwall.errors import QuestionError
from ringwall.model.finding import Severity
from ringwall.model.ports import PortSpec
from ringwall.reach.conversations import Standing
from ringwall.reach.engine import Engine
from ringwall.reach.expectations import check
from ringwall.traffic.columns import Columns
from ringwall.traffic.naming import Names

DAY = 86_400  # seconds
FOREVER = 1 << 62  # seconds
HALF = 2  # logs that cover half a day less than asked count as covering it


def _judge(detection: Detection, rows: Sequence[Row], context: Context) -> Iterator[Sighting]:
    """Yield a finding for each flow of which something was never used while it was there.

    Raises QuestionError when the logs are of fewer days than is asked.
    """
    bp = context.blueprint
    assert bp is not None
    columns = Columns.of(rows)
    begun, ended = int(columns.numbers("first").min()), int(columns.numbers("last").max())
    days, most = whole(rows[0]["days"]), whole(rows[0]["most"])
    if ended - begun < days * DAY - DAY // HALF:
        msg = f"the logs cover {(ended - begun) / DAY:.1f} days, {detection.name} asks for {days}"
        raise QuestionError(msg, hint=f"ingest more, or --set {detection.name}.days=N")
    seen = Seen(columns)
    proof = _Proof(context, seen)
    used: dict[int, Mapping[Path, Used]] = {}
    for path, vpc, flow in declared_flows(bp):
        since = there_since(context, vpc, flow)
        if since not in used:
            used[since] = uses(bp, _parts(context, seen, since))
        change = _tightening(Tightening(path, flow, None), used[since][path], most)
        if change is not None:
            time = max(begun, min(since, ended)), ended
            is_new = time[1] - time[0] < days * DAY - DAY // HALF
            kept = _NEW.format(days=(time[1] - time[0]) / DAY, asked=days) if is_new else ""
            yield _sighting(detection, change, kept or proof.breaks(change), time)


_NEW = "it is there for {days:.1f} days, {asked} are asked for"


def _parts(context: Context, seen: Seen, since: int) -> Iterator[tuple[Names, Seen]]:
    """Yield what was seen from a second on, by the network that held at the first of it."""
    counted = seen.last >= since
    ends = [*context.changes, FOREVER]
    start = -1
    for each, end in zip(context.each(), ends, strict=True):
        assert each.names is not None
        chosen = counted & (seen.first >= start) & (seen.first < end)
        if chosen.any():
            yield each.names, seen.only(chosen)
        start = end


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

    def __init__(self, context: Context, seen: Seen) -> None:
        assert context.meant is not None
        assert context.blueprint is not None
        self._blueprint, self._expected = context.blueprint, context.expected
        self._context, self._seen = context, seen
        self._before = Asked(context.meant, are_hosts=False).judge(seen)
        self._held = [result.ok for result in check(context.meant, self._expected)]

    def breaks(self, change: Tightening) -> str:
        """Return what a change would break, "" if nothing."""
        bp = tightened(self._blueprint, [change])
        engine = Engine(compile_blueprint(bp), bp.networks)
        before, after = self._before, Asked(engine, are_hosts=False).judge(self._seen)
        is_cut = before.are(Standing.ALLOWED, Standing.POSSIBLE)
        is_cut &= before.numbers() != after.numbers()
        cut = self._seen.only(is_cut)
        first = least(np.zeros(len(cut), np.int64), 1, cut.order)[: len(cut)].tolist()
        for edge in cut.edges(first, self._context):
            return f"{edge.source} to port {edge.service} of {edge.destination} was seen"
        for held, result in zip(self._held, check(engine, self._expected), strict=True):
            if held and not result.ok:
                return f"expectation {result.expectation.name!r} needs it"
        return ""


def _sighting(
    detection: Detection, change: Tightening, kept: str, time: tuple[int, int]
) -> Sighting:
    lines = "; ".join(change.lines())
    text = detection.says.format(
        flow=f"{change.place} ({summary(change.was)})",
        use="was never used" if change.flow is None else "was used in part",
        days=(time[1] - time[0]) / DAY,
        outcome=f"it stays: {kept}" if kept else f"proven to cut nothing seen: {lines}",
    )
    evidence: dict[str, Value] = {
        "change": "" if kept else lines,
        "kept_for": kept,
        "days": round((time[1] - time[0]) / DAY, 2),
    }
    severity = Severity.LOW if kept else detection.severity
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
              begun,
              ended,
              syns,
              answers,
              first,
              last,
              $days AS days,
              $ports AS most
            FROM edge
            WHERE records > rejected OR passages > 0
            ORDER BY
              family, source_high, source_low, destination_high, destination_low, port, protocol,
              begun, ended
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
