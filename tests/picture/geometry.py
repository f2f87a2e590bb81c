"""An SVG → where its texts, rectangles and lines lie, and what is wrong with that."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree import ElementTree as ET

from ringwall.picture.font import width
from ringwall.picture.style import TEXTS

NS = "{http://www.w3.org/2000/svg}"
ASCENT, DESCENT = 0.73, 0.21  # of capitals and of tails, in ems
SLACK = 0.6  # coordinates are written with one decimal


@dataclass(frozen=True)
class Area:
    left: float
    top: float
    right: float
    bottom: float
    what: str = ""

    def meets(self, other: "Area") -> bool:
        return (
            self.left < other.right - SLACK
            and other.left < self.right - SLACK
            and self.top < other.bottom - SLACK
            and other.top < self.bottom - SLACK
        )

    def lies_in(self, other: "Area") -> bool:
        return (
            other.left - SLACK <= self.left
            and self.right <= other.right + SLACK
            and other.top - SLACK <= self.top
            and self.bottom <= other.bottom + SLACK
        )


@dataclass(frozen=True)
class Picture:
    root: ET.Element
    canvas: Area
    texts: list[Area]
    rects: list[Area]
    lines: list[Area]  # straight pieces, of no width


def read(svg: str) -> Picture:
    root = ET.fromstring(svg)
    canvas = Area(0, 0, float(root.attrib["width"]), float(root.attrib["height"]))
    return Picture(
        root,
        canvas,
        [_text(each) for each in root.iter(f"{NS}text")],
        [_rect(each) for each in root.iter(f"{NS}rect")],
        [line for each in root.iter(f"{NS}path") for line in _lines(each)],
    )


def shown(element: ET.Element) -> str:
    """Return the text that a text element shows, without its title."""
    return (element.text or "") + "".join(child.tail or "" for child in element)


def _text(element: ET.Element) -> Area:
    size, bold = TEXTS[element.attrib["class"].split()[0]]
    text = shown(element)
    wide = width(text, size, bold=bold)
    x, y = float(element.attrib["x"]), float(element.attrib["y"])
    left = x - {"middle": wide / 2, "end": wide}.get(element.attrib.get("text-anchor", ""), 0)
    return Area(left, y - ASCENT * size, left + wide, y + DESCENT * size, text)


def _rect(element: ET.Element) -> Area:
    x, y, w, h = (float(element.attrib.get(name, 0)) for name in ("x", "y", "width", "height"))
    return Area(x, y, x + w, y + h, element.attrib["class"])


def _lines(element: ET.Element) -> Iterator[Area]:
    """Yield the straight pieces of lines; their bends stay inside of four pixels."""
    if "flow" not in element.attrib["class"].split():
        return
    x = y = 0.0
    for command, text in re.findall(r"([MHVQ])([-\d. ]+)", element.attrib["d"]):
        numbers = [float(part) for part in text.split()]
        before = x, y
        if command == "H":
            x = numbers[0]
        elif command == "V":
            y = numbers[0]
        else:
            x, y = numbers[-2:]
        if command in "HV":
            (a, b), (c, d) = sorted((before[0], x)), sorted((before[1], y))
            yield Area(a, c - 0.01, b, d + 0.01, element.attrib["d"])


def faults(svg: str) -> list[str]:
    """Return every text that leaves its box or the page, or lies on another text or on a line."""
    picture = read(svg)
    found = [f"{t} leaves the page" for t in picture.texts if not t.lies_in(picture.canvas)]
    found += [f"{r} leaves the page" for r in picture.rects if not r.lies_in(picture.canvas)]
    texts = sorted((t for t in picture.texts if t.what), key=lambda t: t.top)
    for number, text in enumerate(texts):
        for other in texts[number + 1 :]:
            if other.top > text.bottom:
                break
            if text.meets(other):
                found.append(f"{text} lies on {other}")
    for text in texts:
        found += [
            f"{text} crosses the edge of {rect}"
            for rect in picture.rects
            if text.meets(rect) and not text.lies_in(rect)
        ]
        found += [
            f"{text} is crossed by {line}"
            for line in picture.lines
            if line.left < text.right - SLACK
            and text.left < line.right - SLACK
            and line.top < text.bottom - 1
            and text.top + 1 < line.bottom
        ]
    return found


def ids(svg: str) -> list[str]:
    return [each.attrib["id"] for each in read(svg).root.iter() if "id" in each.attrib]
