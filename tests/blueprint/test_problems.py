import os
from pathlib import Path

import pytest

from ringwall.blueprint import load, load_bytes, render, render_all
from ringwall.blueprint.codes import CODES
from ringwall.blueprint.yaml_text import MAX_CHARACTERS, lines_of
from ringwall.errors import BlueprintError
from tests.blueprint.cases import CASES, ELSEWHERE
from tests.blueprint.texts import SMALL, problems_of, shown, text


@pytest.mark.parametrize(
    ("code", "source", "line", "under"), CASES, ids=[f"{c[0]}-{i}" for i, c in enumerate(CASES)]
)
def test_a_problem_stands_where_it_is_to_be_mended(code, source, line, under):
    found = [problem for problem in problems_of(source) if problem.code == code]
    assert found, [(p.code, p.message, p.line) for p in problems_of(source)]
    problem = found[0]
    at = lines_of(source)[problem.line - 1]
    caret = at[problem.column - 1 : problem.end_column - 1]
    assert (problem.line, caret.replace("\x00", "?").replace("\t", " ")) == (line, under)
    rendered = render(problem, source, "bp.yaml")
    assert rendered.startswith(f"bp.yaml:{line}:{problem.column}: {problem.severity}[{code}]: ")


@pytest.mark.parametrize(("code", "source"), [(c[0], c[1]) for c in CASES])
def test_a_small_fault_brings_no_crowd_of_others(code, source):
    errors = {p.code for p in problems_of(source) if p.severity == "error"} - {code}
    assert len(errors) <= 1, [(p.code, p.message) for p in problems_of(source)]


def test_every_code_is_shown_as_written_down():
    """`RINGWALL_GOLDEN=write` writes the file anew; read its difference."""
    shown_now = "\n\n".join(shown(source, code) for code, source, _, _ in CASES) + "\n"
    golden = Path(__file__).with_name("rendered.txt")
    if os.environ.get("RINGWALL_GOLDEN") == "write":
        golden.write_text(shown_now)
    assert golden.read_text() == shown_now


def test_every_code_has_a_case_and_every_case_a_code():
    assert {case[0] for case in CASES} | ELSEWHERE == set(CODES)


def test_every_code_is_explained():
    for code in CODES.values():
        assert code.title
        assert code.explanation.endswith(".")


def test_overlapping_vpcs_show_both_places():
    source = text("""\
        vpcs:
          one: {cidr: 10.0.0.0/16, tiers: {a: {kind: public}}}
          two: {cidr: 10.0.4.0/22, tiers: {a: {kind: public}}}
        """)
    assert shown(source, "BP033") == (
        "bp.yaml:6:15: error[BP033]: vpc 'two' (10.0.4.0/22) overlaps vpc 'one' (10.0.0.0/16)\n"
        "    6 |   two: {cidr: 10.0.4.0/22, tiers: {a: {kind: public}}}\n"
        "      |               ^^^^^^^^^^^\n"
        "  see bp.yaml:5:15: one has 10.0.0.0/16\n"
        "  hint: the next free /22 is 10.1.0.0/22"
    )


def test_a_tier_outside_its_vpc_is_told_where_there_is_room():
    source = SMALL.replace("{kind: isolated}", "{kind: isolated, cidr: 10.9.0.0/24}")
    assert shown(source, "BP034") == (
        "bp.yaml:10:40: error[BP034]: tier 'isolated' (10.9.0.0/24) lies outside "
        "vpc 'main' (10.0.0.0/16)\n"
        "   10 |       isolated: {kind: isolated, cidr: 10.9.0.0/24}\n"
        "      |                                        ^^^^^^^^^^^\n"
        "  see bp.yaml:6:11: main has 10.0.0.0/16\n"
        "  hint: choose a block inside 10.0.0.0/16; the next free /24 is 10.0.32.0/24"
    )


def test_an_unknown_name_gets_a_suggestion_and_the_known_ones():
    source = SMALL + "    flows: [{from: web, to: dbb, ports: 5432}]\n"
    assert shown(source, "BP040") == (
        "bp.yaml:15:29: error[BP040]: unknown name 'dbb'\n"
        "   15 |     flows: [{from: web, to: dbb, ports: 5432}]\n"
        "      |                             ^^^\n"
        "  hint: did you mean 'db'? known: web, app, db, main, internet"
    )


def test_a_misspelt_word_gets_a_suggestion():
    source = SMALL.replace("{kind: private}", "{kind: privat}")
    assert shown(source, "BP015") == (
        "bp.yaml:9:23: error[BP015]: 'kind' cannot be 'privat'; it is 'public', 'private', "
        "'isolated' or 'attachment'\n"
        "    9 |       private: {kind: privat}\n"
        "      |                       ^^^^^^\n"
        "  hint: did you mean 'private'?"
    )


