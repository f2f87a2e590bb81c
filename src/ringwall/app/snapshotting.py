"""Accounts and regions → a folder of what AWS answers about their networks."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from ringwall.formats.describe import write_folder
from ringwall.resources import registry
from ringwall.resources.kind import Reads
from ringwall.shell.aws import connect
from ringwall.shell.clock import Clock, SystemClock
from ringwall.shell.files import refuse_full_folder, write_files
from ringwall.shell.progress import Progress
from ringwall.shell.reading import read_account

AT_ONCE = 4  # accounts and regions read at the same time


@dataclass(frozen=True, slots=True)
class Place:
    """Where to read: a profile or a role, and a region; what is empty is AWS's own choice."""

    profile: str = ""
    role: str = ""
    region: str = ""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What was written: for each account and region the objects, and the calls refused."""

    folder: str
    places: tuple[tuple[str, str, int, tuple[str, ...]], ...]

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON document `ringwall/snapshot/1`."""
        return {
            "schema": "ringwall/snapshot/1",
            "folder": self.folder,
            "places": [
                {"account": account, "region": region, "objects": count, "refused": list(refused)}
                for account, region, count, refused in self.places
            ],
        }


def take_snapshot(
    folder: str,
    places: Sequence[Place],
    *,
    endpoint: str = "",
    force: bool = False,
    progress: Progress | None = None,
    clock: Clock | None = None,
) -> Snapshot:
    """Read every place and write the folder; raises CloudError, InputError, OutsideError.

    Calls that AWS refuses are recorded as such. Nothing is written before everything was read. The
    time of a snapshot is that before its first call: what changed until then is in it.
    """
    refuse_full_folder(folder, force=force)
    moment = (clock or SystemClock()).now()
    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="ringwall-snapshot") as pool:
        found = list(pool.map(lambda place: _read(place, endpoint, progress), places))
    files: dict[str, bytes] = {}
    for reads in found:
        files |= write_folder(reads, moment)
    write_files(folder, files, force=force)
    return Snapshot(
        folder,
        tuple(
            (r.account, r.region, sum(map(len, r.listings.values())), tuple(sorted(r.refused)))
            for r in found
        ),
    )


def _read(place: Place, endpoint: str, progress: Progress | None) -> Reads:
    cloud = connect(place.profile, place.region, endpoint, role=place.role)
    return read_account(cloud, registry().values(), "", progress)
