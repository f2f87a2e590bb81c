"""What the pictures of real networks look like."""

import re
import time
from dataclasses import replace

import pytest

from ringwall.picture.draw import draw
from ringwall.picture.scene import End, Flow, FlowKind, Group, LaneKind, Scene, Tier, Vpc
from ringwall.picture.style import DARK, LIGHT, PRINT
from ringwall.picture.table import tables
from tests.golden.golden import golden
from tests.picture.geometry import faults, ids, read, shown
from tests.picture.scenes import random_network, scene

PICTURES = {
    "minimal": ("minimal",),
    "fortress": ("fortress",),
    "fortress-selected": ("fortress", "production/app"),
    "forty": ("forty",),
    "messy": ("messy",),
}


def texts(svg: str) -> list[str]:
    return [shown(each) for each in read(svg).root.iter("{http://www.w3.org/2000/svg}text")]


@pytest.mark.parametrize("name", PICTURES)
def test_no_text_leaves_its_box_or_meets_another(name):
    svg = draw(scene(*PICTURES[name]))
    assert faults(svg) == []
    assert len(ids(svg)) == len(set(ids(svg)))


@pytest.mark.parametrize("seed", range(8))
def test_a_random_network_has_a_picture(seed):
    found = random_network(seed)
    assert faults(draw(found)) == []
    assert any(tables(found))


def test_a_fault_is_found():
    """The judge of pictures sees a text that leaves its box, one on another, one under a line."""
    head = '<svg xmlns="http://www.w3.org/2000/svg" width="200" height="100">'
    box = '<rect class="box" x="10" y="10" width="50" height="20"/>'
    text = '<text class="p" x="{}" y="{}">a long text</text>'
    assert faults(f"{head}{box}{text.format(80, 25)}</svg>") == []
    assert "crosses the edge" in faults(f"{head}{box}{text.format(12, 25)}</svg>")[0]
    assert "lies on" in faults(f"{head}{text.format(80, 25)}{text.format(90, 28)}</svg>")[0]
    assert "leaves the page" in faults(f"{head}{text.format(180, 25)}</svg>")[0]
    line = '<path class="flow" d="M70 20H190"/>'
    assert "is crossed" in faults(f"{head}{text.format(80, 25)}{line}</svg>")[0]


@pytest.mark.parametrize("name", ["minimal", "fortress", "forty"])
def test_a_picture_and_its_tables_are_as_their_golden_files(name):
    shown_in_docs = name == "fortress"
    golden(
        "../../docs/concepts/map.svg" if shown_in_docs else f"maps/{name}.svg", draw(scene(name))
    )
    golden(f"maps/{name}.md", "\n".join(tables(scene(name))) + "\n")


def test_a_picture_needs_nothing_else():
    svg = draw(scene("messy"))
    assert re.findall(r"https?://[^\s\"<]*", svg) == ["http://www.w3.org/2000/svg"]
    assert not re.search(r"<(script|image|use|foreignObject)|url\(|@import|\son\w+=", svg)
    assert "prefers-color-scheme:dark" in svg
    assert "@media print" in svg


def test_names_of_an_account_are_text_and_nothing_else():
    svg = draw(scene("messy"))
    assert "legacy &lt;prod&gt; &amp; &quot;friends&quot;" in svg
    assert 'legacy <prod> & "friends"' in texts(svg)


def test_a_picture_says_what_it_is_to_who_does_not_see_it():
    root = read(draw(scene("fortress"))).root
    title, description = root[0], root[1]
    assert root.attrib["role"] == "img"
    assert root.attrib["aria-labelledby"] == f"{title.attrib['id']} {description.attrib['id']}"
    assert title.text == "fortress"
    assert "19 of 19 expectations hold" in (description.text or "")


def luminance(colour: str) -> float:
    parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, two: str) -> float:
    bright, dark = sorted((luminance(one), luminance(two)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


LANES = ("public", "private", "isolated", "attachment", "unclear")
ON = {
    "ink": ("page", "vpc", "box", "chip", "badfill", "pickfill", "some", "outer", *LANES),
    "soft": ("page", "vpc", "box", *LANES),
    "bad": ("page", "vpc", "box", "badfill"),
    "net": ("chip", "vpc", "box", "outer"),
    "doubt": ("page", "vpc", "box", "chip", "some"),
    "pick": ("page", "vpc", "pickfill"),
    "onbad": ("bad",),
}


@pytest.mark.parametrize("palette", [LIGHT, DARK, PRINT], ids=["light", "dark", "print"])
def test_text_has_contrast_on_everything_it_stands_on(palette):
    """WCAG 2.2, 1.4.3: a contrast ratio of at least 4.5:1."""
    poor = [
        f"{text} on {ground}: {ratio:.2f}"
        for text, grounds in ON.items()
        for ground in grounds
        if (ratio := contrast(palette[text], palette[ground])) < 4.5
    ]
    assert poor == []


def test_a_selection_dims_what_does_not_touch_it():
    plain, picked = draw(scene("fortress")), draw(scene("fortress", "production/app"))
    assert 'class="dim"' not in plain
    assert picked.count('class="dim"') > 30
    assert "▸ app" in texts(picked)
    assert any("which reaches 7 and is reached by 1" in text for text in texts(picked))


def test_an_unknown_is_drawn_as_one():
    svg = draw(scene("messy"))
    assert any("not known or not modelled" in text for text in texts(svg))
    assert any(text.endswith("(unknown)") for text in texts(svg))
    assert re.search(r'<rect class="chip doubt"', svg)


def test_a_long_list_says_how_much_it_leaves_out():
    found = replace(scene("minimal"), unknowns=tuple(f"thing {n}" for n in range(100)))
    shown_texts = texts(draw(found))
    assert "thing 39" in shown_texts
    assert "thing 40" not in shown_texts
    assert any(text.startswith("and 60 more") for text in shown_texts)
    assert sum("thing" in line for line in tables(found)) == 100


def crowded(count: int) -> Scene:
    """Return a VPC whose groups all reach one of them on the same port."""
    groups = tuple(Group(f"g{n}", f"group-{n}") for n in range(count))
    ends = [End(f"v/group-{n}", "v", f"g{n}") for n in range(count)]
    flows = tuple(Flow(end, ends[0], "tcp/443", FlowKind.INSIDE) for end in ends[1:])
    tiers = (Tier("private", LaneKind.PRIVATE, ("10.0.0.0/24",), groups),)
    return Scene("crowd", (Vpc("v", "v", tiers=tiers),), flows=flows)


def test_lines_of_a_few_are_drawn_and_those_of_many_are_counted():
    few, many = draw(crowded(11)), draw(crowded(12))
    assert few.count('class="flow"') == 10
    assert many.count('class="flow"') == 0
    assert "from 11 groups: tcp/443" in texts(many)
    assert faults(few) == faults(many) == []
    assert "v/group-11 → v/group-0: tcp/443" in many  # the title of the row


def test_a_name_of_any_length_is_shortened_at_once():
    long = replace(scene("minimal"), title="x, " * 100_000, unknowns=("word" * 50_000,))
    started = time.process_time()
    assert faults(draw(long)) == []
    assert time.process_time() - started < 5
