"""NETWORK, as people write it → its graph: a blueprint, a snapshot, a template, a plan, `aws`."""

from dataclasses import dataclass
from enum import StrEnum

from ringwall.app.workspace import (
    CloudSettings,
    Wanted,
    connect_for,
    observe,
    observe_all,
    read_blueprint,
)
from ringwall.formats.describe import read_folder
from ringwall.model.graph import ResourceGraph
from ringwall.model.origins import with_origins
from ringwall.reach.ends import Networks
from ringwall.reach.engine import Engine
from ringwall.shell.files import is_folder, read_files

LIVE = "aws"


class SourceKind(StrEnum):
    """What a network was read from."""

    BLUEPRINT = "blueprint"
    FOLDER = "folder"
    LIVE = "live account"


@dataclass(frozen=True, slots=True)
class Source:
    """A network: its graph, and the blueprint behind it where there is one."""

    name: str
    kind: SourceKind
    graph: ResourceGraph
    wanted: Wanted | None = None

    @property
    def networks(self) -> Networks | None:
        """Return the blueprint's names of address ranges."""
        return self.wanted.blueprint.networks if self.wanted is not None else None

    def engine(self) -> Engine:
        """Return what answers about the network."""
        return Engine(self.graph, self.networks)


def open_network(name: str, settings: CloudSettings, *, blueprint: str = "") -> Source:
    """Read a network; with `aws`, a blueprint's names and places are used if one is given.

    Raises BlueprintError, InputError and OutsideError.
    """
    if name != LIVE and is_folder(name):
        return Source(name, SourceKind.FOLDER, read_folder(read_files(name)))
    if name != LIVE:
        wanted = read_blueprint(name)
        return Source(name, SourceKind.BLUEPRINT, wanted.graph, wanted)
    if not blueprint:
        return Source(name, SourceKind.LIVE, observe_all(settings))
    wanted = read_blueprint(blueprint)
    graph = with_origins(observe(wanted, connect_for(wanted, settings)), wanted.graph)
    return Source(name, SourceKind.LIVE, graph, wanted)
