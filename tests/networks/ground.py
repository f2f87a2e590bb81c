"""The ground of a drawn network: VPCs, tiers in zones, ACLs, groups and live interfaces."""

from ipaddress import ip_network
from typing import Any

from tests.builders import ref
from tests.networks.features import Feature
from tests.networks.plans import ANYWHERE, ESTATE, Drawing, Tier, VpcPlan

TIERS = ("public", "app", "data")
ZONES = ("a", "b", "c")
DEFAULT_GROUP = "Ringwall::EC2::DefaultSecurityGroup"
APPLIANCE = "ringwall:appliance"
# Some with bits behind their prefix, which AWS drops (F13).
DENIED = ("10.1.0.0/17", "10.0.4.0/23", "8.8.8.0/24", "10.0.17.18/18", "10.1.200.9/16")


def lay_ground(d: Drawing) -> None:
    """Draw the VPCs with all that stands in them."""
    for number in range(d.rng.choice((1, 2, 2, 3, 3, 4)) if not _alone(d) else 1):
        _vpc(d, f"v{number}", number)
    for vpc in d.vpcs.values():
        for tier in [tier for tier in vpc.tiers.values() if tier.name in TIERS]:
            _groups(d, tier)
    if d.has(Feature.INTERFACES):
        for tier in d.tiers():
            _interfaces(d, tier)


def _alone(d: Drawing) -> bool:
    across = {Feature.PEERING, Feature.TRANSIT, Feature.VPN, Feature.ENDPOINT_SERVICES}
    return not (d.features & across) and d.chance(0.5)


def _vpc(d: Drawing, key: str, number: int) -> None:
    twin = d.has(Feature.OVERLAPPING_VPCS) and number == 1
    cidr = "10.0.0.0/16" if twin else f"10.{number}.0.0/{d.rng.choice((16, 16, 18))}"
    vpc = VpcPlan(key, [cidr])
    d.vpcs[key] = vpc
    d.builder.vpc(key, cidr, segment=d.rng.choice(("red", "blue")))
    if d.has(Feature.SECONDARY_CIDRS) and d.chance(0.7):
        vpc.cidrs.append(f"10.{100 + number}.0.0/20")
        d.builder.add(
            "VPCCidrBlock",
            f"{key}/{vpc.cidrs[1]}",
            {"VpcId": ref("VPC", key), "CidrBlock": vpc.cidrs[1]},
        )
    if d.has(Feature.DUAL_STACK) and d.chance(0.9):
        vpc.v6 = f"2600:1f18:{number + 1:x}::/56"
        d.builder.add(
            "VPCCidrBlock", f"{key}/ipv6", {"VpcId": ref("VPC", key), "Ipv6CidrBlock": vpc.v6}
        )
    if d.has(Feature.DEFAULT_GROUPS):
        _default_group(d, key)
    names = list(TIERS[: d.rng.choice((1, 2, 2, 3))])
    if d.features & {Feature.PRIVATE_NAT, Feature.NAT64} and d.chance(0.8):
        names = list(TIERS)  # clients, what translates, and what leads out
    if not d.has(Feature.INTERNET) and len(names) < 3:
        names = names[1:] or ["app"]
    blocks = [
        str(part)
        for cidr in vpc.cidrs
        for part in list(ip_network(cidr).subnets(new_prefix=22))[:15]
    ]
    d.rng.shuffle(blocks)
    vpc.free = blocks
    zones = ZONES[: d.rng.choice((1, 2, 2, 3))]
    for name in names:
        add_tier(d, vpc, name, zones)


def add_tier(d: Drawing, vpc: VpcPlan, name: str, zones: tuple[str, ...]) -> Tier:
    """Add a tier with a subnet a zone, and an ACL where the network has them."""
    tier = vpc.tiers[name] = Tier(vpc.key, name)
    own = name in {"transit", "inspect"}
    wanted = Feature.ATTACHMENT_ACLS if own else Feature.ACLS
    if d.has(wanted) and d.chance(0.75):
        tier.acl = tier.key
        d.builder.acl(tier.key)
        if d.chance(0.2):
            for version in (4, 6):
                for way in ("in", "out"):
                    d.entry(tier.acl, way, "allow", "all", ESTATE[version])
        if d.chance(0.15):
            _open_replies(d, tier)
        _denials(d, tier)
    for zone in zones:
        taken = [s.key for t in vpc.tiers.values() for s in t.subnets]
        d.subnet(vpc, tier, zone, vpc.free.pop(), number=len(taken))
    return tier


def _open_replies(d: Drawing, tier: Tier) -> None:
    for version in (4, 6):
        for protocol in ("tcp", "udp"):
            for way in ("in", "out"):
                d.entry(tier.acl, way, "allow", f"{protocol}/1024-65535", ANYWHERE[version])


