"""What people call the parent of a rule, an entry or a route, or where a route leads → its node.

Rules:
- A thing is called by its key or id, by its name as in questions, or as answers write it.
- What AWS makes with every VPC has no name of its own: it is `default VPC` (a group, a network
  ACL) or `main table of VPC`; a network ACL and a table are called by their VPC alone, too.
- Of a network that was not read back, what AWS would make is made: such a node is not in the graph.
"""

from ringwall.errors import QuestionError
from ringwall.model.graph import Node, Ref, Unknown
from ringwall.reach.naming import VPC, Naming, listed
from ringwall.reach.network import Network
from ringwall.reach.reading_filters import DEFAULT_ACL
from ringwall.reach.reading_routes import ANYWHERE

GROUP, ACL, TABLE = (f"AWS::EC2::{kind}" for kind in ("SecurityGroup", "NetworkAcl", "RouteTable"))
MAIN = "Ringwall::EC2::MainRouteTableAssociation"
_DEFAULT, _MAIN = "default ", "main table of "
_FORMS = ("default network ACL of ", _DEFAULT, _MAIN)


def find_group(network: Network, name: str) -> Node:
    """Return a security group; raises QuestionError."""
    found = network.groups.get(network.group_names.name(name))
    vpc = _vpc(network, name.removeprefix(_DEFAULT)) if name.startswith(_DEFAULT) else None
    if found is None and vpc is not None:
        found = network.groups.get(network.default_group(vpc.key))
    if found is not None and found.node is not None:
        return found.node
    return _named(network, name, (GROUP,), "security group", tuple(network.groups))


def find_acl(network: Network, name: str) -> Node:
    """Return a network ACL; raises QuestionError."""
    vpc = _owner(network, name, (ACL, DEFAULT_ACL))
    if vpc is None:
        return _named(network, name, (ACL, DEFAULT_ACL), "network ACL", _vpc_names(network))
    found = network.acl_of(None, vpc.key)
    if isinstance(found, Unknown):
        raise _not_read(found)
    if found.node is not None:
        return found.node
    entries = [
        {
            "Egress": egress,
            "RuleNumber": 100 + n,
            "Protocol": -1,
            "RuleAction": "allow",
            "CidrBlock" if ":" not in cidr else "Ipv6CidrBlock": cidr,
        }
        for egress in (False, True)
        for n, cidr in enumerate(ANYWHERE)
    ]
    properties = {"VpcId": vpc.ref, "Entries": entries}
    return Node(DEFAULT_ACL, vpc.key, vpc.account, vpc.region, properties)


def find_table(network: Network, name: str) -> tuple[Node, ...]:
    """Return a route table, and what makes it the main one where it is not in the graph.

    Raises QuestionError.
    """
    vpc = _owner(network, name, (TABLE,))
    if vpc is None:
        return (_named(network, name, (TABLE,), "route table", _vpc_names(network)),)
    found = network.table_of(None, vpc.key)
    if isinstance(found, Unknown):
        raise _not_read(found)
    if found.node is not None:
        return (found.node,)
    place = (vpc.account, vpc.region)
    table = Node(TABLE, found.key, *place, {"VpcId": vpc.ref})
    main = {"VpcId": vpc.ref, "RouteTableId": Ref(TABLE, table.key)}
    return table, Node(MAIN, vpc.key, *place, main)


def find_target(network: Network, name: str, kinds: tuple[str, ...]) -> Node:
    """Return what a route leads to; raises QuestionError."""
    return _named(network, name, kinds, "target of routes")


def _owner(network: Network, name: str, kinds: tuple[str, ...]) -> Node | None:
    """Return the VPC whose own thing is meant, None where a thing of these kinds is called so."""
    if _exactly(network, name, kinds) or Naming(network, kinds).find(name) is not None:
        return None
    form = next((form for form in _FORMS if name.startswith(form)), "")
    return _vpc(network, name.removeprefix(form))


def _vpc(network: Network, name: str) -> Node | None:
    exactly = _exactly(network, name, (VPC,))
    return exactly[0] if exactly else Naming(network, (VPC,)).find(name)


def _vpc_names(network: Network) -> tuple[str, ...]:
    return tuple(node.tags.get("Name") or key for key, node in network.vpcs.items())


def _exactly(network: Network, name: str, kinds: tuple[str, ...]) -> list[Node]:
    """Return what has a key or an id; the key of what AWS makes with a VPC is that of the VPC."""
    return [
        node
        for kind in kinds
        for node in network.values.of_type(kind)
        if name and (name == node.physical_id or (name == node.key and kind != DEFAULT_ACL))
    ]


def _named(
    network: Network, name: str, kinds: tuple[str, ...], what: str, further: tuple[str, ...] = ()
) -> Node:
    found = _exactly(network, name, kinds)
    if len(found) > 1:
        kind = ", ".join(node.short_type for node in found)
        msg = f"{name!r} is the key of several: {kind}"
        raise QuestionError(msg, hint="name its id")
    naming = Naming(network, kinds)
    node = found[0] if found else naming.find(name)
    if node is not None:
        return node
    keys = [node.key for kind in kinds for node in network.values.of_type(kind)]
    known = tuple(dict.fromkeys((*further, *keys)))
    alike = naming.near(name, known)
    msg = f"no {what} is called {name!r}"
    if alike:
        raise QuestionError(msg, hint=f"did you mean {alike}?")
    raise QuestionError(msg, hint=f"known: {listed(known)}" if known else "")


def _not_read(unknown: Unknown) -> QuestionError:
    return QuestionError(str(unknown), hint="ask a network in which it was read")
