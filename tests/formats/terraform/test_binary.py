"""The real Terraform with hashicorp/aws, where this machine has them: what it takes and plans.

Nothing leaves this machine: the plugin is of a local mirror, and AWS is the lab.
"""

import json
import os
import re
from collections.abc import Iterator
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any

import boto3
import pytest

from ringwall.app.demo import FORBIDDEN, environment
from ringwall.app.workspace import CloudSettings, blueprint_of, connect_for, observe
from ringwall.changes.align import align
from ringwall.cli.main import run
from ringwall.formats.export import Export
from ringwall.formats.terraform import read, write
from ringwall.lab.server import Lab
from ringwall.model.graph import ResourceGraph
from tests.blueprint.compile.blueprints import ALL, compiled
from tests.formats.terraform import binary, facts, plans
from tests.formats.terraform.planner import plan as planned_by_us
from tests.formats.terraform.test_writing import network

IPV6 = re.compile(r"(?<![/0-9a-f])[0-9a-f]{1,4}:[0-9a-f:]*/\d+")  # no port before it
Network = IPv4Network | IPv6Network
SERVICES = ("ec2", "iam", "s3", "logs", "sts", "route53", "route53resolver")


@pytest.fixture(autouse=True)
def terraform() -> None:
    binary.require()


@pytest.fixture
def lab(monkeypatch: pytest.MonkeyPatch) -> Iterator[Lab]:
    with Lab() as running:
        for name in FORBIDDEN:
            monkeypatch.delenv(name, raising=False)
        for name, value in environment(running.endpoint).items():
            monkeypatch.setenv(name, value)
        yield running


def lay(folder: Path, export: Export, endpoint: str) -> None:
    """Write an export into a folder, with the lab as its AWS."""
    for name, text in export.files.items():
        (folder / name).write_text(text)
    settings: dict[str, Any] = {
        "endpoints": dict.fromkeys(SERVICES, endpoint),
        "skip_credentials_validation": True,
        "skip_metadata_api_check": True,
        "s3_use_path_style": True,
    }
    override = json.dumps({"provider": {"aws": settings}})
    (folder / "lab_override.tf.json").write_text(override)


def variables(export: Export, region: str, endpoint: str) -> list[str]:
    """Return the arguments that name AWS's domain lists."""
    client = boto3.client("route53resolver", region_name=region, endpoint_url=endpoint)
    lists = client.list_firewall_domain_lists()["FirewallDomainLists"]
    ids = {f"domain_list_{item['Name']}": item["Id"] for item in lists}
    text = export.files.get("variables.tf.json", '{"variable": {}}')
    return [f"-var={name}={ids[name]}" for name in json.loads(text)["variable"]]


@pytest.mark.campaign
def test_the_table_of_arguments_is_the_providers(tmp_path: Path) -> None:
    text = facts.excerpt(binary.schema(tmp_path))
    if os.environ.get("RINGWALL_GOLDEN") == "write":
        facts.FILE.write_text(text)
    assert text == facts.FILE.read_text()


@pytest.mark.parametrize("name", ["everything", "watched"])
def test_terraform_takes_what_is_written(name: str, tmp_path: Path) -> None:
    for file, text in write(compiled(ALL[name])).files.items():
        (tmp_path / file).write_text(text)
    answer = json.loads(binary.run(tmp_path, "validate", "-json"))
    assert answer["valid"], answer
    told = [item["summary"] for item in answer["diagnostics"]]
    assert told == ["Provider development overrides are in effect"]


@pytest.mark.campaign
@pytest.mark.parametrize("name", ["minimal", "fortress", "forty", "central", "dual-stack", "web"])
def test_terraform_takes_every_example(name: str, tmp_path: Path) -> None:
    test_terraform_takes_what_is_written(name, tmp_path)


@pytest.mark.campaign
@pytest.mark.parametrize("name", plans.NAMES)
def test_the_stored_plans_are_terraforms(name: str, tmp_path: Path) -> None:
    source = plans.FOLDER / name
    for path in source.rglob("*.tf"):
        target = tmp_path / path.relative_to(source)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(path.read_text())
    if list(source.glob("*/*.tf")):
        binary.run(tmp_path, "get")  # modules
    text = binary.plan(tmp_path, "-refresh=false")
    if os.environ.get("RINGWALL_GOLDEN") == "write":
        (source / "plan.json").write_text(text)
    assert read(text) == read(plans.text(name))