def _denials(d: Drawing, tier: Tier) -> None:
    """Put denials of a few ports or addresses anywhere among the entries."""
    for _ in range(d.rng.randrange(5)):
        low = d.rng.choice((22, 80, 443, 1024, 3306, 5432, 8080, 32768, 40000, 60000))
        high = low + d.rng.choice((0, 1, 99, 5000))
        cidr = d.rng.choice((*DENIED, ANYWHERE[4], "::/0"))
        what = d.rng.choice((f"tcp/{low}-{high}", f"udp/{low}-{high}", "icmp/8", "50", "all"))
        if what == "all" and cidr in {ANYWHERE[4], "::/0"}:
            continue
        if what == "icmp/8" and ":" in cidr:
            what = "icmpv6/128"
        d.entry(tier.acl, d.rng.choice(("in", "out")), "deny", what, cidr)


def _default_group(d: Drawing, vpc: str) -> None:
    """Give the default group AWS's rules: everything among its members, everything out."""
    me = ref(DEFAULT_GROUP, vpc)
    properties: dict[str, Any] = {
        "VpcId": ref("VPC", vpc),
        "Ingress": [{"IpProtocol": "-1", "SourceSecurityGroupId": me}],
        "Egress": [{"IpProtocol": "-1", "CidrIp": ANYWHERE[4]}],
    }
    d.builder.add(DEFAULT_GROUP, vpc, properties)


def _groups(d: Drawing, tier: Tier) -> None:
    for number in range(d.rng.choice((1, 1, 2))):
        key = f"{tier.vpc}/g-{tier.name}-{number}"
        tier.groups.append(key)
        d.builder.group(key, tier.name)
    if d.has(Feature.SELF_REFERENCES) and d.chance(0.5):
        key = d.rng.choice(tier.groups)
        d.builder.rule(key, "in", "tcp/7000-7100", f"group:{key}")
        d.builder.rule(key, "out", "tcp/7000-7100", f"group:{key}")


def _interfaces(d: Drawing, tier: Tier) -> None:
    for subnet in tier.subnets:
        if d.chance(0.5):
            continue
        key = d.new_id("eni")
        groups = [d.rng.choice(tier.groups)]
        if d.has(Feature.SEVERAL_GROUPS) and d.chance(0.6):
            others = [g for t in d.tiers() if t.vpc == tier.vpc for g in t.groups]
            groups = list(dict.fromkeys((*groups, d.rng.choice(others))))
        public = ""
        if d.has(Feature.PUBLIC_ADDRESSES) and d.chance(0.6):
            public = f"52.0.0.{len(d.interfaces) + 4}"
        kind = d.rng.choice(("", "", "", "efa", "lambda"))
        d.builder.interface(key, subnet.key, d.address(subnet), *groups, public=public, kind=kind)
        if d.has(Feature.SEVERAL_ADDRESSES) and d.chance(0.6):
            _more_addresses(d, key, subnet.cidr, subnet.v6)
        instance = d.new_id("i")
        stopped = d.has(Feature.INTERFACE_ROUTES) and d.chance(0.35)
        d.change("NetworkInterface", key, SourceDestCheck=d.chance(0.4))
        does = _does(d, key, instance)
        d.observe(
            "NetworkInterface",
            key,
            Status="in-use",
            Attachment={"InstanceId": instance, "Status": "attached"},
        )
        d.builder.add(
            "Instance",
            instance,
            {
                "SubnetId": ref("Subnet", subnet.key),
                "SecurityGroupIds": [ref("SecurityGroup", group) for group in groups],
            },
            observed={
                "State": "stopped" if stopped else "running",
                "NetworkInterfaceIds": [ref("NetworkInterface", key)],
            },
        )
        d.interfaces.append(key)
        if does:
            d.tag(*does)


def _does(d: Drawing, interface: str, instance: str) -> tuple[str, str, str, str] | None:
    """Return the tag that says what a machine does with packets of others, on either node."""
    if not d.has(Feature.APPLIANCES) or d.chance(0.25):
        return None
    kind, key = d.rng.choice((("NetworkInterface", interface), ("Instance", instance)))
    return kind, key, APPLIANCE, d.rng.choice(("forwards", "forwards", "translates"))


def _more_addresses(d: Drawing, key: str, cidr: str, v6: str) -> None:
    block = ip_network(cidr)
    first = d.builder.nodes["AWS::EC2::NetworkInterface", key].observed["PrivateIpAddresses"]
    more: dict[str, Any] = {
        "PrivateIpAddresses": [*first, {"PrivateIpAddress": str(block[260])}],
        "Ipv4Prefixes": [{"Ipv4Prefix": f"{block[512]}/28"}],
    }
    if v6:
        more["Ipv6Addresses"] = [{"Ipv6Address": str(ip_network(v6)[0xABC])}]
    d.observe("NetworkInterface", key, **more)
