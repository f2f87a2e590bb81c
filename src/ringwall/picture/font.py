"""Text and a size → its width in pixels; text and a width → what fits.

Rule: widths are those of Liberation Sans, which Arial and Helvetica share; the picture asks for
these families. What the table lacks is taken as wide, so that text may end early, never late.
"""

from bisect import bisect_right
from functools import lru_cache
from itertools import accumulate
from unicodedata import category, combining, normalize

# Advance widths of U+0020 to U+007E in thousandths of an em (Liberation Sans 2, hmtx).
_REGULAR = (
    278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278,
    556, 556, 556, 556, 556, 556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556,
    1015, 667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667, 556, 833, 722, 778,
    667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469, 556,
    333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556,
    556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584,
)  # fmt: skip
_BOLD = (
    278, 333, 474, 556, 556, 889, 722, 238, 333, 333, 389, 584, 278, 333, 278, 278,
    556, 556, 556, 556, 556, 556, 556, 556, 556, 556, 333, 333, 584, 584, 584, 611,
    975, 722, 722, 722, 722, 667, 611, 778, 722, 278, 556, 722, 611, 833, 722, 778,
    667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 333, 278, 333, 584, 556,
    333, 556, 611, 556, 611, 556, 333, 611, 611, 278, 278, 556, 278, 889, 611, 611,
    611, 611, 389, 556, 333, 611, 556, 778, 556, 556, 500, 389, 280, 389, 584,
)  # fmt: skip
_FURTHER = {"·": 333, "\u2013": 556}  # the dash of ranges
_WIDE = 1060  # arrows, marks, ideographs, whatever a fallback font draws
_LETTER = 860  # Latin with accents, Greek, Cyrillic: the widest but a few
ELLIPSIS = "…"

# Characters that XML 1.0 forbids, and those that reorder or hide the text around them.
_UNSAFE = frozenset({"Cc", "Cs", "Cf", "Co", "Cn", "Zl", "Zp"})
_TABLES = {
    bold: {chr(32 + n): width for n, width in enumerate(table)} | _FURTHER
    for bold, table in ((False, _REGULAR), (True, _BOLD))
}


@lru_cache(maxsize=8192)
def clean(text: str) -> str:
    """Return a text in one line whose characters are all visible and allowed in XML."""
    if text.isascii() and text.isprintable():
        return text
    line = " ".join(text.split())
    return "".join("\ufffd" if category(c) in _UNSAFE else c for c in normalize("NFC", line))


def _advance(character: str) -> int:
    if combining(character) or category(character) == "Mn":
        return 0
    return _LETTER if character < "\u0530" else _WIDE


@lru_cache(maxsize=16384)
def width(text: str, size: float, *, bold: bool = False) -> float:
    """Return the width of one line in pixels."""
    table = _TABLES[bold]
    return sum(table.get(c) or _advance(c) for c in text) * size / 1000


@lru_cache(maxsize=8192)
def shorten(text: str, size: float, limit: float, *, bold: bool = False) -> str:
    """Return the text, or as much of its beginning and end as fits, with an ellipsis between.

    Names of one network often begin alike, so the end is kept too.
    """
    if width(text, size, bold=bold) <= limit:
        return text
    sums = [0.0, *accumulate(width(c, size, bold=bold) for c in text)]
    space = limit - width(ELLIPSIS, size, bold=bold)
    longest = bisect_right(sums, space)  # what is kept takes no more than a beginning of it would
    for kept in range(min(len(text), 3 * longest) - 1, 0, -1):
        tail = kept // 3 if kept > 8 else 0
        head = kept - tail
        if sums[head] + sums[-1] - sums[len(text) - tail] <= space:
            return text[:head].rstrip() + ELLIPSIS + (text[-tail:] if tail else "")
    return ELLIPSIS


def wrap(
    text: str, size: float, limit: float, *, lines: int = 99, bold: bool = False
) -> tuple[str, ...]:
    """Break a text into lines that fit; what is over goes into the last one, shortened.

    It breaks at spaces, and shortens a word only where the word alone is too long.
    """
    found: list[str] = []
    line = ""
    words = text.split(" ")
    for number, word in enumerate(words):
        longer = f"{line} {word}" if line else word
        if width(longer, size, bold=bold) <= limit:
            line = longer
            continue
        if line and len(found) + 1 < lines:
            found.append(line)
            line = shorten(word, size, limit, bold=bold)
            continue
        if not line and len(found) + 1 < lines:
            line = shorten(word, size, limit, bold=bold)
            continue
        rest = " ".join(words[number:])
        return (*found, shorten(f"{line} {rest}" if line else rest, size, limit, bold=bold))
    return (*found, line) if line else tuple(found)