@pytest.mark.timeout(900)  # half a minute on a machine without other work
def test_what_terraform_builds_is_what_our_own_apply_builds(lab: Lab, tmp_path: Path) -> None:
    round_trip("minimal", lab, tmp_path)


@pytest.mark.campaign
@pytest.mark.timeout(1500)
@pytest.mark.parametrize("name", ["fortress", "dual-stack"])
def test_what_terraform_builds_of_larger_ones(name: str, lab: Lab, tmp_path: Path) -> None:
    round_trip(name, lab, tmp_path)


def round_trip(name: str, lab: Lab, folder: Path) -> None:
    """Plan, apply and read back; what is planned, kept as state and deployed is one graph."""
    wanted = blueprint_of(ALL[name], f"{name}.yaml")
    export = write(wanted.graph)
    lay(folder, export, lab.endpoint)
    given = variables(export, wanted.blueprint.region, lab.endpoint)
    text = binary.plan(folder, *given)
    found = read(text)
    assert found.unknowns == ()
    assert network(found) == network(wanted.graph)
    ours = read(planned_by_us(export.files, dict(item[5:].split("=") for item in given)))
    assert network(ours) == network(found)
    binary.run(folder, "apply", "-no-color", "-input=false", "planned")
    again = binary.plan(folder, *given)
    assert json.loads(again)["applyable"] is False  # there is nothing to change
    assert odd(built(read(again), wanted.graph)) == set()
    cloud = connect_for(wanted, CloudSettings(endpoint_url=lab.endpoint))
    by_terraform = built(observe(wanted, cloud), wanted.graph)
    state = read(binary.run(folder, "show", "-json"))
    lab.reset()
    apply_ourselves(ALL[name], folder, lab)
    by_us = built(observe(wanted, cloud), wanted.graph)
    assert by_terraform == by_us
    assert odd(by_us) == set()
    # A state has no variables: AWS's domain lists are ids in it.
    left = {kind for kind, _ in odd(built(state, wanted.graph))}
    assert left <= ({"AWS::Route53Resolver::FirewallRuleGroup"} if given else set())


def odd(found: dict[tuple[str, str], Any]) -> set[tuple[str, str]]:
    """Return what is not as it was wanted, or not there."""
    return {address for address, (said, _) in found.items() if said != "as wanted"}


def built(graph: ResourceGraph, wanted: ResourceGraph) -> dict[tuple[str, str], Any]:
    """Return what became of each thing that was wanted.

    IPv6 blocks and zones are in the same terms: AWS chooses the former anew each time, and keys of
    rules and routes name them.
    """
    desired, observed = align(wanted, graph)
    chosen = {
        ip_network(node.observed["Ipv6CidrBlock"]): node.key
        for node in observed.of_type("AWS::EC2::VPCCidrBlock")
        if node.observed.get("Ipv6CidrBlock")
    }
    found: dict[tuple[str, str], Any] = {}
    for asked in desired:
        node = observed.get(asked.ref)
        address = (asked.type, IPV6.sub(lambda text: in_terms(text[0], chosen), asked.key))
        if node is None:
            found[address] = ("missing", {})
            continue
        tags = {k: v for k, v in node.tags.items() if k != "ringwall:managed-by"}
        is_so = dict(node.properties) == dict(asked.properties)
        found[address] = ("as wanted" if is_so else dict(node.properties), tags)
    return found


def in_terms(text: str, chosen: dict[Network, str]) -> str:
    """Return an IPv6 block as a part of the block that AWS chose for a VPC, if it is one."""
    part = ip_network(text)
    for block, key in chosen.items():
        if part.version == block.version == 6 and part.subnet_of(block):
            offset = int(part.network_address) - int(block.network_address)
            return f"{key}+{offset:x}/{part.prefixlen}"
    return text


def apply_ourselves(blueprint: str, folder: Path, lab: Lab) -> None:
    path = folder / "blueprint.yaml"
    path.write_text(blueprint)
    assert run(["apply", str(path), "--yes"]) == 0
