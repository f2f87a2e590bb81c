"""Networks that are attacked, incidents in them, and what a playbook may know of both."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from ringwall.model.expectation import Expectation
from ringwall.model.graph import Node, ResourceGraph
from ringwall.model.ports import parse_ports
from ringwall.playbooks.evidence import questions
from ringwall.playbooks.never import NeverBlock
from ringwall.playbooks.playbook import Situation
from ringwall.playbooks.records import Incident, IncidentState, Party, Source
from ringwall.reach.engine import Engine
from ringwall.traffic.naming import Names
from tests.builders import ACCOUNT, ALL, REGION, NetworkBuilder, open_acl, ref

OFFENDER = "198.51.100.7"
OFFENDER6 = "2a00:1450::7"
R53 = "AWS::Route53Resolver::"


def site() -> NetworkBuilder:
    """A VPC with a public tier, a private one behind a NAT gateway, and one of the default ACL.

    `v/web` serves the internet on 443, `v/app` takes 8080 of it and calls out; `v/old` is in the
    subnet with the VPC's default network ACL, and open to the internet on 22.
    """
    base = (
        NetworkBuilder(observed=True)
        .vpc("v", "10.0.0.0/16", ipv6=True)
        .internet_gateway("v")
        .acl("v/web", *open_acl())
        .acl("v/app", *open_acl())
        .subnet("v/web/a", "10.0.1.0/24", public=True, acl="v/web", ipv6=1)
        .subnet("v/web/b", "10.0.2.0/24", public=True, acl="v/web", ipv6=2)
        .subnet("v/app/a", "10.0.3.0/24", acl="v/app")
        .subnet("v/old/a", "10.0.4.0/24", public=True)
        .nat("v/nat", "v/web/a")
        .route("v/web", ALL, "igw:v")
        .route("v/web", "::/0", "igw:v")
        .route("v/old", ALL, "igw:v")
        .route("v/app", ALL, "nat:v/nat")
        .group("v/web", "web", f"in tcp/443 {ALL}", "in tcp/443 ::/0", "out tcp/8080 group:v/app")
        .group("v/app", "app", "in tcp/8080 group:v/web", f"out tcp/443 {ALL}")
        .group("v/old", "old", f"in tcp/22 {ALL}")
    )
    base.nodes["AWS::EC2::VPCCidrBlock", "v/ipv6"] = replace(
        base.nodes["AWS::EC2::VPCCidrBlock", "v/ipv6"],
        properties={"VpcId": base.nodes["AWS::EC2::VPC", "v"].ref, "Ipv6CidrBlock": "2600::/56"},
    )
    return base.add(
        "Ringwall::EC2::DefaultNetworkAcl", "v", default_acl(base.nodes["AWS::EC2::VPC", "v"])
    )


def default_acl(vpc: Node) -> dict[str, Any]:
    """The entries that AWS gives to a VPC's default network ACL."""
    entries = [
        {"Egress": egress, "RuleNumber": number, "Protocol": -1, "RuleAction": action, name: cidr}
        for egress in (False, True)
        for number, action, name, cidr in (
            (100, "allow", "CidrBlock", ALL),
            (101, "allow", "Ipv6CidrBlock", "::/0"),
            (32_767, "deny", "CidrBlock", ALL),
            (32_768, "deny", "Ipv6CidrBlock", "::/0"),
        )
    ]
    return {"VpcId": vpc.ref, "Entries": entries}


def identified(graph: ResourceGraph) -> ResourceGraph:
    """Make a graph as one that was read: AWS's own network ACLs are in it, and every id."""
    kind = "Ringwall::EC2::DefaultNetworkAcl"
    graph = graph.with_nodes(
        Node(kind, vpc.key, vpc.account, vpc.region, default_acl(vpc))
        for vpc in graph.of_type("AWS::EC2::VPC")
        if (kind, vpc.key) not in graph
    )
    return graph.with_nodes(
        replace(node, physical_id=f"{node.short_type.lower()}-{number:08x}")
        for number, node in enumerate(graph)
        if not node.physical_id
    )


