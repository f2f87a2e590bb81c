"""The network interfaces that AWS makes for its own services in a customer's subnets."""

from typing import Any

from moto.ec2.models.elastic_network_interfaces import NetworkInterface

from ringwall.lab.actions import new_id, refuse, wrap
from ringwall.lab.world import Moto

AMAZON = "amazon-aws"


def make(
    backend: Moto,
    subnet_id: str,
    kind: str,
    description: str,
    groups: list[str] | None = None,
    address: str | None = None,
) -> Moto:
    """Make an interface that AWS manages; `kind` is DescribeNetworkInterfaces' InterfaceType."""
    subnet = backend.get_subnet(subnet_id)
    made = backend.create_network_interface(
        subnet, address, group_ids=groups, description=description
    )
    return adopt(made, kind, description, groups)


def adopt(interface: Moto, kind: str, description: str, groups: list[str] | None = None) -> Moto:
    """Turn an interface of moto's into one that AWS manages."""
    if not groups:
        interface._group_set = []  # noqa: SLF001  (moto offers no other way to have none)
    interface.interface_type = kind
    interface.requester_managed = True
    interface.requester_id = AMAZON
    interface.description = description
    interface.status = "in-use"
    interface.managed_attachment_id = new_id("ela-attach")
    return interface


def remove(backend: Moto, interface_id: str) -> None:
    """Remove an interface that AWS manages."""
    found = backend.enis.pop(interface_id, None)
    if found is not None:
        for address in found.private_ip_addresses:
            found.subnet.del_subnet_ip(address["PrivateIpAddress"])


def install() -> None:
    """Show who manages an interface, and keep customers from deleting what AWS manages."""
    own: Any = NetworkInterface.attachment

    def attachment(self: Moto) -> Moto:
        if not self.requester_managed:
            return own.fget(self)
        return {
            "AttachmentId": self.managed_attachment_id,
            "DeleteOnTermination": False,
            "DeviceIndex": 1,
            "InstanceOwnerId": AMAZON,
            "Status": "attached",
        }

    NetworkInterface.attachment = property(attachment)  # type: ignore[method-assign,assignment]

    from moto.ec2.models.elastic_network_interfaces import (  # noqa: PLC0415
        NetworkInterfaceBackend,
    )

    @wrap(NetworkInterfaceBackend, "delete_network_interface")
    def delete(original: Moto, self: Moto, eni_id: str) -> None:
        found = self.enis.get(eni_id)
        if found is not None and found.requester_managed:
            refuse(
                "OperationNotPermitted",
                f"You are not allowed to manage '{found.managed_attachment_id}' attachments.",
            )
        if found is not None and found.attachment is not None:
            refuse("InvalidParameterValue", f"Network interface '{eni_id}' is currently in use.")
        original(self, eni_id)
