"""What each playbook is asked in the tests, so that every call of it is made."""

from dataclasses import replace
from functools import cache
from typing import Any

from ringwall.playbooks import registry
from ringwall.playbooks.measures import Request
from ringwall.playbooks.playbook import Playbook, Proposal, Situation
from ringwall.playbooks.records import Incident, Party
from tests.builders import NetworkBuilder, ref
from tests.playbooks.situations import (
    OFFENDER,
    attacked,
    behind,
    described,
    incident,
    resolved,
    site,
    situation,
)

NOW = 1_780_000_000
IAM: dict[str, Any] = {
    "get_instance_profile": {"InstanceProfile": {"Roles": [{"RoleName": "web"}]}},
    "get_role": {"Role": {"RoleName": "web", "Path": "/"}},
    "get_access_key_last_used": {"UserName": "ann"},
    "list_access_keys": {
        "AccessKeyMetadata": [{"AccessKeyId": "AKIA1111111111111111", "Status": "Active"}]
    },
}
SOURCE, TALKER = Party("source", OFFENDER), Party("source", "10.0.3.9")
THERE, DOMAIN = Party("destination", OFFENDER), Party("domain", name="evil.example")
KEY, NODE = Party("access-key", name="AKIA1111111111111111"), Party("instance", name="i-1")


def full(base: NetworkBuilder) -> NetworkBuilder:
    """Fill the network ACLs, so that rules of groups must be narrowed, in both directions."""
    for acl in ("v/web", "v/app"):
        for way in ("in", "out"):
            for number in range(200, 218):
                base.entry(acl, way, number, "deny", "all", "192.0.2.1/32")
    return base


def balanced() -> NetworkBuilder:
    """What is attacked, with a load balancer of the first generation."""
    listed = {"LoadBalancerName": "old", "Instances": [ref("Instance", "i-1")]}
    return attacked().add("AWS::ElasticLoadBalancing::LoadBalancer", "old", listed)


def resolving() -> NetworkBuilder:
    """What is attacked, with a DNS Firewall."""
    base = balanced()
    for address, node in resolved(vpcs="v").nodes.items():
        if "Resolver" in node.type:
            base.nodes[address] = node
    return base


def unguarded() -> NetworkBuilder:
    """A network whose default group lets everything in: nothing but an entry can be taken away."""
    base = site()
    base.nodes.pop(("AWS::EC2::SecurityGroup", "v/web"))
    node = base.nodes["Ringwall::EC2::DefaultSecurityGroup", "v"]
    rule = {"IpProtocol": "-1", "CidrIp": "0.0.0.0/0"}
    base.nodes[node.type, "v"] = replace(
        node, properties={**node.properties, "Ingress": [rule], "Egress": [rule]}
    )
    return base


def to(source: str, destination: str, port: int) -> Incident:
    named = {"name": destination} if "/" in destination else {"address": destination}
    ends = (Party("source", source), Party("destination", **named))
    return incident(*ends, evidence={"port": port})


# What each playbook is asked, so that every call of it is made.
ASKED: dict[str, list[tuple[NetworkBuilder, Incident]]] = {
    "block-source": [
        (site(), incident(SOURCE)),
        (full(site()), incident(SOURCE)),
        (behind(), incident(SOURCE)),
    ],
    "block-domain": [(resolved(), incident(DOMAIN))],
    "isolate-instance": [(balanced(), incident(NODE))],
    "revoke-credentials": [(attacked(), incident(NODE, KEY))],
    "close-exposure": [
        (site(), to(OFFENDER, "v/old", 22)),
        (site(), to("10.0.3.9", OFFENDER, 443)),
        (unguarded(), to(OFFENDER, "10.0.1.9", 443)),
    ],
}
ASKED["answer-port-scan"] = [*ASKED["block-source"], (balanced(), incident(TALKER))]
ASKED["stop-exfiltration"] = [
    (resolving(), incident(TALKER, THERE, DOMAIN, KEY)),
    (full(attacked()), incident(TALKER, THERE)),
]


def answered(
    playbook: Playbook, base: NetworkBuilder, seen: Incident
) -> tuple[Situation, list[Request]]:
    """Answer what a playbook asks, as the loop does; return the situation and the questions."""
    answers: dict[str, Any] = {}
    asked: dict[str, Request] = {}
    about = situation(base, now=NOW)
    while fresh := [r for r in playbook.reads(seen, about) if r.key not in answers]:
        for request in fresh:
            asked[request.key] = request
            own = described("i-1").get(request.key)
            answers[request.key] = own or IAM[request.operation]
        about = replace(about, answers=dict(answers))
    return about, list(asked.values())


def proposed(playbook: Playbook, base: NetworkBuilder, seen: Incident) -> Proposal:
    """Return what a playbook proposes."""
    found = playbook.propose(seen, answered(playbook, base, seen)[0])
    assert isinstance(found, Proposal), found
    return found


@cache
def calls(id_: str) -> tuple[Request, ...]:
    """Return every request of a playbook about what it is asked: read, done, and taken back."""
    made: list[Request] = []
    for base, seen in ASKED[id_]:
        about, questions = answered(registry()[id_], base, seen)
        found = registry()[id_].propose(seen, about)
        assert isinstance(found, Proposal), found
        made += questions
        made += [r for measure in found.measures for r in (*measure.do, *measure.undo)]
    return tuple(made)
