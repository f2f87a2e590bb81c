"""Ownership tags that somebody changed or removed in the console, over HTTP."""

import boto3
import pytest

from tests.changes.central import CENTRAL_NAT
from tests.e2e.test_central_nat import left

TEXT = CENTRAL_NAT.replace(
    "transit_gateway:\n", "flow_logs: {destination: cloudwatch}\ntransit_gateway:\n", 1
).replace(
    "    groups:\n      app: {tier: private}\n",
    "    endpoints: {gateway: [s3], interface: [ssm], tier: private}\n"
    "    groups:\n      app: {tier: private}\n      db: {tier: private}\n",
)


@pytest.fixture
def path(lab, ringwall, tmp_path):
    found = tmp_path / "central.yaml"
    found.write_text(TEXT)
    ended = ringwall("apply", found, "--yes")
    assert ended.code == 0, ended.err
    return found


def tags_of(ec2, one):
    found = ec2.describe_tags(Filters=[{"Name": "resource-id", "Values": [one]}])["Tags"]
    return {tag["Key"]: tag["Value"] for tag in found}


def tag(ec2, one, tags):
    ec2.create_tags(Resources=[one], Tags=[{"Key": k, "Value": v} for k, v in tags.items()])


def test_a_key_written_over_is_set_right_and_nothing_is_made_again(path, ringwall, ec2):
    before = ringwall("output", path).json["resources"]
    written: list[tuple[str, str]] = []
    for type_name, named in before.items():
        for key, one in named.items():
            # An association has its attachment's id.
            if not type_name.endswith("Association") and "ringwall:key" in tags_of(ec2, one):
                tag(ec2, one, {"ringwall:key": f"other/{len(written)}"})
                written.append((type_name, key))
    assert len(written) > 25
    changes = ringwall("plan", path, "--json").json["changes"]
    assert {(c["action"], c["type"], c["key"]) for c in changes} == {
        ("update", *one) for one in written
    }
    ended = ringwall("apply", path, "--yes")
    assert ended.code == 0, ended.err
    assert ringwall("output", path).json["resources"] == before
    assert ringwall("drift", path).code == 0


def test_a_key_written_over_with_another_ones_takes_nothing_from_it(path, ringwall, ec2):
    before = ringwall("output", path).json["resources"]
    groups = before["AWS::EC2::SecurityGroup"]
    for one, other in (("spoke/app", "spoke/db"), ("spoke/db", "spoke/app")):
        tag(ec2, groups[one], {"ringwall:key": other})
        ended = ringwall("apply", path, "--yes")
        assert ended.code == 0, ended.err
        assert ringwall("output", path).json["resources"] == before


def test_what_lost_its_tags_is_named_and_not_made_a_second_time(path, ringwall, ec2):
    there = left(ec2)
    one = ringwall("output", path).json["resources"]["AWS::EC2::VPC"]["spoke"]
    tags = tags_of(ec2, one)
    ec2.delete_tags(Resources=[one], Tags=[{"Key": name} for name in tags])
    ended = ringwall("apply", path, "--yes", "--max-deletions", "200")
    assert ended.code == 1
    assert f"VPC spoke would be created, but {one} stands in its place" in ended.err
    assert left(ec2) == there
    tag(ec2, one, {"ringwall:deployment": "central", "ringwall:key": "spoke"})
    assert ringwall("apply", path, "--yes", "-q").code == 0
    assert tags_of(ec2, one) == tags
    assert left(ec2) == there
    assert ringwall("drift", path).code == 0


def test_a_gateway_that_lost_all_its_tags_is_told_and_no_second_one_is_made(path, ringwall, ec2):
    before = ringwall("output", path).json["resources"]
    one = before["AWS::EC2::TransitGateway"]["transit-gateway"]
    tags = tags_of(ec2, one)
    ec2.delete_tags(Resources=[one], Tags=[{"Key": name} for name in tags])
    assert ringwall("drift", path).code == 1
    for ended in (
        ringwall("apply", path, "--yes", "--max-deletions", "200"),
        ringwall("destroy", path, "--yes"),
    ):
        assert ended.code == 1
        assert f"{one} stands in its place without the tags" in ended.err
        (gateway,) = ec2.describe_transit_gateways()["TransitGateways"]
        assert gateway["TransitGatewayId"] == one
    tag(ec2, one, {"ringwall:deployment": "central", "ringwall:key": "transit-gateway"})
    assert ringwall("apply", path, "--yes").code == 0
    assert tags_of(ec2, one) == tags
    assert ringwall("output", path).json["resources"] == before
    assert ringwall("drift", path).code == 0


@pytest.mark.parametrize("region", ["eu-west-1", ""])
def test_a_role_goes_on_being_of_the_region_in_its_name(path, ringwall, lab, region):
    iam = boto3.client("iam", endpoint_url=lab.endpoint, region_name="us-east-1")
    before = ringwall("output", path).json["resources"]
    (role,) = before["AWS::IAM::Role"].values()
    if region:
        iam.tag_role(RoleName=role, Tags=[{"Key": "ringwall:region", "Value": region}])
    else:
        iam.untag_role(RoleName=role, TagKeys=["ringwall:region"])
    ended = ringwall("drift", path)
    assert ended.code == 1
    assert "Role flow-logs" in ended.out
    assert ringwall("apply", path, "--yes").code == 0
    assert ringwall("output", path).json["resources"] == before
    told = {tag["Key"]: tag["Value"] for tag in iam.list_role_tags(RoleName=role)["Tags"]}
    assert told["ringwall:region"] == "us-east-1"
    assert ringwall("drift", path).code == 0


def test_a_group_may_take_the_key_that_a_renamed_one_had(path, ringwall, ec2):
    for text in (
        TEXT.replace("db: {tier: private}", "data: {tier: private, was: db}"),
        TEXT.replace("db: {tier: private}", "data: {tier: private}\n      db: {tier: private}"),
    ):
        path.write_text(text)
        ended = ringwall("apply", path, "--yes")
        assert ended.code == 0, ended.err
        assert ringwall("drift", path).code == 0
    found = ringwall("output", path).json["resources"]["AWS::EC2::SecurityGroup"]
    groups = ec2.describe_security_groups(GroupIds=[found["spoke/data"], found["spoke/db"]])
    names = {group["GroupId"]: group["GroupName"] for group in groups["SecurityGroups"]}
    assert names == {
        found["spoke/data"]: "central-spoke-db",
        found["spoke/db"]: "central-spoke-db-2",
    }
