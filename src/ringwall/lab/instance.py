"""Instances: their security groups are those of their interfaces, which end with them."""

from moto.ec2.models.elastic_network_interfaces import NetworkInterface, NetworkInterfaceBackend
from moto.ec2.models.instances import Instance, InstanceBackend

from ringwall.lab.actions import wrap
from ringwall.lab.world import Moto


def _primary(instance: Moto) -> Moto:
    for interface in instance.nics.values():
        if interface.device_index == 0:
            return interface
    return None


def _groups(interface: Moto) -> Moto:
    """Return an interface's own groups; moto adds those that its instance was launched with."""
    return interface._group_set  # noqa: SLF001  (moto offers no other way)


def install() -> None:
    """Let groups be replaced, and let a terminated instance leave its subnet."""
    interfaces: Moto = NetworkInterface
    interfaces.group_set = property(_groups)

    @wrap(NetworkInterfaceBackend, "modify_network_interface_attribute")
    def modify(original: Moto, self: Moto, eni_id: str, *args: Moto, **kwargs: Moto) -> None:
        original(self, eni_id, *args, **kwargs)
        interface = self.enis[eni_id]
        instance = interface.instance
        if instance is not None and _primary(instance) is interface:
            instance.security_groups = list(_groups(interface))

    @wrap(InstanceBackend, "modify_instance_security_groups")
    def replace(original: Moto, self: Moto, instance_id: str, groups: list[str]) -> Moto:
        # "Groups: Replaces the security groups of the instance with the specified security
        # groups." (ModifyInstanceAttribute); those of its primary interface, that is.
        instance = original(self, instance_id, groups)
        primary = _primary(instance)
        if primary is not None:
            primary._group_set = list(instance.security_groups)  # noqa: SLF001
        return instance

    @wrap(Instance, "terminate")
    def terminate(original: Moto, self: Moto, *args: Moto, **kwargs: Moto) -> Moto:
        ending = [
            one
            for one in self.nics.values()
            if one.device_index == 0 or str(one.delete_on_termination).lower() == "true"
        ]
        answer = original(self, *args, **kwargs)
        # "By default, ... the primary network interface is deleted when the instance is
        # terminated" (EC2 guide, elastic network interfaces).
        for one in ending:
            if self.ec2_backend.enis.pop(one.id, None) is not None:
                for address in one.private_ip_addresses:
                    one.subnet.del_subnet_ip(address["PrivateIpAddress"])
        return answer
