"""A Parquet file of AWS's → the lines that it would be as text, so that one parser judges both."""

from collections.abc import Iterator
from typing import BinaryIO, Final

from ringwall.shell.store.arrow import Arrow, pyarrow

ROWS: Final = 1 << 15
MOST_GROUP: Final = 192 << 20  # bytes of a row group, as its footer states them
TOO_LARGE: Final = "a row group is too large"


def text_of(file: BinaryIO) -> Iterator[bytes]:
    """Yield a header, then lines; raises ValueError where the file is damaged."""
    pa = pyarrow()
    try:
        parquet = pa.parquet.ParquetFile(file, buffer_size=1 << 16, pre_buffer=False)
        names = [_ascii(name) for name in parquet.schema_arrow.names]
        for number in range(parquet.num_row_groups):
            if parquet.metadata.row_group(number).total_byte_size > MOST_GROUP:
                raise ValueError(TOO_LARGE)
        yield (" ".join(names) + "\n").encode()
        for batch in parquet.iter_batches(ROWS, use_threads=False):
            yield _lines(batch)
    except (pa.ArrowException, OSError) as failure:
        raise ValueError(" ".join(str(failure).split())[:200]) from None


def _ascii(name: str) -> str:
    """Return a column's name as one word of a header."""
    return name.encode("ascii", "replace").decode().replace(" ", "?").replace("\n", "?") or "?"


def _lines(batch: Arrow) -> bytes:
    import pyarrow.compute as pc  # noqa: PLC0415  (it may be missing)

    pa = pyarrow()
    words = []
    for column in batch.columns:
        if pa.types.is_nested(column.type):
            words.append(pa.array(["-"] * len(column), pa.large_binary()))
            continue
        text = pc.cast(pc.cast(column, pa.string()), pa.large_binary())
        text = pc.if_else(pc.equal(pc.binary_length(text), 0), pa.scalar(b"-", text.type), text)
        words.append(pc.fill_null(text, b"-"))
    if not words or not len(batch):
        return b""
    space = pa.scalar(b" ", pa.large_binary())
    joined = pc.binary_join_element_wise(*words, space)
    # A line feed within a value would end the line: it is damaged either way.
    joined = pc.replace_substring(joined, b"\n", b"\x00")
    whole = pa.ListArray.from_arrays(pa.array([0, len(joined)], pa.int32()), joined)
    end = pa.scalar(b"\n", pa.large_binary())
    return bytes(pc.binary_join(whole, end)[0].as_buffer()) + b"\n"
