"""Bad input of every kind: a line and a hint, the exit code, JSON where it was asked for."""

import errno
import os
import signal
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from tests.interrupts import hearing


def said(ended, code, first, hint=""):
    """Check that an error is one line, with at most a hint."""
    assert ended.code == code
    assert ended.out == ""
    lines = ended.err.splitlines()
    assert lines[0].startswith(f"error: {first}"), ended.err
    assert len(lines) <= 2, ended.err
    if hint:
        assert lines[1].startswith(f"hint: {hint}"), ended.err


@pytest.fixture
def files(tmp_path):
    (tmp_path / "binary.yaml").write_bytes(b"\xff\xfe\x00\x01")
    (tmp_path / "nothing").mkdir()
    (tmp_path / "text").mkdir()
    (tmp_path / "text" / "a.txt").write_text("hi")
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "a.json").write_text('{"Vpcs": [')
    (tmp_path / "answer.json").write_text('{"Vpcs": []}')
    (tmp_path / "file").write_text("x")
    (tmp_path / "terraform").mkdir()
    (tmp_path / "terraform" / "main.tf").write_text("")
    return tmp_path


@pytest.mark.parametrize(
    ("name", "first", "hint"),
    [
        ("gone.yaml", "there is no file 'gone.yaml'", "`ringwall init`"),
        ("binary.yaml", "binary.yaml:1:1: byte 0xff is not UTF-8", "save the file"),
        ("nothing", "'nothing': no file holds an answer", "`ringwall snapshot"),
        ("text", "'text': no file holds an answer", "`ringwall snapshot"),
        ("terraform", "'terraform': no file holds an answer", "of Terraform, name a plan"),
        ("broken", "'broken': a.json:1: not JSON", ""),
        ("answer.json", "'answer.json' is JSON, but no template", "of what AWS's describe calls"),
        ("", "the network has no name", "name a blueprint, a folder"),
    ],
)
def test_what_is_no_network_is_told_in_a_line(ringwall, files, name, first, hint):
    for words in (("check", name), ("reach", name, "--to", "x"), ("map", name), ("audit", name)):
        said(ringwall(*words), 2, first, hint)


@pytest.mark.parametrize(
    ("words", "first"),
    [
        (("explain", "minimal.yaml", "internet", "main/web", "70000"), "ports '70000': ports end"),
        (("explain", "minimal.yaml", "internet", "main/web", "443/xyz"), "ports '443/xyz' cannot"),
        (("explain", "minimal.yaml", "internet", "main/web", ""), "ports '' cannot"),
        (
            ("explain", "minimal.yaml", "10.0.0.1/8", "main/web", "443"),
            "'10.0.0.1/8' is an address",
        ),
        (("explain", "minimal.yaml", "300.1.1.1", "main/web", "443"), "address '300.1.1.1' cannot"),
        (("explain", "minimal.yaml", "", "main/web", "443"), "name '' cannot"),
        (("reach", "minimal.yaml", "--to", "main/web", "--ports", ""), "ports '' cannot"),
        (("reach", "minimal.yaml", "--to", "main/web", "--ports", "80,,90"), "ports '' cannot"),
        (("what-if", "minimal.yaml", "--remove", ""), "nothing that can be removed is called ''"),
        (("what-if", "minimal.yaml", "--allow", "", "in", "1", "10.0.0.0/8"), "no security group"),
        (("what-if", "minimal.yaml", "--allow", "main/web", "in", "1", "fe80::1/8"), "'fe80::1/8'"),
        (("audit", "minimal.yaml", "--fail-on", "zzz"), "Invalid value for '--fail-on'"),
        (("export", "minimal.yaml", "-o", "out"), "Missing option '--to'. Choose from:"),
        (("unlock", "minimal.yaml", "--reason", " "), "--reason is empty"),
        (("plan", "minimal.yaml", "--endpoint-url", "zzz"), "'zzz' is no endpoint of AWS"),
        (("plan", "minimal.yaml", "--endpoint-url", "http://x:99999"), "'http://x:99999' is no"),
        (("snapshot", "-o", "text"), "'text' is not empty"),
        (("snapshot", "-o", "file"), "'file' is a file"),
        (("nonsense",), "No such command 'nonsense'"),
    ],
)
def test_a_bad_question_is_told_in_a_line(ringwall, files, words, first):
    said(ringwall(*words), 2, first)
    ended = ringwall(*words, "--json")
    assert ended.code == 2
    if words[0] not in {"export", "unlock", "nonsense"}:  # these have no --json
        assert ended.json["message"].startswith(first)


