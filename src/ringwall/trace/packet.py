"""A packet as filters see it, and the reply that it calls for.

Rule: neither security groups nor network ACLs look at source ports; the port of a reply is the
source port of the packet that it answers.
"""

from dataclasses import dataclass
from typing import Literal

ICMP, TCP, UDP, ICMPV6 = 1, 6, 17, 58
NAMES = {ICMP: "icmp", TCP: "tcp", UDP: "udp", ICMPV6: "icmpv6"}
NUMBERS = {name: number for number, name in NAMES.items()}

# The widest range clients use: "1024-65535" covers Linux, Windows, load balancers and NAT gateways
# (VPC guide, network ACLs, "Ephemeral ports").
EPHEMERAL = (1024, 65_535)  # inclusive

# Echo request and reply (RFC 792, RFC 4443).
ECHO_REPLY = {(ICMP, 8): 0, (ICMPV6, 128): 129}


@dataclass(frozen=True, slots=True, order=True)
class Packet:
    """Protocol number, destination port (or ICMP type), ICMP code, source port."""

    protocol: int
    port: int = 0
    code: int = 0
    source_port: int = 0

    def __str__(self) -> str:
        if self.protocol in {TCP, UDP}:
            return f"{NAMES[self.protocol]}/{self.port}"
        if self.protocol in {ICMP, ICMPV6}:
            return f"{NAMES[self.protocol]} type {self.port} code {self.code}"
        return f"protocol {self.protocol}"


def reply(packet: Packet) -> Packet | None:
    """Return the reply, or None where none is called for (an ICMP error, for instance)."""
    if packet.protocol in {TCP, UDP}:
        return Packet(packet.protocol, packet.source_port, 0, packet.port)
    if packet.protocol in {ICMP, ICMPV6}:
        answer = ECHO_REPLY.get((packet.protocol, packet.port))
        return None if answer is None else Packet(packet.protocol, answer, packet.code)
    return packet


Direction = Literal["in", "out"]
