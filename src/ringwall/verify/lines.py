"""A graph → the lines to on-premises networks: VPN connections and Direct Connect gateways."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ringwall.model.graph import Ref
from ringwall.verify.sets import Ranges, join
from ringwall.verify.traffic import block
from ringwall.verify.values import Values


@dataclass(frozen=True, slots=True)
class Line:
    """A way to on-premises; `reached` are static routes, None for BGP's; `allowed` prefixes."""

    name: str
    key: str
    gateway: str
    broken: str
    reached: Ranges | None = None
    allowed: Ranges | None = None


def read_lines(values: Values) -> tuple[Line, ...]:
    """Return every VPN connection and Direct Connect gateway, by the gateway that it ends at."""
    return (*_direct(values), *_vpns(values))


def _direct(values: Values) -> Iterator[Line]:
    for node in values.of_type("AWS::DirectConnect::DirectConnectGateway"):
        state = str(node.observed.get("State", "available"))
        given = node.observed.get("AllowedPrefixes")
        # R25: what on-premises networks learn are the allowed prefixes.
        allowed = None if given is None else join(*(block(str(_member(i, "cidr"))) for i in given))
        ends = node.observed.get("AssociatedGateway") or ()
        for end in [ends] if isinstance(ends, str | Mapping | Ref) else ends:
            gateway = values.key(_member(end, "id"))
            broken = "" if state == "available" else f"it is {state}"
            name = f"DirectConnectGateway {node.key}"
            yield Line(name, node.key, gateway, broken, None, allowed)


def _vpns(values: Values) -> Iterator[Line]:
    for node in values.ec2("VPNConnection"):
        ends = node.properties.get("VpnGatewayId") or node.properties.get("TransitGatewayId")
        tunnels = [t.get("Status") for t in node.observed.get("VgwTelemetry") or ()]
        state = str(node.observed.get("State", "available"))
        broken = "" if state == "available" else f"it is {state}"
        if tunnels and all(status == "DOWN" for status in tunnels):
            broken = "its tunnels are down"
        reached = None
        if node.properties.get("StaticRoutesOnly"):
            reached = join(
                *(
                    block(item["DestinationCidrBlock"])
                    for item in node.observed.get("Routes") or ()
                    if item.get("State", "available") == "available"
                )
            )
        name = f"VPNConnection {node.key}"
        yield Line(name, node.key, values.key(ends), broken, reached)


def _member(item: object, name: str) -> object:
    if not isinstance(item, Mapping):
        return item
    return next((value for key, value in item.items() if key.lower() == name), "")