def test_a_missing_argument_names_the_help_of_its_command(ringwall):
    said(
        ringwall("what-if", "minimal.yaml", "--allow", "x"),
        2,
        "Option '--allow'",
        "`ringwall what-if --help`",
    )
    said(ringwall("explain"), 2, "Missing argument 'NETWORK'", "`ringwall explain --help`")


@pytest.mark.parametrize("target", ["nothing", "file/x", "/proc/none/x"])
def test_what_cannot_be_written_is_told_in_a_line(ringwall, files, target):
    for words in (("check", "minimal.yaml", "--certificate"), ("map", "minimal.yaml", "-o")):
        said(ringwall(*words, target), 4, f"cannot write '{target}'")


def test_an_error_is_a_document_where_json_was_asked_for(ringwall):
    ended = ringwall("explain", "minimal.yaml", "main/wbe", "main/db", "443", "--json")
    assert ended.code == 2
    assert ended.err.startswith("error: ")
    assert ended.json == {
        "schema": "ringwall/error/1",
        "exit_code": 2,
        "message": "there is nothing called 'main/wbe'",
        "hint": "did you mean main/web, main/db or main?",
        "problems": [],
    }


def test_the_document_of_a_faulty_blueprint_has_all_of_its_problems(ringwall, tmp_path):
    text = (tmp_path / "minimal.yaml").read_text()
    (tmp_path / "bad.yaml").write_text(text.replace("to: main/web", "to: main/wbe"))
    ended = ringwall("check", "bad.yaml", "--json")
    assert (ended.code, ended.json["message"]) == (2, "bad.yaml: 2 errors")
    assert [problem["code"] for problem in ended.json["problems"]] == ["BP040", "BP040"]
    assert ended.json["problems"][0]["source"] == {"file": "bad.yaml", "line": 25, "col": 53}


def test_a_usage_error_is_a_document_too(ringwall):
    ended = ringwall("explain", "minimal.yaml", "--json")
    assert (ended.code, ended.json["exit_code"]) == (2, 2)
    assert ended.json["message"] == "Missing argument 'SRC'."


def process(*words, **options):
    command = [sys.executable, "-m", "ringwall.cli.main", *words]
    return subprocess.Popen(command, stderr=subprocess.PIPE, text=True, **options)


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("check", "minimal.yaml", "-v"), 0),
        (("explain", "minimal.yaml", "internet", "main/db", "443", "--exit-code"), 1),
        (("schema",), 0),
        (("check", "--help"), 0),
    ],
)
def test_who_stops_reading_is_no_fault_and_changes_no_answer(ringwall, tmp_path, words, code):
    started = process(*words, stdout=subprocess.PIPE, cwd=tmp_path)
    started.stdout.close()
    assert started.stderr.read() == ""
    assert started.wait(60) == code


