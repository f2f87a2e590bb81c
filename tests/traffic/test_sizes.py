"""Bytes are told in units that people read; what is no number of bytes stays as it is."""

import pytest

from ringwall.traffic.sizes import readable, size


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1.0 kB"),
        (99_949, "99.9 kB"),
        (99_950, "100 kB"),
        (123_456, "123 kB"),
        (999_499, "999 kB"),
        (999_500, "1.0 MB"),
        (1_234_567_890, "1.2 GB"),
        (176_766_440, "177 MB"),
        (10**22, "10000 EB"),
    ],
)
def test_bytes_have_three_digits_and_a_unit(value: int, shown: str) -> None:
    assert size(value) == shown


def test_only_columns_of_bytes_are_told_with_a_unit() -> None:
    assert readable("bytes_out", 2000) == "2.0 kB"
    assert readable("records", 2000) == 2000
    assert readable("bytes", None) is None
    assert readable("bytes", "") == ""