def test_an_unknown_key_is_pointed_at_and_gets_a_suggestion():
    assert shown(SMALL + "    flow: []\n", "BP012").endswith(
        "   15 |     flow: []\n"
        "      |     ^^^^\n"
        "  hint: did you mean 'flows'? known: purpose, segment, cidr, ipv6, nat, tiers, groups, "
        "load_balancers, endpoints, flows, attachment, flow_logs, …"
    )


def test_all_problems_come_at_once_syntax_and_meaning_alike():
    source = (
        SMALL.replace("name: test", "name: Test").replace("{kind: private}", "{kind: privat}")
        + "    flows: [{from: web, to: dbb, ports: [1, 99999]}]\n    nope: 1\n"
        + "expect: [{name: x, from: internet, to: main/webb, ports: 1, reachable: false}]\n"
    )
    codes = [problem.code for problem in problems_of(source)]
    assert codes == ["BP017", "BP015", "BP040", "BP071", "BP012", "BP040"]


def test_what_was_left_out_of_a_list_does_not_shift_the_places_of_what_follows():
    source = SMALL + (
        "expect:\n"
        "  - {name: x, from: internet}\n"
        "  - {name: y, from: internet, to: main/webb, ports: 1, reachable: false}\n"
    )
    assert [(p.code, p.line) for p in problems_of(source)][-1] == ("BP040", 17)


def test_a_problem_that_came_by_alias_is_said_once_where_it_was_written():
    source = text("""\
        vpcs:
          one: &vpc
            tiers: {a: {kind: publik}}
          two: *vpc
          three: {<<: *vpc}
        """)
    found = problems_of(source)
    assert [(p.code, p.line) for p in found] == [("BP015", 6)]


def test_the_report_counts_and_shows_all():
    with pytest.raises(BlueprintError) as caught:
        load(SMALL + "    nat: 7\n    nope: 1\n", "bp.yaml")
    report = render_all(caught.value)
    assert report.endswith("bp.yaml: 2 errors")
    assert report.count("error[") == 2


def test_a_report_holds_no_control_characters():
    source = 'name: "\\e[31mred"\nzones: [\x85]\n'
    with pytest.raises(BlueprintError) as caught:
        load(source, "bp.yaml")
    assert all(c.isprintable() or c == "\n" for c in render_all(caught.value))


def test_a_long_line_is_cut_round_the_caret():
    source = f"name: test\nregion: [{'x' * 500}, {{]\n"
    report = render(problems_of(source)[0], source, "bp.yaml")
    assert all(len(line) < 140 for line in report.splitlines()[1:3])


@pytest.mark.parametrize(
    "data",
    [
        b"\xff\xfe\x00",
        b"name: caf\xe9\n",
        b"\x80" * 100,
        bytes(range(256)),
        b"name: a\n" + b"\xc3(",
    ],
)
def test_bytes_that_are_no_text_are_one_clear_problem(data):
    with pytest.raises(BlueprintError) as caught:
        load_bytes(data, "bp.yaml")
    assert [p.code for p in caught.value.problems] == ["BP001"]


def test_bytes_point_at_the_line_of_the_fault():
    with pytest.raises(BlueprintError) as caught:
        load_bytes(b"name: test\nregion: \xff\n", "bp.yaml")
    assert (caught.value.problems[0].line, caught.value.problems[0].column) == (2, 9)


def test_a_byte_order_mark_is_taken():
    assert load_bytes(b"\xef\xbb\xbf" + SMALL.encode(), "bp.yaml").name == "test"


def test_a_lone_surrogate_is_a_problem():
    assert [p.code for p in problems_of("name: \ud800\n")] == ["BP002"]


def test_a_file_of_ten_megabytes_is_refused_at_once():
    assert [p.code for p in problems_of("a: b\n" * 2_000_000)] == ["BP003"]


def test_the_largest_file_that_is_taken_is_judged_in_time():
    source = SMALL + "expect:\n" + "  - {name: x, ports: 1}\n" * ((MAX_CHARACTERS - 1_000) // 25)
    assert problems_of(source)


def test_an_alias_bomb_is_refused_where_it_goes_off():
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    found = problems_of("\n".join(lines))
    assert [(p.code, p.line) for p in found] == [("BP006", 6)]


def test_a_merge_bomb_is_refused():
    body = "a0: &a0 {" + ", ".join(f"k{n}: x" for n in range(100)) + "}\n"
    body += "".join(
        f"a{n}: &a{n} {{<<: *a{n - 1}, " + ", ".join(f"v{m}: *a{n - 1}" for m in range(30)) + "}\n"
        for n in range(1, 9)
    )
    assert [p.code for p in problems_of(body)] == ["BP006"]


@pytest.mark.parametrize("opening", ["[", "{a: ", "- ", "? ", "[[{x: "])
def test_deep_nesting_is_refused_without_overflow(opening):
    assert {p.code for p in problems_of(opening * 100_000)} <= {"BP004", "BP005", "BP014"}
