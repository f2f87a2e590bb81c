"""Properties of nodes → keys, addresses and names of prefix lists, wanted or read back alike."""

from collections.abc import Iterable, Mapping
from typing import Any

from ringwall.model.graph import Node, Ref, ResourceGraph
from ringwall.resources.ipv6 import derive_block
from ringwall.verify.sets import Ranges, join
from ringwall.verify.traffic import block

EC2 = "AWS::EC2::"
DEFAULT_GROUP = "Ringwall::EC2::DefaultSecurityGroup"


class Values:
    """Reads values that may be references; remembers ids, IPv6 blocks and prefix lists."""

    def __init__(self, graph: ResourceGraph) -> None:
        self.graph = graph
        self._by_type: dict[str, list[Node]] = {}
        for node in graph:
            self._by_type.setdefault(node.type, []).append(node)
        self._keys = {node.physical_id: node.key for node in graph if node.physical_id}
        self._ipv6 = self._ipv6_blocks()
        self._defaults: dict[str, str] = {}
        for node in self.of_type(DEFAULT_GROUP):
            name = f"default {self.key(node.properties.get('VpcId'))}"
            self._defaults |= {node.physical_id or node.key: name}
        self.services = frozenset(
            _service(node) for node in self.ec2("VPCEndpoint") if is_gateway(node)
        )
        self.lists = self._lists()

    def of_type(self, name: str) -> list[Node]:
        """Return the nodes of a type."""
        return self._by_type.get(name, [])

    def ec2(self, name: str) -> list[Node]:
        """Return the nodes of a type of EC2."""
        return self.of_type(EC2 + name)

    @property
    def types(self) -> tuple[str, ...]:
        """Return the types that there are."""
        return tuple(self._by_type)

    def node(self, name: str, value: object) -> Node | None:
        """Return the node of a type that a value names."""
        return self.graph.get((name, self.key(value)))

    def key(self, value: object) -> str:
        """Return the key that a reference or an id names; "" for nothing."""
        text = value.key if isinstance(value, Ref) else value
        return self._keys.get(text, text) if isinstance(text, str) else ""

    def keys(self, value: object) -> tuple[str, ...]:
        """Return the keys that a list of references names."""
        return tuple(self.key(_item(item)) for item in _listed(value))

    def group(self, value: object) -> str:
        """Return the key of a security group; of a VPC's default one it is `default <vpc>`."""
        if isinstance(value, Ref) and value.type == DEFAULT_GROUP:
            node = self.graph.get(value) or self.graph.get((DEFAULT_GROUP, self.key(value)))
            if node is not None:
                return f"default {self.key(node.properties.get('VpcId'))}"
        text = value.key if isinstance(value, Ref) else value
        return self._defaults.get(str(text)) or self.key(value)

    def groups(self, value: object) -> tuple[str, ...]:
        """Return the keys of a list of groups, sorted."""
        return tuple(sorted(self.group(_item(item)) for item in _listed(value)))

    def block(self, value: object) -> tuple[Ranges | None, str]:
        """Return a block's addresses and "", or None and what is not known of it ("" if absent)."""
        if value is None or value == "":
            return None, ""
        if isinstance(value, Ref):
            outer = self._ipv6.get(value.key)
            if outer is None:
                return None, f"addresses of {value} are not in the input"
            is_part = value.attribute.startswith("ipv6/")
            value = derive_block(value.attribute, outer) if is_part else outer
        try:
            return block(str(value)), ""
        except ValueError:
            return None, f"{value!r} is no block of addresses"

    def of_vpc_block(self, node: Node) -> Ranges:
        """Return the IPv6 addresses that an additional block of a VPC stands for."""
        return self.block(self._ipv6.get(node.key))[0] or ()

    def _ipv6_blocks(self) -> dict[str, str]:
        """Return IPv6 blocks by key; where AWS is to choose, a documentation block stands for it.

        The proof depends on what differs, not on values, so one block a VPC will do.
        """
        found, vpcs = {}, [node.key for node in self.ec2("VPC")]
        for node in self.ec2("VPCCidrBlock"):
            given = node.properties.get("Ipv6CidrBlock") or node.observed.get("Ipv6CidrBlock")
            vpc = self.key(node.properties.get("VpcId"))
            if not given and vpc in vpcs and node.properties.get("AmazonProvidedIpv6CidrBlock"):
                given = f"2001:db8:{vpcs.index(vpc) + 1:x}::/56"
            if isinstance(given, str):
                found[node.key] = given
        return found

    def _lists(self) -> dict[str, Ranges]:
        found: dict[str, Ranges] = {}
        for node in self.ec2("PrefixList"):
            cidrs = node.observed.get("Cidrs", node.properties.get("Cidrs"))
            if cidrs is None:
                continue
            part = join(*(block(cidr) for cidr in cidrs))
            name = str(node.observed.get("PrefixListName", ""))
            if name.startswith("com.amazonaws."):
                found[_short(name)] = part
            found |= dict.fromkeys({node.key, node.physical_id, name} - {""}, part)
        for node in self.ec2("VPCEndpoint"):
            if node.observed.get("Cidrs"):
                found[_service(node)] = join(*map(block, node.observed["Cidrs"]))
        return found

    def list_cidrs(self, name: str) -> tuple[str, ...]:
        """Return the CIDRs of a prefix list, for what needs each on its own."""
        for node in self.ec2("PrefixList"):
            cidrs = node.observed.get("Cidrs", node.properties.get("Cidrs"))
            if cidrs is not None and name in self._list_names(node):
                return tuple(cidrs)
        for node in self.ec2("VPCEndpoint"):
            if node.observed.get("Cidrs") and _service(node) == name:
                return tuple(node.observed["Cidrs"])
        return ()

    def _list_names(self, node: Node) -> set[str]:
        name = str(node.observed.get("PrefixListName", ""))
        short = {_short(name)} if name.startswith("com.amazonaws.") else set()
        return {node.key, node.physical_id, name, *short} - {""}

    def list_name(self, value: object) -> str:
        """Return the name of a prefix list: a service's short name for AWS's, else its key."""
        named = self.graph.get(value) if isinstance(value, Ref) else None
        if named is not None and named.type == f"{EC2}VPCEndpoint":
            return _service(named)
        node = named or self.node(f"{EC2}PrefixList", value)
        text = value.key if isinstance(value, Ref) else str(value)
        name = str(node.observed.get("PrefixListName", "")) if node is not None else ""
        name = (name or text).removeprefix("aws:")
        if name.startswith("com.amazonaws."):
            return _short(name)
        for endpoint in self.ec2("VPCEndpoint"):
            if endpoint.observed.get("PrefixListId") == text:
                return _service(endpoint)
        return self.key(value)


def is_gateway(node: Node) -> bool:
    """Tell whether an endpoint is a gateway endpoint."""
    return node.properties.get("VpcEndpointType") == "Gateway"


def service_of(node: Node) -> str:
    """Return the short name of the service of an endpoint."""
    return _service(node)


def _service(node: Node) -> str:
    return _short(str(node.properties.get("ServiceName", "")))


def _short(name: str) -> str:
    return name.rsplit(".", 1)[-1]


def _listed(value: object) -> Iterable[Any]:
    return value if isinstance(value, Iterable) and not isinstance(value, str | Mapping) else ()


def _item(item: object) -> object:
    return item.get("GroupId") if isinstance(item, Mapping) else item
