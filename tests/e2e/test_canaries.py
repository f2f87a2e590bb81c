"""Secrets planted wherever they can stand, and every output searched for them."""

import json
import re

import pytest

KEY = "CanaryOfAwsSecretKey0123456789abcdefghij"
SESSION = "CanaryOfSessionToken0123456789"
SHARED = "CanaryOfSharedKey0123456789"
PASSWORD = "CanaryOfPassword0123456789"
CANARIES = (KEY, SESSION, SHARED, PASSWORD)


@pytest.fixture
def spilled(ringwall, tmp_path):
    """Run a command; return which canaries it printed or left in a file that it wrote."""

    def call(*words, codes=(0,), canaries=CANARIES):
        before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
        ended = ringwall(*words)
        assert ended.code in codes, (words, ended.err, ended.out)
        written = [
            path.read_bytes().decode(errors="replace")
            for path in tmp_path.rglob("*")
            if path.is_file() and before.get(path) != path.read_bytes()
        ]
        texts = (ended.out, ended.err, *written)
        return [(words[0], canary) for canary in canaries for text in texts if canary in text]

    return call


def test_credentials_are_in_no_output_of_a_network_s_life(lab, spilled, minimal, monkeypatch):
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", KEY)
    monkeypatch.setenv("AWS_SESSION_TOKEN", SESSION)
    lives = [
        ("plan", minimal, "-o", "saved.plan"),
        ("apply", "saved.plan", "--yes"),
        ("drift", minimal, "--json"),
        ("output", minimal),
        ("check", minimal, "--certificate", "proofs.json"),
        ("explain", "aws", "internet", "main/db", "5432", "--blueprint", minimal, "--json"),
        ("snapshot", "-o", "there", "--region", "us-east-1"),
        ("export", minimal, "--to", "terraform", "-o", "terraform"),
        ("export", minimal, "--to", "cloudformation", "-o", "templates"),
        ("map", minimal, "-o", "map.svg"),
        ("permissions", minimal, "--for", "apply"),
        ("destroy", minimal, "--yes", "--delete-logs"),
    ]
    assert [found for words in lives for found in spilled(*words)] == []


def test_credentials_are_in_no_error_of_a_cloud_that_fails(lab, spilled, minimal, monkeypatch):
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", KEY)
    monkeypatch.setenv("AWS_SESSION_TOKEN", SESSION)
    # A write: among the reads, which are asked at the same time, some may fail.
    lab.faults.fail(5, "error500", persist=50, writes_only=True)
    assert spilled("apply", minimal, "--yes", codes=(4,)) == []


def vpn(ec2):
    """Make a VPN connection; return the keys that AWS tells of its tunnels."""
    gateway = ec2.create_vpn_gateway(Type="ipsec.1")["VpnGateway"]["VpnGatewayId"]
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    ec2.attach_vpn_gateway(VpcId=vpc, VpnGatewayId=gateway)
    customer = ec2.create_customer_gateway(Type="ipsec.1", PublicIp="198.51.100.1", BgpAsn=65000)
    ec2.create_vpn_connection(
        Type="ipsec.1",
        CustomerGatewayId=customer["CustomerGateway"]["CustomerGatewayId"],
        VpnGatewayId=gateway,
        Options={"StaticRoutesOnly": True, "TunnelOptions": [{"PreSharedKey": SHARED}]},
    )
    (told,) = ec2.describe_vpn_connections()["VpnConnections"]
    keys = re.findall("<pre_shared_key>(.+?)<", told["CustomerGatewayConfiguration"])
    assert keys
    return keys


def questions(network):
    """Return commands about a network with one VPC."""
    return [
        ("reach", network, "--to", "10.0.0.0/16", "--json"),
        ("explain", network, "internet", "10.0.0.1", "443", "--json"),
        ("audit", network, "--json"),
        ("map", network, "-o", "map.svg"),
        ("map", network, "--table"),
        ("diff", network, network, "--json"),
    ]


def test_keys_of_tunnels_are_in_no_snapshot_and_no_answer(lab, ringwall, spilled, ec2):
    secret = {"codes": (0, 1, 2, 3), "canaries": (*CANARIES, *vpn(ec2))}
    assert spilled("snapshot", "-o", "there", "--region", "us-east-1", **secret) == []
    assert [f for words in questions("there") for f in spilled(*words, **secret)] == []
    assert [f for words in questions("aws") for f in spilled(*words, **secret)] == []


def test_keys_of_tunnels_that_others_wrote_down_are_in_no_answer(spilled, tmp_path):
    connection = {
        "VpnConnectionId": "vpn-00000001",
        "CustomerGatewayConfiguration": f"<pre_shared_key>{SHARED}</pre_shared_key>",
        "Options": {"TunnelOptions": [{"PreSharedKey": SHARED}]},
        "State": "available",
        "Type": "ipsec.1",
    }
    vpc = {"VpcId": "vpc-00000001", "CidrBlock": "10.0.0.0/16", "OwnerId": "111122223333"}
    folder = tmp_path / "written"
    folder.mkdir()
    (folder / "vpns.json").write_text(json.dumps({"VpnConnections": [connection]}))
    (folder / "vpcs.json").write_text(json.dumps({"Vpcs": [vpc]}))
    codes = (0, 1, 2, 3)
    assert [f for words in questions("written") for f in spilled(*words, codes=codes)] == []


def test_sensitive_values_of_a_terraform_plan_are_in_no_answer(spilled, tmp_path):
    def resource(kind, values, sensitive):
        return {
            "address": f"{kind}.it",
            "mode": "managed",
            "type": kind,
            "name": "it",
            "provider_name": "registry.terraform.io/hashicorp/aws",
            "schema_version": 1,
            "values": values,
            "sensitive_values": sensitive,
        }

    found = [
        resource("aws_vpc", {"cidr_block": "10.0.0.0/16"}, {}),
        resource(
            "aws_vpn_connection",
            {"type": "ipsec.1", "tunnel1_preshared_key": SHARED, "customer_gateway_id": "cgw-1"},
            {"tunnel1_preshared_key": True},
        ),
        resource("aws_db_instance", {"password": PASSWORD}, {"password": True}),
        # Hidden where it decides: what is said of it names the place, not the value.
        resource("aws_security_group", {"name": PASSWORD, "vpc_id": PASSWORD}, {"vpc_id": True}),
    ]
    found[-1]["values"]["name"] = "it"
    plan = {
        "format_version": "1.2",
        "terraform_version": "1.9.0",
        "planned_values": {"root_module": {"resources": found}},
        "configuration": {"root_module": {}},
    }
    (tmp_path / "plan.json").write_text(json.dumps(plan))
    codes = (0, 1, 2, 3)
    assert [f for words in questions("plan.json") for f in spilled(*words, codes=codes)] == []
