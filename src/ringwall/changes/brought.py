"""A Transit Gateway brought along, as observed → why a plan cannot be carried out on it.

Rule: a gateway that associates or propagates by itself is refused before anything is attached to
it. A new attachment would join its default table at once: it could not be associated with ours,
and whoever is in that table would reach, or be reached by, what the blueprint keeps apart.
"""

from collections.abc import Iterable, Iterator

from ringwall.model.graph import Ref, ResourceGraph
from ringwall.model.plan import Action, Change

GATEWAY = "AWS::EC2::TransitGateway"
ATTACHMENT = "AWS::EC2::TransitGatewayAttachment"
OPTIONS = ("DefaultRouteTableAssociation", "DefaultRouteTablePropagation")


def unfit_gateways(
    changes: Iterable[Change], desired: ResourceGraph, observed: ResourceGraph
) -> Iterator[str]:
    """Yield a line for each gateway that new resources refer to and that does not fit them."""
    made = [c for c in changes if c.action in {Action.CREATE, Action.REPLACE}]
    wanted: dict[Ref, bool] = {}
    for change in made:
        gateway = change.after.properties.get("TransitGatewayId") if change.after else None
        if isinstance(gateway, Ref) and gateway not in desired:
            wanted[gateway] = wanted.get(gateway, False) or change.type == ATTACHMENT
    for gateway, attached in wanted.items():
        name = f"Transit Gateway {gateway.key}, which the blueprint brings along,"
        node = observed.get(gateway)
        if node is None:
            unread = next((u.why for u in observed.unknowns if u.what == GATEWAY), "")
            yield (
                f"{name} cannot be read: {unread}"
                if unread
                else (f"{name} is not in this account and region; correct `transit_gateway.id`")
            )
            continue
        on = [option for option in OPTIONS if node.properties.get(option) == "enable"]
        if attached and on:
            options = ",".join(f"{option}=disable" for option in on)
            yield (
                f"{name} has {' and '.join(on)} on, so that new attachments join its default "
                f"table; turn it off: aws ec2 modify-transit-gateway --transit-gateway-id "
                f"{gateway.key} --options {options}"
            )
