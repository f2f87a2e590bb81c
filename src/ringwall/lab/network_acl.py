"""Network ACL entries with the rules that AWS keeps and moto does not."""

from dataclasses import dataclass
from ipaddress import ip_network
from typing import Any

from moto.ec2.models.network_acls import NetworkAcl, NetworkAclBackend, NetworkAclEntry

from ringwall.lab import world
from ringwall.lab.actions import Call, Described, add_ec2, refuse, wrap
from ringwall.lab.world import Moto

# "Each network ACL also includes a rule whose rule number is an asterisk": 32767 in the API,
# and 32768 for IPv6 (VPC guide, network ACL rules).
LAST_IPV4, LAST_IPV6 = 32767, 32768
_PROTOCOLS = {"icmp": "1", "tcp": "6", "udp": "17", "icmpv6": "58", "all": "-1"}


@dataclass(frozen=True, slots=True)
class Implicit:
    """The entry that no one wrote and no one can delete."""

    rule_number: int
    egress: bool
    cidr_block: str | None = None
    ipv6_cidr_block: str | None = None
    protocol: str = "-1"
    rule_action: str = "deny"


def _has_ipv6(backend: Moto, vpc_id: str) -> bool:
    found = backend.vpcs.get(vpc_id)
    return found is not None and any(
        one["cidr_block_state"]["state"] == "associated"
        for one in found.get_cidr_block_association_set(ipv6=True)
    )


def _entries(acl: Moto) -> list[Any]:
    """Return the entries as DescribeNetworkAcls lists them: outbound first, by number."""
    listed: list[Any] = list(acl.network_acl_entries)
    for egress in (True, False):
        listed.append(Implicit(LAST_IPV4, egress, cidr_block="0.0.0.0/0"))
        if _has_ipv6(acl.ec2_backend, acl.vpc_id):
            listed.append(Implicit(LAST_IPV6, egress, ipv6_cidr_block="::/0"))
    return sorted(listed, key=lambda one: (not one.egress, one.rule_number))


def _canonical(block: str | None, version: int) -> str | None:
    """Return a CIDR without host bits.

    "We modify the specified CIDR block to its canonical form; for example, if you specify
    100.68.0.18/18, we modify it to 100.68.0.0/18." (CreateNetworkAclEntry)
    """
    if block is None:
        return None
    try:
        network = ip_network(block, strict=False)
    except ValueError:
        network = None
    if network is None or network.version != version:
        refuse("InvalidParameterValue", f"Value ({block}) for parameter cidrBlock is invalid.")
    return str(network)


def _number(call: Call) -> int:
    number = int(call.need("RuleNumber"))
    # A rule number lies between 1 and 32766; the others are AWS's own (CreateNetworkAclEntry).
    if not 1 <= number <= 32766:
        refuse(
            "InvalidParameterValue",
            f"Value ({number}) for parameter ruleNumber is invalid. "
            "Rule number must be between 1 and 32766.",
        )
    return number


def _egress(call: Call) -> bool:
    return str(call.need("Egress")).lower() == "true"


def _entry(call: Call, acl: Moto) -> Moto:
    ipv4 = _canonical(call.get("CidrBlock"), 4)
    ipv6 = _canonical(call.get("Ipv6CidrBlock"), 6)
    if (ipv4 is None) == (ipv6 is None):
        refuse("MissingParameter", "Exactly one of CidrBlock and Ipv6CidrBlock must be given.")
    protocol = str(call.need("Protocol")).lower()
    protocol = _PROTOCOLS.get(protocol, protocol)
    ports, icmp = call.get("PortRange", {}), call.get("IcmpTypeCode") or call.get("Icmp") or {}
    if protocol in ("6", "17") and not {"From", "To"} <= set(ports):
        refuse("MissingParameter", "The request must contain the parameter PortRange")
    if protocol in ("1", "58") and not {"Type", "Code"} <= set(icmp):
        refuse("MissingParameter", "The request must contain the parameter IcmpTypeCode")
    action = str(call.need("RuleAction")).lower()
    if action not in ("allow", "deny"):
        refuse("InvalidParameterValue", f"Value ({action}) for parameter ruleAction is invalid.")
    ported, icmped = protocol in ("6", "17"), protocol in ("1", "58")
    return NetworkAclEntry(
        call.backend,
        network_acl_id=acl.id,
        rule_number=_number(call),
        protocol=protocol,
        rule_action=action,
        egress=_egress(call),
        cidr_block=ipv4,  # type: ignore[arg-type]
        icmp_code=int(icmp["Code"]) if icmped else None,
        icmp_type=int(icmp["Type"]) if icmped else None,
        port_range_from=int(ports["From"]) if ported else None,
        port_range_to=int(ports["To"]) if ported else None,
        ipv6_cidr_block=ipv6,
    )


def _place(acl: Moto, number: int, *, egress: bool) -> int | None:
    for index, one in enumerate(acl.network_acl_entries):
        if one.rule_number == number and one.egress == egress:
            return index
    return None


