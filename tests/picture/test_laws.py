"""Laws of pictures: any scene is XML in which every text is in its box, and every id is one."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ringwall.picture.document import document
from ringwall.picture.draw import draw
from ringwall.picture.font import clean, shorten, width, wrap
from ringwall.picture.table import tables
from tests.picture.geometry import faults, ids
from tests.picture.scenes import NAMES, scenes

SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large]


@given(scenes())
@settings(max_examples=60, deadline=None, suppress_health_check=SLOW)
def test_any_scene_is_xml_with_every_text_in_its_box(scene):
    svg = draw(scene)
    assert faults(svg) == []
    assert len(ids(svg)) == len(set(ids(svg)))
    assert draw(scene) == svg


@given(scenes())
@settings(max_examples=30, deadline=None, suppress_health_check=SLOW)
def test_any_scene_is_told_in_tables_whose_rows_have_the_columns_of_their_heads(scene):
    columns = 0
    for line in tables(scene):
        assert "\n" not in line
        cells = line.replace("\\\\", "").replace("\\|", "").count("|") if line[:1] == "|" else 0
        assert not (cells and columns) or cells == columns
        columns = cells
    assert document(scene)["schema"] == "ringwall/map/1"


@given(NAMES, st.floats(8, 24), st.floats(0, 400), st.booleans())
def test_a_shortened_text_fits_or_is_an_ellipsis(text, size, limit, bold):
    shown = shorten(clean(text), size, limit, bold=bold)
    assert width(shown, size, bold=bold) <= limit or shown == "…"


@given(NAMES, st.integers(1, 5), st.floats(30, 400))
def test_wrapped_lines_fit_and_are_not_too_many(text, lines, limit):
    found = wrap(clean(text), 11, limit, lines=lines)
    assert len(found) <= lines
    assert all(width(line, 11) <= limit or line == "…" for line in found)


def test_widths_are_those_of_the_font():
    """Liberation Sans: `W` is 944 thousandths of an em wide, `i` 222."""
    assert width("Wi", 10) == 11.66
    assert width("a\u0301", 10) == width("a", 10)


def test_what_hides_or_reorders_text_is_shown_as_a_mark():
    assert clean("a\u202eb\x00") == "a\ufffdb\ufffd"
    assert clean("two\nlines") == "two lines"
