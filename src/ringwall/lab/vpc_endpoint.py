"""VPC endpoints that take time, add routes (gateway) and interfaces and names (interface)."""

import json
from dataclasses import dataclass, field
from typing import Any

from moto.core.utils import utcnow
from moto.moto_api._internal import mock_random

from ringwall.lab import interfaces, world
from ringwall.lab.actions import Call, Described, add_ec2, new_id, refuse, select, tag_set
from ringwall.lab.security_group import group_of
from ringwall.lab.world import Moto

# "If you do not specify a policy, we attach a default policy that allows full access."
FULL_ACCESS = json.dumps(
    {
        "Version": "2008-10-17",
        "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}],
    }
)
ZONE_ID = "Z7HUB22UULQXV"


@dataclass(eq=False)
class Endpoint:
    """A gateway or interface endpoint; moto's routes point at it by `id`."""

    ec2_backend: Any
    vpc_id: str
    service_name: str
    vpc_endpoint_type: str
    policy_document: str
    private_dns_enabled: bool = False
    destination_prefix_list_id: str = ""
    route_table_ids: list[str] = field(default_factory=list)
    group_ids: list[str] = field(default_factory=list)
    interface_ids: dict[str, str] = field(default_factory=dict)
    ip_address_type: str = "ipv4"
    dns_options: Described = field(default_factory=dict)
    id: str = field(default_factory=lambda: new_id("vpce"))
    name_suffix: str = field(default_factory=lambda: mock_random.get_random_hex(8))
    state: str = "pending"
    created: Any = field(default_factory=utcnow)

    def dns_entries(self) -> list[Described]:
        """Return the names of an interface endpoint: regional, zonal, and the service's own."""
        if self.vpc_endpoint_type != "Interface":
            return []
        home = self.ec2_backend
        service = ".".join(reversed(self.service_name.split(".")[3:]))
        names = [f"{self.id}-{self.name_suffix}"]
        for subnet_id in self.interface_ids:
            zone = home.get_subnet(subnet_id).availability_zone
            names.append(f"{self.id}-{self.name_suffix}-{zone}")
        tail = f"{service}.{home.region_name}.vpce.amazonaws.com"
        entries = [{"DnsName": f"{name}.{tail}", "HostedZoneId": ZONE_ID} for name in names]
        if self.private_dns_enabled:
            own = f"{service}.{home.region_name}.amazonaws.com"
            entries.append({"DnsName": own, "HostedZoneId": "Z0000000000000000000"})
        return entries

    def describe(self) -> Described:
        """Return what DescribeVpcEndpoints lists."""
        return {
            "VpcEndpointId": self.id,
            "VpcEndpointType": self.vpc_endpoint_type,
            "VpcId": self.vpc_id,
            "ServiceName": self.service_name,
            "State": self.state,
            "PolicyDocument": self.policy_document,
            "RouteTableIds": list(self.route_table_ids),
            "SubnetIds": list(self.interface_ids),
            "Groups": [
                {"GroupId": one, "GroupName": group_of(self.ec2_backend, one).name}
                for one in self.group_ids
            ],
            "IpAddressType": self.ip_address_type,
            "DnsOptions": self.dns_options,
            "PrivateDnsEnabled": self.private_dns_enabled,
            "RequesterManaged": False,
            "NetworkInterfaceIds": list(self.interface_ids.values()),
            "DnsEntries": self.dns_entries(),
            "CreationTimestamp": self.created,
            "Tags": tag_set(self.ec2_backend, self.id),
            "OwnerId": self.ec2_backend.account_id,
        }

    def add_subnet(self, subnet_id: str) -> None:
        """Place an interface in a subnet."""
        subnet = self.ec2_backend.get_subnet(subnet_id)
        if subnet.vpc_id != self.vpc_id:
            refuse("InvalidSubnetID.NotFound", f"Subnet {subnet_id} is not in {self.vpc_id}")
        zones = {self.ec2_backend.get_subnet(one).availability_zone for one in self.interface_ids}
        if subnet.availability_zone in zones:
            refuse(
                "DuplicateSubnetsInSameZone",
                f"Found another VPC endpoint subnet in the availability zone of {subnet_id}.",
            )
        text = f"VPC Endpoint Interface {self.id}"
        made = interfaces.make(
            self.ec2_backend, subnet_id, "vpc_endpoint", text, list(self.group_ids)
        )
        self.interface_ids[subnet_id] = made.id

    def add_table(self, table_id: str) -> None:
        """Add the route to the service's prefix list to a route table."""
        backend = self.ec2_backend
        table = backend.get_route_table(table_id)
        if table.vpc_id != self.vpc_id:
            refuse("InvalidRouteTableId.NotFound", f"{table_id} is not in {self.vpc_id}")
        for route in table._routes.values():  # noqa: SLF001
            if route.destination_prefix_list_id == self.destination_prefix_list_id:
                refuse(
                    "RouteAlreadyExists",
                    f"route table {table_id} already has a route with "
                    f"destination-prefix-list-id {self.destination_prefix_list_id}",
                )
        backend.create_route(
            table_id,
            None,
            gateway_id=self.id,
            destination_prefix_list_id=self.destination_prefix_list_id,
        )
        self.route_table_ids.append(table_id)

    def remove_table(self, table_id: str) -> None:
        """Take the route out of a route table."""
        self.route_table_ids.remove(table_id)
        table = self.ec2_backend.route_tables.get(table_id)
        if table is not None:
            for key, route in list(table._routes.items()):  # noqa: SLF001
                if route.gateway is self:
                    del table._routes[key]  # noqa: SLF001


