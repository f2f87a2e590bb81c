"""Folders of described JSON: what is written is read back, what is missing is unknown."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from benchmarks.estate_large import files as files_of
from benchmarks.estate_vpc import Estate

from ringwall.app.snapshotting import Place, take_snapshot
from ringwall.app.sources import open_network
from ringwall.app.workspace import CloudSettings
from ringwall.errors import InputError
from ringwall.formats.describe import read_at, read_folder, write_folder
from ringwall.formats.describe.writing import REDACTED
from ringwall.reach.difference import difference
from ringwall.reach.engine import Engine
from ringwall.resources import registry
from ringwall.resources.assemble import assemble
from ringwall.resources.kind import Reads
from ringwall.shell.aws import connect
from ringwall.shell.files import read_files
from ringwall.shell.reading import read_account
from tests.e2e.conftest import EXAMPLES, lab, module_lab, ringwall  # noqa: F401  (fixtures)


@pytest.fixture
def deployed(lab, ringwall, tmp_path):  # noqa: F811
    path = tmp_path / "fortress.yaml"
    path.write_text((EXAMPLES / "fortress.yaml").read_text())
    assert ringwall("apply", path, "--yes", "-q").code == 0
    return path


def test_a_snapshot_reads_back_as_the_account_and_as_the_blueprint(deployed, lab, tmp_path):  # noqa: F811
    folder = tmp_path / "snap"
    taken = take_snapshot(str(folder), [Place(region="us-east-1")])
    assert taken.places[0][3] == ()
    reads = read_account(connect(region="us-east-1"), registry().values(), "")
    live = assemble(reads, "fortress")
    found = open_network(str(folder), CloudSettings())
    assert found.graph.nodes == live.nodes
    wanted = open_network(str(deployed), CloudSettings())
    assert not difference(wanted.graph, found.graph, (wanted.networks, None)).rows
    assert {path.stat().st_mode & 0o777 for path in folder.rglob("*.json")} == {0o600}
    with pytest.raises(InputError, match="not empty"):
        take_snapshot(str(folder), [Place(region="us-east-1")])
    take_snapshot(str(folder), [Place(region="us-east-1")], force=True)
    plain = {
        f"answers/{name.rsplit('.', 2)[-2]}.json": data
        for name, data in read_files(folder).items()
        if "details" not in name
    }
    assert {n.type for n in read_folder(plain)} >= {"AWS::EC2::VPC", "AWS::EC2::SecurityGroup"}


VPC = {"VpcId": "vpc-1", "CidrBlock": "10.0.0.0/16", "OwnerId": "111122223333"}
ENTRY = {"Egress": False, "RuleNumber": 100, "Protocol": "-1", "CidrBlock": "0.0.0.0/0"}
ACL = {"NetworkAclId": "acl-1", "VpcId": "vpc-1", "OwnerId": "111122223333", "IsDefault": False}
GROUP = {
    "GroupId": "sg-1",
    "GroupName": "web",
    "VpcId": "vpc-1",
    "OwnerId": "111122223333",
    "IpPermissions": [
        {
            "IpProtocol": "tcp",
            "FromPort": 443,
            "ToPort": 443,
            "IpRanges": [{"CidrIp": "0.0.0.0/0"}],
            "Ipv6Ranges": [{"CidrIpv6": "::/0"}],
            "PrefixListIds": [],
            "UserIdGroupPairs": [{"GroupId": "sg-1", "UserId": "111122223333"}],
        }
    ],
    "IpPermissionsEgress": [{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}],
}


def files(**documents):
    return {
        name.replace("__", "/") + ".json": json.dumps(doc).encode()
        for name, doc in documents.items()
    }


def test_groups_without_rules_by_id_have_the_rules_of_their_permissions():
    graph = read_folder(files(a={"Vpcs": [VPC]}, b={"SecurityGroups": [GROUP]}))
    rules = [n.properties for n in graph if n.type == "AWS::EC2::SecurityGroupIngress"]
    assert {
        next(iter(set(r) & {"CidrIp", "CidrIpv6", "SourceSecurityGroupId"})) for r in rules
    } == {
        "CidrIp",
        "CidrIpv6",
        "SourceSecurityGroupId",
    }
    assert len([n for n in graph if n.type == "AWS::EC2::SecurityGroupEgress"]) == 1


def test_what_is_missing_is_unknown_by_its_call():
    graph = read_folder(files(a={"Vpcs": [VPC]}))
    named = {(u.what, u.why) for u in graph.unknowns}
    assert ("AWS::EC2::NetworkAcl", "ec2:describe_network_acls was not read") in named


def test_an_answer_that_nobody_reads_and_a_cut_list_are_unknown_by_their_file():
    graph = read_folder(
        files(a={"Vpcs": [VPC], "NextToken": "x"}, b={"Gateways": [{"Id": 1}]}, c=[1, 2])
    )
    named = {str(u) for u in graph.unknowns}
    assert "a.json: Vpcs: AWS had more pages" in named
    assert any(text.startswith("b.json: Gateways: no resource type reads it") for text in named)
    assert "c.json: it holds no object with the answer of a call" in named


def test_account_and_region_are_those_of_the_folders_or_what_the_items_say():
    zone = {"SubnetId": "subnet-1", "VpcId": "vpc-1", "CidrBlock": "10.0.1.0/24"}
    zone |= {"AvailabilityZone": "eu-west-1a", "OwnerId": "111122223333"}
    graph = read_folder(files(a={"Vpcs": [VPC]}, b={"Subnets": [zone]}))
    assert {(n.account, n.region) for n in graph} == {("111122223333", "eu-west-1")}
    other = {**VPC, "VpcId": "vpc-2", "OwnerId": "444455556666"}
    graph = read_folder(
        files(**{"111122223333__us-east-1__Vpcs": {"Vpcs": [VPC]},
                 "444455556666__eu-west-1__Vpcs": {"Vpcs": [other]}})
    )  # fmt: skip
    places = {n.key: (n.account, n.region) for n in graph if n.type == "AWS::EC2::VPC"}
    assert places == {
        "vpc-1": ("111122223333", "us-east-1"),
        "vpc-2": ("444455556666", "eu-west-1"),
    }


def test_a_transit_table_without_its_routes_is_unknown_not_empty():
    table = {"TransitGatewayRouteTableId": "tgw-rtb-1", "TransitGatewayId": "tgw-1"}
    graph = read_folder(files(a={"TransitGatewayRouteTables": [{**table, "State": "available"}]}))
    [node] = graph.of_type("AWS::EC2::TransitGatewayRouteTable")
    assert node.observed["AdditionalRoutesAvailable"] is True


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b'{"Vpcs": [', "a.json:1: not JSON"),
        (b"\xff\xfe", "a.json:1: byte 0xff"),
        (b'{"Vpcs": [{"CidrBlock": 7}]}', "a.json: CidrBlock: 7 is no block of addresses"),
        (b'{"Vpcs": [{}]}', "an item is not as AWS writes it"),
        (b'{"NetworkInterfaces": [{"Ipv6Addresses": true}]}', "Ipv6Addresses: True is no list"),
        (b'{"Vpcs": [{"CidrBlockAssociationSet": [{}]}]}', "{} is without CidrBlock"),
        (b'{"NetworkInterfaces": [{"Groups": [7]}]}', "Groups: 7 is no object"),
        (b'{"RouteTables": [{"Routes": [{"State": {}}]}]}', "State: {} is no text"),
        (b'{"Vpcs": [{"PrivateIpAddress": "10.0.0"}]}', "'10.0.0' is no block of addresses"),
        (b"{}", "no file holds an answer"),
        (b"[" * 100_000, "a.json:1: not JSON"),
    ],
)
def test_bad_input_is_an_error_that_names_the_file(data, says):
    with pytest.raises(InputError, match=says.replace("(", r"\(")):
        read_folder({"a.json": data})


@pytest.mark.parametrize(
    ("data", "says"),
    [
        ({"Subnets": [{"SubnetId": 7, "VpcId": "vpc-1", "CidrBlock": "10.0.0.0/24"}]}, "the id of"),
        ({"NetworkAcls": [{**ACL, "Entries": [{**ENTRY, "RuleAction": None}]}]}, "KeyError"),
    ],
)
def test_an_item_that_is_not_as_aws_writes_it_is_an_error(data, says):
    files = {"a.json": json.dumps({"Vpcs": [VPC]}).encode(), "b.json": json.dumps(data).encode()}
    with pytest.raises(InputError, match=says):
        read_folder(files)


def test_secrets_are_left_out():
    reads = Reads(
        "111122223333",
        "us-east-1",
        {"ec2:describe_vpcs": [{**VPC, "UserData": "c2VjcmV0", "x": [{"PreSharedKey": "k"}]}]},
    )
    [data] = write_folder(reads).values()
    assert b"c2VjcmV0" not in data
    assert data.count(REDACTED.encode()) == 2


NOON = datetime(2026, 11, 4, 12, tzinfo=UTC)


def test_a_snapshot_knows_when_it_was_read_and_the_answers_are_the_same():
    reads = Reads("111122223333", "us-east-1", {"ec2:describe_vpcs": [VPC]})
    later = replace(reads, region="us-east-2")
    files = write_folder(reads, NOON)
    assert read_at(files) == NOON
    assert read_at(files | write_folder(later, NOON + timedelta(days=1))) == NOON + timedelta(1)
    assert read_folder(files) == read_folder(write_folder(reads))
    assert read_at(write_folder(reads)) is None


def test_a_file_of_that_name_that_says_something_else_is_read_as_ever():
    answers = json.dumps({"Vpcs": [VPC]}).encode()
    assert read_at({"snapshot.json": answers}) is None
    assert [node.type for node in read_folder({"snapshot.json": answers})] == ["AWS::EC2::VPC"]


@pytest.mark.parametrize("time", ["noon", "2026-11-04T12:00:00", None, 5])
def test_a_time_of_a_snapshot_that_cannot_be_read_is_an_error(time):
    said = {"schema": "ringwall/snapshot-place/1", "read_at": time}
    with pytest.raises(InputError, match=r"^1/a/snapshot\.json: read_at .* is no time"):
        read_at({"1/a/snapshot.json": json.dumps(said).encode()})


ODD: tuple[object, ...] = (
    None,
    True,
    -1,
    10**30,
    "",
    "x" * 300,
    [],
    {},
    [[]],
    [None],
    {"a": 1},
    "0.0.0.0/99",
    "::/0",
)


def mutated(value, rng):
    """Return a document in which one place is cut, doubled, or something else."""
    if rng.random() < 0.12 or not isinstance(value, (dict, list)) or not value:
        return rng.choice(ODD)
    if isinstance(value, list):
        at = rng.randrange(len(value))
        return [*value[:at], mutated(value[at], rng), *value[at + rng.randrange(2) :]]
    name = rng.choice(sorted(value))
    if rng.random() < 0.2:
        return {k: v for k, v in value.items() if k != name}
    return {**value, name: mutated(value[name], rng)}


def broken(folder, rounds, seed):
    """Read a folder with one file mutated, many times; return what was not told as an error."""
    rng, faults = Random(seed), []
    for _ in range(rounds):
        name = rng.choice(sorted(folder))
        data = folder[name]
        if rng.random() < 0.3:
            data = data[: rng.randrange(len(data))]
        else:
            data = json.dumps(mutated(json.loads(data), rng)).encode()
        try:
            Engine(read_folder({**folder, name: data})).ends.named("internet")
        except InputError:
            continue
        except Exception as fault:  # noqa: BLE001  (any other is what the test is for)
            faults.append(f"{name}: {type(fault).__name__}: {fault}")
    return faults


@pytest.fixture(scope="module")
def estate():
    return dict(files_of(Estate(vpcs=2, interfaces=4)))


def test_mutated_folders_end_in_an_error_or_in_a_network(estate):
    assert broken(estate, 150, 1) == []


@pytest.mark.campaign
def test_mutated_folders_by_the_thousand(estate):
    assert broken(estate, 5_000, 2) == []
