"""Plans of real Terraform into graphs: what they build, and what they leave unknown."""

import json

from ringwall.formats.terraform import read
from ringwall.model.graph import Ref, ResourceGraph
from tests.formats.terraform.plans import graph, ref, text


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
    lost = told(graph("modules"))
    assert (
        "Instance web-0: SubnetId: subnet_id of aws_instance.web[0] is one of "
        "Subnet(net/private/eu-west-1a), Subnet(net/private/eu-west-1b)"
    ) in lost


def test_regions_are_those_of_the_providers() -> None:
    found = graph("modules")
    assert found["AWS::EC2::VPC", "net"].region == "eu-west-1"
    assert found["AWS::EC2::VPC", "b"].region == "us-east-1"


def told(found: ResourceGraph) -> set[str]:
    return {str(unknown) for unknown in found.unknowns}


def test_an_estate_of_many_types_is_understood() -> None:
    assert told(graph("estate")) == set()


def test_count_index_chooses_the_instance_with_the_same_index() -> None:
    found = graph("estate")
    for index in "01":
        table = f"hub/private-{index}"
        route = found["AWS::EC2::Route", f"{table}>0.0.0.0/0"].properties
        assert route["NatGatewayId"] == ref("NatGateway", f"nat-{index}")
        assert found["AWS::EC2::NatGateway", f"nat-{index}"].properties == {
            "ConnectivityType": "public",
            "SubnetId": ref("Subnet", f"hub/public/{index}"),
            "AllocationId": ref("EIP", f"nat-{index}"),
        }
        # `element(aws_route_table.private[*].id, count.index)`
        assert ("AWS::EC2::Route", f"{table}>::/0") in found


def test_terraform_empties_the_default_group_and_acl_that_it_adopts() -> None:
    found = graph("estate")
    group = found["Ringwall::EC2::DefaultSecurityGroup", "hub"].properties
    assert (group["Ingress"], group["Egress"]) == ([], [])
    entries = found["Ringwall::EC2::DefaultNetworkAcl", "hub"].properties["Entries"]
    assert [entry["CidrBlock"] for entry in entries] == ["10.0.0.0/8"]
    # What it does not adopt is as AWS makes it.
    assert found["Ringwall::EC2::DefaultSecurityGroup", "spoke"].properties["Ingress"]


def test_aws_lets_ipv6_through_where_a_vpc_has_it() -> None:
    """The default ACL of a VPC with an IPv6 block has entries for ::/0."""
    document = json.loads(text("estate"))
    for change in document["resource_changes"]:
        if change["address"] == "aws_vpc.spoke":
            change["change"]["after"]["assign_generated_ipv6_cidr_block"] = True
    found = read(json.dumps(document))
    entries = found["Ringwall::EC2::DefaultNetworkAcl", "spoke"].properties["Entries"]
    assert {entry.get("Ipv6CidrBlock") for entry in entries} == {None, "::/0"}
    group = found["Ringwall::EC2::DefaultSecurityGroup", "spoke"].properties
    assert {"IpProtocol": "-1", "CidrIpv6": "::/0"} in group["Egress"]


def test_a_main_route_table_is_there_where_something_names_it() -> None:
    found = graph("estate")
    assert keys(found, "RouteTable") == [
        "hub/main",
        "hub/private-0",
        "hub/private-1",
        "hub/public",
        "spoke/main",
    ]
    route = found["AWS::EC2::Route", "spoke/main>inner"].properties
    assert route["TransitGatewayId"] == ref("TransitGateway", "core")
    main = found["Ringwall::EC2::MainRouteTableAssociation", "spoke"].properties
    assert main["RouteTableId"] == ref("RouteTable", "spoke/main")


def test_the_default_table_of_a_transit_gateway_takes_who_is_not_kept_apart() -> None:
    found = graph("estate")
    kind = "AWS::EC2::TransitGatewayRouteTableAssociation"
    tables = {n.key: n.properties["TransitGatewayRouteTableId"].key for n in found.of_type(kind)}
    assert tables == {"hub": "hub", "spoke": "core/default"}
    route = found["AWS::EC2::TransitGatewayRoute", "core/default>0.0.0.0/0"]
    assert route.properties["TransitGatewayAttachmentId"] == ref("TransitGatewayAttachment", "hub")


def test_what_is_a_resource_of_its_own_joins_what_it_belongs_to() -> None:
    found = graph("estate")
    cidrs = found["AWS::EC2::PrefixList", "inner"].observed["Cidrs"]
    assert cidrs == ["10.0.0.0/16", "10.8.0.0/16"]
    tables = found["AWS::EC2::VPCEndpoint", "s3"].properties["RouteTableIds"]
    assert tables == [ref("RouteTable", "hub/private-0"), ref("RouteTable", "hub/private-1")]
    group = found["AWS::ElasticLoadBalancingV2::TargetGroup", "web"].properties
    assert group["Targets"] == [{"Id": ref("Instance", f"web-{index}")} for index in "01"]