def test_who_has_no_stdout_at_all_is_answered_by_the_exit_code(ringwall, tmp_path):
    command = f"{sys.executable} -m ringwall.cli.main check minimal.yaml >&-"
    ended = subprocess.run(
        ["sh", "-c", command], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert (ended.returncode, ended.stderr) == (0, "")


def test_a_port_that_is_taken_is_told_in_a_line(ringwall):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        said(ringwall("lab", "--port", port), 4, f"the lab cannot listen on port {port}: Address")


def test_a_lab_is_told_certificates_by_their_arns(ringwall):
    ended = ringwall("lab", "--port", "0", "--certificate", "mine")
    said(
        ended,
        2,
        "'mine' is no ARN of a certificate",
        "write arn:aws:acm:REGION:ACCOUNT:certificate/ID",
    )


def test_a_missing_file_is_told_what_would_be_there(ringwall):
    ended = ringwall("verify-certificate", "minimal.yaml", "gone.json")
    said(ended, 2, "there is no file 'gone.json'", "`ringwall check NETWORK --certificate FILE`")
    ended = ringwall("check", "minimal.yaml", "--expect", "gone.yaml")
    said(ended, 2, "there is no file 'gone.yaml'", "write expectations under `expect:`")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="it is Linux's")
def test_a_full_disk_is_told_in_a_line(ringwall, tmp_path):
    commands = (("check", "minimal.yaml"), ("check", "minimal.yaml", "--json"), ("check", "--help"))
    for words in commands:
        with Path("/dev/full").open("w") as full:
            started = process(*words, stdout=full, cwd=tmp_path)
            said = started.stderr.read()
        assert started.wait(60) == 4
        assert said == "error: cannot write to stdout: No space left on device\n"


def test_a_terminal_without_our_signs_shows_the_rest(ringwall, tmp_path):
    narrow = {**os.environ, "PYTHONIOENCODING": "latin-1"}
    started = process("check", "minimal.yaml", stdout=subprocess.PIPE, cwd=tmp_path, env=narrow)
    out, err = started.communicate(timeout=60)
    assert (started.returncode, err) == (0, "")
    assert "? 5 of 5 expectations hold" in out


def test_an_interrupt_is_told_in_a_line(ringwall, tmp_path):
    words, pipe = hearing("lab", "--port", "0"), subprocess.PIPE
    with subprocess.Popen(words, stdout=pipe, stderr=pipe, text=True, cwd=tmp_path) as started:
        assert started.stdout is not None
        assert started.stdout.readline().startswith("export AWS_ENDPOINT_URL=")
        started.send_signal(signal.SIGINT)
        _, err = started.communicate(timeout=60)
    assert started.returncode in {0, 130}
    assert "Traceback" not in err


def test_an_interrupted_question_ends_with_130(ringwall, monkeypatch):
    def interrupt(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("ringwall.app.sources.open_network", interrupt)
    ended = ringwall("check", "minimal.yaml", "--json")
    assert (ended.code, ended.err) == (130, "\ninterrupted\n")
    assert (ended.json["exit_code"], ended.json["message"]) == (130, "interrupted")


def test_a_place_without_rights_is_told_in_a_line(ringwall, monkeypatch):
    def refused(path):
        raise PermissionError(errno.EACCES, "Permission denied", str(path))

    monkeypatch.setattr(Path, "exists", refused)
    monkeypatch.setattr(tempfile, "mkstemp", lambda **where: refused(where["dir"]))
    said(ringwall("init", "locked/new.yaml"), 4, "cannot write 'locked/new.yaml': Permission den")
    ended = ringwall("export", "minimal.yaml", "--to", "terraform", "-o", "locked")
    said(ended, 4, "cannot write 'locked/")


def test_a_fault_of_our_own_is_told_and_traced_on_demand(ringwall, monkeypatch):
    def break_down(*_, **__):
        raise RuntimeError("the sky")

    monkeypatch.setattr("ringwall.app.sources.open_network", break_down)
    monkeypatch.delenv("RINGWALL_DEBUG", raising=False)
    said(ringwall("check", "minimal.yaml"), 4, "a fault of Ringwall itself: RuntimeError: the sky")
    monkeypatch.setenv("RINGWALL_DEBUG", "1")
    assert "in break_down" in ringwall("check", "minimal.yaml").err
