"""Planned resources → resources in CloudFormation's terms, where that is more than a renaming."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from ringwall.formats.cloudformation.values import is_unknown, reasons, unknown
from ringwall.formats.terraform.document import Instance
from ringwall.formats.terraform.filtering import FILTERS
from ringwall.formats.terraform.forms import EC2, FORMS, TARGETS, camel
from ringwall.formats.terraform.plain import Item, Properties, Shape, listed, plain, single
from ringwall.formats.terraform.services import SERVICES
from ringwall.model.graph import Ref

if TYPE_CHECKING:
    from ringwall.formats.terraform.planned import Planned


def _vpc(work: "Planned", instance: Instance) -> Iterator[Item]:
    properties = plain(work, instance)
    if "CidrBlock" not in properties and instance.type == "aws_default_vpc":
        properties["CidrBlock"] = unknown("the default VPC's block is not in the plan")
    yield FORMS[instance.type].type, properties
    own = Ref(f"{EC2}VPC", work.keys[instance.address])
    block = work.arguments.get(instance, "ipv6_cidr_block")
    if work.arguments.get(instance, "assign_generated_ipv6_cidr_block") is True:
        yield f"{EC2}VPCCidrBlock", {"VpcId": own, "AmazonProvidedIpv6CidrBlock": True}
    elif block is not None and block != "":
        yield f"{EC2}VPCCidrBlock", {"VpcId": own, "Ipv6CidrBlock": block}


def _subnet(work: "Planned", instance: Instance) -> Iterator[Item]:
    properties = plain(work, instance)
    if properties.get("Ipv6Native") is False:
        del properties["Ipv6Native"]
    if isinstance(properties.get("AvailabilityZone"), str):
        properties.pop("AvailabilityZoneId", None)
    if is_unknown(properties.get("Ipv6CidrBlock")):
        part = work.ipv6_part(properties.get("VpcId"))
        if part is not None:
            properties["Ipv6CidrBlock"] = part
    yield FORMS[instance.type].type, properties


def _ipv6_block(work: "Planned", instance: Instance) -> Iterator[Item]:
    properties = plain(work, instance)
    if work.arguments.get(instance, "assign_generated_ipv6_cidr_block") is True:
        properties["AmazonProvidedIpv6CidrBlock"] = True
    yield f"{EC2}VPCCidrBlock", properties


def _gateway(work: "Planned", instance: Instance) -> Iterator[Item]:
    """Yield an internet or virtual private gateway, and its attachment."""
    form = FORMS[instance.type]
    yield form.type, plain(work, instance)
    vpc = work.arguments.get(instance, "vpc_id")
    if vpc is not None and vpc != "":
        is_internet = form.type == f"{EC2}InternetGateway"
        name = "InternetGatewayId" if is_internet else "VpnGatewayId"
        own = Ref(form.type, work.keys[instance.address])
        yield f"{EC2}VPCGatewayAttachment", {"VpcId": vpc, name: own}


def _address(work: "Planned", instance: Instance) -> Iterator[Item]:
    yield f"{EC2}EIP", {"Domain": "vpc", **plain(work, instance)}
    interface = work.arguments.get(instance, "network_interface")
    # What AWS tells of an address that a NAT gateway holds is not what was asked for.
    if interface and work.arguments.is_written(instance, "network_interface"):
        yield f"{EC2}EIPAssociation", {"NetworkInterfaceId": interface}


def _table(work: "Planned", instance: Instance) -> Iterator[Item]:
    own = work.names(instance, "id")
    vpc = work.arguments.get(instance, "vpc_id")
    if instance.type == "aws_default_route_table":
        main = work.arguments.get(instance, "default_route_table_id")
        home = work.vpc_of_main(main)
        vpc = home if home is not None else vpc
        if vpc is None:
            vpc = main if is_unknown(main) else unknown(f"the VPC of {instance} is not in the plan")
    yield f"{EC2}RouteTable", {"VpcId": vpc}
    if instance.type == "aws_default_route_table":
        yield "Ringwall::EC2::MainRouteTableAssociation", {"VpcId": vpc, "RouteTableId": own}
    routes = listed(work.arguments.get(instance, "route"))
    found = ((f"{EC2}Route", _inline_route(own, item)) for item in routes)
    yield from work.inline(instance, "route", found)
    for gateway in listed(work.arguments.get(instance, "propagating_vgws")):
        work.propagate(instance, gateway, own)


def _inline_route(table: Ref | None, item: object) -> Properties:
    if not isinstance(item, Mapping):
        why = ", ".join(reasons(item)) or "a route is no object"
        return {"RouteTableId": table, "DestinationCidrBlock": unknown(why)}
    destinations = {
        "cidr_block": "DestinationCidrBlock",
        "ipv6_cidr_block": "DestinationIpv6CidrBlock",
        "destination_prefix_list_id": "DestinationPrefixListId",
    }
    names = {**destinations, **TARGETS}
    found = {
        name: item[argument]
        for argument, name in names.items()
        if item.get(argument) not in (None, "")
    }
    return {"RouteTableId": table, **found}


def _association(work: "Planned", instance: Instance) -> Iterator[Item]:
    gateway = work.arguments.get(instance, "gateway_id")
    table = work.arguments.get(instance, "route_table_id")
    if gateway is not None and gateway != "":
        yield f"{EC2}GatewayRouteTableAssociation", {"GatewayId": gateway, "RouteTableId": table}
    else:
        yield FORMS[instance.type].type, plain(work, instance)


def _propagation(work: "Planned", instance: Instance) -> Iterator[Item]:
    table = work.arguments.get(instance, "route_table_id")
    work.propagate(instance, work.arguments.get(instance, "vpn_gateway_id"), table)
    yield from ()


def _interface(work: "Planned", instance: Instance) -> Iterator[Item]:
    properties = plain(work, instance)
    own = work.names(instance, "id")
    addresses = work.arguments.get(instance, "private_ips")
    if isinstance(addresses, list):
        properties["PrivateIpAddresses"] = [
            {"PrivateIpAddress": text} for text in addresses if isinstance(text, str)
        ]
    further = work.further[instance.address, "security_groups"]
    if further:
        properties["GroupSet"] = [*listed(properties.get("GroupSet")), *further]
    yield f"{EC2}NetworkInterface", properties
    attachment = single(work.arguments.get(instance, "attachment"))
    if isinstance(attachment, Mapping) and attachment.get("instance"):
        ends = {"InstanceId": attachment["instance"], "NetworkInterfaceId": own}
        yield f"{EC2}NetworkInterfaceAttachment", ends
    elif is_unknown(attachment):
        work.lose(instance, *reasons(attachment))


def _instance(work: "Planned", instance: Instance) -> Iterator[Item]:
    properties = plain(work, instance)
    interfaces = work.arguments.get(instance, "network_interface")
    if isinstance(interfaces, list) and interfaces:
        properties["NetworkInterfaces"] = [
            {
                "NetworkInterfaceId": item.get("network_interface_id"),
                "DeviceIndex": item.get("device_index"),
            }
            if isinstance(item, Mapping)
            else item
            for item in interfaces
        ]
    yield f"{EC2}Instance", properties


def _attachment(work: "Planned", instance: Instance) -> Iterator[Item]:
    properties = plain(work, instance)
    options = {}
    for name in ("appliance_mode_support", "dns_support", "ipv6_support"):
        value = work.arguments.get(instance, name)
        if value is not None:
            options[camel(name)] = value
    value = work.arguments.get(instance, "security_group_referencing_support")
    if value is not None:
        options["SecurityGroupReferencingSupport"] = value
    if options:
        properties["Options"] = options
    for part in ("association", "propagation"):
        name = f"transit_gateway_default_route_table_{part}"
        said = work.arguments.get(instance, name)
        if said is False:
            work.draft.apart.add((work.keys[instance.address], part))
        elif is_unknown(said):
            work.lose(instance, *reasons(said))
    yield FORMS[instance.type].type, properties


SHAPES: Mapping[str, Shape] = {
    **FILTERS,
    **SERVICES,
    "aws_vpc": _vpc,
    "aws_default_vpc": _vpc,
    "aws_subnet": _subnet,
    "aws_default_subnet": _subnet,
    "aws_vpc_ipv6_cidr_block_association": _ipv6_block,
    "aws_internet_gateway": _gateway,
    "aws_vpn_gateway": _gateway,
    "aws_eip": _address,
    "aws_route_table": _table,
    "aws_default_route_table": _table,
    "aws_route_table_association": _association,
    "aws_vpn_gateway_route_propagation": _propagation,
    "aws_network_interface": _interface,
    "aws_instance": _instance,
    "aws_ec2_transit_gateway_vpc_attachment": _attachment,
}
