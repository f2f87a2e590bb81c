"""`ringwall traffic report`: what the page says is what the store holds."""

import json
from collections import Counter
from pathlib import Path

import pytest

from ringwall.app.holding import Against
from ringwall.app.inquiring import inquire
from ringwall.app.traffic_report import report_of, step_of
from ringwall.cli.main import run
from ringwall.detections.example import START, example
from ringwall.picture.report.facts import Report
from tests.detections.stores import store_of

HOUR = 3600
TRAFFIC = (
    "198.51.100.7 > 10.0.1.5:1 ports=+1 reject every=60 times=60",
    "10.0.2.9 > 10.0.1.5:443 every=60 times=300 back=900",
    "10.0.2.9 > 10.0.1.5:443 at=7h times=30 bytes=5000",
    "fd00::3 > [2001:db8::1]:123 udp times=2",
    "dns 10.0.1.5 <script>alert(1)</script>.evil.example times=5 action=BLOCK",
    "quiet eni-9 SKIPDATA at=2h",
)


def report(store: Path, network: str = "") -> Report:
    return report_of(inquire(store, Against((network,)), memory="512MB"))[0]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return store_of(tmp_path_factory.mktemp("logs"), *TRAFFIC)


@pytest.fixture(scope="module")
def made(store: Path) -> Report:
    return report(store)


def test_columns_are_the_records_of_their_hours(made: Report):
    flow = example("\n".join(TRAFFIC))["flow"]
    timeline = made.timeline
    assert timeline is not None
    assert (timeline.start, timeline.step) == (START, HOUR)
    counted: Counter[tuple[int, int, bool]] = Counter()
    sizes: Counter[tuple[int, bool]] = Counter()
    for row in flow:
        hour = (int(row["start"] or 0) - START) // HOUR
        counted[hour, int(row["accepted"] or 0), False] += 1
        sizes[hour, bool(row["accepted"])] += int(row["bytes"] or 0)
    series = {each.title: each.values for each in timeline.series}
    hours = range(8)
    assert series["Accepted records"] == tuple(counted[n, 1, False] for n in hours)
    assert series["Rejected records"] == tuple(counted[n, 0, False] for n in hours)
    assert series["Accepted bytes"] == tuple(sizes[n, True] for n in hours)
    assert series["Rejected bytes"] == tuple(sizes[n, False] for n in hours)
    assert series["DNS queries"] == (5, 0, 0, 0, 0, 0, 0, 0)
    missing = {each.log: each.missing for each in timeline.series}
    assert missing == {"flow log": (0, 0, 0, 0, 0, 1, 1, 0), "DNS": (0, 1, 1, 1, 1, 1, 1, 1)}


def test_a_log_that_ends_while_others_go_on_is_missing(made: Report):
    """`missing_hours` of a log stand between its own ends alone."""
    lacking = {log.name: (log.missing_hours, log.missing) for log in made.cover.logs}
    assert lacking["DNS"] == (7, ((START + HOUR, START + 8 * HOUR),))
    assert lacking["flow log"] == (2, ((START + 5 * HOUR, START + 7 * HOUR),))
    assert lacking["Transit Gateway"] == (0, ())


def test_the_time_that_is_asked_about_is_missing_where_nothing_was_logged(store: Path):
    asked = inquire(store, memory="512MB", since="2025-12-31T22:30", until="2026-01-01T10:00")
    made = report_of(asked)[0]
    flow = made.cover.logs[0]
    before, after = (START - 2 * HOUR, START), (START + 8 * HOUR, START + 10 * HOUR)
    assert flow.missing == (before, (START + 5 * HOUR, START + 7 * HOUR), after)
    assert made.timeline is not None
    assert (made.timeline.start, made.timeline.end) == (START - 2 * HOUR, START + 10 * HOUR)
    assert made.timeline.series[0].missing == (1, 1, 0, 0, 0, 0, 0, 1, 1, 0, 1, 1)


def test_lists_name_who_has_most(made: Report):
    tops = {
        top.title: [(bar.name, bar.value, bar.rejected, *bar.further) for bar in top.bars]
        for top in made.tops
    }
    assert tops["Who sends most"] == [
        ("10.0.2.9", 330_000, 0, "1"),
        ("10.0.1.5", 270_000, 0, "1"),
        ("fd00::3", 1_200, 0, "1"),
    ]
    assert tops["Who is rejected most"] == [("198.51.100.7", 60, 60, "1", "60")]
    assert tops["Who is called most"] == [
        ("10.0.1.5", 390, 60, "2", "600 kB"),
        ("2001:db8::1", 2, 0, "1", "1.2 kB"),
    ]
    assert tops["Ports"][0] == ("443/tcp", 330, 0, "600 kB")
    assert tops["Domains asked for most"] == [("evil.example", 5, 5, "1")]


def test_what_two_interfaces_saw_is_sent_once(tmp_path: Path):
    twice = [f"10.0.2.9 > 10.0.1.5:443 times=9 bytes=1000 eni={eni}" for eni in ("eni-1", "eni-2")]
    [sends, *_] = report(store_of(tmp_path, *twice)).tops
    assert [(bar.name, bar.value) for bar in sends.bars] == [("10.0.2.9", 9_000)]


