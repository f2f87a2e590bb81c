"""The traffic of the lab: records a CPU second, of all fields and of the default format.

`python -m benchmarks.lab_traffic DIR [MILLIONS]` makes that many millions of records of version 2
in a folder, for what is to be measured on them; without arguments it makes few and says the rate.
"""

import shutil
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.table import show
from ringwall.app.sources import open_network
from ringwall.app.traffic_making import make_traffic
from ringwall.app.workspace import CloudSettings
from ringwall.lab.traffic.making import Wish

FORTRESS = str(Path(__file__).resolve().parent.parent / "examples" / "fortress.yaml")
BEGIN = 1_772_409_600  # 2026-03-02T00:00:00Z
HOURS = 24
# Of a day at scale 1: what grows with the scale, and what does not.
GROWING, STANDING = 660_000, 550_000


def make(
    folder: Path, version: int, *, hours: int = HOURS, scale: float = 1.0
) -> tuple[int, float]:
    """Make traffic in a folder; return flow records and CPU seconds."""
    began = time.process_time()
    wish = Wish(seed=1, hours=hours, begin=BEGIN, version=version, scale=scale)
    source = open_network(FORTRESS, CloudSettings())
    made = make_traffic(source, wish, str(folder), force=True)
    lines = made.truth["lines"]
    return lines["flow"] + lines["transit"], time.process_time() - began


def main() -> None:
    """Print the figures."""
    rows = []
    for version, hours, scale in ((10, 24, 1.0), (2, 24, 1.0), (2, 4, 30.0)):
        folder = Path(tempfile.mkdtemp(prefix="ringwall-"))
        try:
            count, seconds = make(folder, version, hours=hours, scale=scale)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        rows.append(
            (version, hours, scale, f"{count:,}", f"{seconds:.1f}", f"{count / seconds:,.0f}")
        )
    show(["version", "hours", "scale", "records", "CPU s", "records a CPU second"], rows)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        millions = float(sys.argv[2]) if len(sys.argv) > 2 else 20.0
        wanted = (millions * 1e6 - STANDING) / GROWING
        print(*make(Path(sys.argv[1]), 2, scale=max(wanted, 0.0)))
    else:
        main()
