"""What people read, held to files; `make golden` rewrites them, and the difference is read."""

import os
from pathlib import Path

HERE = Path(__file__).parent


def golden(name: str, text: str) -> None:
    """Compare a text with its file, or rewrite the file when RINGWALL_GOLDEN is `write`."""
    path = HERE / name
    if os.environ.get("RINGWALL_GOLDEN") == "write":
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")
