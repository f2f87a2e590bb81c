"""The interfaces of an estate → what DescribeNetworkInterfaces would say of them."""

from typing import Any

from ringwall.lab.traffic.estate import Estate
from ringwall.lab.traffic.interfaces import Interface, Role

# InterfaceType, of those that a service made (EC2 API, NetworkInterface).
TYPES = {
    Role.INSTANCE: "interface",
    Role.BALANCER: "interface",
    Role.NAT: "nat_gateway",
    Role.ENDPOINT: "vpc_endpoint",
    Role.TRANSIT: "transit_gateway",
}


def described(estate: Estate) -> dict[str, Any]:
    """Return the answer, in the shape of `aws ec2 describe-network-interfaces`."""
    names = {m.interface.number: (m.name, m.group, m.placement.groups) for m in estate.machines}
    return {
        "NetworkInterfaces": [
            _described(each, *names.get(each.number, (str(each.role), "", ())))
            for each in estate.interfaces
        ]
    }


def _described(each: Interface, name: str, group: str, groups: tuple[str, ...]) -> dict[str, Any]:
    document: dict[str, Any] = {
        "NetworkInterfaceId": each.id,
        "InterfaceType": TYPES[each.role],
        "Description": "ELB " + name if each.role is Role.BALANCER else name,
        "VpcId": each.vpc_id,
        "SubnetId": each.subnet_id,
        "AvailabilityZone": each.zone,
        "AvailabilityZoneId": each.zone_id,
        "OwnerId": each.account,
        "RequesterManaged": each.role is not Role.INSTANCE,
        "Status": "in-use",
        "PrivateIpAddress": each.ipv4,
        "PrivateIpAddresses": [{"Primary": True, "PrivateIpAddress": each.ipv4}],
        "Ipv6Addresses": [{"Ipv6Address": each.ipv6}] if each.ipv6 else [],
        "Groups": [{"GroupName": key} for key in groups],
        "TagSet": [{"Key": "Name", "Value": name}, {"Key": "ringwall:group", "Value": group}],
    }
    if each.public:
        document["Association"] = {"PublicIp": each.public}
        document["PrivateIpAddresses"][0]["Association"] = {"PublicIp": each.public}
    if each.instance_id:
        document["Attachment"] = {"InstanceId": each.instance_id, "Status": "attached"}
    return document
