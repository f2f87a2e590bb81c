"""The page about packets shows what happens."""

import doctest
from pathlib import Path

from ringwall.space.packets import PacketSet

PAGE = Path(__file__).resolve().parents[2] / "docs" / "concepts" / "packets.md"


def test_the_page_computes_what_it_shows() -> None:
    failed, tried = doctest.testfile(str(PAGE), module_relative=False)
    assert (failed, tried > 5) == (0, True)


def test_the_text_of_the_page_can_be_read() -> None:
    shown = PAGE.read_text().split("```")[1].strip()
    assert PacketSet.parse(PacketSet.parse(shown).to_text()) == PacketSet.parse(shown)
