"""The looks of a report: the colours of a map, and what a page adds to them."""

from ringwall.picture.style import DARK, FAMILY, LIGHT, PRINT

_RULES = """
*{box-sizing:border-box}
html{color-scheme:light dark;background:var(--page)}
body{margin:0;background:var(--page);color:var(--ink);font:14px/1.5 FAMILY}
main{max-width:1120px;margin:0 auto;padding:24px}
h1{font-size:24px;line-height:1.25;margin:0 0 4px;overflow-wrap:anywhere}
h2{font-size:18px;margin:40px 0 8px;padding-top:12px;border-top:1px solid var(--rule)}
h3{font-size:15px;margin:24px 0 4px}
p{margin:4px 0;max-width:100ch}
a{color:var(--flow)}
a:focus-visible,summary:focus-visible{outline:3px solid var(--flow);outline-offset:2px}
code,pre{font:12px/1.5 'DejaVu Sans Mono',Menlo,Consolas,monospace}
pre{background:var(--outer);border:1px solid var(--rule);padding:12px;overflow:auto;margin:8px 0}
nav ul{display:flex;flex-wrap:wrap;gap:4px 20px;list-style:none;margin:12px 0 0;padding:0}
.hidden{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
.soft{color:var(--soft)}
.counts{display:flex;flex-wrap:wrap;gap:8px;list-style:none;margin:16px 0;padding:0}
.counts li{border:1px solid var(--edge);border-radius:6px;padding:6px 14px;min-width:104px}
.counts b{display:block;font-size:22px;line-height:1.2}
.counts .critical,.counts .high{border:2px solid var(--bad)}
.counts .critical b,.counts .high b{color:var(--bad)}
.counts .none{border:1px solid var(--rule)}
.counts .none b{color:var(--soft)}
.box{border:1px solid var(--edge);border-left-width:6px;border-radius:4px;
padding:10px 16px;margin:16px 0}
.box ul{margin:4px 0;padding-left:20px}
.box.lacks{border-color:var(--doubt)}
.box b.word{color:var(--doubt)}
.tell{display:inline-block;border:1px solid var(--edge);border-radius:4px;padding:0 8px;
font-size:12px;font-weight:700;margin-right:8px;vertical-align:1px}
.tell.critical,.tell.high{background:var(--bad);border-color:var(--bad);color:var(--onbad)}
.tell.medium{border:2px solid var(--net);color:var(--net)}
figure{margin:8px 0}
figcaption{margin-bottom:10px}
.wide{overflow-x:auto}
.wide>svg{min-width:760px;width:100%;height:auto;display:block}
table{border-collapse:collapse;width:100%;margin:8px 0}
caption{text-align:left;color:var(--soft);padding:2px 0 6px}
th,td{text-align:left;vertical-align:top;padding:4px 12px 4px 0;border-bottom:1px solid var(--rule);
overflow-wrap:anywhere}
thead th{font-size:12px;color:var(--soft);vertical-align:bottom}
tbody th{font-weight:400}
td.n,th.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
.tops{display:grid;grid-template-columns:repeat(auto-fit,minmax(440px,1fr));gap:0 40px}
.tops table{table-layout:fixed}
.tops th:first-child{width:32%;overflow-wrap:break-word}
thead th.n{white-space:normal}
.tops .bar{padding-top:9px}
.tops thead th:nth-child(2){width:26%}
.tops .bar svg{display:block;width:100%;height:12px}
.tops small{display:block;color:var(--soft)}
article{border:1px solid var(--rule);border-left:6px solid var(--edge);border-radius:4px;
padding:10px 16px;margin:12px 0;break-inside:avoid}
article.critical,article.high{border-left-color:var(--bad)}
article.medium{border-left-color:var(--net)}
article:target{background:var(--pickfill);border-color:var(--pick)}
article h4{font-size:14px;margin:0 0 6px;overflow-wrap:anywhere}
article .wide table{font-size:12px}
article .wide td,article .wide th{white-space:nowrap;overflow-wrap:normal}
article .two{display:grid;align-items:start;gap:0 32px;
grid-template-columns:minmax(0,1fr) minmax(0,1fr)}
article table{margin:0}
article .evidence th{width:50%}
article .who th{width:26%}
article td,article th{padding:2px 12px 2px 0}
article tbody tr:last-child>*{border-bottom:0}
details{margin:8px 0}
.asked details{margin:2px 0}
.asked summary{color:var(--ink)}
.twin td{font-variant-numeric:tabular-nums}
summary{cursor:pointer;color:var(--flow)}
svg text{fill:var(--ink);font-family:FAMILY}
svg .h3{font-size:12px;font-weight:700}
svg .s{font-size:11px}
svg .n{font-size:10px;font-weight:700}
svg text.soft{fill:var(--soft)}
svg .grid{fill:none;stroke:var(--rule)}
svg .axis{fill:none;stroke:var(--edge)}
svg .accepted{fill:var(--flow)}
svg .rejected{fill:url(#hatched) var(--badfill);stroke:var(--bad)}
svg .hatch{fill:var(--badfill)}
svg .line{stroke:var(--bad);stroke-width:2}
svg .paper{fill:var(--page)}
svg .gap{fill:url(#missing)}
svg .gapline{stroke:var(--edge);stroke-width:1}
svg .mark{fill:var(--box);stroke:var(--boxedge);stroke-width:1.5}
svg .mark.critical,svg .mark.high{fill:var(--bad);stroke:var(--bad)}
svg .mark.medium{stroke:var(--net)}
svg text.onbad{fill:var(--onbad)}
svg a:hover .mark,svg a:focus .mark{stroke:var(--ink);stroke-width:3}
svg .other{fill:none;stroke:var(--boxedge);stroke-width:4}
svg .other.critical,svg .other.high{stroke:var(--bad)}
svg .other.medium{stroke:var(--net)}
svg .lost{fill:none;stroke:var(--doubt);stroke-width:3}
@media(max-width:720px){main{padding:16px}article .two{grid-template-columns:1fr}
.tops{grid-template-columns:1fr}}
@media print{main{max-width:none;padding:0}nav,summary{display:none}.wide{overflow:visible}
.wide>svg{min-width:0}h2,h3{break-after:avoid}table{break-inside:auto}tr{break-inside:avoid}
a{color:inherit}.tell.critical,.tell.high,svg{print-color-adjust:exact}}
"""


def _variables(palette: dict[str, str]) -> str:
    return ";".join(f"--{name}:{colour}" for name, colour in palette.items())


def sheet() -> str:
    """Return the style sheet of a page."""
    rules = "".join(_RULES.split("\n")).replace("FAMILY", FAMILY)
    paper = _variables(PRINT | {"rule": "#aaaaaa"})
    return (
        f":root{{{_variables(LIGHT)}}}"
        f"@media(prefers-color-scheme:dark){{:root{{{_variables(DARK)}}}}}"
        f"@media print{{:root{{{paper};color-scheme:light}}@page{{margin:12mm}}}}"
        f"{rules}"
    )
