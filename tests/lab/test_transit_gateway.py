"""Probes: Transit Gateways as the Transit Gateway guide and the EC2 API reference tell them."""

from types import SimpleNamespace
from typing import Any

import pytest

CLOSED = {"DefaultRouteTableAssociation": "disable", "DefaultRouteTablePropagation": "disable"}


@pytest.fixture
def net(ec2: Any, until: Any) -> SimpleNamespace:
    """Two VPCs of two subnets, a gateway without defaults, one table, two attachments."""

    def gateway_state() -> Any:
        return ec2.describe_transit_gateways(TransitGatewayIds=[tgw])["TransitGateways"][0]["State"]

    made = ec2.create_transit_gateway(
        Options=CLOSED,
        TagSpecifications=[
            {"ResourceType": "transit-gateway", "Tags": [{"Key": "Name", "Value": "hub"}]}
        ],
    )["TransitGateway"]
    tgw = made["TransitGatewayId"]
    assert made["State"] == "pending"
    until(gateway_state, "available")
    table = ec2.create_transit_gateway_route_table(TransitGatewayId=tgw)[
        "TransitGatewayRouteTable"
    ]["TransitGatewayRouteTableId"]
    net = SimpleNamespace(tgw=tgw, table=table, vpcs=[], subnets=[], attachments=[])
    for number in (1, 2):
        vpc = ec2.create_vpc(
            CidrBlock=f"10.{number}.0.0/16", AmazonProvidedIpv6CidrBlock=number == 1
        )["Vpc"]["VpcId"]
        subnets = [
            ec2.create_subnet(
                VpcId=vpc, CidrBlock=f"10.{number}.{index}.0/24", AvailabilityZone=zone
            )["Subnet"]["SubnetId"]
            for index, zone in enumerate(("us-east-1a", "us-east-1b", "us-east-1a"))
        ]
        attachment = ec2.create_transit_gateway_vpc_attachment(
            TransitGatewayId=tgw,
            VpcId=vpc,
            SubnetIds=subnets[:2],
            Options={"ApplianceModeSupport": "enable"},
            TagSpecifications=[
                {
                    "ResourceType": "transit-gateway-attachment",
                    "Tags": [{"Key": "Name", "Value": f"vpc{number}"}],
                }
            ],
        )["TransitGatewayVpcAttachment"]
        assert attachment["State"] == "pending"
        net.vpcs.append(vpc)
        net.subnets.append(subnets)
        net.attachments.append(attachment["TransitGatewayAttachmentId"])
    until(lambda: state(ec2, net.attachments[1]), "available")
    return net


def state(ec2: Any, attachment: str) -> Any:
    return listed(ec2, attachment)["State"]


def listed(ec2: Any, attachment: str) -> Any:
    return ec2.describe_transit_gateway_attachments(TransitGatewayAttachmentIds=[attachment])[
        "TransitGatewayAttachments"
    ][0]


def routes(ec2: Any, table: str, **filters: str) -> Any:
    asked = [
        {"Name": name.replace("_", "-"), "Values": [value]} for name, value in filters.items()
    ] or [{"Name": "state", "Values": ["active", "blackhole"]}]
    return ec2.search_transit_gateway_routes(TransitGatewayRouteTableId=table, Filters=asked)[
        "Routes"
    ]


def test_without_defaults_a_gateway_has_no_route_table(ec2: Any) -> None:
    tgw = ec2.create_transit_gateway(Options=CLOSED)["TransitGateway"]
    assert "AssociationDefaultRouteTableId" not in tgw["Options"]
    assert tgw["Options"]["SecurityGroupReferencingSupport"] == "disable"
    assert ec2.describe_transit_gateway_route_tables()["TransitGatewayRouteTables"] == []


def test_with_defaults_an_attachment_is_associated_and_propagates(ec2: Any, until: Any) -> None:
    tgw = ec2.create_transit_gateway()["TransitGateway"]
    table = tgw["Options"]["AssociationDefaultRouteTableId"]
    assert table == tgw["Options"]["PropagationDefaultRouteTableId"]
    until(lambda: ec2.describe_transit_gateways()["TransitGateways"][0]["State"], "available")
    vpc = ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.9.1.0/24")["Subnet"]["SubnetId"]
    attachment = ec2.create_transit_gateway_vpc_attachment(
        TransitGatewayId=tgw["TransitGatewayId"], VpcId=vpc, SubnetIds=[subnet]
    )["TransitGatewayVpcAttachment"]["TransitGatewayAttachmentId"]
    until(
        lambda: listed(ec2, attachment).get("Association"),
        {"TransitGatewayRouteTableId": table, "State": "associated"},
    )
    assert [one["Type"] for one in routes(ec2, table)] == ["propagated"]


