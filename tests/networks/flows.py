"""Flows of a drawn network, and the rules and entries that let them through, replies included."""

from dataclasses import dataclass
from ipaddress import ip_network

from tests.builders import ref
from tests.networks.features import Feature
from tests.networks.plans import ANYWHERE, OUTSIDE, Drawing, Tier

PORTS = (22, 53, 80, 443, 3306, 5432, 8080, 8443, 9000)
EPHEMERAL = ("1024-65535",)
PIECES = ("32768-60999", "49152-65535", "1024-40000", "1024-49151")
SERVICES = "pl-0000aaaa"  # a customer's list of everything inside
OVERLAP = "pl-0000bbbb"
AWAY = "pl-0000cccc"  # and of some places outside


@dataclass(frozen=True, slots=True)
class Flow:
    """What is let through: tiers with groups, or None for the internet."""

    source: Tier | None
    destination: Tier | None
    what: str  # `tcp/443`, `icmp/8`, `50`, `all`
    version: int
    sender: str = ""  # groups
    receiver: str = ""


def draw_flows(d: Drawing) -> None:
    """Draw flows between groups and with the internet, and let them through."""
    if d.has(Feature.LIST_RULES) or d.has(Feature.LIST_ROUTES):
        _lists(d)
    tiers = d.tiers()
    for _ in range(len(tiers) * 3):
        source, destination = d.rng.choice(tiers), d.rng.choice(tiers)
        if d.chance(0.35):
            same = [tier for tier in tiers if tier.vpc == source.vpc]
            destination = d.rng.choice(same)
        ends: tuple[Tier | None, Tier | None] = (source, destination)
        if d.has(Feature.INTERNET) and d.chance(0.3):
            ends = (None, source) if source.name == "public" else (source, None)
        admit(d, _flow(d, *ends))


def _flow(d: Drawing, source: Tier | None, destination: Tier | None) -> Flow:
    version = d.rng.choice(d.versions(*(t.vpc for t in (source, destination) if t)))
    return Flow(
        source,
        destination,
        _what(d, version),
        version,
        d.rng.choice(source.groups) if source else "",
        d.rng.choice(destination.groups) if destination else "",
    )


def _what(d: Drawing, version: int) -> str:
    if d.has(Feature.ICMP) and d.chance(0.15):
        if version == 6:
            return d.rng.choice(("icmpv6/128", "icmpv6/128.0", "icmpv6"))
        return d.rng.choice(("icmp/8", "icmp/8.0", "icmp", "icmp/3.4"))
    if d.has(Feature.OTHER_PROTOCOLS) and d.chance(0.15):
        return d.rng.choice(("47", "50", "all"))
    port = d.rng.choice(PORTS)
    high = port + d.rng.choice((0, 0, 0, 1, 20))
    protocol = "udp" if port == 53 or d.chance(0.15) else "tcp"
    return f"{protocol}/{port}" if port == high else f"{protocol}/{port}-{high}"


def _lists(d: Drawing) -> None:
    for key, cidrs in (
        (SERVICES, ["10.0.0.0/15", "10.2.0.0/16", "10.3.0.0/16"]),
        (OVERLAP, ["10.1.0.0/17", "10.0.0.0/15"]),
        (AWAY, ["8.8.8.0/24", "1.1.1.0/24", "52.94.0.0/22"]),
    ):
        d.builder.add("PrefixList", key, {}, observed={"Cidrs": cidrs})


def admit(d: Drawing, flow: Flow) -> None:
    """Let a flow through the groups and ACLs of both ends."""
    if flow.sender:
        _rule(d, flow, "out", flow.sender, flow.receiver, flow.destination)
    if flow.receiver:
        _rule(d, flow, "in", flow.receiver, flow.sender, flow.source)
    back = _reply(d, flow.what)
    there, here = _blocks(d, flow.destination, flow), _blocks(d, flow.source, flow)
    for cidr in there:
        if flow.source is not None and flow.source is not flow.destination:
            d.entry(flow.source.acl, "out", "allow", flow.what, cidr)
            for each in back:
                d.entry(flow.source.acl, "in", "allow", each, cidr)
    for cidr in here:
        if flow.destination is not None and flow.source is not flow.destination:
            d.entry(flow.destination.acl, "in", "allow", flow.what, cidr)
            for each in back:
                d.entry(flow.destination.acl, "out", "allow", each, cidr)
    if flow.source is not None and flow.destination is None:
        _translated(d, flow, back)