def situation(
    graph: ResourceGraph | NetworkBuilder,
    *expected: Expectation,
    quota: int = 19,
    allowed: dict[str, str] | None = None,
    **more: Any,
) -> Situation:
    """What a playbook may know of a network."""
    graph = graph.graph() if isinstance(graph, NetworkBuilder) else graph
    engine = Engine(graph)
    return Situation(
        engine=engine,
        names=Names.of(graph),
        never=NeverBlock.of(engine, allowed),
        expected=expected,
        quota=quota,
        account=ACCOUNT,
        region=REGION,
        **more,
    )


def expectation(text: str, *, reachable: bool = True) -> Expectation:
    """An expectation as `internet -> v/web : 443`."""
    ends, _, ports = text.rpartition(" : ")
    source, _, destination = ends.partition(" -> ")
    return Expectation(text, (source,), (destination,), (parse_ports(ports),), reachable)


def incident(
    *parties: Party, kind: str = "RW501", evidence: dict[str, Any] | None = None
) -> Incident:
    """Something that was seen, about these parties."""
    return Incident(
        "0-1", "0", Source.DETECTION, kind, "a test", 5, parties, 100, 160, IncidentState.OPEN,
        200, 200, evidence=evidence or {},
    )  # fmt: skip


def sources(*addresses: str) -> tuple[Party, ...]:
    """Parties that something came from."""
    return tuple(Party("source", address) for address in addresses)


def names(items: Iterable[object]) -> list[str]:
    """Texts of things, in order."""
    return [str(item) for item in items]


def attacked() -> NetworkBuilder:
    """The site with an instance of two interfaces behind a load balancer, and another one beside.

    `i-1` bears `eni-1` (v/web, public) and `eni-2` (v/web and v/app) and is in a group that scales;
    `i-2` bears `eni-3`. `eni-9` is of a service of AWS's.
    """
    base = site()
    base.interface("eni-1", "v/web/a", "10.0.1.9", "v/web", public="54.0.0.9")
    base.interface("eni-2", "v/app/a", "10.0.3.9", "v/app", "v/web")
    base.interface("eni-3", "v/old/a", "10.0.4.9", "v/old", public="54.0.0.8")
    base.interface("eni-9", "v/app/a", "10.0.3.20", "v/app", kind="lambda")
    for key, instance in (("eni-1", "i-1"), ("eni-2", "i-1"), ("eni-3", "i-2"), ("eni-9", "")):
        node = base.nodes["AWS::EC2::NetworkInterface", key]
        more: dict[str, Any] = {"Attachment": {"InstanceId": instance}} if instance else {}
        more |= {} if instance else {"RequesterManaged": True}
        base.nodes[node.type, key] = replace(
            node, observed={**node.observed, **more}, physical_id=key
        )
    for instance, interfaces in (("i-1", ("eni-1", "eni-2")), ("i-2", ("eni-3",))):
        listed = {"NetworkInterfaceIds": [ref("NetworkInterface", each) for each in interfaces]}
        tags = {"aws:autoscaling:groupName": "fleet"} if instance == "i-1" else {}
        base.add("Instance", instance, observed={"State": "running", **listed}, tags=tags)
        node = base.nodes["AWS::EC2::Instance", instance]
        base.nodes[node.type, instance] = replace(node, physical_id=instance)
    targets = [{"Id": ref("Instance", each), "Port": 443} for each in ("i-1", "i-2")]
    base.add(
        "AWS::ElasticLoadBalancingV2::TargetGroup",
        "tg",
        {"Name": "web", "TargetType": "instance", "Port": 443, "Targets": targets},
    )
    base.add("EIP", "eip-1", observed={"PublicIp": "54.0.0.9", "NetworkInterfaceId": "eni-1"})
    return base


