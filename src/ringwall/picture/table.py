"""A scene → its twin in tables of Markdown, for those who do not see the picture."""

from collections.abc import Iterable, Iterator, Sequence

from ringwall.picture.font import clean
from ringwall.picture.page import FAULTS, selection_line
from ringwall.picture.scene import ANSWERS, OUTSIDE, Matrix, Scene, Vpc


def tables(scene: Scene) -> Iterator[str]:
    """Yield the lines of everything that the picture shows."""
    yield f"# {_cell(scene.title)}"
    yield ""
    facts = [f"{len(scene.vpcs)} VPC{'' if len(scene.vpcs) == 1 else 's'}"]
    facts += [each for each in (scene.status, scene.basis) if each]
    yield f"{_cell('. '.join(facts))}."
    if scene.selection:
        yield ""
        yield f"{_cell(selection_line(scene))}."
    yield from _violations(scene)
    if scene.matrix is not None:
        yield from _matrix(scene.matrix)
        yield from _bunches(scene)
    yield from _vpcs(scene)
    yield from _joined(scene)
    yield from _flows(scene)
    yield from _list("What is not known", scene.unknowns)
    yield from _list("Notes", scene.notes)


def _violations(scene: Scene) -> Iterator[str]:
    if not scene.violations:
        return
    yield from _title("What does not hold")
    for each in scene.violations:
        told = f"{each.source.name} → {each.target.name} {each.ports} {FAULTS[each.fault]}"
        yield f"{each.number}. **{_cell(each.title)}**: {_cell(told)}"
        yield from (f"   - {_cell(line)}" for line in each.lines)


def _matrix(matrix: Matrix) -> Iterator[str]:
    yield from _title("Who reaches whom, in groups that are reached")
    header = ["from", *matrix.names]
    rows = []
    for n, name in enumerate(matrix.names):
        if matrix.sizes[n] == ANSWERS:
            continue
        row = [name]
        for m in range(len(matrix.names)):
            cell = matrix.cells.get((n, m))
            if matrix.sizes[n] <= OUTSIDE and matrix.sizes[m] <= OUTSIDE:
                row.append("")
            elif cell is None:
                row.append("none")
            else:
                known = str(cell.reached) if cell.reached or not cell.unknown else ""
                row.append(f"{known} unknown".strip() if cell.unknown else known)
        rows.append(row)
    yield from _table(header, rows)


def _bunches(scene: Scene) -> Iterator[str]:
    yield from _title("VPCs that are alike")
    names = {vpc.key: vpc.name for vpc in scene.vpcs}
    rows = [
        (
            names[bunch.vpcs[0]],
            str(len(bunch.vpcs)),
            "other ports" if bunch.ports_differ else "",
            ", ".join(names[key] for key in bunch.vpcs[1:]),
        )
        for bunch in scene.bunches
    ]
    yield from _table(("VPC", "in all", "but for", "and those like it"), rows)


def _vpcs(scene: Scene) -> Iterator[str]:
    yield from _title("VPCs")
    drawn = {bunch.vpcs[0] for bunch in scene.bunches} or {vpc.key for vpc in scene.vpcs}
    segments = {segment.key: segment.name for segment in scene.segments}
    rows = []
    for vpc in scene.vpcs:
        if vpc.key not in drawn:
            continue
        picked = "selected " if vpc.key in scene.selected else ""
        about = [badge.text for badge in vpc.badges] + [f"not modelled: {gap}" for gap in vpc.gaps]
        first = [picked + vpc.name, ", ".join(vpc.cidrs), segments.get(vpc.segment, "")]
        first.append(", ".join(about))
        for tier in _tiers(scene, vpc):
            rows.append((*first, *tier))
            first = [""] * 4
    header = ("VPC", "addresses", "segment", "with", "tier", "lane", "subnets", "groups")
    yield from _table(header, rows)


def _tiers(scene: Scene, vpc: Vpc) -> Iterator[tuple[str, ...]]:
    for tier in vpc.tiers:
        groups = []
        for group in tier.groups:
            text = f"selected {group.name}" if group.key in scene.selected else group.name
            if group.interfaces is not None:
                text += f" ({group.interfaces})"
            groups.append(text + (f": {', '.join(group.holds)}" if group.holds else ""))
        groups += [f"also {name}" for name in tier.also]
        yield tier.name, f"{tier.kind}: {tier.why}", ", ".join(tier.cidrs), "; ".join(groups)
    if not vpc.tiers:
        yield "", "", "no subnets", ""


def _joined(scene: Scene) -> Iterator[str]:
    if scene.segments:
        yield from _title("Segments")
        rows = [
            (each.name, each.gateway, ", ".join(each.routes_to), ", ".join(each.others))
            for each in scene.segments
        ]
        yield from _table(("segment", "Transit Gateway", "routes to", "also attached"), rows)
    if scene.links:
        yield from _title("Peerings")
        names = {vpc.key: vpc.name for vpc in scene.vpcs}
        rows4 = [
            (each.key, *(names.get(end, end) for end in each.ends), each.state)
            for each in scene.links
        ]
        yield from _table(("peering", "VPC", "VPC", "state"), rows4)


def _flows(scene: Scene) -> Iterator[str]:
    title = "Flows" if scene.matrix is None else "Flows inside of the VPCs above and with outside"
    yield from _title(title)
    rows = []
    for flow in scene.flows:
        row = [flow.source.name, flow.target.name, flow.ports, flow.doubt]
        row.append(", ".join(map(str, flow.violations)))
        if scene.selected:
            row.append("selected" if scene.touches(flow) else "")
        rows.append(row)
    header = ["from", "to", "ports", "not certain", "violation"]
    yield from _table(header + (["selection"] if scene.selected else []), rows)


def _title(text: str) -> Iterator[str]:
    yield ""
    yield f"## {text}"
    yield ""


def _list(title: str, lines: Sequence[str]) -> Iterator[str]:
    if lines:
        yield from _title(title)
        yield from (f"- {_cell(line)}" for line in lines)


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    told = list(rows)
    if not told:
        yield "none"
        return
    yield f"| {' | '.join(map(_cell, header))} |"
    yield f"|{'---|' * len(header)}"
    for row in told:
        yield f"| {' | '.join(map(_cell, row))} |"


def _cell(text: str) -> str:
    """Return a text in which nothing ends a cell, starts a tag or is not seen."""
    return clean(text).replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;")
