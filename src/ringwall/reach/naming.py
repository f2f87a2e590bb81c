"""What people call things that bear no key of ours: names → nodes, and nodes → names.

Rules:
- A thing is called by its Name tag, a security group by its GroupName, too, a load balancer by its
  name; `vpc/name` is what is called so in a VPC that is called so. What has no such name is
  called by its key: a template's logical id, say.
- An ARN is the id at its end, and so is a name with its id, as answers write it. A name that
  several things bear is an error that lists them.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from difflib import get_close_matches
from functools import cached_property

from ringwall.errors import QuestionError
from ringwall.model.graph import Node, Unknown
from ringwall.model.names import EVERY_VPC, INTERNET
from ringwall.reach.network import Network

# Types that a question can be about: each has interfaces, or places for some.
_ASKED = """
AWS::EC2::VPC AWS::EC2::Subnet AWS::EC2::SecurityGroup AWS::EC2::Instance
AWS::EC2::NetworkInterface AWS::EC2::VPCEndpoint AWS::ElasticLoadBalancingV2::LoadBalancer
AWS::ElasticLoadBalancing::LoadBalancer
"""
ASKED = tuple(_ASKED.split())
VPC = "AWS::EC2::VPC"
NAMES = ("GroupName", "Name", "LoadBalancerName")  # properties that are names, as of groups
NEAR, SHOWN = 3, 6  # so many near names are offered, so many rivals listed
KNOWN = 12  # so many names are listed where none is near


class Naming:
    """The names of a network's things of some types: by default those that have ends."""

    def __init__(self, network: Network, kinds: Collection[str] = ASKED) -> None:
        self._network = network
        self._titles: dict[str, str] = {}
        self._called: dict[str, dict[str, Node]] = defaultdict(dict)
        self._keyed: dict[str, list[Node]] = defaultdict(list)
        self._vpcs: dict[str, set[str]] = defaultdict(set)
        for node in network.graph:
            names = list(_names_of(node))
            if names and node.key == node.physical_id:
                self._titles.setdefault(node.key, f"{names[0]} ({node.key})")
            if node.type == VPC:
                for name in names:
                    self._vpcs[name.lower()].add(node.key)
            if node.type in kinds:
                self._keyed[node.key].append(node)
                for name in names:
                    self._called[name.lower()][node.key] = node

    def title(self, key: str) -> str:
        """Return what people read for a key: a name with the id, the key where it is a name."""
        return self._titles.get(key, key)

    def find(self, text: str) -> Node | None:
        """Return the one thing that is called so, None for nothing; raises QuestionError."""
        id_in_title = text.rpartition(" (")[2].removesuffix(")")
        if self._titles.get(id_in_title) == text:
            text = id_in_title
        found = list(self._called.get(text.lower(), {}).values()) or self._keyed.get(text, [])
        vpc, slash, rest = text.partition("/")
        if not found and slash:
            homes = {vpc, *self._vpcs.get(vpc.lower(), ())}
            inside = self._called.get(rest.lower(), {}).values()
            found = [node for node in inside if self._home(node) in homes]
        if len(found) > 1:
            shown = [f"{node.short_type} {node.key}" for node in found[:SHOWN]]
            more = f" and {len(found) - SHOWN} more" if len(found) > SHOWN else ""
            msg = f"{text!r} is the name of several: {', '.join(shown)}{more}"
            raise QuestionError(msg, hint="ask by id, or as VPC/NAME")
        return found[0] if found else None

    def none_such(
        self, name: str, further: Iterable[str], error: QuestionError | None = None
    ) -> Unknown:
        """Say that what bears a name has no end; raises QuestionError where nothing bears it.

        `further` are names of addresses, `error` is what a name of no known form was told.
        """
        known = dict.fromkeys((*self._known, *further))
        if name in known or self._is_borne(name):
            return Unknown(name, "nothing of that name has a placement in the network")
        near = self.near(name, known)
        if error is not None and not near:
            raise error
        lost = dict.fromkeys(k.rsplit("::", 1)[-1] for k in ASKED if self._network.lost(k))
        msg = f"there is nothing called {name!r}"
        msg += f" in what was read; {', '.join(lost)} was not" if lost else ""
        hint = f"did you mean {near}?" if near else f"known: {listed(known)}"
        raise QuestionError(msg, hint=hint)

    @cached_property
    def _known(self) -> tuple[str, ...]:
        """Return the names that questions can be about, but those of single things."""
        network = self._network
        tiers = (f"{each.vpc}/{each.tier}" for each in network.subnets.values() if each.tier)
        members = dict.fromkeys((*network.groups, *tiers, *network.services.balancers))
        segments = (f"segment:{each}" for each in network.segments)
        everywhere = (f"{EVERY_VPC}/{each.partition('/')[2]}" for each in members if "/" in each)
        return (INTERNET, *network.vpcs, *members, *segments, *everywhere)

    def _is_borne(self, name: str) -> bool:
        """Tell whether a name is that of one thing, or a key or an id of whatever kind."""
        texts = {name, name.rsplit("/", 1)[-1] if name.startswith("arn:aws") else name}
        if any(self.find(text) is not None for text in texts):
            return True
        named = (text for node in self._network.graph for text in (node.key, node.physical_id))
        return any(text and text in texts for text in named)

    def near(self, text: str, further: Iterable[str] = ()) -> str:
        """Return names that look like a text: `a, b or c`, "" if none does."""
        known = {name.lower(): name for name in further}
        for nodes in self._keyed.values():
            for node in nodes:
                names = (*_names_of(node), node.key, node.physical_id)
                known |= {name.lower(): name for name in names if name}
        return near(text, known)

    def _home(self, node: Node) -> str:
        """Return the VPC of a node, "" where none is told."""
        values = self._network.values
        subnet = self._network.subnets.get(values.key(node.properties.get("SubnetId")))
        if subnet is not None:
            return subnet.vpc
        return values.key(node.properties.get("VpcId") or node.observed.get("VpcId"))


def near(text: str, known: Mapping[str, str]) -> str:
    """Return names that look like a text, by their lower case: `a, b or c`, "" if none does."""
    found = [known[each] for each in get_close_matches(text.lower(), known, NEAR)]
    return " or ".join([*([", ".join(found[:-1])] if found[1:] else []), *found[-1:]])


def listed(names: Iterable[str]) -> str:
    """Return the first of some names, with a sign where there are more."""
    found = list(dict.fromkeys(names))
    return ", ".join(found[:KNOWN]) + (", …" if len(found) > KNOWN else "")


def _names_of(node: Node) -> Iterator[str]:
    if node.tags.get("Name"):
        yield node.tags["Name"]
    if node.type in ASKED:
        for name in NAMES:
            value = node.properties.get(name)
            if isinstance(value, str) and value and value != node.tags.get("Name"):
                yield value