def test_tables_learn_the_static_routes_of_a_virtual_private_gateway() -> None:
    route = graph("estate")["AWS::EC2::Route", "hub/private-1>192.168.0.0/16"]
    assert route.properties["GatewayId"] == ref("VPNGateway", "office")
    assert route.observed["Origin"] == "EnableVgwRoutePropagation"


def test_subnets_have_parts_of_their_own_of_a_block_that_aws_chooses() -> None:
    found = graph("estate")
    parts = [node.properties.get("Ipv6CidrBlock") for node in found.of_type("AWS::EC2::Subnet")]
    given = [part for part in parts if part is not None]
    assert len(set(given)) == len(given) == 2
    assert {part.key for part in given} == {"hub/ipv6"}


def test_a_service_in_subnets_stands_there_with_its_groups() -> None:
    found = graph("estate")
    assert [k for k in keys(found, "NetworkInterface") if k.startswith("job/")] == [
        "job/0",
        "job/1",
    ]
    job = found["AWS::EC2::NetworkInterface", "job/0"].properties
    assert job["GroupSet"] == [ref("SecurityGroup", "hub/web")]
    assert job["SubnetId"] == ref("Subnet", "hub/private/0")


def test_what_nobody_understands_is_a_node_that_is_not_modelled() -> None:
    kind = "aws_vpclattice_service_network_vpc_association"
    (node,) = graph("estate").of_type(kind)
    assert node.properties["References"] == [ref("VPC", "hub")]


def test_secrets_of_a_plan_are_never_kept() -> None:
    assert "canary_of_a_secret" not in repr(graph("estate"))


def test_modules_with_for_each_are_told_apart() -> None:
    found = graph("corners")
    assert sorted(keys(found, "VPC")) == ["far", "spoke-blue", "spoke-green"]
    kind = "AWS::EC2::TransitGatewayRouteTableAssociation"
    # `for_each = module.spoke` and `each.value.attachment_id`.
    ends = {n.properties["TransitGatewayAttachmentId"].key for n in found.of_type(kind)}
    assert ends == {"spoke-blue-this", "spoke-green-this"}
    # `peers = { green = module.spoke["green"].group_id }`, through a variable into `each.value`.
    (rule,) = found.of_type("AWS::EC2::SecurityGroupIngress")
    assert rule.properties["GroupId"] == ref("SecurityGroup", "spoke-blue/app")
    assert rule.properties["SourceSecurityGroupId"] == ref("SecurityGroup", "spoke-green/app")


def test_an_index_into_an_output_is_that_instance() -> None:
    interface = graph("corners")["AWS::EC2::NetworkInterface", "odd"]
    assert interface.properties["SubnetId"] == ref("Subnet", "spoke-blue/app/1")
    assert interface.properties["GroupSet"] == [
        ref("SecurityGroup", "spoke-blue/app"),
        ref("SecurityGroup", "spoke-blue/more"),
    ]
    assert interface.observed["PublicIp"] == "to be chosen"


def test_a_peering_waits_unless_somebody_of_the_plan_accepts_it() -> None:
    found = graph("corners")
    kind = "AWS::EC2::VPCPeeringConnection"
    status = {node.key: node.observed["Status"] for node in found.of_type(kind)}
    assert status == {"far": "active", "waiting": "pending-acceptance"}
    route = found["AWS::EC2::Route", "far/main>10.1.0.0/16"].properties
    assert route["VpcPeeringConnectionId"] == ref("VPCPeeringConnection", "far")


def test_what_the_corners_leave_unknown() -> None:
    assert told(graph("corners")) == {
        "TransitGatewayAttachment far: the tables of its other side are not read",
        "VPC vpc-0aaaaaaaaaaaaaaa0: not in the input",
    }


def test_a_region_may_be_a_variable() -> None:
    found = graph("corners")
    regions = {node.key: node.region for node in found.of_type("AWS::EC2::VPC")}
    assert regions == {"far": "us-east-1", "spoke-blue": "eu-west-1", "spoke-green": "eu-west-1"}


def test_a_database_stands_in_the_subnets_of_its_group() -> None:
    found = graph("corners")
    homes = [
        node.properties["SubnetId"]
        for node in found.of_type("AWS::EC2::NetworkInterface")
        if node.key.startswith("data/")
    ]
    assert homes == [ref("Subnet", "spoke-blue/app/0"), ref("Subnet", "spoke-blue/app/1")]
    assert "canary_of_a_password" not in repr(found)
