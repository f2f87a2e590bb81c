"""A blueprint without a flow, or with a narrower one: the change as a value, and as text.

Rule: only what is left out changes; nothing is added, so whatever the new blueprint allows the old
one allowed, too.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ringwall.blueprint.ends import declared_flows
from ringwall.blueprint.syntax import Blueprint, Flow, Path
from ringwall.model.ports import PortSpec


@dataclass(frozen=True, slots=True)
class Tightening:
    """What remains of a flow: `flow` is what it is to say, None if it is to go."""

    path: Path
    was: Flow
    flow: Flow | None

    @property
    def place(self) -> str:
        """Return where the flow stands, as people write it: `vpcs.hub.flows[1]`."""
        parts = [f"[{part}]" if isinstance(part, int) else f".{part}" for part in self.path]
        return "".join(parts).removeprefix(".")

    def lines(self) -> tuple[str, ...]:
        """Return the change, as lines for who edits the file."""
        if self.flow is None:
            return (f"remove {self.place}: {summary(self.was)}",)
        found = []
        for name, before, after in (
            ("from", self.was.sources, self.flow.sources),
            ("to", self.was.destinations, self.flow.destinations),
            ("ports", self.was.ports, self.flow.ports),
        ):
            if before != after:
                found.append(f"{self.place}: {name}: {_listed(before)} -> {_listed(after)}")
        return tuple(found)


def narrowed(
    flow: Flow,
    *,
    sources: Sequence[str],
    destinations: Sequence[str],
    ports: Sequence[PortSpec],
) -> Flow:
    """Return a flow with these ends and ports alone."""
    left = {
        "sources": tuple(sources),
        "destinations": tuple(destinations),
        "ports": tuple(ports),
    }
    return flow.model_copy(update=left)


def summary(flow: Flow) -> str:
    """Write a flow in one line."""
    ends = f"{_listed(flow.sources)} -> {_listed(flow.destinations)}"
    return f"{ends} ports {_listed(flow.ports)}"


def _listed(items: Sequence[object]) -> str:
    return f"[{', '.join(map(str, items))}]"


def tightened(bp: Blueprint, changes: Sequence[Tightening]) -> Blueprint:
    """Return the blueprint with these changes made; the places of what remains move up."""
    made: Mapping[Path, Tightening] = {each.path: each for each in changes}
    left: dict[str, list[Flow]] = {name: [] for name in ("", *bp.vpcs)}
    for path, vpc, flow in declared_flows(bp):
        after = made[path].flow if path in made else flow
        if after is not None:
            left[vpc].append(after)
    vpcs = {
        name: vpc.model_copy(update={"flows": tuple(left[name])}) for name, vpc in bp.vpcs.items()
    }
    return bp.model_copy(update={"vpcs": vpcs, "flows": tuple(left[""])})
