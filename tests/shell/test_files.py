"""Files are read as UTF-8 or refused with the place; they are written whole or not at all."""

import os

import pytest

from ringwall.errors import InputError, OutsideError
from ringwall.shell.files import journal_path, read_text, write_text


def test_text_is_read_without_a_byte_order_mark(tmp_path):
    (tmp_path / "a.yaml").write_bytes(b"\xef\xbb\xbfname: \xc3\xa9\n")
    assert read_text(tmp_path / "a.yaml") == "name: é\n"


def test_bytes_that_are_no_text_are_named_with_their_place(tmp_path):
    (tmp_path / "a.yaml").write_bytes(b"name: x\nvpc\xff: 1\n")
    with pytest.raises(InputError, match=r"a\.yaml:2:4: byte 0xff is not UTF-8"):
        read_text(tmp_path / "a.yaml")


@pytest.mark.parametrize(
    ("name", "words"), [("none.yaml", "no file"), ("", "is a folder"), ("a\0b", "cannot read")]
)
def test_what_cannot_be_read_is_an_input_error(tmp_path, name, words):
    with pytest.raises(InputError, match=words):
        read_text(f"{tmp_path}/{name}")


def test_a_file_is_replaced_whole(tmp_path):
    target = tmp_path / "new" / "plan.json"
    write_text(target, "one\n")
    write_text(target, "two\n")
    assert target.read_text() == "two\n"
    assert [path.name for path in target.parent.iterdir()] == ["plan.json"]


def test_a_file_keeps_its_mode(tmp_path):
    target = tmp_path / "plan.json"
    target.write_text("")
    target.chmod(0o640)
    write_text(target, "x")
    assert target.stat().st_mode & 0o777 == 0o640


def test_a_place_that_cannot_be_written_is_an_error_and_leaves_nothing(tmp_path):
    with pytest.raises(OutsideError, match="cannot write"):
        write_text(tmp_path, "x")
    assert list(tmp_path.iterdir()) == []


def test_the_journal_stands_beside_the_blueprint(tmp_path):
    expected = tmp_path / ".ringwall" / "lab" / "journal.jsonl"
    assert journal_path(tmp_path / "lab.yaml", "lab") == expected


def test_what_is_no_file_is_written_to_as_it_is(tmp_path):
    """A device or a pipe in the place of an output is never replaced by a file."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        write_text(pipe, "one\n")
        assert os.read(reader, 100) == b"one\n"
    finally:
        os.close(reader)
    assert pipe.is_fifo()
    assert [path.name for path in tmp_path.iterdir()] == ["pipe"]


def test_a_link_is_followed(tmp_path):
    (tmp_path / "there").mkdir()
    link = tmp_path / "link.json"
    link.symlink_to(tmp_path / "there" / "plan.json")
    write_text(link, "one\n")
    assert link.is_symlink()
    assert (tmp_path / "there" / "plan.json").read_text() == "one\n"