def described(instance: str, **more: Any) -> dict[str, dict[str, Any]]:
    """What AWS answers about an instance with two disks, one of which dies with it."""
    first, second, third = questions(instance)
    disks = [
        {"DeviceName": "/dev/xvda", "Ebs": {"VolumeId": "vol-1", "DeleteOnTermination": True}},
        {"DeviceName": "/dev/xvdb", "Ebs": {"VolumeId": "vol-2", "DeleteOnTermination": False}},
    ]
    profile = {"Arn": "arn:aws:iam::111122223333:instance-profile/team/web"}
    item = {"InstanceId": instance, "BlockDeviceMappings": disks, "IamInstanceProfile": profile}
    return {
        first.key: {"Reservations": [{"Instances": [item | more]}]},
        second.key: {"DisableApiTermination": {"Value": False}},
        third.key: {"InstanceInitiatedShutdownBehavior": {"Value": "terminate"}},
    }


def behind(*, waf: bool = True, first: dict[str, Any] | None = None) -> NetworkBuilder:
    """A VPC whose only way in is an application load balancer, with a web ACL."""
    base = (
        NetworkBuilder(observed=True)
        .vpc("v", "10.0.0.0/16")
        .internet_gateway("v")
        .acl("v/web", *open_acl())
        .subnet("v/web/a", "10.0.1.0/24", public=True, acl="v/web")
        .route("v/web", "0.0.0.0/0", "igw:v")
        .group("v/alb", "", "in tcp/443 0.0.0.0/0")
    )
    kind = "AWS::ElasticLoadBalancingV2::"
    base.add(f"{kind}LoadBalancer", "v/alb", {
        "Name": "alb", "Type": "application", "Scheme": "internet-facing",
        "Subnets": [ref("Subnet", "v/web/a")], "SecurityGroups": [ref("SecurityGroup", "v/alb")],
    }, observed={"State": "active"})  # fmt: skip
    listener = {"LoadBalancerArn": ref(f"{kind}LoadBalancer", "v/alb"), "Port": 443,
                "Protocol": "HTTPS", "DefaultActions": [{"Type": "fixed-response"}]}  # fmt: skip
    base.add(f"{kind}Listener", "v/alb/443", listener)
    if waf:
        addresses = {"Name": "bad", "IPAddressVersion": "IPV4", "Addresses": ["203.0.113.1/32"]}
        base.add("AWS::WAFv2::IPSet", "bad", addresses, observed={"Id": "set-1"})
        statement = {"IPSetReferenceStatement": {"Arn": ref("AWS::WAFv2::IPSet", "bad", "Arn")}}
        rules = [{"Name": "bad", "Priority": 1, "Action": {"Block": {}}, "Statement": statement}]
        base.add("AWS::WAFv2::WebACL", "acl", {"Rules": [*rules, *([first] if first else [])]})
        base.add("AWS::WAFv2::WebACLAssociation", "v/alb", {
            "ResourceArn": ref(f"{kind}LoadBalancer", "v/alb"),
            "WebACLArn": ref("AWS::WAFv2::WebACL", "acl", "Arn"),
        })  # fmt: skip
    return base


def resolved(
    *rules: tuple[str, str], lists: dict[str, list[str]] | None = None, vpcs: str = "vw"
) -> NetworkBuilder:
    """Two VPCs with one rule group: rules as (list, action); lists by name."""
    base = NetworkBuilder(observed=True).vpc("v", "10.0.0.0/16").vpc("w", "10.1.0.0/16")
    domains = {"bad": ["old.example"], **(lists or {})}
    for name, listed in domains.items():
        managed = {"ManagedOwnerName": "Route 53"} if name == "aws" else {}
        base.add(
            f"{R53}FirewallDomainList", name, {"Name": name, "Domains": listed}, observed=managed
        )
    asked = rules or (("bad", "BLOCK"),)
    group = [
        {"Name": f"{name}-{action.lower()}", "Priority": number, "Action": action,
         "FirewallDomainListId": ref(f"{R53}FirewallDomainList", name)}
        for number, (name, action) in enumerate(asked)
    ]  # fmt: skip
    base.add(f"{R53}FirewallRuleGroup", "g", {"Name": "g", "FirewallRules": group})
    for vpc in vpcs:
        base.add(f"{R53}FirewallRuleGroupAssociation", vpc, {
            "VpcId": ref("VPC", vpc), "Priority": 101,
            "FirewallRuleGroupId": ref(f"{R53}FirewallRuleGroup", "g"),
        })  # fmt: skip
    return base
