"""The most memory that this process has held."""

import resource
import sys
from pathlib import Path

_STATUS = Path("/proc/self/status")


def peak_megabytes() -> float:
    """Return it in MiB.

    On Linux ru_maxrss is at least what the process held that started this one, for it outlives
    exec (getrusage(2) counts the task, not its memory); VmHWM is of this program alone (proc(5)).
    """
    if _STATUS.exists():
        for line in _STATUS.read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
    unit = 1 if sys.platform == "darwin" else 1024  # bytes there, else kibibytes
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / (1 << 20)