def test_an_attachment_keeps_its_options_and_tags(ec2: Any, net: SimpleNamespace) -> None:
    one = ec2.describe_transit_gateway_vpc_attachments(
        Filters=[{"Name": "tag:Name", "Values": ["vpc1"]}]
    )["TransitGatewayVpcAttachments"]
    assert [item["VpcId"] for item in one] == [net.vpcs[0]]
    assert one[0]["Options"] == {
        "DnsSupport": "enable",
        "SecurityGroupReferencingSupport": "enable",
        "Ipv6Support": "disable",
        "ApplianceModeSupport": "enable",
    }
    assert "Association" not in listed(ec2, net.attachments[0])


def test_an_attachment_takes_one_subnet_of_a_zone(
    ec2: Any, net: SimpleNamespace, refused: Any
) -> None:
    with refused("DuplicateSubnetsInSameZone"):
        ec2.modify_transit_gateway_vpc_attachment(
            TransitGatewayAttachmentId=net.attachments[0], AddSubnetIds=[net.subnets[0][2]]
        )
    changed = ec2.modify_transit_gateway_vpc_attachment(
        TransitGatewayAttachmentId=net.attachments[0],
        AddSubnetIds=[net.subnets[0][2]],
        RemoveSubnetIds=[net.subnets[0][0]],
        Options={"Ipv6Support": "enable"},
    )["TransitGatewayVpcAttachment"]
    assert changed["State"] == "modifying"
    assert sorted(changed["SubnetIds"]) == sorted(net.subnets[0][1:])
    assert changed["Options"]["Ipv6Support"] == "enable"


def test_an_attachment_has_interfaces_that_amazon_manages(ec2: Any, net: SimpleNamespace) -> None:
    found = ec2.describe_network_interfaces(Filters=[{"Name": "vpc-id", "Values": [net.vpcs[0]]}])[
        "NetworkInterfaces"
    ]
    assert sorted(one["SubnetId"] for one in found) == sorted(net.subnets[0][:2])
    assert {one["InterfaceType"] for one in found} == {"transit_gateway"}
    assert all(one["RequesterManaged"] and one["Groups"] == [] for one in found)
    assert found[0]["Attachment"]["InstanceOwnerId"] == "amazon-aws"


def test_a_second_association_is_refused(
    ec2: Any, net: SimpleNamespace, refused: Any, until: Any
) -> None:
    pair = {
        "TransitGatewayRouteTableId": net.table,
        "TransitGatewayAttachmentId": net.attachments[0],
    }
    made = ec2.associate_transit_gateway_route_table(**pair)["Association"]
    assert made["State"] == "associating"
    with refused("Resource.AlreadyAssociated"):
        ec2.associate_transit_gateway_route_table(**pair)
    with refused("IncorrectState"):
        ec2.delete_transit_gateway_route_table(TransitGatewayRouteTableId=net.table)

    def seen() -> Any:
        found = ec2.get_transit_gateway_route_table_associations(
            TransitGatewayRouteTableId=net.table
        )
        return [one["State"] for one in found["Associations"]]

    until(seen, ["associated"])
    ec2.disassociate_transit_gateway_route_table(**pair)
    assert seen() == ["disassociating"]
    until(seen, [])


def test_propagation_brings_every_block_of_the_vpc(
    ec2: Any, net: SimpleNamespace, refused: Any
) -> None:
    pair = {
        "TransitGatewayRouteTableId": net.table,
        "TransitGatewayAttachmentId": net.attachments[0],
    }
    with refused("TransitGatewayRouteTablePropagation.NotFound"):
        ec2.disable_transit_gateway_route_table_propagation(**pair)
    ec2.enable_transit_gateway_route_table_propagation(**pair)
    with refused("TransitGatewayRouteTablePropagation.Duplicate"):
        ec2.enable_transit_gateway_route_table_propagation(**pair)
    found = routes(ec2, net.table)
    assert [one["Type"] for one in found] == ["propagated", "propagated"]
    assert found[0]["DestinationCidrBlock"] == "10.1.0.0/16"
    assert found[1]["DestinationCidrBlock"].endswith("::/56")
    assert found[0]["TransitGatewayAttachments"] == [
        {
            "ResourceId": net.vpcs[0],
            "TransitGatewayAttachmentId": net.attachments[0],
            "ResourceType": "vpc",
        }
    ]
    there = ec2.get_transit_gateway_attachment_propagations(
        TransitGatewayAttachmentId=net.attachments[0]
    )["TransitGatewayAttachmentPropagations"]
    assert there == [{"TransitGatewayRouteTableId": net.table, "State": "enabled"}]
    ec2.disable_transit_gateway_route_table_propagation(**pair)
    assert routes(ec2, net.table) == []