def _absent(acl: Moto, number: int) -> None:
    refuse(
        "InvalidNetworkAclEntry.NotFound",
        f"The specified network acl entry '{number}' in network ACL '{acl.id}' does not exist",
    )


def create_network_acl_entry(call: Call) -> Described:
    """CreateNetworkAclEntry."""
    acl = call.backend.get_network_acl(call.need("NetworkAclId"))
    made = _entry(call, acl)
    if _place(acl, made.rule_number, egress=made.egress) is not None:
        refuse(
            "NetworkAclEntryAlreadyExists",
            f"The network acl entry identified by {made.rule_number} already exists.",
        )
    # "Rules per network ACL: 20 ... each way; IPv4 and IPv6 apart" (VPC guide, quotas).
    family = [
        one
        for one in acl.network_acl_entries
        if one.egress == made.egress and (one.cidr_block is None) == (made.cidr_block is None)
    ]
    if len(family) >= world.current().quotas["network_acl_entries"]:
        refuse("NetworkAclEntryLimitExceeded", f"The limit of entries of {acl.id} is reached.")
    acl.network_acl_entries.append(made)
    return {}


def replace_network_acl_entry(call: Call) -> Described:
    """ReplaceNetworkAclEntry."""
    acl = call.backend.get_network_acl(call.need("NetworkAclId"))
    made = _entry(call, acl)
    place = _place(acl, made.rule_number, egress=made.egress)
    if place is None:
        _absent(acl, made.rule_number)
    else:
        acl.network_acl_entries[place] = made
    return {}


def delete_network_acl_entry(call: Call) -> Described:
    """DeleteNetworkAclEntry."""
    acl = call.backend.get_network_acl(call.need("NetworkAclId"))
    number = _number(call)
    place = _place(acl, number, egress=_egress(call))
    if place is None:
        _absent(acl, number)
    else:
        del acl.network_acl_entries[place]
    return {}


def delete_network_acl(call: Call) -> Described:
    """DeleteNetworkAcl."""
    acl = call.backend.get_network_acl(call.need("NetworkAclId"))
    if acl.default:
        refuse("InvalidParameterValue", f"The default network ACL {acl.id} cannot be deleted.")
    call.backend.delete_network_acl(acl.id)
    return {}


def replace_network_acl_association(call: Call) -> Described:
    """ReplaceNetworkAclAssociation."""
    backend, association_id = call.backend, call.need("AssociationId")
    new = backend.get_network_acl(call.need("NetworkAclId"))
    for acl in backend.network_acls.values():
        if association_id in acl._associations:  # noqa: SLF001
            if acl.vpc_id != new.vpc_id:
                refuse("InvalidParameterValue", f"{new.id} belongs to another VPC.")
            made = backend.replace_network_acl_association(association_id, new.id)
            return {"NewAssociationId": made.id}
    return refuse(
        "InvalidAssociationID.NotFound", f"The association ID '{association_id}' does not exist"
    )


def _default_entries(backend: Moto, acl: Moto) -> None:
    """Give a default network ACL the entries with which AWS makes it."""
    blocks: list[tuple[int, str | None, str | None]] = [(100, "0.0.0.0/0", None)]
    if _has_ipv6(backend, acl.vpc_id):
        blocks.append((101, None, "::/0"))
    for number, ipv4, ipv6 in blocks:
        for egress in (True, False):
            if _place(acl, number, egress=egress) is None:
                backend.create_network_acl_entry(
                    acl.id, number, "-1", "allow", egress, ipv4, None, None, None, None, ipv6
                )


def install() -> None:
    """Answer the calls about entries, and list the implicit ones."""
    NetworkAcl.entries = property(_entries)  # type: ignore[method-assign,assignment]

    def add_default_entries(self: Moto, network_acl_id: str) -> None:
        _default_entries(self, self.get_network_acl(network_acl_id))

    NetworkAclBackend.add_default_entries = add_default_entries  # type: ignore[method-assign]

    from moto.ec2.models.vpcs import VPCBackend  # noqa: PLC0415

    # "If you associate an IPv6 CIDR block with your VPC, we automatically add rules that allow
    # all IPv6 traffic" to its default network ACL (VPC guide, default network ACL).
    @wrap(VPCBackend, "associate_vpc_cidr_block")
    def associate(original: Moto, self: Moto, vpc_id: str, *args: Moto, **kwargs: Moto) -> Moto:
        made = original(self, vpc_id, *args, **kwargs)
        for acl in self.network_acls.values():
            if acl.vpc_id == vpc_id and acl.default:
                _default_entries(self, acl)
        return made

    add_ec2(
        {
            "CreateNetworkAclEntry": create_network_acl_entry,
            "ReplaceNetworkAclEntry": replace_network_acl_entry,
            "DeleteNetworkAclEntry": delete_network_acl_entry,
            "DeleteNetworkAcl": delete_network_acl,
            "ReplaceNetworkAclAssociation": replace_network_acl_association,
        }
    )
