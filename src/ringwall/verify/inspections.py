"""Endpoints that packets go through: to appliances behind a balancer, or to a Network Firewall.

R28: they return packets unchanged into the endpoint's subnet, whose table says where these go on
(Gateway Load Balancer guide). What an appliance or a firewall stops is not followed here: all that
comes to one is taken to pass it.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from ringwall.verify.case import Case
from ringwall.verify.elements import Subnet
from ringwall.verify.network import Network
from ringwall.verify.places import Part, Place, lost, stopped, to
from ringwall.verify.sets import Packets

WORKING = frozenset({"available", "ready", "scaling"})
GONE = frozenset({"deleting", "deleted", "rejected", "failed", "expired"})


@dataclass(frozen=True, slots=True)
class Inspection:
    """An endpoint with its subnet and state."""

    key: str
    subnet: str
    state: str


def inspections(network: Network) -> dict[str, Inspection]:
    """Return the endpoints of gateway load balancers and of firewalls."""
    values, found = network.values, {}
    for node in values.ec2("VPCEndpoint"):
        if node.properties.get("VpcEndpointType") == "GatewayLoadBalancer":
            subnet = (*values.keys(node.properties.get("SubnetIds")), "")[0]
            state = str(node.observed.get("State", "available")).lower()
            found[node.key] = Inspection(node.key, subnet, state)
    for firewall in values.of_type("AWS::NetworkFirewall::Firewall"):
        for synced in (firewall.observed.get("SyncStates") or {}).values():
            attachment = synced.get("Attachment") or {}
            key = values.key(attachment.get("EndpointId"))
            state = str(attachment.get("Status", "READY")).lower()
            found[key] = Inspection(key, values.key(attachment.get("SubnetId")), state)
    return found


def enter(
    case: Case, place: Place, here: Subnet | None, packets: Packets, key: str
) -> Iterator[Part]:
    """Go to an endpoint that a route leads to."""
    found = inspections(case.network).get(key)
    if case.strict:
        yield lost(packets, f"what endpoint {key} lets through is not followed")
    elif found is None or found.subnet not in case.network.subnets:
        yield lost(packets, f"what lies behind endpoint {key} is not in the input")
    else:
        at = "inspection" if here is not None and here.key == found.subnet else "inspection-in"
        yield Part(packets, to(replace(place, at=at, of=key, gateway="")))


def home(case: Case, place: Place) -> Subnet:
    """Return the subnet of an endpoint."""
    return case.network.subnets[inspections(case.network)[place.of].subnet]


def inspection(case: Case, place: Place, packets: Packets) -> Iterator[Part]:
    """Go through an endpoint, and out into its subnet."""
    found = inspections(case.network)[place.of]
    if found.state in GONE:
        yield stopped(packets, f"VPCEndpoint {found.key}", f"it is {found.state}")
    elif found.state not in WORKING:
        yield lost(packets, f"endpoint {found.key} is {found.state!r}")
    else:
        # F3: behind a middlebox references to the sender's groups match nothing.
        yield Part(packets, case.leave(home(case, place), replace(place, bears="")))
