"""A name that nothing bears is refused, by every command in one way; a blueprint's is unknown."""

import json

import pytest

EXPECTED = """\
expect:
  - {name: one, from: [internet, main/wbe], to: main/db, ports: [443], reachable: false}
  - {name: two, from: main/web, to: vpc-0123456789abcdef0, ports: [443], reachable: true}
"""
# A network that somebody made by hand: VPC, subnet and group are called `main`, `db` and `web`.
SNAPSHOT = {
    "Vpcs": [
        {
            "VpcId": "vpc-0000000a",
            "OwnerId": "111122223333",
            "CidrBlock": "10.0.0.0/16",
            "CidrBlockAssociationSet": [],
            "Tags": [{"Key": "Name", "Value": "main"}],
        }
    ],
    "Subnets": [
        {
            "SubnetId": "subnet-0000000a",
            "SubnetArn": "arn:aws:ec2:us-east-1:111122223333:subnet/subnet-0000000a",
            "OwnerId": "111122223333",
            "VpcId": "vpc-0000000a",
            "CidrBlock": "10.0.1.0/24",
            "AvailabilityZone": "us-east-1a",
            "AvailabilityZoneId": "use1-az1",
            "Ipv6CidrBlockAssociationSet": [],
            "Tags": [{"Key": "Name", "Value": "db"}],
        }
    ],
}
ACLS = {
    "NetworkAcls": [
        {
            "NetworkAclId": "acl-0000000a",
            "VpcId": "vpc-0000000a",
            "OwnerId": "111122223333",
            "IsDefault": True,
            "Associations": [],
            "Entries": [
                {
                    "RuleNumber": 100,
                    "Protocol": "-1",
                    "RuleAction": "allow",
                    "Egress": egress,
                    "CidrBlock": "0.0.0.0/0",
                }
                for egress in (True, False)
            ],
        }
    ]
}


@pytest.fixture
def snapshot(tmp_path):
    folder = tmp_path / "snap"
    folder.mkdir()
    (folder / "network.json").write_text(json.dumps(SNAPSHOT))
    return folder


@pytest.mark.parametrize(
    "words",
    [
        ("explain", "minimal.yaml", "main/wbe", "main/db", "443"),
        ("explain", "minimal.yaml", "main/db", "main/wbe", "443"),
        ("reach", "minimal.yaml", "--to", "main/wbe"),
        ("reach", "minimal.yaml", "--from", "main/wbe"),
        ("map", "minimal.yaml", "--select", "main/wbe"),
        ("what-if", "minimal.yaml", "--allow", "main/wbe", "in", "443", "10.0.0.0/8"),
        ("what-if", "minimal.yaml", "--allow", "main/web", "in", "443", "main/wbe"),
        ("what-if", "minimal.yaml", "--entry", "main/wbe", "in", "1", "deny", "443", "10.0.0.0/8"),
    ],
)
def test_a_name_that_nothing_bears_is_refused_with_near_ones(ringwall, words):
    ended = ringwall(*words)
    assert (ended.code, ended.out) == (2, "")
    first, second = ended.err.splitlines()
    assert first.startswith("error: ")
    assert "called 'main/wbe'" in first
    assert second.startswith("hint: did you mean main/")


def test_a_wrong_rule_to_remove_is_told_near_ones(ringwall):
    ended = ringwall("what-if", "minimal.yaml", "--remove", "main/wbe:in:tcp/443:0.0.0.0/0")
    assert (ended.code, ended.out) == (2, "")
    assert "hint: did you mean main/web:in:tcp/443:0.0.0.0/0" in ended.err


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("vpc-0000000b", "did you mean vpc-0000000a"),
        ("mian", "did you mean main?"),
        ("main/bd", "did you mean"),
        ("zzz", "known: internet, vpc-0000000a"),
    ],
)
def test_so_is_one_of_a_network_that_nobody_declared(ringwall, snapshot, name, hint):
    ended = ringwall("explain", "snap", "internet", name, "443")
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.splitlines()[1].startswith(f"hint: {hint}")


