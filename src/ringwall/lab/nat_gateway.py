"""NAT gateways that take time, hold an interface of their own, and fail without a way out."""

from dataclasses import dataclass, field
from typing import Any

from moto.core.utils import utcnow

from ringwall.lab import interfaces, world
from ringwall.lab.actions import Call, Described, add_ec2, new_id, refuse, select, tag_set
from ringwall.lab.transit_gateway import forget
from ringwall.lab.world import Moto


@dataclass(eq=False)
class NatGateway:
    """A NAT gateway; moto's routes point at it by `id`."""

    ec2_backend: Any
    subnet_id: str
    vpc_id: str
    connectivity_type: str
    interface: Any
    allocation_id: str = ""
    id: str = field(default_factory=lambda: new_id("nat"))
    state: str = "pending"
    failure: tuple[str, str] | None = None
    created: Any = field(default_factory=utcnow)
    deleted: Any = None

    def describe(self) -> Described:
        """Return what DescribeNatGateways lists."""
        address: Described = {
            "NetworkInterfaceId": self.interface.id,
            "PrivateIp": self.interface.private_ip_address,
            "IsPrimary": True,
            "Status": "succeeded" if self.failure is None else "failed",
        }
        eip = _address(self.ec2_backend, self.allocation_id)
        if eip is not None:
            address |= {"AllocationId": self.allocation_id, "PublicIp": eip.public_ip}
            if eip.association_id:
                address["AssociationId"] = eip.association_id
        described: Described = {
            "NatGatewayId": self.id,
            "SubnetId": self.subnet_id,
            "VpcId": self.vpc_id,
            "State": self.state,
            "ConnectivityType": self.connectivity_type,
            "AvailabilityMode": "zonal",
            "NatGatewayAddresses": [address],
            "CreateTime": self.created,
            "Tags": tag_set(self.ec2_backend, self.id),
        }
        if self.deleted is not None:
            described["DeleteTime"] = self.deleted
        if self.state == "failed" and self.failure is not None:
            described["FailureCode"], described["FailureMessage"] = self.failure
        return described

    def let_go(self) -> None:
        """Give up the interface and the Elastic IP address."""
        eip = _address(self.ec2_backend, self.allocation_id)
        if eip is not None and eip.eni is self.interface:
            eip.eni.public_ip = None
            eip.eni = None
            eip.association_id = None
        interfaces.remove(self.ec2_backend, self.interface.id)


def _address(backend: Moto, allocation_id: str) -> Moto:
    for one in backend.addresses:
        if allocation_id and one.allocation_id == allocation_id:
            return one
    return None


def create_nat_gateway(call: Call) -> Described:
    """CreateNatGateway."""
    backend, subnet = call.backend, call.backend.get_subnet(call.need("SubnetId"))
    kind = call.get("ConnectivityType", "public")
    allocation_id = call.get("AllocationId", "")
    if kind == "public":
        if not allocation_id:
            refuse("MissingParameter", "The request must contain the parameter AllocationId")
        eip = _address(backend, allocation_id)
        if eip is None:
            refuse(
                "InvalidAllocationID.NotFound",
                f"The allocation ID '{allocation_id}' does not exist",
            )
        if eip.association_id:
            refuse(
                "Resource.AlreadyAssociated",
                f"Elastic IP address [{allocation_id}] is already associated",
            )
    elif allocation_id:
        refuse("InvalidParameterCombination", "A private NAT gateway has no Elastic IP address.")
    made_id = new_id("nat")
    text = f"Interface for NAT Gateway {made_id}"
    interface = interfaces.make(backend, subnet.id, "nat_gateway", text)
    made = NatGateway(backend, subnet.id, subnet.vpc_id, kind, interface, allocation_id, made_id)
    backend.nat_gateways[made.id] = made
    backend.create_tags([made.id], call.tags())
    attached = any(
        one.vpc and one.vpc.id == subnet.vpc_id for one in backend.internet_gateways.values()
    )
    if kind == "public" and not attached:
        # "Gateway.NotAttached ... Network vpc-… has no Internet gateway attached" (NAT gateway
        # troubleshooting, "NAT gateway creation fails").
        text = f"Network {subnet.vpc_id} has no Internet gateway attached"
        made.failure = ("Gateway.NotAttached", text)
        made.allocation_id = ""
        world.clock().pass_through(made, "pending", "failed", world.CREATION, and_then=made.let_go)
        forget(backend.nat_gateways, made.id)
    else:
        if kind == "public":
            backend.associate_address(eni=interface, allocation_id=allocation_id)
        world.clock().pass_through(made, "pending", "available", world.CREATION)
    return {"NatGateway": made.describe(), "ClientToken": call.get("ClientToken")}


def describe_nat_gateways(call: Call) -> Described:
    """DescribeNatGateways."""
    shelf, wanted = call.backend.nat_gateways, call.get("NatGatewayIds", [])
    for one in wanted:
        if one not in shelf:
            refuse("NatGatewayNotFound", f"NAT gateway {one} was not found")
    listed = [one.describe() for one in shelf.values() if not wanted or one.id in wanted]
    paths = {
        "nat-gateway-id": "NatGatewayId",
        "state": "State",
        "subnet-id": "SubnetId",
        "vpc-id": "VpcId",
    }
    return {"NatGateways": select(listed, call.filters(), paths)}


def delete_nat_gateway(call: Call) -> Described:
    """DeleteNatGateway: it stays listed as deleted for a while."""
    found = call.backend.nat_gateways.get(call.need("NatGatewayId"))
    if found is None:
        refuse("NatGatewayNotFound", f"NAT gateway {call.get('NatGatewayId')} was not found")
    if found.state in ("pending", "available"):
        found.deleted = utcnow()
        world.clock().pass_through(
            found, "deleting", "deleted", world.DELETION, and_then=found.let_go
        )
        forget(call.backend.nat_gateways, found.id)
    return {"NatGatewayId": found.id}


def install() -> None:
    """Answer the calls about NAT gateways."""
    add_ec2(
        {
            "CreateNatGateway": create_nat_gateway,
            "DescribeNatGateways": describe_nat_gateways,
            "DeleteNatGateway": delete_nat_gateway,
        }
    )
