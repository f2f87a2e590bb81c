"""Endpoints that packets go through: to appliances behind a balancer, or to a Network Firewall.

R28: they return packets unchanged into the endpoint's subnet, whose table says where these go on
(Gateway Load Balancer guide). All that comes to an appliance is taken to pass it, and to a firewall
what its rules do not stop by addresses and ports.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from ringwall.verify.case import Case
from ringwall.verify.edges import filtered
from ringwall.verify.elements import Subnet
from ringwall.verify.firewall_rules import FirewallRule
from ringwall.verify.firewalls import FIREWALL, Policy
from ringwall.verify.network import Network
from ringwall.verify.places import Part, Place, lost, stopped, to
from ringwall.verify.sets import Packets, union

INSPECTION = "inspection"
WORKING = frozenset({"available", "ready", "scaling"})
GONE = frozenset({"deleting", "deleted", "rejected", "failed", "expired"})


@dataclass(frozen=True, slots=True)
class Inspection:
    """An endpoint with its subnet and state; `firewall` is the key of the one behind it, if any."""

    key: str
    subnet: str
    state: str
    firewall: str = ""


def inspections(network: Network) -> dict[str, Inspection]:
    """Return the endpoints of gateway load balancers and of firewalls."""
    values, found = network.values, {}
    for node in values.ec2("VPCEndpoint"):
        if node.properties.get("VpcEndpointType") == "GatewayLoadBalancer":
            subnet = (*values.keys(node.properties.get("SubnetIds")), "")[0]
            state = str(node.observed.get("State", "available")).lower()
            found[node.key] = Inspection(node.key, subnet, state)
    for firewall in values.of_type(FIREWALL):
        for synced in (firewall.observed.get("SyncStates") or {}).values():
            attachment = synced.get("Attachment") or {}
            key = values.key(attachment.get("EndpointId"))
            state = str(attachment.get("Status", "READY")).lower()
            subnet = values.key(attachment.get("SubnetId"))
            found[key] = Inspection(key, subnet, state, firewall.key)
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
        at = INSPECTION if here is not None and here.key == found.subnet else "inspection-in"
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
        goes = case.leave(home(case, place), replace(place, bears=""))
        passed = packets
        if found.firewall:
            passed = passed_by(case, place, case.network.firewalls[found.firewall], packets)
        text = "a rule or a default action drops it"
        yield from filtered(packets, packets - passed, f"Firewall {found.firewall}", text, goes)


def passed_by(case: Case, place: Place, policy: Policy, packets: Packets) -> Packets:
    """Return the packets that a firewall may let pass (F16).

    Stateless groups come first, by priority; what they forward is judged by the stateful engine,
    in action order (pass, drop, reject) or strictly in order (Network Firewall guide).
    """
    passed, forwarded, left = Packets(), Packets(), packets
    for rule in policy.stateless:
        passed |= _matched(case, place, rule, left) if rule.action == "pass" else Packets()
        forwarded |= _matched(case, place, rule, left) if rule.action == "forward" else Packets()
        left -= _matched(case, place, rule, left, surely=True)
    passed |= left if policy.default == "pass" else Packets()
    forwarded |= left if policy.default == "forward" else Packets()
    if not policy.is_strict:
        passing, dropping = (
            [rule for rule in policy.stateful if rule.action == action]
            for action in ("pass", "drop")
        )
        dropped = union(_matched(case, place, each, forwarded, surely=True) for each in dropping)
        dropped -= union(_matched(case, place, each, forwarded) for each in passing)
        return passed | (forwarded - dropped)
    left = forwarded
    for rule in policy.stateful:
        passed |= _matched(case, place, rule, left) if rule.action == "pass" else Packets()
        if rule.action in {"pass", "drop"}:
            left -= _matched(case, place, rule, left, surely=True)
    return passed if policy.drops_rest else passed | left


def _matched(
    case: Case, place: Place, rule: FirewallRule, packets: Packets, *, surely: bool = False
) -> Packets:
    """Return the packets that a rule may match, or does so for certain."""
    found = []
    for match in rule.matches:
        source, destination, traffic = (
            each.sure if surely else each.most
            for each in (match.source, match.destination, match.traffic)
        )
        about = case.destination(place, packets.only(traffic=traffic), destination)
        found.append(case.source(place, about, source))
    return union(found)
