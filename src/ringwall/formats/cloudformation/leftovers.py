"""What of a graph CloudFormation has no resource for, and what is to be done by hand instead."""

from collections.abc import Iterator

from ringwall.model.graph import Node, ResourceGraph
from ringwall.resources.identifiers import key_of


def left_out(graph: ResourceGraph) -> Iterator[str]:
    """Yield a sentence for each thing that the templates cannot say."""
    for node in graph:
        if node.type.startswith("Ringwall::"):
            yield _sentence(node)
        elif node.type == "AWS::Route53Resolver::FirewallRuleGroup":
            names = ", ".join(str(rule["Name"]) for rule in node.properties["FirewallRules"])
            yield f"names of the rules of {node.key} ({names}): CloudFormation gives its own"


def _sentence(node: Node) -> str:
    vpc = key_of(node.properties.get("VpcId", "?"))
    match node.type:
        case "Ringwall::EC2::DefaultSecurityGroup":
            return (
                f"default security group of VPC {vpc}: AWS makes it with rules; remove them with "
                "aws ec2 revoke-security-group-ingress and revoke-security-group-egress"
            )
        case "Ringwall::EC2::DefaultNetworkAcl":
            return (
                f"default network ACL of VPC {vpc}: AWS makes it to allow everything; set its "
                "entries with aws ec2 replace-network-acl-entry"
            )
        case "Ringwall::EC2::MainRouteTableAssociation":
            return (
                f"main route table of VPC {vpc}: make {key_of(node.properties['RouteTableId'])} "
                "main with aws ec2 replace-route-table-association"
            )
        case "Ringwall::Route53Resolver::FirewallConfig":
            state = str(node.properties.get("FirewallFailOpen", "DISABLED"))
            if state == "DISABLED":
                return f"DNS Firewall of VPC {vpc} failing closed: AWS's default, nothing to do"
            return (
                f"DNS Firewall of VPC {vpc} failing open: set it with "
                "aws route53resolver update-firewall-config --firewall-fail-open ENABLED"
            )
        case _:
            return f"{node.type} {node.key}: CloudFormation has no such type; make it by hand"
