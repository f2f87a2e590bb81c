"""One node of a graph → resources of Terraform, by type; what is more than a renaming."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ringwall.formats.terraform.forms import EC2, FORMS
from ringwall.formats.terraform.renaming import (
    TYPES,
    Arguments,
    Resource,
    Writer,
    Writing,
    document,
    renamed,
)
from ringwall.formats.terraform.web_acls import WRITERS as WEB_ACLS
from ringwall.formats.terraform.written_balancing import BALANCING
from ringwall.model.graph import Node, Ref
from ringwall.resources.hosted_zone import comment

PROTOCOLS = frozenset({"tcp", "udp", "icmp", "icmpv6"})


def _plain(writing: Writing, node: Node) -> Iterator[Resource]:
    yield TYPES[node.type], "", renamed(writing, node)


def _vpc(writing: Writing, node: Node) -> Iterator[Resource]:
    found = renamed(writing, node)
    block = writing.graph.get((f"{EC2}VPCCidrBlock", f"{node.key}/ipv6"))
    if block is not None and block.properties.get("AmazonProvidedIpv6CidrBlock"):
        found["assign_generated_ipv6_cidr_block"] = True
    yield "aws_vpc", "", found


def _block(writing: Writing, node: Node) -> Iterator[Resource]:
    """Yield a further block of a VPC; one of Amazon's is an argument of the VPC itself."""
    properties = node.properties
    if properties.get("AmazonProvidedIpv6CidrBlock"):
        return
    kind = "aws_vpc_ipv4_cidr_block_association"
    if "CidrBlock" not in properties:
        kind = "aws_vpc_ipv6_cidr_block_association"
    arguments = {
        argument: writing.expression(properties[name])
        for argument, name in FORMS[kind].arguments.items()
        if name in properties
    }
    yield kind, "", arguments


def _attachment_of_gateway(writing: Writing, node: Node) -> Iterator[Resource]:
    arguments = {
        "vpc_id": writing.expression(node.properties["VpcId"]),
        "internet_gateway_id": writing.expression(node.properties["InternetGatewayId"]),
    }
    yield "aws_internet_gateway_attachment", "", arguments


def _entry(writing: Writing, node: Node) -> Iterator[Resource]:
    found = renamed(writing, node)
    protocol = node.properties["Protocol"]
    ports = node.properties.get("PortRange", {})
    icmp = node.properties.get("Icmp", {})
    found["protocol"] = str(protocol)
    # "from_port/to_port: 0 for all protocols" (aws_network_acl_rule takes them for every one).
    found |= {"from_port": ports.get("From", 0), "to_port": ports.get("To", 0)}
    if icmp:
        found |= {"icmp_type": icmp["Type"], "icmp_code": icmp["Code"]}
    yield "aws_network_acl_rule", "", found


def _default_group(writing: Writing, node: Node) -> Iterator[Resource]:
    found: Arguments = {"vpc_id": writing.expression(node.properties["VpcId"])}
    for name, side in (("Ingress", "Source"), ("Egress", "Destination")):
        rules = node.properties.get(name, ())
        found[name.lower()] = [_inline_rule(writing, node, rule, side) for rule in rules]
    yield "aws_default_security_group", "", found


def _inline_rule(
    writing: Writing, node: Node, rule: Mapping[str, Any], side: str
) -> dict[str, Any]:
    """Return a rule as an attribute, in which every member must stand."""
    group = rule.get(f"{side}SecurityGroupId")
    is_self = isinstance(group, Ref) and (group.type, group.key) == (node.type, node.key)
    ports = rule["IpProtocol"] in PROTOCOLS
    return {
        "protocol": rule["IpProtocol"],
        "from_port": rule.get("FromPort", -1) if ports else 0,
        "to_port": rule.get("ToPort", -1) if ports else 0,
        "description": rule.get("Description", ""),
        "cidr_blocks": _one(writing, rule.get("CidrIp")),
        "ipv6_cidr_blocks": _one(writing, rule.get("CidrIpv6")),
        "prefix_list_ids": _one(writing, rule.get(f"{side}PrefixListId")),
        "security_groups": [] if is_self else _one(writing, group),
        "self": is_self,
    }


def _one(writing: Writing, value: object) -> list[Any]:
    return [] if value is None else [writing.expression(value)]


def _default_acl(writing: Writing, node: Node) -> Iterator[Resource]:
    vpc = node.properties["VpcId"]
    default = Ref(vpc.type, vpc.key, "default_network_acl_id")
    found: Arguments = {"default_network_acl_id": writing.expression(default)}
    for name, egress in (("ingress", False), ("egress", True)):
        found[name] = [
            _inline_entry(writing, entry)
            for entry in node.properties.get("Entries", ())
            if bool(entry["Egress"]) is egress
        ]
    yield "aws_default_network_acl", "", found


