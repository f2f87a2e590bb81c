"""What was read of gateways and attachments → whether lines to on-premises networks may end there.

VPN connections and Direct Connect gateways carry packets to virtual private gateways and Transit
Gateways alone: where there is neither, nothing is missed with them.
"""

from ringwall.resources.kind import Reads
from ringwall.resources.transit_gateway_attachment import ATTACHMENTS, is_present
from ringwall.resources.vpn_gateway import GONE_STATES, VPN_GATEWAYS

VPN = frozenset({"vpn", "vpn-concentrator"})
DIRECT = frozenset({"direct-connect-gateway"})


def may_have_vpn(reads: Reads) -> bool:
    """Tell whether a VPN connection may end at a gateway that was read."""
    return _may_end(reads, VPN)


def may_have_direct_connect(reads: Reads) -> bool:
    """Tell whether a Direct Connect gateway may end at a gateway that was read."""
    return _may_end(reads, DIRECT)


def _may_end(reads: Reads, kinds: frozenset[str]) -> bool:
    if not reads.was_read(VPN_GATEWAYS, ATTACHMENTS):
        return True
    private = (item for item in reads.items(VPN_GATEWAYS) if item.get("State") not in GONE_STATES)
    attached = (item for item in reads.items(ATTACHMENTS) if is_present(item))
    return any(private) or any(item.get("ResourceType") in kinds for item in attached)
