"""The code → the pages of docs/reference: `python -m tests.reference --write|--check`.

Pages are written from what the product itself says: commands from click, fields from the
blueprint's schema, calls from the files of resource types, codes from their table.
"""

import argparse
import difflib
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from ringwall.blueprint import codes, load, services, syntax, vpcs
from ringwall.blueprint.codes import Code
from ringwall.blueprint.compile import compile_blueprint
from ringwall.blueprint.schema import schema
from ringwall.cli.lazy import LazyGroup
from ringwall.cli.main import cli
from ringwall.model.calls import Call
from ringwall.model.graph import Node, ResourceGraph
from ringwall.resources import deployable, registry
from ringwall.resources.actions import action_of
from ringwall.resources.kind import Detail, ResourceType
from ringwall.resources.route_table import ROUTE_TABLES
from tests.reference_checks import checks_page
from tests.reference_detections import detections_page
from tests.reference_logs import logs_page
from tests.reference_playbooks import playbooks_page

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "docs" / "reference"
HEAD = "<!-- Written by `make docs`; edit the code, not this page. -->\n"
WIDTH = 96  # columns of pasted help

# What the examples leave out: with it, every type that a blueprint can ask for is in the tables.
FURTHER = """
name: further
region: us-east-1
zones: [us-east-1a, us-east-1b]
addresses: {ipv6: amazon}
account_settings:
  owned: true
  block_public_access: block-ingress
  exclusions: {edge: allow-bidirectional}
flow_logs: {destination: s3}
vpcs:
  edge:
    nat: one
    tiers:
      public: {kind: public}
      private: {kind: private}
    groups:
      web: {tier: public}
      app: {tier: private}
    flows:
      - {from: internet, to: web, ports: [443]}
      - {from: web, to: app, ports: [8080]}
      - {from: app, to: internet, ports: [443]}
"""


def samples() -> Iterator[ResourceGraph]:
    """Yield the graphs from which calls are counted: the examples, and what they leave out."""
    for name in ("minimal", "fortress", "watched"):
        path = ROOT / "examples" / f"{name}.yaml"
        yield compile_blueprint(load(path.read_text(), path.name))
    yield compile_blueprint(load(FURTHER, "further.yaml"))


def api(operation: str) -> str:
    """Return an operation as AWS's reference calls it: create_vpc → CreateVpc."""
    return action_of("x", operation).removeprefix("x:")


# ---------------------------------------------------------------------------------------------
# Commands


def commands_page() -> str:
    """Return every command's help."""
    parts = [HEAD, "# Commands\n", _help(cli, "ringwall")]
    for name, command in all_commands():
        parts += [f"## ringwall {name}\n", _help(command, f"ringwall {name}")]
    parts.append(_exit_codes())
    return "\n".join(parts)


def all_commands(group: LazyGroup = cli, above: str = "") -> Iterator[tuple[str, click.Command]]:
    """Yield every command with its words, a group before what is in it."""
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        yield f"{above}{name}", command
        if isinstance(command, LazyGroup):
            yield from all_commands(command, f"{above}{name} ")


def _help(command: click.Command, name: str) -> str:
    context = click.Context(
        command,
        info_name=name,
        terminal_width=WIDTH,
        max_content_width=WIDTH,
        help_option_names=["-h", "--help"],
    )
    return f"```text\n{command.get_help(context).rstrip()}\n```\n"


def _exit_codes() -> str:
    return """## Exit codes

| code | meaning |
|---|---|
| 0 | done, or answered; `plan` and `explain` answer, and give 1 only with `--exit-code` |
| 1 | something judged is not as asked: `check`, `drift`, an apply refused by proof |
| 2 | wrong usage or invalid input, a stale plan file included |
| 3 | undecided: `UNKNOWN` where a proof was asked for |
| 4 | AWS refused or cannot be reached, the lock is held, a part is not installed, declined at the \
prompt, done only in part |
| 130 | interrupted |
"""


# ---------------------------------------------------------------------------------------------
# The blueprint


def blueprint_page() -> str:
    """Return every field of a blueprint, from its JSON Schema."""
    document = schema()
    definitions: Mapping[str, Any] = document.get("definitions") or document.get("$defs") or {}
    parts = [
        HEAD,
        "# Fields of a blueprint\n",
        (
            "Printed for editors by `ringwall schema`. A field without *default* may "
            "be left out, and then is not there.\n"
        ),
        "## The file\n",
        _fields(document, "Blueprint", definitions),
    ]
    for name in _reached(document, definitions):
        part = definitions[name]
        if "properties" not in part:
            continue
        parts += [
            f"## {name}\n",
            f"{part.get('description', '')}\n",
            _fields(part, name, definitions),
        ]
    return "\n".join(parts)