def _inline_entry(writing: Writing, entry: Mapping[str, Any]) -> dict[str, Any]:
    ports, icmp = entry.get("PortRange", {}), entry.get("Icmp", {})
    found = {
        "rule_no": entry["RuleNumber"],
        "action": entry["RuleAction"],
        "protocol": str(entry["Protocol"]),
        "from_port": ports.get("From", 0),
        "to_port": ports.get("To", 0),
    }
    for argument, name in (("cidr_block", "CidrBlock"), ("ipv6_cidr_block", "Ipv6CidrBlock")):
        if name in entry:
            found[argument] = writing.expression(entry[name])
    if icmp:
        found |= {"icmp_type": icmp["Type"], "icmp_code": icmp["Code"]}
    return found


def _attachment(writing: Writing, node: Node) -> Iterator[Resource]:
    found = renamed(writing, node)
    names = {
        "ApplianceModeSupport": "appliance_mode_support",
        "DnsSupport": "dns_support",
        "Ipv6Support": "ipv6_support",
        "SecurityGroupReferencingSupport": "security_group_referencing_support",
    }
    options = node.properties.get("Options", {})
    found |= {argument: options[name] for name, argument in names.items() if name in options}
    gateway = writing.graph.get(node.properties["TransitGatewayId"])
    if gateway is not None:
        for part in ("Association", "Propagation"):
            if gateway.properties.get(f"DefaultRouteTable{part}") == "disable":
                found[f"transit_gateway_default_route_table_{part.lower()}"] = False
    yield "aws_ec2_transit_gateway_vpc_attachment", "", found


def _endpoint(writing: Writing, node: Node) -> Iterator[Resource]:
    found = renamed(writing, node, "PolicyDocument")
    if "PolicyDocument" in node.properties:
        found["policy"] = document(writing, node.properties["PolicyDocument"])
    yield "aws_vpc_endpoint", "", found


def _flow_log(writing: Writing, node: Node) -> Iterator[Resource]:
    found = renamed(writing, node, "LogDestination")
    destination = node.properties.get("LogDestination") or node.properties.get("LogGroupName")
    if isinstance(destination, Ref):
        destination = Ref(destination.type, destination.key, "Arn")
    if destination is not None:
        found["log_destination"] = writing.expression(destination)
    kinds = {
        "VPC": "vpc_id",
        "Subnet": "subnet_id",
        "NetworkInterface": "eni_id",
        "TransitGateway": "transit_gateway_id",
        "TransitGatewayAttachment": "transit_gateway_attachment_id",
    }
    argument = kinds[node.properties["ResourceType"]]
    found[argument] = writing.expression(node.properties["ResourceId"])
    yield "aws_flow_log", "", found


def _role(writing: Writing, node: Node) -> Iterator[Resource]:
    found = renamed(writing, node, "AssumeRolePolicyDocument")
    trust = node.properties["AssumeRolePolicyDocument"]
    yield "aws_iam_role", "", {**found, "assume_role_policy": document(writing, trust)}
    for policy in node.properties.get("Policies", ()):
        arguments = {
            "role": writing.expression(node.ref),
            "name": writing.expression(policy["PolicyName"]),
            "policy": document(writing, policy["PolicyDocument"]),
        }
        yield "aws_iam_role_policy", str(policy["PolicyName"]), arguments


def _bucket(writing: Writing, node: Node) -> Iterator[Resource]:
    yield "aws_s3_bucket", "", renamed(writing, node)
    own = {"bucket": writing.expression(node.ref)}
    access = node.properties.get("PublicAccessBlockConfiguration")
    if access:
        names = {
            "BlockPublicAcls": "block_public_acls",
            "BlockPublicPolicy": "block_public_policy",
            "IgnorePublicAcls": "ignore_public_acls",
            "RestrictPublicBuckets": "restrict_public_buckets",
        }
        found = {argument: access[name] for name, argument in names.items() if name in access}
        yield "aws_s3_bucket_public_access_block", "", own | found
    encryption = node.properties.get("BucketEncryption", {})
    rules = [
        {"apply_server_side_encryption_by_default": {"sse_algorithm": inner["SSEAlgorithm"]}}
        for rule in encryption.get("ServerSideEncryptionConfiguration", ())
        for inner in [rule["ServerSideEncryptionByDefault"]]
    ]
    if rules:
        kind = "aws_s3_bucket_server_side_encryption_configuration"
        yield kind, "", own | {"rule": rules}
    kept = [
        {
            "id": rule["Id"],
            "status": rule["Status"],
            "filter": {},
            "expiration": {"days": rule["ExpirationInDays"]},
        }
        for rule in node.properties.get("LifecycleConfiguration", {}).get("Rules", ())
    ]
    if kept:
        yield "aws_s3_bucket_lifecycle_configuration", "", own | {"rule": kept}


