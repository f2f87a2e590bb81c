"""A report is one file that says everything, runs nothing, and takes no text for a tag."""

import re
from base64 import b64encode
from dataclasses import replace
from hashlib import sha256
from html.parser import HTMLParser
from itertools import pairwise

import pytest

from ringwall.model.finding import Severity
from ringwall.picture.report.choosing import MOST, OF_ONE, groups
from ringwall.picture.report.facts import Report
from ringwall.picture.report.look import sheet
from ringwall.picture.report.page import page
from ringwall.picture.style import DARK, LIGHT, PRINT
from tests.golden.golden import golden
from tests.picture.report.reports import HOSTILE, START, empty, found, small, whole, with_texts
from tests.picture.test_drawing import contrast

VOID = {"meta", "rect", "path"}
TAGS = {
    *("html", "head", "meta", "title", "style", "body", "main", "header", "nav", "section", "div"),
    *("h1", "h2", "h3", "h4", "p", "b", "small", "span", "a", "ul", "li", "code", "pre", "article"),
    *("table", "caption", "thead", "tbody", "tr", "th", "td", "details", "summary", "figure"),
    *("figcaption", "svg", "g", "rect", "path", "text", "defs", "pattern"),
}


class Read(HTMLParser):
    """What a browser makes of a page: tags, attributes, texts; faults of nesting."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.faults: list[str] = []
        self._open: list[str] = []
        self.feed(text)
        self.close()
        self.faults += [f"{name} is not closed" for name in self._open]

    def handle_starttag(self, tag, attrs):
        names = [name for name, _ in attrs]
        if len(names) != len(set(names)):
            self.faults.append(f"{tag} has an attribute twice")
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        if not self._open or self._open.pop() != tag:
            self.faults.append(f"</{tag}> closes something else")

    def handle_comment(self, data):
        self.faults.append(f"a comment: {data}")

    def handle_data(self, data):
        if self._open[-1:] != ["style"]:
            self.texts.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.texts).split())

    def ids(self) -> list[str]:
        return [attributes["id"] or "" for _, attributes in self.tags if "id" in attributes]


REPORTS = {"small": small, "whole": whole, "empty": empty}


@pytest.mark.parametrize("name", REPORTS)
def test_a_page_is_whole_and_its_links_lead_somewhere_in_it(name):
    read = Read(page(REPORTS[name]()))
    assert read.faults == []
    assert {tag for tag, _ in read.tags} <= TAGS
    assert len(read.ids()) == len(set(read.ids()))
    targets = [attributes["href"] for _, attributes in read.tags if "href" in attributes]
    assert targets
    assert {target for target in targets if (target or "")[1:] not in read.ids()} == set()


def test_a_small_report_is_as_its_golden_file():
    golden("reports/small.html", page(small()))


@pytest.mark.parametrize("name", REPORTS)
def test_a_page_asks_nobody_and_runs_nothing(name):
    text = page(REPORTS[name]())
    assert re.findall(r"https?://[^\s\"<]*", text) in ([], ["http://www.w3.org/2000/svg"])
    assert not re.search(r"<(script|link|img|iframe|object|base)|@import|\s(on\w+|style)=", text)
    assert set(re.findall(r"url\([^)]*\)", text)) <= {"url(#hatched)", "url(#missing)"}
    digest = b64encode(sha256(sheet().encode()).digest()).decode()
    policy = next(a["content"] for t, a in Read(text).tags if t == "meta" and "http-equiv" in a)
    assert policy == (
        f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    )
    assert f"<style>{sheet()}</style>" in text


def shape(read: Read) -> list[tuple[str, list[str]]]:
    """Return tags with their attributes' names, but for the long forms of texts in the chart."""
    return [(tag, sorted(given)) for tag, given in read.tags if tag != "title"]


@pytest.mark.parametrize("hostile", HOSTILE)
def test_a_text_of_the_logs_is_a_text_wherever_it_stands(hostile):
    """The page of hostile texts has the tags and attributes of the page of harmless ones."""
    report: Report = with_texts(small(), hostile)
    harmless, read = Read(page(with_texts(small(), "x"))), Read(page(report))
    assert read.faults == []
    assert shape(read) == shape(harmless)
    links = [attributes["href"] for _, attributes in read.tags if "href" in attributes]
    assert all(each is not None and each.startswith("#") for each in links)
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]", page(report))


def test_a_long_text_of_the_logs_is_cut_in_its_middle():
    long = replace(small(), findings=(found(1, Severity.HIGH, START, START, text="a" * 10**6),))
    text = page(long)
    assert len(text) < 100_000
    assert "a" * 541 not in text
    assert "…" + "a" * 40 + "<" in text


def test_what_is_missing_is_said_before_any_answer():
    text = Read(page(small())).text
    gap = text.index("The logs do not cover everything")
    for line in (
        "flow log: 1 hour without records: 2026-01-01 02:00 to 03:00.",
        "AWS lost records (SKIPDATA) of 1 interface in 2 windows.",
        "1 interface of the network has no record: eni-4.",
        "There are no DNS records: what needs them was not judged.",
    ):
        assert gap < text.index(line) < text.index("critical")


