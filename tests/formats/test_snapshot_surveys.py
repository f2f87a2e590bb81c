"""A snapshot of what is not a deployment's: balancers, instances, gateways, in the lab."""

import boto3

from ringwall.app.snapshotting import Place, take_snapshot
from ringwall.app.sources import open_network
from ringwall.app.workspace import CloudSettings, observe_all
from tests.e2e.conftest import lab, module_lab  # noqa: F401  (fixtures)

REGION = "us-east-1"


def build() -> None:
    """Make a VPC with an instance behind a load balancer, and a line to on-premises networks."""
    ec2, elb = boto3.client("ec2", region_name=REGION), boto3.client("elbv2", region_name=REGION)
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        ec2.create_subnet(
            VpcId=vpc, CidrBlock=f"10.0.{n}.0/24", AvailabilityZone=f"{REGION}{zone}"
        )["Subnet"]["SubnetId"]
        for n, zone in enumerate("ab")
    ]
    instance = ec2.run_instances(
        ImageId="ami-12c6146b", MinCount=1, MaxCount=1, SubnetId=subnets[0], UserData="s3cr3t"
    )["Instances"][0]["InstanceId"]
    balancer = elb.create_load_balancer(
        Name="web", Subnets=subnets, Type="network", Scheme="internal"
    )
    arn = balancer["LoadBalancers"][0]["LoadBalancerArn"]
    group = elb.create_target_group(Name="t", Protocol="TCP", Port=80, VpcId=vpc)
    target = group["TargetGroups"][0]["TargetGroupArn"]
    elb.register_targets(TargetGroupArn=target, Targets=[{"Id": instance}])
    elb.create_listener(
        LoadBalancerArn=arn,
        Protocol="TCP",
        Port=80,
        DefaultActions=[{"Type": "forward", "TargetGroupArn": target}],
    )
    gateway = ec2.create_vpn_gateway(Type="ipsec.1")["VpnGateway"]["VpnGatewayId"]
    ec2.attach_vpn_gateway(VpcId=vpc, VpnGatewayId=gateway)
    far = ec2.create_customer_gateway(Type="ipsec.1", PublicIp="203.0.113.9", BgpAsn=65000)
    ec2.create_vpn_connection(
        Type="ipsec.1",
        CustomerGatewayId=far["CustomerGateway"]["CustomerGatewayId"],
        VpnGatewayId=gateway,
    )


def test_a_snapshot_of_balancers_and_lines_reads_back_as_the_account(lab, tmp_path, monkeypatch):  # noqa: F811
    monkeypatch.setenv("AWS_REGION", REGION)
    build()
    taken = take_snapshot(str(tmp_path / "snap"), [Place(region=REGION)])
    assert taken.places[0][3] == ()
    found = open_network(str(tmp_path / "snap"), CloudSettings()).graph
    live = observe_all(CloudSettings())
    assert found.nodes == live.nodes
    assert set(found.unknowns) == set(live.unknowns)
    for name in ("LoadBalancer", "Listener", "TargetGroup"):
        assert len(found.of_type(f"AWS::ElasticLoadBalancingV2::{name}")) == 1
    [group] = found.of_type("AWS::ElasticLoadBalancingV2::TargetGroup")
    [instance] = found.of_type("AWS::EC2::Instance")
    assert group.properties["Targets"][0]["Id"] == instance.ref
    assert len(found.of_type("AWS::EC2::VPNConnection")) == 1
    written = b"".join(path.read_bytes() for path in (tmp_path / "snap").rglob("*.json"))
    assert b"s3cr3t" not in written
    assert b"pre_shared_key" not in written
