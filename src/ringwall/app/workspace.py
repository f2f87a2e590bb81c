"""A blueprint's file → what is wanted; a live account → what is there."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ringwall.blueprint import Blueprint, compile_blueprint, load
from ringwall.errors import InputError, OutsideError
from ringwall.model.graph import ResourceGraph
from ringwall.resources import registry
from ringwall.resources.assemble import assemble
from ringwall.shell.aws import Cloud, connect
from ringwall.shell.files import read_bytes
from ringwall.shell.reading import read_account

Talk = Callable[[str], None]


def silent(_line: str) -> None:
    """Say nothing."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A blueprint, its text and the graph it compiles to."""

    file: str
    text: str
    blueprint: Blueprint
    graph: ResourceGraph

    @property
    def folder(self) -> Path:
        """Return where the deployment's journal and schema live."""
        return Path(self.file).resolve().parent / ".ringwall" / self.blueprint.name


@dataclass(frozen=True, slots=True)
class CloudSettings:
    """How AWS is found; what is empty is taken from the environment, as the AWS tools do."""

    profile: str = ""
    endpoint_url: str = ""


def read_blueprint(file: str) -> Wanted:
    """Load and compile a blueprint; raises BlueprintError with every problem, InputError."""
    return blueprint_of(read_bytes(file), file)


def blueprint_of(data: bytes | str, file: str) -> Wanted:
    """Load and compile a blueprint's text; `file` names it in errors."""
    blueprint = load(data, file)
    text = data if isinstance(data, str) else data.decode("utf-8", "replace")
    return Wanted(file, text, blueprint, compile_blueprint(blueprint))


def connect_for(wanted: Wanted, settings: CloudSettings) -> Cloud:
    """Connect to the blueprint's region; raises InputError if the account is not the named one."""
    cloud = connect(
        profile=settings.profile or None,
        region=wanted.blueprint.region,
        endpoint_url=settings.endpoint_url or None,
    )
    asked = wanted.blueprint.account
    if asked and asked != cloud.account:
        found = cloud.account
        msg = f"{wanted.file}: the blueprint is for account {asked}, the credentials for {found}"
        raise InputError(msg, hint="choose another profile (--profile), or change `account:`")
    return cloud


def observe(cloud: Cloud, deployment: str) -> ResourceGraph:
    """Read back the account; raises OutsideError if a part of it may not be read."""
    reads = read_account(cloud, registry().values(), deployment)
    if reads.refused:
        name, code = min(reads.refused.items())
        msg = f"cannot read {name} ({code}); {len(reads.refused)} kinds of reads were refused"
        raise OutsideError(msg, hint="`ringwall permissions FILE --for plan` prints what is needed")
    return assemble(reads, deployment)
