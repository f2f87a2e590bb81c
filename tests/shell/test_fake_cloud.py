"""The fake is held to the lab: the same requests leave the same network and the same refusals."""

import pytest

from ringwall.errors import CloudError
from tests import fortress
from tests.fakes.cloud import FakeCloud
from tests.shell.estates import Estate, example, graph_of


def lives(cloud, name, pace):
    """What an example leaves after an apply, what a second plan would do, and after a destroy."""
    estate = Estate(cloud, *example(name), pace=pace)
    estate.carry_out(estate.plan())
    deployed, again = estate.deployed(), estate.plan()
    estate.carry_out(estate.destroy_plan())
    return deployed, [change.address for change in again.changes], estate.ours()


@pytest.mark.parametrize("name", ["minimal", "fortress"])
def test_an_example_lives_and_dies_alike_on_the_fake_and_on_the_lab(cloud, name):
    assert lives(FakeCloud(), name, None) == lives(cloud, name, None)


def changes(cloud):
    """What a change of nearly everything leaves of the fortress, and what it says is left."""
    estate = Estate(cloud, *example("fortress"), pace=None)
    estate.carry_out(estate.plan())
    text = fortress.with_another_zone(fortress.renamed(fortress.another_port(fortress.moved())))
    estate.wanted = graph_of(text)
    estate.carry_out(estate.plan())
    return estate.deployed(), estate.plan().changes, estate.ours()


def test_a_change_of_the_fortress_is_alike_on_the_fake_and_on_the_lab(cloud):
    on_fake, left, ours = changes(FakeCloud())
    assert left == ()
    assert changes(cloud) == (on_fake, left, ours)


def vpc(cloud, block="10.0.0.0/16"):
    return cloud.call("ec2", "create_vpc", {"CidrBlock": block})["Vpc"]["VpcId"]


def code_of(cloud, service, operation, request):
    try:
        cloud.call(service, operation, request)
    except CloudError as error:
        return error.code
    return "done"


def refusals(cloud):
    """Error codes of requests that AWS refuses, in order."""

    def ec2(operation, **request):
        return code_of(cloud, "ec2", operation, request)

    vpc_id = vpc(cloud)
    subnet = {"VpcId": vpc_id, "CidrBlock": "10.0.1.0/24", "AvailabilityZone": "us-east-1a"}
    yield ec2("delete_vpc", VpcId="vpc-00000000000000000")
    yield ec2("create_subnet", **{**subnet, "VpcId": "vpc-00000000000000000"})
    yield ec2("create_subnet", **subnet)
    yield ec2("create_subnet", **subnet)
    yield ec2("delete_vpc", VpcId=vpc_id)
    yield ec2("delete_subnet", SubnetId="subnet-00000000000000000")
    tables = cloud.call("ec2", "create_route_table", {"VpcId": vpc_id})
    table = tables["RouteTable"]["RouteTableId"]
    gateway = cloud.call("ec2", "create_internet_gateway", {})["InternetGateway"]
    gateway_id = gateway["InternetGatewayId"]
    yield ec2("attach_internet_gateway", InternetGatewayId=gateway_id, VpcId=vpc_id)
    yield ec2("delete_internet_gateway", InternetGatewayId=gateway_id)
    route = {"RouteTableId": table, "DestinationCidrBlock": "0.0.0.0/0"}
    yield ec2("delete_route", **route)
    yield ec2("create_route", GatewayId=gateway_id, **route)
    yield ec2("create_route", GatewayId=gateway_id, **route)
    yield ec2("detach_internet_gateway", InternetGatewayId=gateway_id, VpcId=vpc_id)
    yield ec2("detach_internet_gateway", InternetGatewayId=gateway_id, VpcId=vpc_id)
    yield ec2("disassociate_route_table", AssociationId="rtbassoc-00000000000000000")
    acl = cloud.call("ec2", "create_network_acl", {"VpcId": vpc_id})["NetworkAcl"]["NetworkAclId"]
    entry = {"NetworkAclId": acl, "Egress": False, "RuleNumber": 100}
    yield ec2("delete_network_acl_entry", **entry)
    allowed = {**entry, "Protocol": "-1", "RuleAction": "allow", "CidrBlock": "10.0.0.0/8"}
    yield ec2("create_network_acl_entry", **allowed)
    yield ec2("create_network_acl_entry", **allowed)
    group = {"GroupName": "web", "Description": "web", "VpcId": vpc_id}
    group_id = cloud.call("ec2", "create_security_group", group)["GroupId"]
    yield ec2("create_security_group", **group)
    rule = {"IpProtocol": "tcp", "FromPort": 1, "ToPort": 1, "IpRanges": [{"CidrIp": "10.0.0.0/8"}]}
    permission = {"GroupId": group_id, "IpPermissions": [rule]}
    yield ec2("authorize_security_group_ingress", **permission)
    yield ec2("authorize_security_group_ingress", **permission)
    yield ec2("revoke_security_group_ingress", **permission)
    yield ec2("revoke_security_group_ingress", **permission)
    yield ec2("delete_security_group", GroupId="sg-00000000000000000")
    yield code_of(cloud, "ssm", "get_parameter", {"Name": "/none"})
    value = {"Name": "/a", "Value": "x", "Type": "String", "Overwrite": False}
    yield code_of(cloud, "ssm", "put_parameter", value)
    yield code_of(cloud, "ssm", "put_parameter", value)
    yield code_of(cloud, "iam", "delete_role", {"RoleName": "none"})
    yield code_of(cloud, "logs", "delete_log_group", {"logGroupName": "none"})


def test_the_fake_refuses_as_the_lab_does(cloud):
    assert list(refusals(FakeCloud())) == list(refusals(cloud))


@pytest.mark.parametrize("world", ["fake", "lab"])
def test_a_client_token_yields_the_first_answer_again(cloud, world):
    cloud = FakeCloud() if world == "fake" else cloud
    request = {"VpcId": vpc(cloud), "ClientToken": "once"}
    ids = {
        cloud.call("ec2", "create_route_table", request)["RouteTable"]["RouteTableId"]
        for _ in range(2)
    }
    assert len(ids) == 1