def test_static_routes_keep_their_attachment(
    ec2: Any, net: SimpleNamespace, refused: Any, until: Any
) -> None:
    table, (first, second) = net.table, net.attachments
    ec2.create_transit_gateway_route(
        TransitGatewayRouteTableId=table,
        DestinationCidrBlock="10.1.0.0/16",
        TransitGatewayAttachmentId=first,
    )
    ec2.create_transit_gateway_route(
        TransitGatewayRouteTableId=table, DestinationCidrBlock="10.8.0.1/16", Blackhole=True
    )
    with refused("RouteAlreadyExists"):
        ec2.create_transit_gateway_route(
            TransitGatewayRouteTableId=table, DestinationCidrBlock="10.8.0.0/16", Blackhole=True
        )
    assert [one["DestinationCidrBlock"] for one in routes(ec2, table, state="blackhole")] == [
        "10.8.0.0/16"
    ]
    ec2.replace_transit_gateway_route(
        TransitGatewayRouteTableId=table,
        DestinationCidrBlock="10.1.0.0/16",
        TransitGatewayAttachmentId=second,
    )
    found = ec2.search_transit_gateway_routes(
        TransitGatewayRouteTableId=table,
        Filters=[{"Name": "route-search.longest-prefix-match", "Values": ["10.1.2.3/32"]}],
    )
    assert found["AdditionalRoutesAvailable"] is False
    assert found["Routes"][0]["TransitGatewayAttachments"][0]["ResourceId"] == net.vpcs[1]
    ec2.delete_transit_gateway_vpc_attachment(TransitGatewayAttachmentId=second)
    assert state(ec2, second) == "deleting"
    until(lambda: state(ec2, second), "deleted")
    assert routes(ec2, table, type="static")[0]["State"] == "blackhole"
    ec2.delete_transit_gateway_route(
        TransitGatewayRouteTableId=table, DestinationCidrBlock="10.1.0.0/16"
    )
    with refused("InvalidRoute.NotFound"):
        ec2.delete_transit_gateway_route(
            TransitGatewayRouteTableId=table, DestinationCidrBlock="10.1.0.0/16"
        )


def test_prefix_list_references_are_routes(ec2: Any, net: SimpleNamespace) -> None:
    made = ec2.create_managed_prefix_list(
        PrefixListName="onprem",
        MaxEntries=5,
        AddressFamily="IPv4",
        Entries=[{"Cidr": "192.168.0.0/16", "Description": "office"}],
    )["PrefixList"]["PrefixListId"]
    where = {"TransitGatewayRouteTableId": net.table, "PrefixListId": made}
    ec2.create_transit_gateway_prefix_list_reference(
        **where, TransitGatewayAttachmentId=net.attachments[0]
    )
    found = ec2.get_transit_gateway_prefix_list_references(TransitGatewayRouteTableId=net.table)[
        "TransitGatewayPrefixListReferences"
    ]
    assert found[0]["Blackhole"] is False
    assert found[0]["TransitGatewayAttachment"]["ResourceId"] == net.vpcs[0]
    assert routes(ec2, net.table)[0]["PrefixListId"] == made
    ec2.modify_transit_gateway_prefix_list_reference(**where, Blackhole=True)
    assert routes(ec2, net.table)[0]["State"] == "blackhole"
    ec2.delete_transit_gateway_prefix_list_reference(**where)
    assert routes(ec2, net.table) == []


def test_a_gateway_with_attachments_is_not_deleted(
    ec2: Any, net: SimpleNamespace, refused: Any, until: Any
) -> None:
    with refused("IncorrectState"):
        ec2.delete_transit_gateway(TransitGatewayId=net.tgw)
    for one in net.attachments:
        ec2.delete_transit_gateway_vpc_attachment(TransitGatewayAttachmentId=one)
    until(lambda: [state(ec2, one) for one in net.attachments], ["deleted", "deleted"])
    assert ec2.describe_network_interfaces()["NetworkInterfaces"] == []
    ec2.delete_transit_gateway_route_table(TransitGatewayRouteTableId=net.table)

    def tables() -> Any:
        found = ec2.describe_transit_gateway_route_tables()["TransitGatewayRouteTables"]
        return [one["State"] for one in found]

    assert tables() == ["deleting"]
    until(tables, ["deleted"])
    made = ec2.delete_transit_gateway(TransitGatewayId=net.tgw)["TransitGateway"]
    assert made["State"] == "deleting"
    until(lambda: ec2.describe_transit_gateways()["TransitGateways"][0]["State"], "deleted")


def test_a_gateway_is_modified(ec2: Any, net: SimpleNamespace) -> None:
    ec2.modify_transit_gateway(
        TransitGatewayId=net.tgw,
        Description="new",
        Options={
            "SecurityGroupReferencingSupport": "enable",
            "AddTransitGatewayCidrBlocks": ["10.99.0.0/24"],
        },
    )
    found = ec2.describe_transit_gateways(Filters=[{"Name": "tag:Name", "Values": ["hub"]}])
    one = found["TransitGateways"][0]
    assert one["Description"] == "new"
    assert one["Options"]["SecurityGroupReferencingSupport"] == "enable"
    assert one["Options"]["TransitGatewayCidrBlocks"] == ["10.99.0.0/24"]