def test_no_finding_is_clean_only_of_what_is_covered():
    clean = "No finding, in what the logs cover."
    assert clean in Read(page(whole())).text
    gaps = Read(page(replace(small(), findings=()))).text
    assert clean not in gaps
    assert "No finding in what was logged; the logs do not cover everything." in gaps
    assert gaps.index("do not cover everything:") < gaps.index("No finding in what was logged")


def test_a_store_without_records_has_no_answer_at_all():
    text = Read(page(empty())).text
    assert "There are no records of this time: nothing can be said about it." in text
    assert "No finding" not in text
    assert "Over time" not in text


def test_interfaces_that_are_not_known_are_not_covered():
    unknown = replace(whole(), cover=replace(whole().cover, known=None))
    assert "No network was given (--network)" in Read(page(unknown)).text
    nameless = replace(whole(), cover=replace(whole().cover, known=0))
    assert "The network names no interfaces that exist" in Read(page(nameless)).text


def test_the_chart_has_a_twin_in_a_table():
    text = Read(page(small())).text
    assert "What the chart shows, by hour" in text
    assert "2026-01-01 00:00 120 3 1.2 MB 0 1, 2, 3 DNS" in text
    assert "2026-01-01 01:00 90 0 90.0 kB 0 2 DNS" in text
    assert "2026-01-01 02:00 0 0 0 B 0 2 flow log, DNS" in text
    assert "2026-01-01 03:00 200 1 2.5 GB 7 2 flow log (25%)" in text


def test_severity_is_a_word_wherever_it_is_a_colour():
    read = Read(page(small()))
    kinds = [a.get("class") for t, a in read.tags if t == "article"]
    assert kinds == ["high", "medium", "medium"]
    labels = [a["aria-label"] or "" for t, a in read.tags if t == "a" and "aria-label" in a]
    assert [label.split(":")[0] for label in labels] == [
        "finding 1, high",
        "finding 2, medium",
        "finding 3, medium",
    ]
    assert "high One source tries many ports" in read.text


def test_a_detection_that_finds_thousands_leaves_room_for_the_others():
    many = [found(n % 250, Severity.HIGH, START + n, START + n) for n in range(5_000)]
    others = [found(n, Severity.LOW, START, START, detection="RW530") for n in range(3)]
    read = Read(page(replace(small(), findings=(*many, *others))))
    articles = [a["id"] for tag, a in read.tags if tag == "article"]
    assert articles == [f"finding-{n}" for n in range(1, OF_ONE + 4)]
    assert "5,000 high" in read.text
    assert "4,980 findings more of RW505" in read.text
    assert "ringwall traffic detect --only RW505" in read.text
    assert "4,997 more as a line" in read.text
    line = [a["d"] for tag, a in read.tags if tag == "path" and a["class"] == "other high"]
    assert len(line) == 1
    assert "2026-01-01 01:00 90 0 90.0 kB 0 1,400 more DNS" in read.text


def test_findings_without_a_mark_are_a_line_where_they_are():
    hours = [found(n, Severity.LOW, START + n * 60, START + 12_000 + n) for n in range(30)]
    late = found(99, Severity.LOW, START + 13_000, START + 14_399)
    read = Read(page(replace(small(), findings=(*hours, late))))
    lines = [a["d"] for tag, a in read.tags if tag == "path" and a["class"] == "other low"]
    assert len(lines) == 2
    assert "2026-01-01 03:00 200 1 2.5 GB 7 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 19 more" in (
        read.text
    )


def test_findings_are_numbered_once_and_all_are_counted():
    many = [
        found(n % 250, severity, START, START, detection=f"RW{detection}")
        for severity in (Severity.HIGH, Severity.LOW)
        for detection in range(500, 540)
        for n in range(detection - 490)
    ]
    chosen = groups(many)
    numbers = [number for group in chosen for number, _ in group.shown]
    assert numbers == list(range(1, len(numbers) + 1))
    assert len(numbers) <= MOST + len(chosen)
    assert all(group.shown for group in chosen)
    assert sum(group.whole for group in chosen) == len(many)


def test_headings_go_down_by_one():
    levels = [int(tag[1]) for tag, _ in Read(page(small())).tags if re.fullmatch(r"h\d", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_every_table_has_a_caption_and_heads():
    for report in REPORTS.values():
        text = page(report())
        for table in re.findall(r"<table.*?</table>", text, re.DOTALL):
            assert re.match(r"<table[^>]*><caption", table)
            assert 'scope="' in table


@pytest.mark.parametrize("palette", [LIGHT, DARK, PRINT], ids=["light", "dark", "print"])
def test_texts_of_a_page_have_contrast(palette):
    """WCAG 2.2, 1.4.3 and 1.4.11: 4.5:1 for text, 3:1 for the shapes that say something."""
    texts = {
        "ink": ("page", "box", "pickfill", "outer"),
        "soft": ("page", "pickfill"),
        "flow": ("page",),
        "bad": ("page",),
        "net": ("page",),
        "doubt": ("page",),
        "onbad": ("bad",),
    }
    poor = [
        f"{text} on {ground}"
        for text, grounds in texts.items()
        for ground in grounds
        if contrast(palette[text], palette[ground]) < 4.5
    ]
    assert poor == []
    assert all(contrast(palette[shape], palette["page"]) >= 3 for shape in ("flow", "bad", "edge"))
