"""Networks → scenes and pictures, and random scenes for the laws of pictures."""

from functools import cache
from pathlib import Path

from hypothesis import strategies as st

from ringwall.app.mapping import map_network
from ringwall.app.proving import read_expectations
from ringwall.app.sources import Source, SourceKind, open_network
from ringwall.app.workspace import CloudSettings
from ringwall.formats.describe import read_folder
from ringwall.picture.scene import (
    Badge,
    Bunch,
    Cell,
    End,
    Fault,
    Flow,
    FlowKind,
    Group,
    LaneKind,
    Link,
    Matrix,
    Scene,
    Segment,
    Tier,
    Violation,
    Vpc,
)
from ringwall.picture.view import view
from ringwall.reach.engine import Engine
from ringwall.reach.relations import Board
from tests.networks.drawing import draw as draw_network
from tests.picture.messy import messy

EXAMPLES = Path(__file__).parents[2] / "examples"


@cache
def source(name: str) -> Source:
    """Read an example, or the messy account."""
    if name == "messy":
        return Source("messy", SourceKind.FOLDER, read_folder(messy()))
    return open_network(str(EXAMPLES / f"{name}.yaml"), CloudSettings())


@cache
def scene(name: str, selection: str = "", expect: str = "") -> Scene:
    return map_network(source(name), selection=selection, expect=read_expectations(expect))


def random_network(seed: int) -> Scene:
    return view(Board(Engine(draw_network(seed).graph)), f"seed {seed}")


# Every plane of Unicode, what reorders or hides text, and what XML forbids.
NAMES = st.one_of(
    st.text(max_size=40),
    st.text(alphabet="abcdef-/ ", min_size=1, max_size=120),
    st.sampled_from(
        ['<&">', "]]>", "\x00\x1b[0m", "\u202eevil", "😀" * 30, "שירות", "a\nb", "", " "]
    ),
)
PORTS = st.sampled_from(["tcp/443", "any", "tcp/80,443,8000-8999, udp, icmp type 8 code 0", "tcp"])
DOUBTS = st.sampled_from(["", "in part", "one way", "unknown", "missing", "some clients, in part"])


@st.composite
def scenes(draw: st.DrawFn) -> Scene:
    """Draw a scene that any graph could have: any names, any groups, flows between any of them."""
    overview = draw(st.booleans())
    segments = draw(st.lists(NAMES, max_size=3))
    vpcs = [
        _vpc(draw, f"v{n}", [f"s{m}" for m in range(len(segments))])
        for n in range(draw(st.integers(0, 5)))
    ]
    ends = [End(f"{v.name}/{g.name}", v.key, g.key) for v in vpcs for g in v.groups]
    ends += [End(v.name, v.key) for v in vpcs]
    ends += [End(name) for name in ("internet", "outside", "203.0.113.0/24", draw(NAMES))]
    count = draw(st.integers(0, 3))
    flows = [_flow(draw, ends, count) for _ in range(draw(st.integers(0, 20)))]
    violations = tuple(
        Violation(
            n,
            draw(NAMES),
            draw(st.sampled_from(Fault)),
            draw(st.sampled_from(ends)),
            draw(st.sampled_from(ends)),
            draw(PORTS),
            tuple(draw(st.lists(NAMES, max_size=4))),
        )
        for n in range(1, count + 1)
    )
    keys = [end.group or end.vpc or end.name for end in ends]
    return Scene(
        title=draw(NAMES),
        vpcs=tuple(sorted(vpcs, key=lambda v: v.segment)),
        segments=tuple(
            Segment(f"s{n}", name, draw(NAMES), (name, draw(NAMES)), (draw(NAMES),))
            for n, name in enumerate(segments)
        ),
        links=tuple(
            Link(draw(NAMES), (draw(st.sampled_from(keys)), draw(NAMES)), draw(NAMES))
            for _ in range(draw(st.integers(0, 2)))
        ),
        flows=tuple(flows),
        violations=violations,
        bunches=tuple(Bunch((v.key,), draw(st.booleans())) for v in vpcs) if overview else (),
        matrix=_matrix(draw) if overview else None,
        basis=draw(NAMES),
        status=draw(NAMES),
        selection=draw(NAMES),
        selected=frozenset(draw(st.lists(st.sampled_from(keys), max_size=2))),
        notes=tuple(draw(st.lists(NAMES, max_size=3))),
        unknowns=tuple(draw(st.lists(NAMES, max_size=3))),
    )


def _vpc(draw: st.DrawFn, key: str, segments: list[str]) -> Vpc:
    tiers = []
    for n in range(draw(st.integers(0, 3))):
        groups = tuple(
            Group(
                f"{key}/{n}/{m}",
                draw(NAMES),
                draw(st.none() | st.integers(0, 10**6)),
                tuple(draw(st.lists(NAMES, max_size=2))),
                tuple(draw(st.lists(NAMES, max_size=1))),
            )
            for m in range(draw(st.integers(0, 7)))
        )
        cidrs = tuple(draw(st.lists(NAMES, max_size=3)))
        tiers.append(Tier(draw(NAMES), draw(st.sampled_from(LaneKind)), cidrs, groups))
    return Vpc(
        key,
        draw(NAMES),
        tuple(draw(st.lists(NAMES, max_size=2))),
        draw(NAMES),
        draw(NAMES),
        draw(st.sampled_from(["", *segments])),
        tuple(tiers),
        tuple(Badge(draw(NAMES), draw(NAMES), draw(st.booleans())) for _ in range(2)),
        tuple(draw(st.lists(NAMES, max_size=2))),
    )


def _flow(draw: st.DrawFn, ends: list[End], violations: int) -> Flow:
    one, two = draw(st.sampled_from(ends)), draw(st.sampled_from(ends))
    inner = bool(one.vpc) + bool(two.vpc)
    kind = FlowKind.OUTSIDE
    if inner == 2:
        kind = FlowKind.INSIDE if one.vpc == two.vpc else FlowKind.ACROSS
    elif "internet" in {one.name, two.name}:
        kind = FlowKind.INTERNET
    numbers = tuple(sorted(draw(st.sets(st.integers(1, violations))))) if violations else ()
    return Flow(one, two, draw(PORTS), kind, draw(DOUBTS), numbers)


def _matrix(draw: st.DrawFn) -> Matrix:
    names = (*draw(st.lists(NAMES, max_size=4)), "internet", "aws:s3")
    sizes = (*(draw(st.integers(1, 300)) for _ in names[:-2]), 0, -1)
    pairs = [(a, b) for a in range(len(names)) for b in range(len(names))]
    cells = {
        pair: Cell(draw(st.integers(0, 10**7)), (draw(NAMES),), draw(st.booleans()))
        for pair in draw(st.lists(st.sampled_from(pairs), max_size=5))
    }
    return Matrix(names, sizes, cells)
