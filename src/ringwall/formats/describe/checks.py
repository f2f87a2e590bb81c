"""Described JSON → nothing, or an error: whether what everything rests on is as AWS writes it.

Rules:
- Where AWS writes a block or an address there is one; where it lists objects there is a list of
  objects; a state is a text.
- What no resource type reads is not looked at more closely.
"""

from collections.abc import Iterable
from functools import lru_cache
from ipaddress import ip_network
from typing import Any, NoReturn

from ringwall.errors import InputError

# Members that hold a block of addresses, or an address, in every answer that is read.
BLOCKS = frozenset(
    {"CidrBlock", "Ipv6CidrBlock", "DestinationCidrBlock", "DestinationIpv6CidrBlock"}
    | {"CidrIp", "CidrIpv4", "CidrIpv6", "Cidr", "AddressDefinition"}
    | {"PrivateIpAddress", "Ipv6Address", "Ipv4Prefix", "Ipv6Prefix"}
)
# Members that list objects in every answer that is read.
LISTS = frozenset(
    {"PrivateIpAddresses", "Ipv6Addresses", "Ipv4Prefixes", "Ipv6Prefixes", "Groups", "Routes"}
    | {"Associations", "PropagatingVgws", "CidrBlockAssociationSet", "VpcAttachments"}
    | {"Ipv6CidrBlockAssociationSet", "IpPermissions", "IpPermissionsEgress", "VgwTelemetry"}
    | {"NatGatewayAddresses", "TransitGatewayAttachments", "DefaultActions"}
)
# What an object of these lists always says.
NEEDED = {
    "CidrBlockAssociationSet": "CidrBlock",
    "Ipv6CidrBlockAssociationSet": "Ipv6CidrBlock",
    "PrivateIpAddresses": "PrivateIpAddress",
}
TEXTS = frozenset({"Origin", "Protocol", "IpProtocol", "RuleAction", "ResourceType"})
HINT = "is the file cut, or edited by hand?"


def check(path: str, value: object) -> None:
    """Raise InputError for what stands where AWS writes something else; `path` names the file."""
    if isinstance(value, list):
        for item in value:
            if type(item) is dict or type(item) is list:
                check(path, item)
    elif isinstance(value, dict):
        for name, item in value.items():
            _check_member(path, name, item)


def _check_member(path: str, name: str, item: object) -> None:
    if name in BLOCKS:
        if item is not None and not (type(item) is str and _is_block(item)):
            _refuse(path, name, item, "no block of addresses")
    elif name in LISTS:
        if item is not None:
            _check_list(path, name, item)
    elif type(item) is dict or type(item) is list:
        if name in TEXTS:
            _refuse(path, name, item, "no text")
        check(path, item)


def _check_list(path: str, name: str, items: object) -> None:
    if type(items) is not list:
        _refuse(path, name, items, "no list")
    for item in items:
        if type(item) is not dict:
            _refuse(path, name, item, "no object")
        if name in NEEDED and not item.get(NEEDED[name]):
            _refuse(path, name, item, f"without {NEEDED[name]}")
        check(path, item)
    if name == "Routes":
        _check_states(path, items)


def _check_states(path: str, routes: Iterable[dict[str, Any]]) -> None:
    """Check that the states of routes are texts: those of other objects may be objects."""
    for route in routes:
        state = route.get("State")
        if state is not None and type(state) is not str:
            _refuse(path, "State", state, "no text")


@lru_cache(maxsize=4096)
def _is_block(text: str) -> bool:
    try:
        ip_network(text, strict=False)
    except ValueError:
        return False
    return True


def _refuse(path: str, name: str, value: object, what: str) -> NoReturn:
    msg = f"{path}: {name}: {value!r:.60} is {what}"
    raise InputError(msg, hint=HINT)
