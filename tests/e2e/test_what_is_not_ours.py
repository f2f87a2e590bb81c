"""What is not of the deployment and decides about it all the same, over HTTP."""

import pytest

from tests.e2e.conftest import EXAMPLES


@pytest.fixture
def deployed(lab, ringwall, minimal):
    ended = ringwall("apply", minimal, "--yes")
    assert ended.code == 0, ended.err + ended.out
    return minimal


def test_drift_says_one_when_an_entry_of_the_responder_breaks_an_expectation(
    deployed, ringwall, ec2
):
    filters = [{"Name": "tag:ringwall:key", "Values": ["main/isolated"]}]
    (acl,) = ec2.describe_network_acls(Filters=filters)["NetworkAcls"]
    ec2.create_network_acl_entry(
        NetworkAclId=acl["NetworkAclId"],
        RuleNumber=50,
        Egress=False,
        Protocol="-1",
        RuleAction="deny",
        CidrBlock="0.0.0.0/0",
    )
    ended = ringwall("drift", deployed)
    assert ended.code == 1
    assert "web reaches the database" in ended.out
    assert "Nothing to do" not in ended.out
    assert ringwall("plan", deployed, "--json").json["changes"] == []


def test_plan_and_apply_judge_what_a_switch_of_the_account_will_stop(lab, ringwall, minimal, ec2):
    ec2.modify_vpc_block_public_access_options(InternetGatewayBlockMode="block-ingress")
    planned = ringwall("plan", minimal)
    assert "✗ 4 of 5 expectations hold after this plan" in planned.out
    ended = ringwall("apply", minimal, "--yes")
    assert ended.code == 1
    assert "customers reach web" in ended.err
    assert (
        ec2.describe_vpcs(Filters=[{"Name": "tag:ringwall:key", "Values": ["main"]}])["Vpcs"] == []
    )


def test_what_is_protected_is_not_destroyed(lab, ringwall, tmp_path):
    path = tmp_path / "blueprint.yaml"
    text = (EXAMPLES / "minimal.yaml").read_text()
    path.write_text(
        text.replace("purpose: a small service", "purpose: a small service\n    protect: true")
    )
    assert ringwall("apply", path, "--yes").code == 0
    ended = ringwall("destroy", path, "--yes")
    assert ended.code == 1
    assert "protected" in ended.err
    path.write_text(text)
    assert ringwall("apply", path, "--yes").code == 0
    assert ringwall("destroy", path, "--yes", "--delete-logs").code == 0


ON_PREMISES = """
  - {from: 192.168.0.0/16, to: main/web, ports: [443], reachable: false, name: no office}
"""


def test_a_private_gateway_that_a_stranger_attached_makes_what_may_come_in_unknown(
    lab, ringwall, minimal, ec2
):
    """No call of a plan says what lies behind it."""
    text = minimal.read_text()
    assert "expect:\n" in text
    minimal.write_text(text.replace("expect:\n", f"expect:{ON_PREMISES}", 1))
    assert ringwall("apply", minimal, "--yes").code == 0
    filters = [{"Name": "tag:ringwall:key", "Values": ["main"]}]
    (vpc,) = ec2.describe_vpcs(Filters=filters)["Vpcs"]
    gateway = ec2.create_vpn_gateway(Type="ipsec.1")["VpnGateway"]["VpnGatewayId"]
    ec2.attach_vpn_gateway(VpcId=vpc["VpcId"], VpnGatewayId=gateway)
    planned = ringwall("plan", minimal, "--json").json
    assert planned["changes"] == []
    given = {e["name"]: e for e in planned["expectations"]}["no office"]
    assert (given["ok"], given["verdict"]) == (False, "UNKNOWN")
    assert ringwall("drift", minimal).code == 3
    checked = ringwall("check", "aws", "--blueprint", minimal)
    assert checked.code == 3
    assert gateway in checked.out
    destroyed = ringwall("destroy", minimal, "--yes")
    assert destroyed.code == 1
    assert "vpn-gateway" in destroyed.err
