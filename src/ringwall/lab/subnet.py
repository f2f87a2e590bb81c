"""Subnets, and small things about VPCs and tags that moto gets wrong."""

import re

import moto.ec2.responses.tags as tags_module
from moto.ec2.models.subnets import Subnet

from ringwall.lab.actions import Call, Described, add_ec2, refuse, wrap
from ringwall.lab.world import Moto

_PLAIN = {
    "EnableDns64": "enable_dns64",
    "MapPublicIpOnLaunch": "map_public_ip_on_launch",
    "AssignIpv6AddressOnCreation": "assign_ipv6_address_on_creation",
}
_NAMES = {
    "EnableResourceNameDnsARecordOnLaunch": "EnableResourceNameDnsARecord",
    "EnableResourceNameDnsAAAARecordOnLaunch": "EnableResourceNameDnsAAAARecord",
}


def _ipv6_associations(self: Moto) -> list[Described]:
    """Return the IPv6 blocks; moto prints the state of each as a Python dictionary."""
    return [
        {
            "Ipv6CidrBlock": one["ipv6CidrBlock"],
            "AssociationId": one["associationId"],
            "Ipv6CidrBlockState": {"State": "associated"},
        }
        for one in self.ipv6_cidr_block_associations.values()
        if one["ipv6CidrBlockState"]["State"] == "associated"
    ]


def _is_true(given: Described) -> bool:
    return str(given.get("Value")).lower() == "true"


def modify_subnet_attribute(call: Call) -> Described:
    """ModifySubnetAttribute: "You can only modify one attribute at a time"."""
    subnet = call.backend.get_subnet(call.need("SubnetId"))
    options = dict(subnet.private_dns_name_options_on_launch)
    for name, attribute in _PLAIN.items():
        if call.get(name) is not None:
            value = _is_true(call.get(name))
            if value and name.startswith("AssignIpv6") and not _ipv6_associations(subnet):
                refuse(
                    "InvalidParameterValue",
                    f"Invalid value 'true' for assignIpv6AddressOnCreation. {subnet.id} has no "
                    "IPv6 CIDR block.",
                )
            setattr(subnet, attribute, value)
    for name, key in _NAMES.items():
        if call.get(name) is not None:
            options[key] = _is_true(call.get(name))
    if call.get("PrivateDnsHostnameTypeOnLaunch") is not None:
        options["HostnameType"] = call.get("PrivateDnsHostnameTypeOnLaunch")
    subnet.private_dns_name_options_on_launch = options
    return {}


def install() -> None:
    """Mend subnets, and let network ACLs and exclusions be named properly."""
    Subnet.ipv6_cidr_block_association_set = property(  # type: ignore[method-assign,assignment]
        _ipv6_associations
    )
    kind: Moto = Subnet
    kind.enable_dns64 = False
    add_ec2({"ModifySubnetAttribute": modify_subnet_attribute})
    tags: Moto = tags_module
    own = tags.validate_resource_ids

    def validate(resource_ids: list[str]) -> bool:
        rest = [one for one in resource_ids if not re.match(r"vpcbpa-exclude-[0-9a-f]+$", one)]
        return bool(own(rest)) if rest or not resource_ids else True

    tags.validate_resource_ids = validate

    from moto.ec2.models.network_acls import NetworkAclBackend  # noqa: PLC0415

    @wrap(NetworkAclBackend, "describe_network_acls")
    def describe(
        original: Moto, self: Moto, network_acl_ids: Moto = None, filters: Moto = None
    ) -> Moto:
        for one in network_acl_ids or []:
            self.get_network_acl(one)
        return original(self, network_acl_ids, filters)
