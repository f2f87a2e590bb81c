"""Attacks by name, each in three strengths."""

from difflib import get_close_matches

from ringwall.errors import InputError
from ringwall.lab.traffic.attacks.attack import STRENGTHS, V6, Attack, Deed, Order
from ringwall.lab.traffic.attacks.beacon import BEACON
from ringwall.lab.traffic.attacks.blocked_domains import BLOCKED_DOMAINS
from ringwall.lab.traffic.attacks.brute_force import BRUTE_FORCE
from ringwall.lab.traffic.attacks.dns_tunnel import DNS_TUNNEL
from ringwall.lab.traffic.attacks.exfiltration import EXFILTRATION
from ringwall.lab.traffic.attacks.generated_domains import GENERATED_DOMAINS
from ringwall.lab.traffic.attacks.horizontal_scan import HORIZONTAL_SCAN
from ringwall.lab.traffic.attacks.impossible_flow import IMPOSSIBLE_FLOW
from ringwall.lab.traffic.attacks.lateral_movement import LATERAL_MOVEMENT
from ringwall.lab.traffic.attacks.segment_trespass import SEGMENT_TRESPASS
from ringwall.lab.traffic.attacks.vertical_scan import VERTICAL_SCAN

__all__ = ["ATTACKS", "Attack", "Deed", "Order", "order_of"]

ATTACKS: dict[str, Attack] = {
    each.name: each
    for each in (
        VERTICAL_SCAN,
        HORIZONTAL_SCAN,
        BRUTE_FORCE,
        BEACON,
        EXFILTRATION,
        LATERAL_MOVEMENT,
        DNS_TUNNEL,
        GENERATED_DOMAINS,
        BLOCKED_DOMAINS,
        IMPOSSIBLE_FLOW,
        SEGMENT_TRESPASS,
    )
}


def order_of(text: str, number: int) -> Order:
    """Read `name[:strength][:variant][:v6]`; raises InputError, whose hint lists what there is."""
    name, *words = text.strip().split(":")
    attack = ATTACKS.get(name)
    if attack is None:
        near = get_close_matches(name, ATTACKS, 1)
        hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(ATTACKS)}"
        msg = f"there is no attack {name!r}"
        raise InputError(msg, hint=hint)
    strength, variant, version = "middle", attack.variants[0], 4
    for word in words:
        if word in STRENGTHS:
            strength = word
        elif word == V6 and attack.in_ipv6:
            version = 6
        elif word and word in attack.variants:
            variant = word
        else:
            known = [*STRENGTHS, *filter(None, attack.variants), *([V6] if attack.in_ipv6 else [])]
            msg = f"attack {text!r}: {word!r} is neither a strength nor a variant of {name!r}"
            raise InputError(msg, hint=f"there are {', '.join(known)}")
    return Order(name, strength, variant, version, number)
