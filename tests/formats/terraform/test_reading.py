"""Plans of real Terraform into graphs: what they build, and what they leave unknown."""

from ringwall.model.graph import Ref, ResourceGraph
from tests.formats.terraform.plans import graph, ref


def keys(found: ResourceGraph, kind: str) -> list[str]:
    return [node.key for node in found.of_type(f"AWS::EC2::{kind}")]


def test_what_is_unknown_until_apply_is_the_resource_that_the_configuration_names() -> None:
    found = graph("modules")
    subnet = found["AWS::EC2::Subnet", "net/private/eu-west-1a"]
    # `vpc_id = local.vpc_id`, in a module with one VPC.
    assert subnet.properties["VpcId"] == ref("VPC", "net")
    assert subnet.properties["CidrBlock"] == "10.0.0.0/24"
    # `subnet_id = each.value.id` with `for_each = aws_subnet.private`.
    association = found["AWS::EC2::SubnetRouteTableAssociation", "net/private/eu-west-1b"]
    assert association.properties == {
        "SubnetId": ref("Subnet", "net/private/eu-west-1b"),
        "RouteTableId": ref("RouteTable", "net/private-eu-west-1b"),
    }
    # Through an output of a module.
    assert found["AWS::EC2::SecurityGroup", "net/lb"].properties["VpcId"] == ref("VPC", "net")


def test_a_node_bears_the_address_that_asked_for_it() -> None:
    origin = graph("modules")["AWS::EC2::Subnet", "net/private/eu-west-1a"].origin
    assert origin is not None
    address = 'module.net.aws_subnet.private["eu-west-1a"]'
    assert str(origin) == f"plan.json:{address}"
    assert origin.to_dict() == {"file": "plan.json", "address": address}


def test_inline_routes_and_entries_are_resources_of_their_own() -> None:
    found = graph("modules")
    assert found["AWS::EC2::Route", "net/inline>0.0.0.0/0"].properties["GatewayId"] == ref(
        "InternetGateway", "net-this"
    )
    entry = found["AWS::EC2::NetworkAclEntry", "net/a:ingress:100"].properties
    assert entry["PortRange"] == {"From": 0, "To": 65535}
    assert entry["CidrBlock"] == "10.0.0.0/16"
    assert keys(found, "SubnetNetworkAclAssociation") == [
        "net/private/eu-west-1a",
        "net/private/eu-west-1b",
    ]


def test_a_group_lets_out_only_what_a_rule_says() -> None:
    found = graph("modules")
    egress = found.of_type("AWS::EC2::SecurityGroupEgress")
    assert [node.properties["GroupId"] for node in egress] == [ref("SecurityGroup", "net/lb")]


def test_a_peer_that_may_be_of_a_dynamic_block_is_unknown_by_name() -> None:
    """Terraform leaves out what dynamic blocks refer to."""
    rules = [
        node
        for node in graph("modules").of_type("AWS::EC2::SecurityGroupIngress")
        if node.properties["GroupId"] == ref("SecurityGroup", "net/web")
    ]
    peers = [node.properties["CidrIp"] for node in rules]
    assert peers[0] == "10.9.0.0/16"
    assert all(isinstance(peer, Ref) for peer in peers[1:])
    assert "security_groups of aws_security_group.web is known after apply" in str(peers[1])


def test_one_of_several_is_unknown_with_its_candidates() -> None:
    """A list of a module, indexed by `count.index`: its order is not in the plan."""
    told = {str(unknown) for unknown in graph("modules").unknowns}
    assert (
        "Instance web-0: SubnetId: subnet_id of aws_instance.web[0] is one of "
        "Subnet(net/private/eu-west-1a), Subnet(net/private/eu-west-1b)"
    ) in told


def test_regions_are_those_of_the_providers() -> None:
    found = graph("modules")
    assert found["AWS::EC2::VPC", "net"].region == "eu-west-1"
    assert found["AWS::EC2::VPC", "b"].region == "us-east-1"
