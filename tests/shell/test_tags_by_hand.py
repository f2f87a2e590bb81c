"""Tags of every type that bears them, written over and taken away by hand, by real requests."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path
from tempfile import mkdtemp

import pytest

from ringwall.model.graph import Address, Node, ResourceGraph
from ringwall.resources import deployable, resource_type
from ringwall.shell.aws import Cloud
from tests.convergence import content
from tests.fakes.cloud import FakeCloud
from tests.shell import watching_hands
from tests.shell.estates import AT_ONCE, Estate, example, graph_of
from tests.shell.hands import Hand

DEPLOYMENT = "tagged"
TEXT = """
name: tagged
region: us-east-1
zones: [us-east-1a]
tags: {Owner: network-security}
transit_gateway:
  segments:
    hub: {routes_to: [spokes]}
    spokes: {routes_to: [hub]}
flow_logs: {destination: cloudwatch}
dns_firewall:
  lists:
    malicious: {domains: [malware-domain.com]}
    phishing: {domains: [phishing-site.net]}
  rules:
    - {list: malicious, action: BLOCK, response: NXDOMAIN}
    - {list: phishing, action: BLOCK, response: NXDOMAIN}
dns_query_logs: {retention_days: 30}
vpcs:
  hub:
    segment: hub
    nat: one
    tiers:
      public: {kind: public}
      private: {kind: private}
    groups:
      directory: {tier: private}
    endpoints: {gateway: [s3], interface: [ssm, kms], tier: private, shared: true}
  spoke:
    segment: spokes
    nat: central
    ipv6: true
    tiers:
      private: {kind: private}
    groups:
      app: {tier: private}
      db: {tier: private}
    flows:
      - {from: app, to: internet, ports: [443]}
      - {from: app, to: db, ports: [5432]}
"""
SWITCHES = """
account_settings:
  owned: true
  block_public_access: block-ingress
  exclusions: {hub: allow-bidirectional}
"""
# What the fake has not: buckets, and switches of the account.
IN_LAB = TEXT.replace("destination: cloudwatch", "destination: s3") + SWITCHES
LAYERED = """
name: tagged
region: us-east-1
zones: [us-east-1a, us-east-1b]
web_acls: {front: {logs: null}, other: {logs: null}}
vpcs:
  hub:
    tiers: {public: {kind: public}, private: {kind: private}}
    groups: {edge: {tier: public}, app: {tier: private}}
    load_balancers:
      front: &balancer
        group: edge
        listeners: [{port: 443, protocol: HTTP, target_group: app}]
        target_groups: {app: {group: app, port: 8080}}
        web_acl: front
      back: {<<: *balancer, web_acl: other}
    flows:
      - {from: internet, to: edge, ports: [443]}
      - {from: edge, to: app, ports: [8080]}
"""
LAYERS = ("AWS::ElasticLoadBalancingV2::", "AWS::WAFv2::")
# A zip without a file in it, and what watches.
NO_ZIP = bytes.fromhex("504b0506") + bytes(18)
PACKAGE = Path(mkdtemp(prefix="ringwall-")) / "responder.zip"
PACKAGE.write_bytes(NO_ZIP)
WATCHED = f"""{TEXT}
account: "123456789012"
monitoring: {{}}
response:
  package: {{file: {PACKAGE}, sha256: {sha256(NO_ZIP).hexdigest()}}}
