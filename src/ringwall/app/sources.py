"""NETWORK, as people write it → its graph: a blueprint, a snapshot, a template, a plan, `aws`."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches
from enum import StrEnum
from pathlib import Path

from ringwall.app.workspace import (
    CloudSettings,
    Wanted,
    blueprint_of,
    connect_for,
    observe,
    observe_all,
    read_blueprint,
)
from ringwall.errors import InputError, QuestionError
from ringwall.formats import cloudformation, terraform
from ringwall.formats.describe import read_at, read_folder
from ringwall.model.graph import ResourceGraph
from ringwall.model.origins import with_origins
from ringwall.reach.ends import Networks
from ringwall.reach.engine import Engine
from ringwall.resources import registry
from ringwall.shell.files import is_folder, read_files, read_text, read_texts

LIVE = "aws"


class SourceKind(StrEnum):
    """What a network was read from."""

    BLUEPRINT = "blueprint"
    FOLDER = "folder"
    CLOUDFORMATION = "CloudFormation template"
    TERRAFORM = "Terraform plan"
    LIVE = "live account"


@dataclass(frozen=True, slots=True)
class Source:
    """A network: its graph, and the blueprint behind it where there is one.

    `read_at` is when AWS was asked, where a snapshot says it.
    """

    name: str
    kind: SourceKind
    graph: ResourceGraph
    wanted: Wanted | None = None
    read_at: datetime | None = None

    @property
    def networks(self) -> Networks | None:
        """Return the blueprint's names of address ranges."""
        return self.wanted.blueprint.networks if self.wanted is not None else None

    def engine(self) -> Engine:
        """Return what answers about the network."""
        return Engine(self.graph, self.networks)


def open_network(
    name: str,
    settings: CloudSettings,
    *,
    blueprint: str = "",
    parameters: Mapping[str, str] | None = None,
    absent: Sequence[str] = (),
) -> Source:
    """Read a network; with `aws`, a blueprint's names and places are used if one is given.

    `parameters` are those of CloudFormation templates. Of the types in `absent` there is none where
    a folder, or AWS, has no answer about them. Raises BlueprintError, InputError, QuestionError and
    OutsideError.
    """
    if not name:
        msg = "the network has no name"
        raise InputError(msg, hint="name a blueprint, a folder, a template, a plan, or aws")
    none_of = types_of(absent)
    if name != LIVE and is_folder(name):
        return _folder(name, parameters or {}, none_of)
    if name != LIVE:
        return _file(name, parameters or {})
    if not blueprint:
        return Source(name, SourceKind.LIVE, observe_all(settings, none_of))
    wanted = read_blueprint(blueprint)
    there = observe(wanted, connect_for(wanted, settings), survey=True, absent=none_of)
    return Source(name, SourceKind.LIVE, with_origins(there, wanted.graph), wanted)


def types_of(texts: Iterable[str]) -> frozenset[str]:
    """Return the resource types that people name, in full or by the last word, several in a text.

    Raises QuestionError for what is none.
    """
    by_word = {name.lower(): name for name in registry()}
    by_word |= {name.rsplit("::", 1)[-1].lower(): name for name in registry()}
    found = set()
    for word in (part.strip() for text in texts for part in text.split(",") if part.strip()):
        if word.lower() not in by_word:
            near = get_close_matches(word.lower(), by_word, 3)
            msg = f"there is no resource type {word!r}"
            known = ", ".join(dict.fromkeys(by_word[each] for each in near))
            raise QuestionError(msg, hint=f"near: {known}" if known else "see docs/reference")
        found.add(by_word[word.lower()])
    return frozenset(found)


# What a template and a plan say of themselves; a blueprint has no such keys.
_TEMPLATE = re.compile(
    r"(?:^|[{,])\s*[\"']?(?:AWSTemplateFormatVersion|Resources)[\"']?\s*:", re.MULTILINE
)
_TYPED = re.compile(r"[\"']?Type[\"']?\s*:\s*[\"']?(?:AWS|Custom|Alexa)::")
_OF_TERRAFORM = "of Terraform, name a plan: `terraform show -json PLAN > plan.json`"
_OF_BLUEPRINT = re.compile(r"\b(?:vpcs|region|zones|ringwall/[a-z-]+)\b")
_PLAN = re.compile(r"\"(?:planned_values|terraform_version)\"\s*:")


def _file(name: str, parameters: Mapping[str, str]) -> Source:
    text = read_text(name)
    if _is_template(text):
        graph = cloudformation.read({name: text}, parameters=parameters)
        return Source(name, SourceKind.CLOUDFORMATION, graph)
    if text.lstrip().startswith("{") and _PLAN.search(text):
        return Source(name, SourceKind.TERRAFORM, terraform.read(text, file=name))
    if text.lstrip()[:1] in {"{", "["} and not _OF_BLUEPRINT.search(text):
        msg = f"'{name}' is JSON, but no template, no Terraform plan and no blueprint"
        raise InputError(msg, hint="of what AWS's describe calls answered, name the folder")
    wanted = blueprint_of(text, name)
    return Source(name, SourceKind.BLUEPRINT, wanted.graph, wanted)


def _folder(name: str, parameters: Mapping[str, str], absent: frozenset[str]) -> Source:
    """Read a folder: of templates, if one of its files is one, else of described JSON."""
    templates = {
        f"{name.rstrip('/')}/{path}": text
        for path, text in read_texts(name).items()
        if _is_template(text)
    }
    if templates:
        graph = cloudformation.read(templates, parameters=parameters)
        return Source(name, SourceKind.CLOUDFORMATION, graph)
    try:
        files = read_files(name)
        graph, at = read_folder(files, absent), read_at(files)
    except InputError as error:
        msg = error.message if name in error.message else f"'{name}': {error.message}"
        is_terraform = any(Path(name).glob("*.tf")) or any(Path(name).glob("*.tf.json"))
        raise InputError(msg, hint=_OF_TERRAFORM if is_terraform else error.hint) from None
    return Source(name, SourceKind.FOLDER, graph, read_at=at)


def _is_template(text: str) -> bool:
    return bool(_TEMPLATE.search(text)) and bool(_TYPED.search(text))
