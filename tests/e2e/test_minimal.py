"""A minimal blueprint, from nothing to deployed, broken, repaired and gone, over HTTP."""

import json
import shutil

import boto3
import pytest


@pytest.fixture
def deployed(lab, ringwall, minimal):
    ended = ringwall("apply", minimal, "--yes")
    assert ended.code == 0, ended.err + ended.out
    return minimal


def group_id(ec2, key):
    filters = [{"Name": "tag:ringwall:key", "Values": [key]}]
    (group,) = ec2.describe_security_groups(Filters=filters)["SecurityGroups"]
    return group["GroupId"]


def table_id(ec2, key):
    filters = [{"Name": "tag:ringwall:key", "Values": [key]}]
    (table,) = ec2.describe_route_tables(Filters=filters)["RouteTables"]
    return table["RouteTableId"]


def outputs(ringwall, path):
    return ringwall("output", path).json["resources"]


def test_a_second_apply_does_nothing(deployed, ringwall, lab):
    lab.calls.clear()
    ended = ringwall("apply", deployed, "--yes")
    assert ended.code == 0
    assert "Nothing to do" in ended.out
    writes = [call for call in lab.calls if not call[2]]
    assert {call[1] for call in writes} <= {"PutParameter", "DeleteParameter"}


def test_what_was_deployed_has_no_drift(deployed, ringwall):
    ended = ringwall("drift", deployed, "--json")
    assert (ended.code, ended.json["changes"]) == (0, [])


def test_the_deployed_network_is_proven_again(deployed, ringwall):
    ended = ringwall("apply", deployed, "--yes", "--json")
    assert all(expectation["ok"] for expectation in ended.json["expectations"])


def test_a_hand_made_rule_is_found_named_and_removed(deployed, ringwall, ec2):
    group = group_id(ec2, "main/db")
    ec2.authorize_security_group_ingress(
        GroupId=group, IpProtocol="tcp", FromPort=22, ToPort=22, CidrIp="0.0.0.0/0"
    )
    drift = ringwall("drift", deployed, "--json")
    assert drift.code == 1
    assert [(c["action"], c["type"]) for c in drift.json["changes"]] == [
        ("delete", "AWS::EC2::SecurityGroupIngress")
    ]
    assert ringwall("apply", deployed, "--yes").code == 0
    assert ringwall("drift", deployed).code == 0


def test_a_hand_made_route_is_found_and_removed(deployed, ringwall, ec2):
    keys = outputs(ringwall, deployed)["AWS::EC2::RouteTable"]
    key, table = next(iter(keys.items()))
    gateway = next(iter(outputs(ringwall, deployed)["AWS::EC2::InternetGateway"].values()))
    ec2.create_route(RouteTableId=table, DestinationCidrBlock="203.0.113.0/24", GatewayId=gateway)
    drift = ringwall("drift", deployed, "--json")
    assert [(c["action"], c["key"]) for c in drift.json["changes"]] == [
        ("delete", f"{key}>203.0.113.0/24")
    ]
    assert ringwall("apply", deployed, "--yes").code == 0
    assert ringwall("drift", deployed).code == 0


def test_hand_made_entries_are_removed_and_the_responders_are_left(deployed, ringwall, ec2):
    acl = next(iter(outputs(ringwall, deployed)["AWS::EC2::NetworkAcl"].values()))
    for number in (50, 150):
        ec2.create_network_acl_entry(
            NetworkAclId=acl, RuleNumber=number, Protocol="-1", RuleAction="deny", Egress=False,
            CidrBlock="198.51.100.7/32",
        )  # fmt: skip
    drift = ringwall("drift", deployed, "--json")
    assert [c["action"] for c in drift.json["changes"]] == ["delete"]
    assert len(drift.json["temporary"]) == 1
    assert ringwall("apply", deployed, "--yes").code == 0
    (found,) = ec2.describe_network_acls(NetworkAclIds=[acl])["NetworkAcls"]
    numbers = {entry["RuleNumber"] for entry in found["Entries"]}
    assert 50 in numbers
    assert 150 not in numbers


