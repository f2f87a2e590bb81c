"""A blueprint's file → what is wanted; a live account → what is there."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ringwall.blueprint import Blueprint, load
from ringwall.blueprint.compile import compile_blueprint
from ringwall.errors import BlueprintError, InputError, OutsideError
from ringwall.model.grants import Grant
from ringwall.model.graph import ResourceGraph
from ringwall.resources import deployable, registry
from ringwall.resources.assemble import assemble
from ringwall.shell.aws import Cloud, connect
from ringwall.shell.files import journal_path, read_text
from ringwall.shell.progress import Progress
from ringwall.shell.reading import read_account


@dataclass(frozen=True, slots=True)
class Wanted:
    """A blueprint, its text and the graph it compiles to."""

    file: str
    text: str
    blueprint: Blueprint
    graph: ResourceGraph

    @property
    def journal(self) -> Path:
        """Return where the deployment's journal lives, beside the blueprint."""
        return journal_path(self.file, self.blueprint.name)


@dataclass(frozen=True, slots=True)
class CloudSettings:
    """How AWS is found; what is empty is taken from the environment, as the AWS tools do."""

    profile: str = ""
    endpoint_url: str = ""


def read_blueprint(file: str) -> Wanted:
    """Load and compile a blueprint; raises BlueprintError with every problem, InputError."""
    return blueprint_of(read_text(file), file)


# What a document that Ringwall itself writes says of itself, first of all.
_OWN_DOCUMENT = re.compile(r"\s*\{\s*\"schema\"\s*:\s*\"ringwall/([a-z-]+)/\d+\"")
_USES = {
    "certificate": "the network comes first: `ringwall verify-certificate NETWORK CERTIFICATE`",
    "saved-plan": "`ringwall apply PLAN` takes it",
}


def blueprint_of(text: str, file: str) -> Wanted:
    """Load and compile a blueprint's text; `file` names it in errors.

    Raises BlueprintError, and InputError for what Ringwall itself wrote: a certificate, a plan.
    """
    own = _OWN_DOCUMENT.match(text)
    if own is not None:
        what = own[1].replace("-", " ") if own[1] in _USES else f"document of `ringwall {own[1]}`"
        msg = f"'{file}' is a {what}, neither a blueprint nor another network"
        raise InputError(msg, hint=_USES.get(own[1], "name the network that it tells of"))
    blueprint = load(text, file)
    try:
        graph = compiled(blueprint)
    except BlueprintError as error:
        raise BlueprintError(file, error.problems, text) from None
    return Wanted(file, text, blueprint, graph)


def compiled(blueprint: Blueprint) -> ResourceGraph:
    """Compile a blueprint, whose response may use every playbook; raises BlueprintError."""
    return compile_blueprint(blueprint, _playbooks(blueprint))


def _playbooks(blueprint: Blueprint) -> Mapping[str, tuple[Grant, ...]]:
    """Return what each playbook needs, where there is a response that may use them."""
    if blueprint.response is None:
        return {}
    # They bring the engine. With it above, `export` and `permissions` take twice as long for every
    # blueprint without a response: 0.47 s for 0.24 s of CPU.
    from ringwall.playbooks import registry as playbooks  # noqa: PLC0415  (measured: see above)

    return {name: each.grants for name, each in playbooks().items()}


def connect_for(wanted: Wanted, settings: CloudSettings) -> Cloud:
    """Connect to the blueprint's region; raises InputError if the account is not the named one."""
    cloud = connect(
        profile=settings.profile,
        region=wanted.blueprint.region,
        endpoint=settings.endpoint_url,
    )
    asked = wanted.blueprint.account
    if asked and asked != cloud.account:
        found = cloud.account
        msg = f"{wanted.file}: the blueprint is for account {asked}, the credentials for {found}"
        raise InputError(msg, hint="choose another profile (--profile), or change `account:`")
    return cloud


def observe_all(settings: CloudSettings, absent: frozenset[str] = frozenset()) -> ResourceGraph:
    """Read an account without a blueprint, in the environment's region; nothing in it is ours.

    This is a survey: load balancers, lines to on-premises networks and firewalls are read, too.
    Of the types in `absent` there is none where AWS answered nothing about them.
    """
    cloud = connect(profile=settings.profile, endpoint=settings.endpoint_url)
    return assemble(read_account(cloud, registry().values(), ""), "", absent)


def observe(
    wanted: Wanted,
    cloud: Cloud,
    progress: Progress | None = None,
    *,
    survey: bool = False,
    absent: frozenset[str] = frozenset(),
) -> ResourceGraph:
    """Read back the account; a survey reads what no blueprint can ask for, too.

    Raises OutsideError if something may not be read that the blueprint needs: planning without it
    would create it twice. Other refusals stand in the graph's unknowns.
    """
    deployment = wanted.blueprint.name
    kinds = registry().values() if survey else deployable()
    reads = read_account(cloud, kinds, deployment, progress)
    asked = [registry()[type_name] for type_name in {node.type for node in wanted.graph}]
    needed = {listing.name for kind in asked for listing in kind.listings}
    needed |= {detail.name for kind in asked for detail in kind.details}
    missing = sorted(needed & set(reads.refused))
    if missing:
        name = missing[0]
        msg = f"cannot read {name} ({reads.refused[name]}), which the blueprint needs"
        raise OutsideError(msg, hint="`ringwall permissions FILE --for plan` prints what is needed")
    return assemble(reads, deployment, absent)
