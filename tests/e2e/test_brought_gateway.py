"""A Transit Gateway brought along, over HTTP: what is refused before the first step, what works."""

import pytest

from tests.changes.central import CENTRAL_NAT


@pytest.fixture
def bringing(tmp_path):
    def write(gateway):
        path = tmp_path / "central.yaml"
        path.write_text(
            CENTRAL_NAT.replace("transit_gateway:\n", f"transit_gateway:\n  id: {gateway}\n")
        )
        return path

    return write


def gateway(ec2, **options):
    return ec2.create_transit_gateway(Options=options)["TransitGateway"]["TransitGatewayId"]


APART = {"DefaultRouteTableAssociation": "disable", "DefaultRouteTablePropagation": "disable"}


@pytest.mark.parametrize("option", sorted(APART))
def test_a_gateway_that_joins_attachments_by_itself_is_refused_before_the_first_step(
    option, lab, ringwall, ec2, bringing
):
    path = bringing(gateway(ec2, **{**APART, option: "enable"}))
    ended = ringwall("plan", path)
    assert f"--options {option}=disable" in ended.out
    ended = ringwall("apply", path, "--yes")
    assert ended.code == 1
    assert f"has {option} on" in ended.err
    assert ringwall("output", path).json["resources"] == {}


def test_a_gateway_that_does_not_exist_is_refused_before_the_first_step(lab, ringwall, bringing):
    path = bringing("tgw-0123456789abcdef0")
    ended = ringwall("apply", path, "--yes")
    assert ended.code == 1
    assert "tgw-0123456789abcdef0, which the blueprint brings along, is not in" in ended.err
    assert ringwall("output", path).json["resources"] == {}


def test_a_gateway_that_fits_is_used_and_left(lab, ringwall, ec2, bringing):
    path = bringing(gateway(ec2, **APART))
    ended = ringwall("apply", path, "--yes")
    assert ended.code == 0, ended.err
    assert ringwall("drift", path).code == 0
    ended = ringwall("destroy", path, "--yes", "--delete-logs")
    assert ended.code == 0, ended.err
    (left,) = ec2.describe_transit_gateways()["TransitGateways"]
    assert left["State"] == "available"


def test_an_association_with_another_table_is_replaced(lab, ringwall, ec2, bringing):
    brought = gateway(ec2, **APART)
    path = bringing(brought)
    assert ringwall("apply", path, "--yes").code == 0
    other = ec2.create_transit_gateway_route_table(TransitGatewayId=brought)[
        "TransitGatewayRouteTable"
    ]["TransitGatewayRouteTableId"]
    (spoke,) = ec2.describe_transit_gateway_attachments(
        Filters=[{"Name": "tag:ringwall:key", "Values": ["spoke"]}]
    )["TransitGatewayAttachments"]
    attachment = spoke["TransitGatewayAttachmentId"]
    table = spoke["Association"]["TransitGatewayRouteTableId"]
    ec2.disassociate_transit_gateway_route_table(
        TransitGatewayRouteTableId=table, TransitGatewayAttachmentId=attachment
    )
    for _ in range(60):
        found = ec2.get_transit_gateway_route_table_associations(TransitGatewayRouteTableId=table)
        if not found["Associations"]:
            break
    ec2.associate_transit_gateway_route_table(
        TransitGatewayRouteTableId=other, TransitGatewayAttachmentId=attachment
    )
    assert ringwall("drift", path).code == 1
    ended = ringwall("apply", path, "--yes")
    assert ended.code == 0, ended.err
    assert ringwall("drift", path).code == 0
