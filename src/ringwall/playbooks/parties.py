"""An incident → who of its parties is outside, and what of ours has a part in it."""

from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import ip_address

from ringwall.model.graph import Node, Ref
from ringwall.playbooks.records import Incident, Party
from ringwall.reach.reading_filters import DEFAULT_GROUP
from ringwall.reach.values import Values
from ringwall.traffic.naming import Names

_BEGAN = frozenset({"source", "remote"})


@dataclass(frozen=True, slots=True)
class Host:
    """Something of ours: an instance with its interfaces, or one interface alone."""

    interfaces: tuple[Node, ...]
    instance: str = ""
    node: Node | None = None

    @property
    def id(self) -> str:
        """Return the id of the instance, else of the interface."""
        return self.instance or physical(self.interfaces[0])


def physical(node: Node) -> str:
    """Return AWS's id of a node that was read."""
    return node.physical_id or node.key


def id_of(values: Values, named: object) -> str:
    """Return the id of what is named by its key, or by its id; a VPC's default group, too."""
    text = named.key if isinstance(named, Ref) else str(named)
    kinds = (named.type, DEFAULT_GROUP) if isinstance(named, Ref) else (DEFAULT_GROUP,)
    nodes = (values.graph.get((kind, text)) for kind in kinds)
    return next((physical(node) for node in nodes if node is not None), text)


def canonical(party: Party) -> str:
    """Return the address of a party as AWS writes it, "" for none."""
    try:
        return str(ip_address(party.address)) if party.address else ""
    except ValueError:
        return ""


def began(incident: Incident) -> list[Party]:
    """Return the parties that began it, with an address."""
    found = [each for each in incident.parties if canonical(each)]
    sources = [each for each in found if each.role in _BEGAN]
    return sources or [each for each in found if each.role != "destination"]


def offending(incident: Incident) -> frozenset[str]:
    """Return the addresses that began it, and the domains that it is about."""
    domains = (party.name for party in incident.parties if party.role == "domain" and party.name)
    return frozenset((*(canonical(party) for party in began(incident)), *domains))


def is_inside(party: Party, names: Names) -> bool:
    """Tell whether an address is in the network."""
    address = canonical(party)
    return bool(address) and names.of_address(address).is_inside


def outsiders(incident: Incident, names: Names) -> list[Party]:
    """Return the parties outside, whatever their role, each address once."""
    found = {canonical(p): p for p in incident.parties if canonical(p)}
    return [each for each in found.values() if not is_inside(each, names)]


def hosts(incident: Incident, values: Values, names: Names) -> list[Host]:
    """Return what of ours began it: the instances that are named, else who sent from inside."""
    named = [p.name for p in incident.parties if p.role == "instance" and p.name]
    found = [host for name in named if (host := host_of_instance(values, name)) is not None]
    if not found:
        wanted = {p.name for p in incident.parties if p.role == "interface" and p.name}
        alone = [n for n in values.ec2("NetworkInterface") if wanted & {n.key, n.physical_id}]
        found = [_bearing(values, node) for node in alone]
    if not found:
        inside = [p for p in began(incident) if is_inside(p, names)]
        found = [h for p in inside if (h := host_at(values, canonical(p))) is not None]
    return list({host.id: host for host in found}.values())


def host_of_instance(values: Values, name: str) -> Host | None:
    """Return an instance by its id, None if no interface of it was read."""
    own = values.node("AWS::EC2::Instance", name)
    there = {values.key(name), name} | ({own.key, physical(own)} if own is not None else set())
    listed = values.keys(own.observed.get("NetworkInterfaceIds")) if own is not None else ()
    interfaces = tuple(
        node
        for node in values.ec2("NetworkInterface")
        if node.key in listed or values.key(_attachment(node)) in there
    )
    instance = physical(own) if own is not None else name
    return Host(interfaces, instance, own) if interfaces else None


def host_at(values: Values, address: str) -> Host | None:
    """Return what bears an address, None if no interface does."""
    for node in values.ec2("NetworkInterface"):
        if address in set(addresses(node)):
            return _bearing(values, node)
    return None


def _bearing(values: Values, interface: Node) -> Host:
    """Return the instance that bears an interface, else the interface alone."""
    bearer = str(_attachment(interface) or "")
    host = host_of_instance(values, bearer) if bearer else None
    return host or Host((interface,))


def addresses(interface: Node) -> Iterator[str]:
    """Yield the addresses that an interface bears, public ones too."""
    seen = interface.observed
    for each in seen.get("PrivateIpAddresses") or ():
        yield str(each.get("PrivateIpAddress") or "")
        yield str((each.get("Association") or {}).get("PublicIp") or "")
    for each in seen.get("Ipv6Addresses") or ():
        yield str(each.get("Ipv6Address") or "")
    yield str(seen.get("PrivateIpAddress") or "")
    yield str(seen.get("PublicIp") or "")


def _attachment(interface: Node) -> object:
    return (interface.observed.get("Attachment") or {}).get("InstanceId")