def _bucket_policy(writing: Writing, node: Node) -> Iterator[Resource]:
    found = renamed(writing, node, "PolicyDocument")
    policy = document(writing, node.properties["PolicyDocument"])
    yield "aws_s3_bucket_policy", "", {**found, "policy": policy}


def _zone(writing: Writing, node: Node) -> Iterator[Resource]:
    """Yield a private zone; its comment says whose it is, as our own zones' do."""
    vpcs = [{"vpc_id": writing.expression(vpc)} for vpc in node.properties.get("VPCs", ())]
    said = {"comment": comment(node.tags)} if node.tags else {}
    yield "aws_route53_zone", "", {**renamed(writing, node), **said, "vpc": vpcs}


def _record(writing: Writing, node: Node) -> Iterator[Resource]:
    found = renamed(writing, node)
    alias = node.properties.get("AliasTarget")
    if alias:
        found["alias"] = {
            "name": writing.expression(alias["DNSName"]),
            "zone_id": writing.expression(alias["HostedZoneId"]),
            "evaluate_target_health": bool(alias.get("EvaluateTargetHealth", False)),
        }
    yield "aws_route53_record", "", found


def _domain_list(writing: Writing, node: Node) -> Iterator[Resource]:
    """Yield a list of domains, each with its last dot.

    AWS adds the dot, and the provider compares with what AWS answers: without it every plan of
    Terraform's would change the list (hashicorp/terraform-provider-aws issue 23543).
    """
    found = renamed(writing, node)
    domains = node.properties.get("Domains", ())
    yield (
        "aws_route53_resolver_firewall_domain_list",
        "",
        {**found, "domains": [f"{domain.rstrip('.')}." for domain in domains]},
    )


def _dns_rules(writing: Writing, node: Node) -> Iterator[Resource]:
    yield "aws_route53_resolver_firewall_rule_group", "", renamed(writing, node)
    for rule in node.properties.get("FirewallRules", ()):
        names = {
            "Name": "name",
            "Action": "action",
            "Priority": "priority",
            "BlockResponse": "block_response",
            "BlockOverrideDomain": "block_override_domain",
            "BlockOverrideDnsType": "block_override_dns_type",
            "BlockOverrideTtl": "block_override_ttl",
            "FirewallDomainListId": "firewall_domain_list_id",
            "FirewallDomainRedirectionAction": "firewall_domain_redirection_action",
            "Qtype": "q_type",
        }
        found = {
            argument: writing.expression(rule[name])
            for name, argument in names.items()
            if name in rule
        }
        found["firewall_rule_group_id"] = writing.expression(node.ref)
        yield "aws_route53_resolver_firewall_rule", str(rule["Name"]), found


_WRITERS: Mapping[str, Writer] = {
    **BALANCING,
    **WEB_ACLS,
    f"{EC2}VPC": _vpc,
    f"{EC2}VPCCidrBlock": _block,
    f"{EC2}VPCGatewayAttachment": _attachment_of_gateway,
    f"{EC2}NetworkAclEntry": _entry,
    f"{EC2}TransitGatewayAttachment": _attachment,
    f"{EC2}VPCEndpoint": _endpoint,
    f"{EC2}FlowLog": _flow_log,
    "AWS::IAM::Role": _role,
    "AWS::S3::Bucket": _bucket,
    "AWS::S3::BucketPolicy": _bucket_policy,
    "AWS::Route53::HostedZone": _zone,
    "AWS::Route53::RecordSet": _record,
    "AWS::Route53Resolver::FirewallDomainList": _domain_list,
    "AWS::Route53Resolver::FirewallRuleGroup": _dns_rules,
    "Ringwall::EC2::DefaultSecurityGroup": _default_group,
    "Ringwall::EC2::DefaultNetworkAcl": _default_acl,
}


def resources(writing: Writing, node: Node, further: Mapping[str, Writer]) -> Sequence[Resource]:
    """Return the resources that a node is in Terraform, its own first; none without a type.

    `further` are the writers of types that have theirs elsewhere.
    """
    writer = further.get(node.type) or _WRITERS.get(node.type)
    if writer is None and node.type in TYPES:
        writer = _plain
    return list(writer(writing, node)) if writer is not None else []
