"""Shapes and texts → SVG elements, escaped, in the order in which they are drawn.

Rules:
- A text is measured before it is drawn; what does not fit is shortened, and whole in its title.
- Sizes and weights of text are those of `style.TEXTS`, by class.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from ringwall.picture.font import ELLIPSIS, clean, shorten, width, wrap
from ringwall.picture.style import TEXTS

_FORBIDDEN = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"})


def escape(text: str) -> str:
    """Return a text for XML, as an attribute or between tags."""
    return clean(text).translate(_FORBIDDEN)


def number(value: float) -> str:
    """Write a length with at most one decimal."""
    return f"{value:.1f}".removesuffix(".0")


def measure(text: str, kind: str) -> float:
    """Return the width of a text of a class."""
    size, bold = TEXTS[kind]
    return width(clean(text), size, bold=bold)


def wrapped(text: str, kind: str, limit: float, lines: int = 99) -> tuple[str, ...]:
    """Break a text of a class into lines that fit."""
    size, bold = TEXTS[kind]
    return wrap(clean(text), size, limit, lines=lines, bold=bold)


def enough(
    text: str, names: Sequence[str], kind: str, limit: float, lines: int = 1
) -> tuple[str, ...]:
    """Name as many after a text as a few lines hold, and count the rest; at least one is named."""
    for kept in range(len(names), 0, -1):
        more = f" and {len(names) - kept} more" if kept < len(names) else ""
        found = wrapped(text + ", ".join(names[:kept]) + more, kind, limit)
        if len(found) <= lines and (kept == 1 or not any(ELLIPSIS in line for line in found)):
            return found
    return wrapped(text + "".join(names[:1]), kind, limit, lines)


class Canvas:
    """Collects elements; coordinates are pixels from the top left."""

    def __init__(self) -> None:
        self._parts: list[str] = []

    def __str__(self) -> str:
        return "\n".join(self._parts)

    def rect(
        self, x: float, y: float, w: float, h: float, kind: str, *, round_by: float = 0
    ) -> None:
        """Draw a rectangle of a class."""
        corner = f' rx="{number(round_by)}"' if round_by else ""
        self._parts.append(
            f'<rect class="{kind}" x="{number(x)}" y="{number(y)}" width="{number(w)}" '
            f'height="{number(h)}"{corner}/>'
        )

    def path(self, steps: str, kind: str) -> None:
        """Draw a path of a class."""
        self._parts.append(f'<path class="{kind}" d="{steps}"/>')

    def circle(self, x: float, y: float, radius: float, kind: str) -> None:
        """Draw a circle of a class."""
        self._parts.append(
            f'<circle class="{kind}" cx="{number(x)}" cy="{number(y)}" r="{number(radius)}"/>'
        )

    def text(
        self,
        x: float,
        y: float,
        text: str,
        kind: str,
        *,
        limit: float,
        anchor: str = "",
        title: str = "",
    ) -> None:
        """Write a line of text at a baseline; `anchor` is middle or end, `title` its long form."""
        size, bold = TEXTS[kind.split(maxsplit=1)[0]]
        whole = clean(text)
        shown = shorten(whole, size, limit, bold=bold)
        at = f' text-anchor="{anchor}"' if anchor else ""
        long = title or (text if shown != whole else "")
        more = f"<title>{escape(long)}</title>" if long else ""
        self._parts.append(
            f'<text class="{kind}" x="{number(x)}" y="{number(y)}"{at}>{more}{escape(shown)}</text>'
        )

    @contextmanager
    def group(self, kind: str = "", title: str = "") -> Iterator[None]:
        """Draw what follows as one element that tells its title when pointed at."""
        named = f' class="{kind}"' if kind else ""
        self._parts.append(f"<g{named}>" + (f"<title>{escape(title)}</title>" if title else ""))
        yield
        self._parts.append("</g>")
