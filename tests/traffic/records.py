"""Lines of logs for tests: seeded, of any format."""

from random import Random

from ringwall.traffic.fields import FLOW, TRANSIT, Field, Kind

HOUR = 1_764_000_000 // 3600
_TEXTS = {
    "type": ("IPv4", "IPv6"),
    "flow-direction": ("ingress", "egress"),
    "sublocation-type": ("-", "outpost"),
    "region": ("us-east-1",),
    "reject-reason": ("-", "BPA"),
}


def header(fields: tuple[Field, ...]) -> str:
    """Return the header of fields."""
    return " ".join(field.name for field in fields)


def address(random: Random, family: int) -> str:
    """Return an address of a family, in one of the forms that there are."""
    if family == 4:
        return ".".join(str(random.randrange(256)) for _ in range(4))
    groups = [f"{random.choice((0, 0, random.randrange(65536))):x}" for _ in range(8)]
    match random.randrange(4):
        case 0:
            return ":".join(groups)
        case 1:
            return f"2001:db8::{groups[7]}"
        case 2:
            return f"::ffff:{address(random, 4)}"
        case _:
            return f"{groups[0]}:{groups[1]}::"


def record(random: Random, fields: tuple[Field, ...], *, status: str = "OK") -> str:
    """Return one line."""
    family = random.choice((4, 4, 6))
    start = HOUR * 3600 + random.randrange(3 * 3600)
    known = {
        "version": "2",
        "start": str(start),
        "end": str(start + random.randrange(601)),
        "action": random.choice(("ACCEPT", "REJECT")),
        "log-status": status,
        "account-id": random.choice(("123456789012", "unknown")),
        "interface-id": f"eni-{random.randrange(20):017x}",
        "protocol": random.choice(("6", "17", "1", "58")),
    }
    quiet = status != "OK"
    kept = {"version", "start", "end", "log-status", "account-id", "interface-id"}
    return " ".join(
        "-"
        if quiet and field.name not in kept
        else known.get(field.name) or _value(random, field, family)
        for field in fields
    )


def _value(random: Random, field: Field, family: int) -> str:
    match field.kind:
        case Kind.ADDRESS:
            odd = field.name.startswith("pkt") and random.random() < 0.2
            return "-" if odd else address(random, family)
        case Kind.INTEGER:
            return random.choice(("-", str(random.randrange(256)), str(random.randrange(65536))))
        case Kind.TEXT:
            texts = _TEXTS.get(field.name, ("-", f"{field.name}-{random.randrange(5)}"))
            return random.choice(texts)


def some_fields(random: Random) -> tuple[Field, ...]:
    """Return fields of a flow log in any order, `start` and addresses among them."""
    pool = TRANSIT if random.random() < 0.2 else FLOW
    must = {"start", "srcaddr", "log-status"}
    chosen = [f for f in pool if f.name in must or random.random() < 0.4]
    random.shuffle(chosen)
    return tuple(chosen)