"""
OURS = ("ringwall:deployment", "ringwall:key")
OTHER = "another"  # a key, a deployment or a name of somebody's
CHANGES = (
    "another name", "another key", "a sibling's key", "another key and name", "no key",
    "another deployment", "no deployment", "no tags", "another region", "no region",
)  # fmt: skip
SAMPLE = ("another key", "no tags", "another region")
WORLDWIDE = {"AWS::IAM::Role", "AWS::Route53::HostedZone"}
WAY_OUT = re.compile(r"give it the tags (\S+)=(\S+) (\S+)=(\S+); if not, rename or delete it")
LASTING = frozenset({"firewall_config", "tgw_static", "dns"})


def by_hand(change: str, hand: Hand, node: Node, sibling: str) -> bool:
    """Make a change; tell whether there is such a one for this resource."""
    there = hand.tags(node)
    writes = {
        "another name": {"Name": OTHER},
        "another key": {"ringwall:key": OTHER},
        "a sibling's key": {"ringwall:key": sibling} if sibling else {},
        "another key and name": {"ringwall:key": OTHER, "Name": OTHER},
        "another deployment": {"ringwall:deployment": OTHER},
        "another region": {"ringwall:region": "eu-west-1"},
    }
    takes = {
        "no key": ["ringwall:key"],
        "no deployment": ["ringwall:deployment"],
        "no region": ["ringwall:region"],
        "no tags": list(there),
    }
    written, taken = writes.get(change, {}), takes.get(change, [])
    if not (written or taken) or any(name not in there for name in (*written, *taken)):
        return False
    if written:
        hand.write(node, written)
    else:
        hand.take(node, taken)
    return True


def estate(cloud: Cloud, text: str = TEXT, pace=AT_ONCE) -> Estate:
    return Estate(cloud, DEPLOYMENT, graph_of(text), pace=pace)


def strangers(cloud: Cloud) -> None:
    """Make something like ours of many types, as somebody without our tags would."""
    for service, operation, request in (
        ("ec2", "create_vpc", {"CidrBlock": "10.0.0.0/16"}),
        ("ec2", "create_transit_gateway", {"Description": "theirs", "Options": {}}),
        ("ec2", "allocate_address", {"Domain": "vpc"}),
        ("ec2", "create_internet_gateway", {}),
        ("iam", "create_role", {
            "RoleName": "tagged-flow-logs", "Path": "/", "AssumeRolePolicyDocument": "{}",
        }),
        ("logs", "create_log_group", {"logGroupName": "/ringwall/tagged/theirs"}),
        ("route53resolver", "create_firewall_domain_list", {
            "Name": "tagged-theirs", "CreatorRequestId": "theirs",
        }),
        ("route53resolver", "create_firewall_rule_group", {
            "Name": "theirs", "CreatorRequestId": "theirs",
        }),
    ):  # fmt: skip
        cloud.call(service, operation, request)


def tables(cloud: FakeCloud):
    """Everything that is there, but what nobody can take away."""
    found = cloud.copy().memory.tables
    return {kind: table for kind, table in found.items() if table and kind not in LASTING}


@cache
def deployed() -> tuple[FakeCloud, FakeCloud]:
    """An account with strangers' things, and the same with our network beside them."""
    bare = FakeCloud()
    strangers(bare)
    cloud = bare.copy()
    there = estate(cloud)
    there.carry_out(there.plan())
    return bare, cloud


@dataclass
class Before:
    """What a hand finds."""

    there: Estate

    def __post_init__(self):
        self.observed = self.there.observed()
        self.content = content(self.observed, DEPLOYMENT)
        self.ids = ids(self.observed)


def ids(graph: ResourceGraph) -> dict[Address, str]:
    return {(node.type, node.key): node.physical_id for node in graph}


def meets(change: str, before: Before, there: Estate, node: Node) -> bool:
    """Let a hand change the tags, and see that the change is named and mended; False if it is none.

    Either a plan updates that resource and nothing else; or it is refused, by a line that says
    which tags to give, and giving them is enough.
    """
    hand, at = Hand(there.cloud), f"{node} {change}"
    siblings = [n.key for n in there.wanted.of_type(node.type) if n.key != node.key]
    tags = hand.tags(node)
    if not by_hand(change, hand, node, next(iter(siblings), "")):
        return False
    plan = there.plan()
    if plan.blocked:
        (line,) = plan.blocked
        assert f"{node} would be created, but {node.physical_id} stands in its place" in line, at
        ((first, value, second, key),) = WAY_OUT.findall(line)
        hand.write(node, {first: value, second: key})
        plan = there.plan()
        assert plan.blocked == (), at
    else:
        assert [(c.action.value, c.address) for c in plan.changes] == [
            ("update", (node.type, node.key))
        ], at
    there.carry_out(plan)
    after = there.observed()
    assert there.plan(after).empty, at
    assert ids(after) == before.ids, at
    assert content(after, DEPLOYMENT) == before.content, at
    assert {**hand.tags(node), **tags} == hand.tags(node), at
    return True


def bearing(graph) -> list[Node]:
    """One resource of each type that bears tags: the last, which has others before it."""
    tagged = (node for node in graph if resource_type(node.type).tag is not None)
    return list({node.type: node for node in tagged}.values())


TRIED = bearing(graph_of(TEXT))
KINDS = [node.type for node in TRIED]


def test_every_type_that_bears_tags_is_tried():
    texts = (IN_LAB, LAYERED, WATCHED)
    tried = {*KINDS, *(node.type for text in texts for node in bearing(graph_of(text)))}
    assert tried == {kind.name for kind in deployable() if kind.tag is not None}


def on_fake(kind: str) -> tuple[Before, Node]:
    """Return what a hand finds, and the resource of this type that it is laid on."""
    before = Before(estate(deployed()[1]))
    return before, before.observed[next((n.type, n.key) for n in TRIED if n.type == kind)]


def mended(kind: str, changes: Iterable[str]) -> set[str]:
    before, node = on_fake(kind)
    return {c for c in changes if meets(c, before, estate(deployed()[1].copy()), node)}