def _translated(d: Drawing, flow: Flow, back: list[str]) -> None:
    """Let a flow to the internet through the subnets of NAT gateways too."""
    assert flow.source is not None
    tiers = d.vpcs[flow.source.vpc].tiers
    names = ("public", "app") if d.has(Feature.PRIVATE_NAT) else ("public",)
    outside = [ANYWHERE[flow.version]]
    if d.has(Feature.NAT64) and not flow.what.startswith("icmp"):
        outside = list(ANYWHERE.values())  # what is translated goes on as IPv4 (R13)
    for home in (tiers[name] for name in names if name in tiers):
        if home is flow.source:
            continue
        for subnet in flow.source.subnets:
            cidr = subnet.block(flow.version)
            if cidr:
                d.entry(home.acl, "in", "allow", flow.what, cidr)
                for each in back:
                    d.entry(home.acl, "out", "allow", each, cidr)
        for anywhere in outside:
            d.entry(home.acl, "out", "allow", flow.what, anywhere)
            for each in back:
                d.entry(home.acl, "in", "allow", each, anywhere)


def _rule(d: Drawing, flow: Flow, way: str, group: str, other: str, where: Tier | None) -> None:
    builder = d.builder
    if flow.what == "icmp/3.4" and flow.version == 6:
        return
    same = bool(other) and other.partition("/")[0] == group.partition("/")[0]
    across = d.has(Feature.TRANSIT_REFERENCES) or d.has(Feature.PEERING)
    refers = d.has(Feature.GROUP_REFERENCES) and (same or across)
    if other and refers and d.chance(0.6):
        builder.rule(group, way, flow.what, f"group:{other}")
        return
    if d.has(Feature.LIST_RULES) and flow.version == 4 and d.chance(0.3):
        builder.rule(group, way, flow.what, f"pl:{SERVICES if where else AWAY}")
        return
    for cidr in _blocks(d, where, flow):
        builder.rule(group, way, flow.what, cidr)


def _blocks(d: Drawing, tier: Tier | None, flow: Flow) -> list[str]:
    """Say the addresses of a tier: exactly, by its VPC's blocks, or more widely."""
    version = flow.version
    if tier is None:
        if version == 4 and d.chance(0.15):
            return [OUTSIDE, "8.0.0.0/7"]
        return [ANYWHERE[version]]
    choice = d.rng.random()
    if choice < 0.35:
        return list(dict.fromkeys(s.block(version) for s in tier.subnets if s.block(version)))
    if choice < 0.75:
        return d.vpcs[tier.vpc].blocks(version)
    if choice < 0.9:
        return [ANYWHERE[version]]
    wide = ip_network(d.vpcs[tier.vpc].blocks(version)[0])
    return [str(next(wide.subnets(prefixlen_diff=1)))]


def _reply(d: Drawing, what: str) -> list[str]:
    protocol = what.partition("/")[0]
    if protocol in {"tcp", "udp"}:
        if d.has(Feature.EPHEMERAL_PIECES) and d.chance(0.75):
            pieces = d.rng.sample(PIECES, d.rng.choice((1, 1, 2)))
            return [f"{protocol}/{piece}" for piece in pieces]
        return [f"{protocol}/{EPHEMERAL[0]}"]
    return {"icmp": ["icmp/0"], "icmpv6": ["icmpv6/129"]}.get(protocol, [what])


def number_entries(d: Drawing) -> None:
    """Give the entries of every ACL their numbers: in the order drawn, denials anywhere."""
    for acl, entries in d.entries.items():
        unique = list(dict.fromkeys(entries))
        denials = [entry for entry in unique if entry[1] == "deny"]
        rest = [entry for entry in unique if entry[1] != "deny"]
        d.rng.shuffle(rest)
        for entry in denials:
            rest.insert(d.rng.randrange(len(rest) + 1), entry)
        for number, (way, action, what, cidr) in enumerate(rest, 10):
            d.builder.entry(acl, way, number * 10, action, what, cidr)


def noise(d: Drawing) -> None:
    """Add rules that belong to no flow."""
    for tier in d.tiers():
        for group in tier.groups:
            if d.chance(0.5):  # AWS's own rule of a new group
                for version in d.versions(tier.vpc):
                    d.builder.rule(group, "out", "all", ANYWHERE[version])
            if d.chance(0.15):
                d.builder.rule(group, "in", "tcp/22", d.rng.choice((OUTSIDE, "8.8.8.8/32")))
    lost = d.has(Feature.MISSING) and d.chance(0.5)
    if lost and d.tiers():
        group = d.rng.choice(d.tiers()).groups[0]
        d.builder.rule(group, "in", "tcp/443", "group:v0/nowhere")
        d.builder.rule(group, "out", "tcp/443", "pl:pl-0000dddd")
        gone = ref("SecurityGroup", "v0/gone")
        for key in d.interfaces[:1]:
            node = d.builder.nodes["AWS::EC2::NetworkInterface", key]
            d.change("NetworkInterface", key, GroupSet=[*node.properties["GroupSet"], gone])