def test_a_resource_deleted_by_hand_comes_back(deployed, ringwall, ec2):
    group = group_id(ec2, "main/db")
    rules = ec2.describe_security_group_rules(Filters=[{"Name": "group-id", "Values": [group]}])[
        "SecurityGroupRules"
    ]
    ec2.revoke_security_group_ingress(
        GroupId=group,
        SecurityGroupRuleIds=[r["SecurityGroupRuleId"] for r in rules if not r["IsEgress"]],
    )
    assert ringwall("drift", deployed).code == 1
    assert ringwall("apply", deployed, "--yes").code == 0
    assert ringwall("drift", deployed).code == 0


def test_another_folder_without_a_journal_sees_the_same(deployed, ringwall, tmp_path):
    shutil.rmtree(tmp_path / ".ringwall", ignore_errors=True)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    copy = elsewhere / "other-name.yaml"
    copy.write_text(deployed.read_text())
    assert ringwall("drift", copy).code == 0
    assert "Nothing to do" in ringwall("apply", copy, "--yes").out


def test_destroy_leaves_nothing_and_touches_nothing_else(deployed, ringwall, ec2):
    stranger = ec2.create_vpc(CidrBlock="192.168.0.0/16")["Vpc"]["VpcId"]
    ended = ringwall("destroy", deployed, "--yes", "--delete-logs")
    assert ended.code == 0, ended.err
    assert ringwall("output", deployed).json["resources"] == {}
    vpcs = ec2.describe_vpcs()["Vpcs"]
    assert stranger in {vpc["VpcId"] for vpc in vpcs}
    assert not any(
        tag["Key"] == "ringwall:deployment" for vpc in vpcs for tag in vpc.get("Tags", [])
    )


def test_a_destroy_that_a_stranger_blocks_is_refused_before_the_first_step(deployed, ringwall, ec2):
    vpc = next(iter(outputs(ringwall, deployed)["AWS::EC2::VPC"].values()))
    group = ec2.create_security_group(GroupName="stranger", Description="s", VpcId=vpc)["GroupId"]
    ended = ringwall("destroy", deployed, "--yes")
    assert ended.code == 1
    assert group in ended.err
    assert ringwall("drift", deployed).code == 0


def test_a_stale_plan_is_refused(lab, ringwall, minimal, ec2, tmp_path):
    saved = tmp_path / "saved.plan"
    assert ringwall("plan", minimal, "-o", saved).code == 0
    assert ringwall("apply", saved, "--yes").code == 0
    ended = ringwall("apply", saved, "--yes")
    assert ended.code == 2
    assert "changed since" in ended.err


def test_without_a_terminal_nothing_is_changed_unasked(lab, ringwall, minimal, monkeypatch):
    ended = ringwall("apply", minimal)
    assert ended.code == 4
    assert "nothing was changed" in ended.err


def test_a_held_lock_is_respected_and_can_be_removed(lab, ringwall, minimal):
    ssm = boto3.client("ssm", region_name="us-east-1", endpoint_url=lab.endpoint)
    ssm.put_parameter(
        Name="/ringwall/minimal/lock", Type="String",
        Value=json.dumps(
            {
                "holder": "somebody", "pid": 1, "place": "elsewhere", "operation": "apply",
                "since": "2026-01-01T00:00:00+00:00", "expires": "2999-01-01T00:00:00+00:00",
                "nonce": "n",
            }
        ),
    )  # fmt: skip
    ended = ringwall("apply", minimal, "--yes")
    assert ended.code == 4
    assert "unlock" in ended.err
    assert ringwall("unlock", minimal, "--reason", "it died").code == 0
    assert ringwall("apply", minimal, "--yes").code == 0


def test_the_id_of_one_resource_is_printed_alone(deployed, ringwall, ec2):
    for name in ("SecurityGroup", "AWS::EC2::SecurityGroup"):
        ended = ringwall("output", deployed, "--id", name, "main/db")
        assert (ended.code, ended.out) == (0, group_id(ec2, "main/db") + "\n")
    unknown = ringwall("output", deployed, "--id", "SecurityGroup", "main/bd")
    assert unknown.code == 2
    assert "did you mean 'main/db'?" in unknown.err
    strange = ringwall("output", deployed, "--id", "Group", "main/db")
    assert strange.code == 2
    assert "nothing of type 'Group' is deployed" in strange.err