def _reached(document: Mapping[str, Any], definitions: Mapping[str, Any]) -> list[str]:
    """Return the definitions in the order in which the document reaches them."""
    seen: list[str] = []
    queue = [document.get("properties", {})]
    while queue:
        for name in _mentioned(queue.pop(0)):
            if name in definitions and name not in seen:
                seen.append(name)
                queue.append(definitions[name])
    return seen


def _mentioned(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"].rsplit("/", 1)[-1]
        for item in value.values():
            yield from _mentioned(item)
    elif isinstance(value, list):
        for item in value:
            yield from _mentioned(item)


def _fields(part: Mapping[str, Any], name: str, definitions: Mapping[str, Any]) -> str:
    required = set(part.get("required", ()))
    defaults = _defaults(name)
    rows = ["| field | kind | default | meaning |", "|---|---|---|---|"]
    for field_name, field in part["properties"].items():
        default = "required" if field_name in required else defaults.get(field_name, "")
        # A field that says the same as what it holds leaves it to that.
        held = definitions.get(str(field.get("$ref", "")).rsplit("/", 1)[-1], {})
        meaning = field.get("description") or held.get("description", "")
        text = str(meaning).replace("|", "\\|").replace("\n", " ")
        rows.append(f"| `{field_name}` | {_kind(field)} | {default} | {text} |")
    return "\n".join(rows) + "\n"


def _defaults(model_name: str) -> dict[str, str]:
    """Return the default of each field as it is written, by the field's name in a blueprint."""
    model = next(
        (found for module in (syntax, vpcs, services) if (found := vars(module).get(model_name))),
        None,
    )
    return {
        field.alias or name: _written(field.default)
        for name, field in getattr(model, "model_fields", {}).items()
    }


def _written(value: Any) -> str:
    match value:
        case bool():
            return f"`{str(value).lower()}`"
        case int():
            return f"`{value}`"
        case str() if value:
            return f"`{value}`"
        case tuple() if len(value) > 8:
            return "all"
        case _:
            return ""


def _kind(field: Mapping[str, Any]) -> str:
    """Say in a few words what a field takes."""
    if "$ref" in field:
        name = field["$ref"].rsplit("/", 1)[-1]
        if name == "JsonValue":
            return "any JSON"
        return f"[{name}](#{name.lower()})"
    for word in ("anyOf", "oneOf", "allOf"):
        if word in field:
            kinds = [_kind(item) for item in field[word] if item.get("type") != "null"]
            return " or ".join(dict.fromkeys(kinds))
    if "const" in field:
        return f"`{str(field['const']).lower()}`"
    if "enum" in field:
        values = [f"`{value}`" for value in field["enum"] if value is not None]
        return ", ".join(values) if len(values) <= 6 else f"one of {len(values)}"
    return _plain_kind(field)


def _plain_kind(field: Mapping[str, Any]) -> str:
    match field.get("type"):
        case "array":
            return f"list of {_kind(field.get('items', {}))}"
        case "object":
            inner = field.get("additionalProperties") or next(
                iter(field.get("patternProperties", {}).values()), None
            )
            return f"mapping to {_kind(inner)}" if isinstance(inner, Mapping) else "mapping"
        case "integer" if "minimum" in field and "maximum" in field:
            return f"number {field['minimum']} to {field['maximum']}"
        case "string":
            return "text"
        case "boolean":
            return "true or false"
        case "integer" | "number":
            return "number"
        case _:
            return "any"


# ---------------------------------------------------------------------------------------------
# Errors


def errors_page() -> str:
    """Return the codes of blueprint errors."""
    parts = [
        HEAD,
        "# Errors of a blueprint\n",
        (
            "`check`, `plan` and every other command that reads a blueprint print all of its "
            "errors at once, each with its place, and exit with 2. Warnings are printed and stop "
            "nothing. A code keeps its meaning.\n"
        ),
        "| code | title | what it means |",
        "|---|---|---|",
    ]
    for code in sorted(all_codes(), key=lambda code: code.id):
        explanation = " ".join(code.explanation.split()).replace("|", "\\|")
        parts.append(
            f'| <a id="{code.id.lower()}"></a>`{code.id}` | {code.title} | {explanation} |'
        )
    return "\n".join(parts) + "\n"


def all_codes() -> list[Code]:
    """Return every code of the table in `blueprint/codes.py`."""
    found = {code.id: code for value in vars(codes).values() for code in _codes_in(value)}
    return list(found.values())


def _codes_in(value: Any) -> Iterator[Code]:
    if isinstance(value, Code):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _codes_in(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from _codes_in(item)


# ---------------------------------------------------------------------------------------------
# Resource types


def resource_types_page() -> str:
    """Return what is read and written of each type."""
    graphs = list(samples())
    parts = [
        HEAD,
        "# Resource types\n",
        _reads_text(),
        _details_table(),
        _writes_text(),
        _writes_table(graphs),
        "## Types\n",
    ]
    parts += [_type_section(kind) for kind in registry().values()]
    return "\n".join(parts)


def _reads_text() -> str:
    listings = {item.name for kind in deployable() for item in kind.listings}
    everything = {
        item.name for kind in registry().values() for item in (*kind.listings, *kind.surveyed)
    }
    watched = dict.fromkeys(
        f"`{listing.service}:{api(listing.operation)}`"
        for kind in registry().values()
        if kind.watched and ROUTE_TABLES not in kind.listings
        for listing in kind.listings
    )
    return (
        f"A plan reads an account by {len(listings)} paginated listings, each once, whatever the "
        "size of the network, and by the calls of the next table. Among them are "
        f"{', '.join(watched)}: no blueprint can ask for what they list, but it may carry packets "
        "past what a blueprint says. If AWS refuses one, the answers that it can touch are "
        "`UNKNOWN`; nothing else happens. Surveys (`ringwall snapshot`, questions about `aws`) "
        f"make {len(everything) - len(listings)} listings more; plan, apply and drift make none "
        "of them and need no permission for them. What these list is `UNKNOWN` to them where a "
        "packet could meet it.\n"
    )


def _details_table() -> str:
    rows = [
        "## Calls that AWS forces per object\n",
        (
            "Their number grows with the network: one for each object, or for each that the type's "
            "file chooses (those of the deployment, in most).\n"
        ),
        "| call | once for | item of | used by | asked by |",
        "|---|---|---|---|---|",
    ]
    planned = {detail.name for kind in deployable() for detail in kind.details}
    users: dict[str, list[str]] = defaultdict(list)
    details: dict[str, Detail] = {}
    for kind in registry().values():
        for detail in kind.details:
            details[detail.name] = detail
            users[detail.name].append(short(kind.name))
    everyone = Detail("", "", "", item_id=str, request=dict).wanted
    for name, detail in sorted(details.items()):
        variant = f" ({detail.variant})" if detail.variant else ""
        of = detail.of.split(":", 1)[1]
        which = "every" if detail.wanted is everyone else "chosen"
        rows.append(
            f"| `{detail.service}:{api(detail.operation)}`{variant} | {which} | `{api(of)}` | "
            f"{', '.join(dict.fromkeys(users[name]))} | "
            f"{'everything' if name in planned else 'surveys'} |"
        )
    return "\n".join(rows) + "\n"


def short(type_name: str) -> str:
    """Return a type without its first word: EC2::VPC."""
    return type_name.split("::", 1)[1] if type_name.startswith("AWS::") else type_name


def _writes_text() -> str:
    return (
        "## Write calls\n\n"
        "The write calls of an apply are the sum, over the resources that it creates, of the "
        "calls below, counted in the examples: *n* to *m* where it depends on properties (an "
        "attribute that differs from AWS's default costs a call of its own, as does each rule of "
        "a DNS Firewall and each further VPC of a hosted zone). Retries and reads (waits, "
        "look-ups) come on top, and two calls for the lock. The tests assert it. Deletions are "
        "those of the second column, unless AWS deletes the resource with its parent.\n"
    )


def _writes_table(graphs: Iterable[ResourceGraph]) -> str:
    rows = ["| type | to create one | to delete one |", "|---|---|---|"]
    creates: dict[str, list[Counter[str]]] = defaultdict(list)
    deletes: dict[str, list[Counter[str]]] = defaultdict(list)
    for graph in graphs:
        for node in graph:
            kind = registry()[node.type]
            creates[node.type].append(_counted(kind.create(node)))
            deletes[node.type].append(_counted(kind.delete(_as_read(node))))
    rows += [
        f"| {short(name)} | {_range(creates[name])} | {_range(deletes[name])} |"
        for name in registry()
        if name in creates
    ]
    return "\n".join(rows) + "\n"


def _as_read(node: Node) -> Node:
    """Return a node with what a deletion asks of a reading."""
    return replace(node, observed={"VpcId": "vpc-0", **node.observed})


def is_write(call: Call) -> bool:
    """Tell whether a call changes something."""
    return not call.operation.startswith(("describe_", "get_", "list_", "search_", "head_"))


def _counted(calls: Iterable[Call]) -> Counter[str]:
    return Counter(api(call.operation) for call in calls if is_write(call))


def _range(counts: list[Counter[str]]) -> str:
    operations = dict.fromkeys(name for count in counts for name in count)
    texts = []
    for name in operations:
        low, high = min(c[name] for c in counts), max(c[name] for c in counts)
        texts.append(f"{name} {low if low == high else f'{low} to {high}'}")
    return ", ".join(texts) or "none"


def _type_section(kind: ResourceType) -> str:
    module = sys.modules.get(_module_of(kind))
    title = (module.__doc__ or "").strip() if module else ""
    first, _, rest = title.partition("\n\n")
    sentence = _sentence_after_name(first, kind.name)
    parts = [f"### {kind.name}\n"]
    if sentence:
        parts.append(f"{sentence}\n")
    if rest:
        parts.append(f"{rest}\n")
    rows = [
        ("listed by", _ticks(f"{i.service}:{api(i.operation)}" for i in kind.listings)),
        (
            "and by surveys alone",
            _ticks(f"{i.service}:{api(i.operation)}" for i in kind.surveyed),
        ),
        (
            "and for each object by",
            _ticks(dict.fromkeys(f"{d.service}:{api(d.operation)}" for d in kind.details)),
        ),
        ("read by", "surveys alone" if kind.survey else ""),
        ("belongs to", f"its `{kind.parent}`" if kind.parent else ""),
        ("bears tags", "yes" if kind.tag else "no"),
        ("replaced when these change", _ticks(sorted(kind.replace))),
        ("taken at creation alone", _ticks(sorted(kind.initial))),
        ("always exists", "yes" if kind.restore else ""),
        ("further IAM actions", _ticks(sorted({a for v in kind.permissions.values() for a in v}))),
    ]
    parts += [f"- {label}: {text}" for label, text in rows if text]
    return "\n".join(parts) + "\n"


def _sentence_after_name(text: str, name: str) -> str:
    text = " ".join(text.split())
    found = text.removeprefix(name).lstrip(":. ").strip()
    return found[:1].upper() + found[1:] if found else ""


def _module_of(kind: ResourceType) -> str:
    for name, module in list(sys.modules.items()):
        if name.startswith("ringwall.resources.") and getattr(module, "RESOURCE", None) is kind:
            return name
    return ""


def _ticks(items: Iterable[str]) -> str:
    return ", ".join(f"`{item}`" for item in items)


def sample_node(type_name: str) -> Node | None:
    """Return a compiled node of a type, or None if no sample holds one."""
    for graph in samples():
        for node in graph.of_type(type_name):
            return node
    return None


PAGES: Mapping[str, Callable[[], str]] = {
    "blueprint.md": blueprint_page,
    "checks.md": lambda: checks_page(HEAD),
    "commands.md": commands_page,
    "detections.md": lambda: detections_page(HEAD),
    "errors.md": errors_page,
    "logs.md": lambda: logs_page(HEAD),
    "playbooks.md": lambda: playbooks_page(HEAD),
    "resource-types.md": resource_types_page,
}


def differences(folder: Path = FOLDER) -> Iterator[str]:
    """Yield, as a diff, what is not current in a folder of pages."""
    for name, make in PAGES.items():
        path = folder / name
        there = path.read_text() if path.exists() else ""
        yield from difflib.unified_diff(
            there.splitlines(),
            make().splitlines(),
            f"docs/reference/{name}",
            "the code",
            lineterm="",
        )


def main() -> int:
    """Write the pages, or tell whether they are current."""
    parser = argparse.ArgumentParser(prog="python -m tests.reference")
    todo = parser.add_mutually_exclusive_group(required=True)
    todo.add_argument("--write", action="store_true")
    todo.add_argument("--check", action="store_true")
    if parser.parse_args().write:
        FOLDER.mkdir(parents=True, exist_ok=True)
        for name, make in PAGES.items():
            (FOLDER / name).write_text(make())
        return 0
    found = list(differences())
    sys.stdout.writelines(f"{line}\n" for line in found)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
