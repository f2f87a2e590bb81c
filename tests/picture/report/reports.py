"""Reports, made by hand: a small one, an empty one, one whose every text is hostile."""

from dataclasses import fields, is_dataclass, replace
from typing import Any

from ringwall.model.finding import Severity
from ringwall.picture.report.facts import (
    Bar,
    Cover,
    Found,
    LeftOut,
    Log,
    Loss,
    Part,
    Question,
    Report,
    Series,
    Timeline,
    Top,
)

START = 1_767_225_600  # 2026-01-01 00:00 UTC
HOUR = 3600
HOSTILE = (
    "<script>alert(1)</script>",
    "\"onload='x()' x=\"",
    "</style></pre></details><img src=http://evil.example/x>",
    "javascript:alert(1)",
    "a\x00b\x1b[31mc\u202ed\u2066e\nf\tg",
    "&lt;b&gt; ]]> --> <!--",
)


def question(id_: str, **given: Any) -> Question:
    told: dict[str, Any] = {
        "name": "vertical-scan",
        "title": "one source tries many ports of one address",
        "confidence": "high",
        "attacks": ("T1046",),
        "why": "Somebody looks for what listens.",
        "instead": "Ask `ringwall reach NETWORK --from internet`.",
        "blind": "Ports that are let through.",
        "sql": "SELECT\n  source\nFROM conversation\nWHERE rejected < 3 AND port <> 443",
    }
    return Question(id_, **(told | given))


def found(n: int, severity: Severity, first: int, last: int, **given: Any) -> Found:
    told: dict[str, Any] = {
        "text": f"198.51.100.{n} tried 60 ports of main/web (10.0.1.5) within an hour, in vain",
        "parts": (
            Part("source", "", f"198.51.100.{n}"),
            Part("destination", "main/web", "10.0.1.5"),
        ),
        "evidence": (("ports tried in vain", "60"), ("rejected records", "1,200")),
        "detection": "RW505",
    }
    told |= given
    return Found(f"{n:020x}", severity=severity, first=first, last=last, **told)


def small() -> Report:
    gaps = (0.0, 0.0, 1.0, 0.25)
    sizes = (1_200_000, 90_000, 0, 2_500_000_000)
    timeline = Timeline(
        START,
        HOUR,
        4,
        (
            Series("Accepted records", "flow log", "", (120, 90, 0, 200), gaps),
            Series("Rejected records", "flow log", "", (3, 0, 0, 1), gaps, rejected=True),
            Series("Accepted bytes", "flow log", "bytes", sizes, gaps),
            Series("DNS queries", "DNS", "", (0, 0, 0, 7), (1.0, 1.0, 1.0, 0.0)),
        ),
    )
    gap = (START + 2 * HOUR, START + 3 * HOUR)
    logs = (
        Log("flow log", True, 414, START + 5, START + 4 * HOUR - 1, 1, (gap,)),
        Log("DNS", False, 0, None, None),
    )
    samples = (("source", "port"), ("198.51.100.7", "22"), ("198.51.100.7", "23"))
    findings = (
        found(7, Severity.HIGH, START + 60, START + 3000, samples=samples),
        found(8, Severity.MEDIUM, START + 600, START + 3 * HOUR),
        found(9, Severity.MEDIUM, START + 700, START + 800),
    )
    tops = (
        Top(
            "Who sends most",
            "Accepted bytes by sender.",
            "sent",
            "bytes",
            (
                Bar("main/web", "10.0.1.5", 2_000_000, 0, ("12",)),
                Bar("198.51.100.7", "outside", 500_000, 100_000, ("1",)),
            ),
            ("to addresses",),
        ),
        Top("Ports", "Records by port.", "records", "", ()),
    )
    questions = (
        question("RW505", found=3),
        question("RW530", name="blocked-domains", unjudged="there are no dns records"),
    )
    return Report(
        "Traffic in logs",
        START + 5 * HOUR,
        START,
        None,
        Cover(logs, 3, 0.5, (Loss("eni-9", 2, START + 7200, START + 7320),), ("eni-4",), 4),
        timeline,
        tops,
        findings,
        questions,
        ("414 flow log records", "410 accepted (2.5 GB), 4 rejected (160 B)"),
        (LeftOut("RW505", Severity.LOW, "10.0.9.9 tried 90 ports", "our scanner", "2027-03-31"),),
        ("10.0.9.8, RW505, until 2025-01-31: an older scanner",),
    )


def whole() -> Report:
    """Return one of logs of which nothing is known to be missing, without a finding."""
    report = small()
    flow = replace(report.cover.logs[0], missing_hours=0, missing=())
    cover = Cover((flow,), 3, 0.5, known=3)
    questions = (question("RW505"),)
    return replace(report, cover=cover, findings=(), questions=questions)


def empty() -> Report:
    """Return one of a store without records."""
    cover = Cover((Log("flow log", True, 0, None, None), Log("DNS", False, 0, None, None)), 0, 0.0)
    told = question("RW505", unjudged="there are no flow records")
    return Report("Traffic in logs", START, None, None, cover, None, (), (), (told,))


def with_texts(value: Any, text: str) -> Any:
    """Return a value with every text in it replaced, ids of detections left as they are."""
    if isinstance(value, str):
        return text
    if isinstance(value, tuple):
        return tuple(with_texts(each, text) for each in value)
    if is_dataclass(value) and not isinstance(value, type):
        changed = {
            field.name: with_texts(getattr(value, field.name), text)
            for field in fields(value)
            if field.name not in {"detection", "id", "unit"}
        }
        return replace(value, **changed)
    return value