def _check_private_dns(backend: Moto, vpc_id: str) -> None:
    vpc = backend.get_vpc(vpc_id)
    if not (vpc.enable_dns_support and vpc.enable_dns_hostnames):
        refuse(
            "InvalidParameter",
            "Enabling private DNS requires both enableDnsSupport and enableDnsHostnames VPC "
            f"attributes set to true for {vpc_id}",
        )


def _check_policy(text: str) -> str:
    try:
        json.loads(text)
    except ValueError:
        refuse("InvalidPolicyDocument", "Invalid policy document (malformed JSON)")
    return text


def create_vpc_endpoint(call: Call) -> Described:
    """CreateVpcEndpoint."""
    backend = call.backend
    vpc_id = backend.get_vpc(call.need("VpcId")).id
    kind, service = call.get("VpcEndpointType", "Gateway"), call.need("ServiceName")
    prefix_list_id = ""
    if kind == "Gateway":
        own = {
            one.prefix_list_name: one.id
            for one in backend.managed_prefix_lists.values()
            if one.owner_id == "AWS"
        }
        if service not in own or not service.endswith((".s3", ".dynamodb")):
            refuse("InvalidServiceName", f"The Vpc Endpoint Service '{service}' does not exist")
        prefix_list_id = own[service]
    private = kind == "Interface" and str(call.get("PrivateDnsEnabled", True)).lower() == "true"
    if private:
        _check_private_dns(backend, vpc_id)
    groups = list(call.get("SecurityGroupIds", []))
    if kind == "Interface" and not groups:
        groups = [backend.get_default_security_group(vpc_id).id]
    for one in groups:
        group_of(backend, one)
    made = Endpoint(
        backend,
        vpc_id,
        service,
        kind,
        _check_policy(call.get("PolicyDocument") or FULL_ACCESS),
        private,
        prefix_list_id,
        group_ids=groups,
        ip_address_type=call.get("IpAddressType", "ipv4"),
        dns_options=dict(call.get("DnsOptions", {})),
    )
    made.dns_options.setdefault("DnsRecordIpType", made.ip_address_type)
    backend.vpc_end_points[made.id] = made
    try:
        for table_id in call.get("RouteTableIds", []):
            made.add_table(table_id)
        for subnet_id in call.get("SubnetIds", []):
            made.add_subnet(subnet_id)
    except Exception:
        _let_go(made)
        backend.vpc_end_points.pop(made.id)
        raise
    backend.create_tags([made.id], call.tags())
    if kind == "Gateway":
        made.state = "available"
    else:
        world.clock().pass_through(made, "pending", "available", world.CREATION)
    return {"VpcEndpoint": made.describe(), "ClientToken": call.get("ClientToken")}


def _let_go(one: Endpoint) -> None:
    for interface_id in one.interface_ids.values():
        interfaces.remove(one.ec2_backend, interface_id)
    one.interface_ids.clear()
    for table_id in list(one.route_table_ids):
        one.remove_table(table_id)


def _found(call: Call, endpoint_id: str) -> Moto:
    one = call.backend.vpc_end_points.get(endpoint_id)
    if one is None:
        refuse(
            "InvalidVpcEndpointId.NotFound",
            f"The Vpc Endpoint Id '{endpoint_id}' does not exist",
        )
    return one