def test_findings_are_those_of_detect(store: Path, made: Report, capsys):
    assert run(["traffic", "detect", "--store", str(store), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [f["id"] for f in told["findings"]] == [each.id for each in made.findings]
    assert {each.id: each.unjudged for each in made.questions if each.unjudged} == {
        each["detection"]: each["reason"] for each in told["unjudged"]
    }
    assert {each.id: each.found for each in made.questions if each.found} == Counter(
        each.detection for each in made.findings
    )


def test_names_of_a_network_stand_before_addresses(tmp_path: Path):
    blueprint = Path(__file__).parents[2] / "examples" / "minimal.yaml"
    store = store_of(tmp_path, "198.51.100.7 > 10.0.0.9:22 reject times=400 every=30")
    made = report(store, network=str(blueprint))
    called = {top.title: top for top in made.tops}["Who is called most"].bars[0]
    assert (called.name, called.beside) == ("main/web", "10.0.0.9")
    assert made.cover.known == 0


def test_a_page_is_written_and_json_says_what_is_in_it(store: Path, tmp_path: Path, capsys):
    file = tmp_path / "report.html"
    assert run(["traffic", "report", "--store", str(store), "-o", str(file), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    text = file.read_text()
    assert told["schema"] == "ringwall/traffic-report/1"
    assert (told["file"], told["bytes"]) == (str(file), file.stat().st_size)
    assert told["findings"] == {"found": 3, "shown": 3}
    assert told["counts"] == {"critical": 0, "high": 0, "medium": 3, "low": 0}
    assert told["coverage"]["whole"] is False
    assert "&lt;script&gt;alert(1)&lt;/script&gt;.evil.example" in text
    assert "<script" not in text


def test_a_report_tells_coverage_then_counts(store: Path, tmp_path: Path, capsys):
    file = tmp_path / "report.html"
    words = ["traffic", "report", "--store", str(store), "-o", str(file), "--only", "RW505"]
    assert run(words) == 0
    out, err = capsys.readouterr()
    assert out.splitlines()[0].startswith("coverage: flow: 692 records")
    assert out.splitlines()[-1] == "1 finding: 0 critical, 0 high, 1 medium, 0 low"
    assert err == f"wrote {file}, {file.stat().st_size / 1000:,.0f} kB\n"


def test_what_is_accepted_is_left_out_and_said(store: Path, tmp_path: Path, capsys):
    file, accepted = tmp_path / "report.html", tmp_path / "accepted.yaml"
    accepted.write_text(
        "suppress:\n"
        "- {detection: '*', entity: 198.51.100.7, reason: <b>ours</b>, expires: 9999-12-31}\n"
        "- {detection: '*', entity: 10.9.9.9, reason: gone, expires: 2020-01-01}\n"
    )
    words = ["traffic", "report", "--store", str(store), "-o", str(file), "--json"]
    assert run([*words, "--suppress", str(accepted)]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["findings"]["found"], told["suppressed"]) == (1, 2)
    text = file.read_text()
    assert "somebody accepted it: 2 findings" in text
    assert "&lt;b&gt;ours&lt;/b&gt;" in text
    assert "10.9.9.9, *, until 2020-01-01: gone" in text


def test_records_behind_a_finding_are_shown_when_asked_for(store: Path):
    inquiry = inquire(store, memory="512MB")
    [scan, *_] = report_of(inquiry, ["RW505"], sampled=2)[0].findings
    heads, *records = scan.samples
    told = [dict(zip(heads, record, strict=True)) for record in records]
    assert [each["source"] for each in told] == ["198.51.100.7"] * 2
    assert [each["destination"] for each in told] == ["10.0.1.5"] * 2
    assert report_of(inquiry, ["RW505"])[0].findings[0].samples == ()


def test_a_store_without_records_is_no_clean_answer(tmp_path: Path):
    (tmp_path / "flow").mkdir()
    made = report(tmp_path)
    assert made.timeline is None
    assert made.tops == ()
    assert all(each.unjudged for each in made.questions if each.id != "RW590")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--only", "RW999"), "there is no detection 'RW999'"),
        (("--set", "vertical-scan.hosts=3"), "vertical-scan has no parameter 'hosts'"),
        (("--since", "yesterday"), "'yesterday' is no time"),
        (("--network", "nothing.yaml"), "nothing.yaml"),
        (("--suppress", "nothing.yaml"), "nothing.yaml"),
    ],
)
def test_bad_input_is_one_line_and_no_file(store: Path, tmp_path: Path, words, message, capsys):
    file = tmp_path / "report.html"
    assert run(["traffic", "report", "--store", str(store), "-o", str(file), *words]) == 2
    lines = capsys.readouterr().err.splitlines()
    assert message in lines[0]
    assert all(line.startswith("hint: ") for line in lines[1:])
    assert not file.exists()


def test_a_file_that_cannot_be_written_is_told(store: Path, tmp_path: Path, capsys):
    (tmp_path / "there").write_text("")
    file = tmp_path / "there" / "report.html"
    assert run(["traffic", "report", "--store", str(store), "-o", str(file)]) == 4
    assert "cannot write" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("hours", "step"), [(1, 300), (6, 300), (7, HOUR), (199, HOUR), (200, 2 * HOUR), (4000, 86_400)]
)
def test_a_column_is_an_hour_where_that_is_neither_few_nor_many(hours: int, step: int):
    assert step_of(START, START + hours * HOUR) == step


def test_sixty_years_have_at_most_two_hundred_columns():
    years = 60 * 365 * 24 * HOUR
    assert years / step_of(0, years) < 200
