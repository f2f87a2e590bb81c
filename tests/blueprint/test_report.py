"""What a problem shows of the source."""

from ringwall.blueprint.report import render
from ringwall.errors import Problem

LINE = 'notices: {webhook: "https://hooks.example/services/T0/B0/SECRET", security_hub: true}'


def test_an_address_of_the_web_is_not_shown_and_the_caret_stays_in_its_place():
    place = LINE.index('"') + 1
    told = render(Problem("BP129", "m", 1, place, end_column=len(LINE)), f"{LINE}\n", "b.yaml")
    _, source, caret = told.splitlines()
    assert "SECRET" not in told
    assert "hooks.example" not in told
    assert source.endswith('…", security_hub: true}')
    assert len(source) == len("    1 | ") + len(LINE)
    assert caret.index("^") == source.index('"')