def test_a_file_of_expectations_is_told_all_of_its_strange_names(ringwall, tmp_path):
    (tmp_path / "expect.yaml").write_text(EXPECTED)
    ended = ringwall("check", "minimal.yaml", "--expect", "expect.yaml")
    assert (ended.code, ended.out) == (2, "")
    assert "expect.yaml:2:34: error[BP040]: there is nothing called 'main/wbe'" in ended.err
    assert "expect.yaml:3:37: error[BP040]: there is nothing called 'vpc-0123456" in ended.err
    assert ended.err.endswith("expect.yaml: 2 errors\n")


def test_a_file_of_expectations_is_told_its_own_keys(ringwall, tmp_path):
    (tmp_path / "expect.yaml").write_text("name: x\nexpect: []\n")
    ended = ringwall("check", "minimal.yaml", "--expect", "expect.yaml")
    assert ended.code == 2
    assert "hint: known: networks, expect" in ended.err


def test_a_blueprints_expectations_are_judged_on_another_network(ringwall, snapshot):
    """`main/db` is there; `main/web` is not, which is said of each that names it."""
    ended = ringwall("check", "snap", "--expect", "minimal.yaml", "--json")
    results = {each["name"]: each for each in ended.json["expectations"]}
    assert len(results) == 5
    for name in ("customers reach web", "nobody administers web from the internet"):
        assert (results[name]["ok"], results[name]["verdict"]) == (False, "UNKNOWN")
        [unknown] = results[name]["unknown"]
        assert "there is nothing called 'main/web'" in str(unknown)
        assert results[name]["source"]["file"] == "minimal.yaml"
    found = results["the database cannot call out"]["unknown"]
    assert not any("nothing called" in str(unknown) for unknown in found)
    assert ended.code == 3


def test_a_blueprint_that_expects_what_its_network_does_is_judged_once(ringwall):
    ended = ringwall("check", "minimal.yaml", "--expect", "minimal.yaml")
    assert ended.code == 0
    assert "✓ 5 of 5 expectations hold" in ended.out


def test_a_faulty_blueprint_is_told_as_one(ringwall, tmp_path):
    text = (tmp_path / "minimal.yaml").read_text().replace("to: main/web", "to: main/wbe", 1)
    (tmp_path / "other.yaml").write_text(text)
    ended = ringwall("check", "minimal.yaml", "--expect", "other.yaml")
    assert ended.code == 2
    assert "other.yaml: 1 error" in ended.err


def test_a_certificate_in_the_networks_place_is_told_where_it_goes(ringwall):
    assert ringwall("check", "minimal.yaml", "--certificate", "proofs.json").code == 0
    ended = ringwall("verify-certificate", "proofs.json", "minimal.yaml")
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.splitlines() == [
        "error: 'proofs.json' is a certificate, neither a blueprint nor another network",
        "hint: the network comes first: `ringwall verify-certificate NETWORK CERTIFICATE`",
    ]
    ended = ringwall("verify-certificate", "minimal.yaml", "minimal.yaml")
    assert ended.code == 2
    assert ended.err.startswith("error: minimal.yaml: it is no certificate")


def test_what_a_command_printed_is_no_network(ringwall, tmp_path):
    (tmp_path / "check.json").write_text(ringwall("check", "minimal.yaml", "--json").out)
    ended = ringwall("explain", "check.json", "internet", "main/web", "443")
    assert ended.code == 2
    assert ended.err.startswith("error: 'check.json' is a document of `ringwall check`")


@pytest.mark.parametrize(
    "words",
    [
        ("what-if", "snap", "--route", "main", "0.0.0.0/0", "igw-0000000a"),
        ("verify-certificate", "snap", "proofs.json"),
        ("map", "snap"),
    ],
)
def test_types_are_assumed_absent_wherever_a_network_is_asked(ringwall, snapshot, words):
    assert ringwall("check", "minimal.yaml", "--certificate", "proofs.json").code == 0
    ended = ringwall(*words, "--assume-absent", "VPNGatway")
    assert ended.code == 2
    assert "hint: near: AWS::EC2::VPNGateway" in ended.err


def test_what_is_assumed_absent_is_told_by_what_if(ringwall, snapshot):
    asked = ("what-if", "snap", "--entry", "main", "in", "1", "deny", "any", "0.0.0.0/0", "--json")
    (snapshot / "acls.json").write_text(json.dumps(ACLS))
    assert ringwall(*asked).json["assumed_absent"] == []
    found = ringwall(*asked, "--assume-absent", "VPNGateway").json
    assert found["assumed_absent"] == ["AWS::EC2::VPNGateway"]
