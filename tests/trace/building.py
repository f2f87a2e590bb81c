"""Further elements for small networks: appliances, balancers, firewalls, lines to on-premises."""

from typing import Any

from tests.builders import NetworkBuilder, ref


def appliance(
    base: NetworkBuilder,
    key: str,
    subnet: str,
    address: str,
    *groups: str,
    does: str = "forwards",
    checks: bool | None = False,
    public: str = "",
    state: str = "running",
    kind: str = "interface",
) -> NetworkBuilder:
    """An interface `key` of an instance `i-KEY` that takes packets of others."""
    properties: dict[str, Any] = {
        "SubnetId": ref("Subnet", subnet),
        "GroupSet": [ref("SecurityGroup", group) for group in groups],
    }
    if checks is not None:
        properties["SourceDestCheck"] = checks
    item: dict[str, Any] = {"PrivateIpAddress": address}
    if public:
        item["Association"] = {"PublicIp": public}
    observed = {
        "InterfaceType": kind,
        "Status": "in-use",
        "PrivateIpAddresses": [item],
        "Attachment": {"InstanceId": f"i-{key}", "Status": "attached"},
    }
    tags = {"ringwall:appliance": does} if does else {}
    base.add("NetworkInterface", key, properties, observed=observed, tags=tags)
    owns = {"State": state, "NetworkInterfaceIds": [ref("NetworkInterface", key)]}
    return base.add("Instance", f"i-{key}", {"SubnetId": ref("Subnet", subnet)}, observed=owns)


def gateway_table(
    base: NetworkBuilder, table: str, gateway: str, kind: str = "InternetGateway"
) -> NetworkBuilder:
    """A route table of a gateway (edge association)."""
    vpc = table.split("/", maxsplit=1)[0]
    base.add("RouteTable", table, {"VpcId": ref("VPC", vpc)})
    link = {"GatewayId": ref(kind, gateway), "RouteTableId": ref("RouteTable", table)}
    return base.add("GatewayRouteTableAssociation", gateway, link)
