"""Central NAT over HTTP: a hub's gateway serves a spoke, and all of it can be taken down."""

from tests.changes.central import CENTRAL_NAT


def left(ec2):
    """Return the ids of what is there, what AWS keeps listed after its deletion aside."""
    there = {
        item[f"{member}Id"]
        for member, items in (
            ("Vpc", ec2.describe_vpcs()["Vpcs"]),
            ("Subnet", ec2.describe_subnets()["Subnets"]),
            ("RouteTable", ec2.describe_route_tables()["RouteTables"]),
            ("InternetGateway", ec2.describe_internet_gateways()["InternetGateways"]),
            ("Allocation", ec2.describe_addresses()["Addresses"]),
        )
        for item in items
    }
    for member, items in (
        ("NatGateway", ec2.describe_nat_gateways()["NatGateways"]),
        ("TransitGateway", ec2.describe_transit_gateways()["TransitGateways"]),
        (
            "TransitGatewayAttachment",
            ec2.describe_transit_gateway_attachments()["TransitGatewayAttachments"],
        ),
    ):
        there |= {item[f"{member}Id"] for item in items if item["State"] != "deleted"}
    return there


def test_a_network_with_central_nat_can_be_taken_down_to_nothing(lab, ringwall, ec2, tmp_path):
    path = tmp_path / "central.yaml"
    path.write_text(CENTRAL_NAT)
    before = left(ec2)
    ended = ringwall("apply", path, "--yes")
    assert ended.code == 0, ended.err
    assert ringwall("drift", path).code == 0
    ended = ringwall("destroy", path, "--yes", "--delete-logs")
    assert ended.code == 0, ended.err
    assert ringwall("output", path).json["resources"] == {}
    assert left(ec2) == before
