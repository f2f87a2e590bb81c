"""What a proposal changes that is not of the deployment → doubts: others know what must hold there.

Only what a deployment's network is made of is asked about: instances and roles are whoever's.
"""

from typing import Final

from ringwall.model.graph import Node
from ringwall.playbooks.parties import physical
from ringwall.playbooks.playbook import Proposal, Situation
from ringwall.resources.ownership import DEPLOYMENT_TAG

_VPC: Final = "AWS::EC2::VPC"
# What AWS makes with a VPC bears no tags: it is of whoever has the VPC.
_OF_A_VPC: Final = ("Ringwall::EC2::DefaultNetworkAcl", "Ringwall::EC2::DefaultSecurityGroup")
_ASKED: Final = (
    *_OF_A_VPC,
    "AWS::EC2::NetworkAcl",
    "AWS::EC2::SecurityGroup",
    "AWS::Route53Resolver::FirewallDomainList",
    "AWS::WAFv2::IPSet",
)


def strangers(proposal: Proposal, situation: Situation) -> tuple[str, ...]:
    """Return a doubt for each target that bears another deployment's tag, or none.

    Where no deployment is meant there are no strangers.
    """
    graph, name = situation.engine.network.values.graph, situation.deployment
    targets = set(proposal.targets) if name else set[str]()
    theirs = (
        node
        for kind in _ASKED
        for node in graph.of_type(kind)
        if physical(node) in targets and _deployment(node, situation) != name
    )
    return tuple(f"{physical(n)} is not of deployment {name}: others rely on it" for n in theirs)


def _deployment(node: Node, situation: Situation) -> str:
    if node.type in _OF_A_VPC:
        vpc = situation.engine.network.values.node(_VPC, node.properties.get("VpcId"))
        return vpc.tags.get(DEPLOYMENT_TAG, "") if vpc is not None else ""
    return node.tags.get(DEPLOYMENT_TAG, "")
