"""RW207: ephemeral ranges of network ACLs that open the ports of services."""

from collections.abc import Iterator

from ringwall.audits.check import Check
from ringwall.model.finding import Finding, Severity
from ringwall.reach.blocks import ON_INTERNET, Block, block_set
from ringwall.reach.elements import Entry
from ringwall.reach.packets import TCP
from ringwall.reach.relations import Board
from ringwall.space.intervals import IntervalSet

# Ports above 1023 on which databases, caches and consoles listen by default.
SERVICES = {
    1433: "SQL Server",
    1521: "Oracle",
    3306: "MySQL",
    3389: "RDP",
    5432: "PostgreSQL",
    5985: "WinRM",
    6379: "Redis",
    8080: "HTTP",
    9200: "Elasticsearch",
    11211: "Memcached",
    27017: "MongoDB",
}


def judge(board: Board) -> Iterator[Finding]:
    """Yield allowing entries from the internet whose range holds a port that a group opens."""
    network = board.engine.network
    homes: dict[str, list[str]] = {}
    for subnet in network.subnets.values():
        key = getattr(subnet.acl, "key", "")
        homes.setdefault(key, []).append(subnet.key)
    opened = _opened(board)
    for acl in network.acls.values():
        groups = {g for subnet in homes.get(acl.key, ()) for g in opened.get(subnet, ())}
        for entry in acl.entries:
            if entry.node is None or entry.egress or not entry.allow or not _is_wide(entry):
                continue
            ports = [p for p in SERVICES if entry.low <= p <= entry.high]
            listening = sorted({(p, name) for p in ports for q, name in groups if p == q})
            if listening:
                texts = tuple(f"{name} opens {SERVICES[p]} ({p})" for p, name in listening)
                text = (
                    f"rule {entry.number} of {acl.key} lets {entry.low}-{entry.high} in from "
                    f"{entry.block}, which holds {', '.join(str(p) for p, _ in listening)}: only "
                    "security groups protect these"
                )
                yield CHECK.finding(entry.node, text, texts)


def _is_wide(entry: Entry) -> bool:
    """Tell whether an entry is an ephemeral range, open to a part of the internet."""
    if entry.protocol != TCP or not isinstance(entry.block, Block) or entry.low < 1024:
        return False
    shared = block_set(entry.block.version, entry.block) & ON_INTERNET[entry.block.version]
    return entry.high - entry.low > 1000 and bool(shared)


def _opened(board: Board) -> dict[str, set[tuple[int, str]]]:
    """Return, by subnet, the service ports that groups in it open to anybody, and the group."""
    found: dict[str, set[tuple[int, str]]] = {}
    for end in board.engine.ends.everything():
        for name in end.groups:
            group = board.engine.network.groups.get(name)
            for rule in group.ingress if group else ():
                if rule.protocol == TCP and rule.low >= 0 and end.subnet is not None:
                    span = IntervalSet.ports((rule.low, rule.high))
                    ports = {(p, name) for p in SERVICES if p in span}
                    found.setdefault(end.subnet.key, set()).update(ports)
    return found


CHECK = Check(
    id="RW207",
    title="ephemeral ranges that open service ports",
    severity=Severity.LOW,
    why="1024-65535 for replies holds 3306, 3389, 5432, 6379 and 8080: for them the ACL is no "
    "second line any more, and one wide rule of a group is enough.",
    instead="Deny the service's port from outside before the range, or move what listens to a "
    "tier that needs no replies from the internet.",
    judge=judge,
    bad="""
        vpc v 10.0.0.0/16
        igw v
        subnet v/web/a 10.0.1.0/24 acl=v/web public
        route v/web 0.0.0.0/0 igw
        acl v/web
        entry v/web in 100 allow tcp/443 0.0.0.0/0
        entry v/web in 110 allow tcp/1024-65535 0.0.0.0/0
        entry v/web out 100 allow all 0.0.0.0/0
        group v/cache web
        rule v/cache in tcp/6379 10.0.0.0/16
    """,
    good="""
        vpc v 10.0.0.0/16
        igw v
        subnet v/web/a 10.0.1.0/24 acl=v/web public
        route v/web 0.0.0.0/0 igw
        acl v/web
        entry v/web in 100 allow tcp/443 0.0.0.0/0
        entry v/web in 110 allow tcp/1024-65535 0.0.0.0/0
        entry v/web out 100 allow all 0.0.0.0/0
        group v/web web
        rule v/web in tcp/443 0.0.0.0/0
    """,
)
