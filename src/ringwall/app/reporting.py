"""What is deployed, by key; what a blueprint holds, in a line."""

from collections.abc import Mapping
from typing import Any

from ringwall.app.workspace import CloudSettings, Wanted, connect_for, observe
from ringwall.blueprint.words import did_you_mean
from ringwall.changes.ownership import Owner, owners
from ringwall.errors import InputError
from ringwall.model.graph import ResourceGraph
from ringwall.model.words import plural


def output_document(wanted: Wanted, settings: CloudSettings) -> dict[str, Any]:
    """Return key -> id of everything of the deployment that has an id, by type."""
    cloud = connect_for(wanted, settings)
    observed = observe(wanted, cloud)
    whose = owners(observed, wanted.blueprint.name)
    resources: dict[str, dict[str, str]] = {}
    for node in observed:
        if whose[node.type, node.key] is Owner.OURS and node.physical_id:
            resources.setdefault(node.type, {})[node.key] = node.physical_id
    return {
        "schema": "ringwall/output/1",
        "deployment": wanted.blueprint.name,
        "account": cloud.account,
        "region": cloud.region,
        "resources": {name: dict(sorted(ids.items())) for name, ids in sorted(resources.items())},
    }


def id_of(document: Mapping[str, Any], type_name: str, key: str) -> str:
    """Return one id of an output document; the type may be short, as plans print it.

    Raises InputError if nothing of that type and key is deployed.
    """
    resources: Mapping[str, Mapping[str, str]] = document["resources"]
    for name, ids in resources.items():
        if type_name in {name, name.rsplit("::", 1)[-1]}:
            if key in ids:
                return ids[key]
            msg = f"no {type_name} {key!r} is deployed of {document['deployment']!r}"
            raise InputError(msg, hint=did_you_mean(key, ids))
    msg = f"nothing of type {type_name!r} is deployed of {document['deployment']!r}"
    raise InputError(msg, hint=did_you_mean(type_name, resources))


def contents_line(name: str, graph: ResourceGraph) -> str:
    """Say in a line what a network holds."""
    nouns = [
        (len(graph.of_type(type_name)), noun)
        for type_name, noun in (
            ("AWS::EC2::VPC", "VPC"),
            ("AWS::EC2::Subnet", "subnet"),
            ("AWS::EC2::SecurityGroup", "security group"),
            ("AWS::EC2::NetworkAclEntry", "NACL entry"),
            ("AWS::EC2::Route", "route"),
        )
    ]
    parts = [f"{count} {plural(noun, count)}" for count, noun in nouns]
    return f"{name}  ok   {'  '.join(parts)}   {len(graph)} {plural('resource', len(graph))}"
