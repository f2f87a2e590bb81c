"""A question → whether groups and ACLs of its own two ends let its first packet through, roughly.

A guess that steers what is drawn, so that enough of it is allowed; routes are not looked at, and
nothing is judged by it.
"""

from collections import defaultdict
from collections.abc import Mapping
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any

from ringwall.model.graph import ResourceGraph
from tests.networks.ends import Block, End, key_of, protocol_of

Address = IPv4Address | IPv6Address


class Guess:
    """The rules and entries of a graph, by group and by subnet."""

    def __init__(self, graph: ResourceGraph) -> None:
        self._rules: dict[tuple[str, bool], list[Mapping[str, Any]]] = defaultdict(list)
        for kind, ingress in (("SecurityGroupIngress", True), ("SecurityGroupEgress", False)):
            for node in graph.of_type(f"AWS::EC2::{kind}"):
                self._rules[key_of(node.properties["GroupId"]), ingress].append(node.properties)
        entries: dict[tuple[str, bool], list[Mapping[str, Any]]] = defaultdict(list)
        for node in graph.of_type("AWS::EC2::NetworkAclEntry"):
            side = key_of(node.properties["NetworkAclId"]), bool(node.properties["Egress"])
            entries[side].append(node.properties)
        self._entries = {
            side: sorted(found, key=lambda entry: entry["RuleNumber"])
            for side, found in entries.items()
        }
        self._acl = {
            key_of(node.properties["SubnetId"]): key_of(node.properties["NetworkAclId"])
            for node in graph.of_type("AWS::EC2::SubnetNetworkAclAssociation")
        }
        self._lists: dict[str, list[Block]] = {
            node.key: [ip_network(cidr) for cidr in node.observed.get("Cidrs", ())]
            for node in graph.of_type("AWS::EC2::PrefixList")
        }

    def admits(
        self, source: End, sender: str, destination: End, receiver: str, packet: tuple[int, int]
    ) -> bool:
        """Guess whether the first packet (protocol and port) passes the filters of both ends."""
        out, into = ip_address(receiver), ip_address(sender)
        if source.groups and not self._group(source, destination, out, packet, ingress=False):
            return False
        if destination.groups and not self._group(destination, source, into, packet, ingress=True):
            return False
        if source.subnet == destination.subnet:
            return True
        return self._passes(source, out, packet, egress=True) and self._passes(
            destination, into, packet, egress=False
        )

    def _group(
        self, mine: End, other: End, address: Address, packet: tuple[int, int], *, ingress: bool
    ) -> bool:
        way = "Source" if ingress else "Destination"
        for group in mine.groups:
            for rule in self._rules[group, ingress]:
                protocol = protocol_of(rule["IpProtocol"])
                low, high = rule.get("FromPort", -1), rule.get("ToPort", -1)
                fits = low == -1 or low <= packet[1] <= max(high, low)
                if protocol not in {-1, packet[0]} or not (fits or protocol == -1):
                    continue
                blocks = self._lists.get(key_of(rule.get(f"{way}PrefixListId", "")), [])
                cidr = rule.get("CidrIp") or rule.get("CidrIpv6")
                blocks = [ip_network(cidr)] if cidr else blocks
                if key_of(rule.get(f"{way}SecurityGroupId", "")) in other.groups:
                    return True
                if any(address in block for block in blocks):
                    return True
        return False

    def _passes(self, end: End, address: Address, packet: tuple[int, int], *, egress: bool) -> bool:
        acl = self._acl.get(end.subnet)
        if acl is None:
            return True
        for entry in self._entries.get((acl, egress), ()):
            protocol = protocol_of(entry["Protocol"])
            ports = entry.get("PortRange")
            if protocol not in {-1, packet[0]}:
                continue
            if ports and protocol != -1 and not ports["From"] <= packet[1] <= ports["To"]:
                continue
            block = entry.get("CidrBlock") or entry["Ipv6CidrBlock"]
            if address in ip_network(block, strict=False):
                return bool(entry["RuleAction"] == "allow")
        return False