def destroyed(kind: str, changes: Iterable[str]) -> None:
    """Destroy after each change: nothing of ours is left, or a line says first what would be."""
    _, node = on_fake(kind)
    bare, with_ours = deployed()
    for change in changes:
        cloud = with_ours.copy()
        there, hand = estate(cloud), Hand(cloud)
        tags = hand.tags(node)
        if not by_hand(change, hand, node, ""):
            continue
        plan = there.destroy_plan()
        if plan.blocked:
            assert any(node.physical_id in line for line in plan.blocked), (change, plan.blocked)
            hand.write(node, {name: tags[name] for name in OURS})
            plan = there.destroy_plan()
        assert plan.blocked == (), change
        there.carry_out(plan)
        assert tables(cloud) == tables(bare), change


@pytest.mark.parametrize("kind", KINDS)
def test_a_hand_in_the_tags_is_named_and_mended(kind):
    assert {"another key", "no tags"} <= mended(kind, SAMPLE)
    destroyed(kind, ["no tags"])


@pytest.mark.campaign
@pytest.mark.parametrize("kind", KINDS)
def test_every_hand_in_the_tags_is_named_and_mended(kind):
    met = mended(kind, CHANGES)
    assert {"another key", "no key", "another deployment", "no deployment", "no tags"} <= met
    assert ("another name" in met) == kind.startswith("AWS::EC2::")
    assert ("another region" in met) == (kind in WORLDWIDE)


@pytest.mark.campaign
@pytest.mark.parametrize("kind", KINDS)
def test_a_destroy_leaves_nothing_of_ours_unsaid_whatever_a_hand_did(kind):
    destroyed(kind, CHANGES)


@pytest.mark.campaign
@pytest.mark.parametrize("change", CHANGES)
def test_a_hand_at_any_resource_of_the_fortress_is_named_and_nothing_else_follows(change):
    name, wanted = example("fortress")
    cloud = FakeCloud()
    first = Estate(cloud, name, wanted)
    first.carry_out(first.plan())
    for node in (n for n in first.observed() if n.tags and (n.type, n.key) in wanted.nodes):
        there = Estate(cloud.copy(), name, wanted)
        if by_hand(change, Hand(there.cloud), node, ""):
            plan = there.plan()
            updates = [(c.action.value, c.address) for c in plan.changes]
            told = f"{node} would be created, but {node.physical_id} stands in its place"
            if plan.blocked:
                assert [line.startswith(told) for line in plan.blocked] == [True], (node, change)
            else:
                assert updates == [("update", (node.type, node.key))], (node, change)


def in_lab(cloud: Cloud, text: str, kinds: Iterable[str], changes: Iterable[str]) -> set[str]:
    """Deploy, let a hand make every change at every type in turn, destroy; return what it made."""
    strangers(cloud)
    there = estate(cloud, text, pace=None)
    theirs = ids(there.observed())
    there.carry_out(there.plan())
    before = Before(there)
    met = {
        f"{node.type} {change}"
        for node in bearing(there.wanted)
        if node.type in kinds
        for change in changes
        if meets(change, before, there, before.observed[node.type, node.key])
    }
    plan = there.destroy_plan()
    assert plan.blocked == ()
    there.carry_out(plan)
    left = ids(there.observed())
    assert theirs.items() <= left.items()
    assert not set(left.values()) & {n.physical_id for n in before.observed if n.tags} - set(
        theirs.values()
    )
    return met


def test_a_hand_in_the_tags_is_named_and_mended_in_the_lab(cloud):
    kinds = {*WORLDWIDE, "AWS::EC2::TransitGateway"}
    met = in_lab(cloud, TEXT, kinds, SAMPLE)
    assert met == {f"{kind} {change}" for kind in kinds for change in SAMPLE[:2]} | {
        f"{kind} another region" for kind in WORLDWIDE
    }


def test_a_hand_in_the_tags_of_layers_is_named_and_mended_in_the_lab(cloud):
    kinds = {n.type for n in bearing(graph_of(LAYERED)) if n.type.startswith(LAYERS)}
    met = in_lab(cloud, LAYERED, kinds, SAMPLE)
    assert len(kinds) == 4
    assert met == {f"{kind} {change}" for kind in kinds for change in SAMPLE[:2]}


def test_a_hand_in_the_tags_of_what_watches_is_named_and_mended_in_the_lab(cloud):
    kinds = {*watching_hands.TYPES} & {node.type for node in bearing(graph_of(WATCHED))}
    met = in_lab(cloud, WATCHED, kinds, SAMPLE[:2])
    assert met == {f"{kind} {change}" for kind in kinds for change in SAMPLE[:2]}


@pytest.mark.campaign
@pytest.mark.parametrize(
    "text", [TEXT, IN_LAB, LAYERED, WATCHED], ids=["cloudwatch", "s3", "layers", "watched"]
)
def test_every_hand_in_the_tags_is_named_and_mended_in_the_lab(cloud, text):
    kinds = {node.type for node in bearing(graph_of(text))}
    met = in_lab(cloud, text, kinds, CHANGES)
    assert {f"{kind} no tags" for kind in kinds} <= met
