"""The looks of a map: colours for light, dark and paper; sizes of text.

Rules:
- Text has at least the contrast of WCAG AA, 4.5 to 1, on what it stands on, in each of the three.
- Nothing is said by colour alone: what is wrong has a number, what is not proven a word and dashes.
"""

FAMILY = "Arial, Helvetica, 'Liberation Sans', sans-serif"

# Class of a text: its size in pixels, and whether it is bold.
TEXTS: dict[str, tuple[float, bool]] = {
    "h1": (20, True),
    "h2": (14, True),
    "h3": (12, True),
    "p": (12, False),
    "s": (11, False),
    "n": (10, True),
}

LIGHT = {
    "page": "#ffffff",
    "ink": "#17212b",
    "soft": "#4c5967",
    "rule": "#c3ccd6",
    "vpc": "#f7f9fb",
    "edge": "#8593a3",
    "public": "#fdf0dc",
    "private": "#e4eefb",
    "isolated": "#e3f3e6",
    "attachment": "#eeeaf8",
    "unclear": "#efefef",
    "outer": "#f3f4f6",
    "box": "#ffffff",
    "boxedge": "#66788a",
    "chip": "#eef2f6",
    "flow": "#1f5f99",
    "net": "#8a4b00",
    "bad": "#b3121d",
    "badfill": "#fdeaea",
    "onbad": "#ffffff",
    "doubt": "#6b3fa0",
    "pick": "#0b6b3a",
    "pickfill": "#e6f7ec",
    "some": "#d6e6f7",
}
DARK = {
    "page": "#0f151b",
    "ink": "#e8edf2",
    "soft": "#a9b6c3",
    "rule": "#344150",
    "vpc": "#151d26",
    "edge": "#5c6d7f",
    "public": "#33270f",
    "private": "#142a42",
    "isolated": "#14301d",
    "attachment": "#262040",
    "unclear": "#26292d",
    "outer": "#1b222a",
    "box": "#0f151b",
    "boxedge": "#7c8fa2",
    "chip": "#222c37",
    "flow": "#7db8f0",
    "net": "#f0b35e",
    "bad": "#ff8a8a",
    "badfill": "#3a1518",
    "onbad": "#220507",
    "doubt": "#c6a5f5",
    "pick": "#6fdc9d",
    "pickfill": "#123321",
    "some": "#1d3a57",
}
PRINT = LIGHT | {
    "vpc": "#ffffff",
    "public": "#ffffff",
    "private": "#ffffff",
    "isolated": "#ffffff",
    "attachment": "#ffffff",
    "unclear": "#ffffff",
    "outer": "#ffffff",
    "chip": "#ffffff",
    "badfill": "#ffffff",
    "pickfill": "#ffffff",
    "some": "#ffffff",
    "ink": "#000000",
    "soft": "#333333",
    "rule": "#777777",
    "edge": "#333333",
    "boxedge": "#333333",
}

_RULES = """
text{fill:var(--ink)}
.page{fill:var(--page)}
.soft{fill:var(--soft)}
.vpc{fill:var(--vpc);stroke:var(--edge);stroke-width:1.5}
.lane{fill:none;stroke:var(--rule)}
.public{fill:var(--public)}
.private{fill:var(--private)}
.isolated{fill:var(--isolated)}
.attachment{fill:var(--attachment)}
.unclear{fill:var(--unclear)}
.outer{fill:var(--outer)}
.tier{stroke:var(--rule)}
.unclear.tier{stroke-dasharray:4 3;stroke:var(--soft)}
.box{fill:var(--box);stroke:var(--boxedge)}
.chip{fill:var(--chip);stroke:var(--rule)}
.chip.net{stroke:var(--net)}
.flow{fill:none;stroke:var(--flow);stroke-width:1.5}
.halo{fill:none;stroke:var(--vpc);stroke-width:5}
.hit{fill:none;stroke:transparent;stroke-width:12;pointer-events:stroke}
.tip{fill:var(--flow)}
path.net{stroke:var(--net)}
.tip.net{fill:var(--net);stroke:none}
text.net{fill:var(--net)}
path.doubt{stroke:var(--doubt);stroke-dasharray:4 3}
.tip.doubt{fill:var(--doubt);stroke:none}
text.doubt{fill:var(--doubt)}
rect.doubt{stroke:var(--doubt);stroke-dasharray:4 3}
path.bad{stroke:var(--bad);stroke-width:2.5}
path.missing{stroke-dasharray:7 4}
.tip.bad,.mark{fill:var(--bad);stroke:none}
text.bad{fill:var(--bad)}
text.onbad{fill:var(--onbad)}
rect.bad{fill:var(--badfill);stroke:var(--bad)}
rect.pick{fill:var(--pickfill);stroke:var(--pick);stroke-width:3}
text.pick{fill:var(--pick)}
.some{fill:var(--some);stroke:var(--rule)}
.none{fill:var(--page);stroke:var(--rule)}
.dim{opacity:.3}
g:hover>.flow{stroke-width:3.5}
"""


def _variables(palette: dict[str, str]) -> str:
    return ";".join(f"--{name}:{colour}" for name, colour in palette.items())


def sheet() -> str:
    """Return the style sheet of a map."""
    texts = "".join(
        f".{name}{{font-size:{size:g}px;font-weight:{700 if bold else 400}}}"
        for name, (size, bold) in TEXTS.items()
    )
    rules = "".join(_RULES.split("\n"))
    return (
        f".ringwall{{{_variables(LIGHT)};font-family:{FAMILY};"
        "background:var(--page)}"
        f"@media(prefers-color-scheme:dark){{.ringwall{{{_variables(DARK)}}}}}"
        f"@media print{{.ringwall{{{_variables(PRINT)};width:100%;height:auto}}"
        ".dim{opacity:.55}}@page{margin:8mm}"
        f"{texts}{rules}"
    )