def describe_vpc_endpoints(call: Call) -> Described:
    """DescribeVpcEndpoints."""
    wanted = call.get("VpcEndpointIds", [])
    for one in wanted:
        _found(call, one)
    listed = [
        one.describe()
        for one in call.backend.vpc_end_points.values()
        if not wanted or one.id in wanted
    ]
    paths = {
        "service-name": "ServiceName",
        "vpc-id": "VpcId",
        "vpc-endpoint-id": "VpcEndpointId",
        "vpc-endpoint-state": "State",
        "vpc-endpoint-type": "VpcEndpointType",
        "ip-address-type": "IpAddressType",
    }
    return {"VpcEndpoints": select(listed, call.filters(), paths)}


def modify_vpc_endpoint(call: Call) -> Described:
    """ModifyVpcEndpoint."""
    one = _found(call, call.need("VpcEndpointId"))
    if one.state != "available":
        refuse("IncorrectState", f"{one.id} is in invalid state: {one.state}")
    if str(call.get("ResetPolicy", False)).lower() == "true":
        one.policy_document = FULL_ACCESS
    if call.get("PolicyDocument"):
        one.policy_document = _check_policy(call.get("PolicyDocument"))
    if call.get("PrivateDnsEnabled") is not None:
        wanted = str(call.get("PrivateDnsEnabled")).lower() == "true"
        if wanted:
            _check_private_dns(call.backend, one.vpc_id)
        one.private_dns_enabled = wanted
    one.ip_address_type = call.get("IpAddressType", one.ip_address_type)
    one.dns_options = {**one.dns_options, **call.get("DnsOptions", {})}
    _change_places(call, one)
    _change_groups(call, one)
    for subnet_id in call.get("AddSubnetIds", []):
        if subnet_id not in one.interface_ids:
            one.add_subnet(subnet_id)
    return {"Return": True}


def _change_places(call: Call, one: Endpoint) -> None:
    for table_id in call.get("RemoveRouteTableIds", []):
        if table_id in one.route_table_ids:
            one.remove_table(table_id)
    for table_id in call.get("AddRouteTableIds", []):
        if table_id not in one.route_table_ids:
            one.add_table(table_id)
    for subnet_id in call.get("RemoveSubnetIds", []):
        if subnet_id in one.interface_ids:
            interfaces.remove(call.backend, one.interface_ids.pop(subnet_id))


def _change_groups(call: Call, one: Endpoint) -> None:
    gone = call.get("RemoveSecurityGroupIds", [])
    kept = [group for group in one.group_ids if group not in gone]
    kept += [group for group in call.get("AddSecurityGroupIds", []) if group not in kept]
    if one.vpc_endpoint_type == "Interface" and not kept:
        refuse("InvalidParameter", f"{one.id} needs a security group.")
    one.group_ids = kept
    groups = [group_of(call.backend, group) for group in kept]
    for interface_id in one.interface_ids.values():
        call.backend.enis[interface_id]._group_set = groups  # noqa: SLF001


def delete_vpc_endpoints(call: Call) -> Described:
    """DeleteVpcEndpoints: an interface endpoint is `deleting` for a while, then unknown."""
    backend, unsuccessful = call.backend, []
    for endpoint_id in call.need("VpcEndpointIds"):
        one = backend.vpc_end_points.get(endpoint_id)
        if one is None:
            text = f"The Vpc Endpoint Id '{endpoint_id}' does not exist"
            error = {"Code": "InvalidVpcEndpoint.NotFound", "Message": text}
            unsuccessful.append({"ResourceId": endpoint_id, "Error": error})
            continue
        if one.state == "deleting":
            continue
        for table_id in list(one.route_table_ids):
            one.remove_table(table_id)

        def vanish(one: Moto = one) -> None:
            _let_go(one)
            backend.vpc_end_points.pop(one.id, None)

        world.clock().pass_through(one, "deleting", "deleted", world.DELETION, and_then=vanish)
    return {"Unsuccessful": unsuccessful}


def install() -> None:
    """Answer the calls about endpoints."""
    add_ec2(
        {
            "CreateVpcEndpoint": create_vpc_endpoint,
            "DescribeVpcEndpoints": describe_vpc_endpoints,
            "ModifyVpcEndpoint": modify_vpc_endpoint,
            "DeleteVpcEndpoints": delete_vpc_endpoints,
        }
    )
