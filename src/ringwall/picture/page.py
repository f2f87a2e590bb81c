"""What stands around every picture of a network: its head, lists of texts, the key."""

from ringwall.picture.scene import Fault, Scene, Violation
from ringwall.picture.svg import Canvas, measure, wrapped

EDGE = 24  # around everything
LEAST_WIDTH = 720
LINE = 17
MOST_LISTED = 40
MOST_NAMED = 16
FAULTS = {
    Fault.UNWANTED: "is reachable and must not be",
    Fault.MISSING: "is not reachable and must be",
    Fault.UNDECIDED: "is not decided",
}


def mark(canvas: Canvas, x: float, y: float, number: int) -> None:
    """Draw the number of a violation, its middle there."""
    text = str(number)
    half = max(8.0, measure(text, "n") / 2 + 4)
    canvas.rect(x - half, y - 8, 2 * half, 16, "mark", round_by=8)
    canvas.text(x, y + 3.5, text, "n onbad", limit=2 * half, anchor="middle")


def head_height(scene: Scene) -> float:
    """Return where that which follows title and verdict may begin."""
    further = bool(scene.selection) + bool(scene.unknowns)
    return EDGE + 58 + further * LINE


def head(canvas: Canvas, scene: Scene, width: float) -> None:
    """Draw title and verdict."""
    space, y = width - 2 * EDGE, float(EDGE + 18)
    canvas.text(EDGE, y, scene.title, "h1", limit=space)
    y += 22
    failing = len(scene.violations)
    facts = [f"{len(scene.vpcs)} VPC{'' if len(scene.vpcs) == 1 else 's'}"]
    facts += [each for each in (scene.status, scene.basis) if each]
    canvas.text(EDGE, y, " · ".join(facts), "p bad" if failing else "p soft", limit=space)
    if scene.selection:
        y += LINE
        canvas.text(EDGE, y, selection_line(scene), "p pick", limit=space)
    if scene.unknowns:
        y += LINE
        count = len(scene.unknowns)
        what = "thing is" if count == 1 else "things are"
        text = f"? {count} {what} not known or not modelled, listed below: more may be reachable"
        canvas.text(EDGE, y, text, "p doubt", limit=space)


def selection_line(scene: Scene) -> str:
    """Return what the selection reaches and who reaches it, in numbers."""
    out = {f.target for f in scene.flows if scene.is_selected(f.source)}
    into = {f.source for f in scene.flows if scene.is_selected(f.target)}
    return f"selected: {scene.selection}, which reaches {len(out)} and is reached by {len(into)}"


def selection_parties(scene: Scene) -> tuple[str, ...]:
    """Return what the selection reaches and who reaches it, segment by segment."""
    names = {each.key: each.name for each in scene.segments}
    party = {vpc.key: names.get(vpc.segment, "") or vpc.name for vpc in scene.vpcs}
    met: dict[tuple[bool, str], dict[str, None]] = {}
    for flow in scene.flows:
        if flow.doubt == "missing":
            continue
        for outward, here, there in (
            (True, flow.source, flow.target),
            (False, flow.target, flow.source),
        ):
            if scene.is_selected(here):
                who = party.get(there.vpc, there.name)
                met.setdefault((not outward, who), {})[there.name] = None
    return tuple(
        f"{'is reached from' if inward else 'reaches'} {who}"
        + ("" if list(found) == [who] else f": {_some(list(found))}")
        for (inward, who), found in sorted(met.items())
    )


def _some(names: list[str]) -> str:
    more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    return ", ".join(names[:MOST_NAMED]) + more


def violations(canvas: Canvas, scene: Scene, y: float, width: float) -> float:
    """Draw the violations with their explanations; return where they end."""
    if not scene.violations:
        return y
    space = width - 2 * EDGE
    y += 24
    canvas.text(EDGE, y, "What does not hold", "h2", limit=space)
    for each in scene.violations:
        y = _violation(canvas, each, y + 12, space)
    return y


def _violation(canvas: Canvas, each: Violation, y: float, space: float) -> float:
    lines = [f"{each.source.name} → {each.target.name} {each.ports} {FAULTS[each.fault]}"]
    lines += each.lines
    told = [part for line in lines for part in wrapped(line, "p", space - 52, 2)]
    height = 28 + len(told) * LINE + 4
    with canvas.group():
        canvas.rect(EDGE, y, space, height, "bad", round_by=6)
        mark(canvas, EDGE + 20, y + 16, each.number)
        canvas.text(EDGE + 40, y + 21, each.title, "h3 bad", limit=space - 52)
        for number, line in enumerate(told, 1):
            canvas.text(EDGE + 40, y + 21 + number * LINE, line, "p", limit=space - 52)
    return y + height


def listing(
    canvas: Canvas, title: str, lines: tuple[str, ...], y: float, width: float, kind: str = "p"
) -> float:
    """Draw a titled list, what is over counted; return where it ends."""
    if not lines:
        return y
    space = width - 2 * EDGE
    y += 26
    canvas.text(EDGE, y, title, "h2", limit=space)
    shown = lines[:MOST_LISTED]
    if len(lines) > len(shown):
        shown = (*shown, f"and {len(lines) - len(shown)} more: `ringwall map --table` names them")
    for line in shown:
        for part in wrapped(line, kind.split(maxsplit=1)[0], space, 2):
            y += LINE
            canvas.text(EDGE, y, part, kind, limit=space)
    return y


def foot(canvas: Canvas, scene: Scene, y: float, width: float, key: tuple[str, ...]) -> float:
    """Draw violations, unknowns, notes and the key; return where all ends."""
    y = violations(canvas, scene, y, width)
    y = listing(canvas, "What is not known", scene.unknowns, y, width, "p doubt")
    y = listing(canvas, "Notes", scene.notes, y, width)
    return listing(canvas, "How to read this", key, y, width, "p soft") + EDGE
