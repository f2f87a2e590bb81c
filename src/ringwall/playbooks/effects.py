"""An action → what its measures make in resources and take away, as a plan may meet it.

What a plan never meets has no effect here: policies of roles, keys, disks, targets.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from ringwall.changes.responses import Effect, entry_text, rule_text
from ringwall.model.graph import Value
from ringwall.playbooks.measures import Measure, Reading, Request
from ringwall.playbooks.records import Action, ActionState
from ringwall.resources.security_group_rules import EGRESS, INGRESS

# What stands or may stand: a measure is written before its first call, and until it is taken back.
STANDING: Final = frozenset({ActionState.APPLYING, ActionState.IN_FORCE, ActionState.UNDOING})
_DIRECTIONS: Final = {"ingress": INGRESS, "egress": EGRESS}


def effects_of(action: Action) -> tuple[Effect, ...]:
    """Return the effects of an action's measures, in their order."""
    return tuple(
        effect
        for number, document in enumerate(action.measures)
        for effect in _of(Measure.from_dict(document), (action.id, number))
    )


def _of(measure: Measure, source: tuple[str, int]) -> Iterator[Effect]:
    # An entry that is removed is said by the way back alone: the request names its number.
    if any(each.operation == "delete_network_acl_entry" for each in measure.do):
        for each in measure.undo:
            yield from (replace(e, made=False) for e in _entry(each, source))
        return
    found = [effect for each in measure.do for effect in _made(each, measure, source)]
    wider = tuple(each.says for each in found if not each.made)
    yield from (replace(e, before=wider) if e.made and not e.before else e for e in found)


def _made(asked: Request, measure: Measure, source: tuple[str, int]) -> Iterator[Effect]:
    said = asked.request
    match asked.operation:
        case "create_network_acl_entry":
            yield from _entry(asked, source)
        case "update_ip_set":
            addresses = said["Addresses"]
            if isinstance(addresses, Reading):
                yield from (Effect(measure.target, each, source) for each in addresses.add)
        case "update_firewall_domains":
            own = str(said["FirewallDomainListId"])
            yield from (Effect(own, str(each), source) for each in said["Domains"])
        case "modify_network_interface_attribute":
            before = [each.request.get("Groups") or () for each in measure.undo]
            groups = tuple(str(group) for each in before for group in each)
            yield Effect(str(said["NetworkInterfaceId"]), "", source, before=groups)
        case (
            "authorize_security_group_ingress"
            | "authorize_security_group_egress"
            | "revoke_security_group_ingress"
            | "revoke_security_group_egress"
        ) if isinstance(said["GroupId"], str):
            verb, _, way = asked.operation.partition("_security_group_")
            for text in _rules(said["IpPermissions"], way):
                yield Effect(said["GroupId"], text, source, made=verb == "authorize")


def _entry(asked: Request, source: tuple[str, int]) -> Iterator[Effect]:
    said = asked.request
    if asked.operation == "create_network_acl_entry":
        named = {"Icmp": said["IcmpTypeCode"]} if "IcmpTypeCode" in said else {}
        yield Effect(str(said["NetworkAclId"]), entry_text({**said, **named}), source)


def _rules(permissions: Value, way: str) -> Iterator[str]:
    """Yield what rules of `IpPermissions` say, one for each of their peers."""
    for item in permissions:
        for name, member in (
            ("IpRanges", "CidrIp"),
            ("Ipv6Ranges", "CidrIpv6"),
            ("UserIdGroupPairs", "GroupId"),
            ("PrefixListIds", "PrefixListId"),
        ):
            for each in item.get(name) or ():
                yield rule_text(_bare(item), _DIRECTIONS[way], str(each[member]))


def _bare(item: Mapping[str, Any]) -> dict[str, Any]:
    return {name: item[name] for name in ("IpProtocol", "FromPort", "ToPort") if name in item}
