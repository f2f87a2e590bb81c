"""AWS::ElasticLoadBalancingV2::LoadBalancer: application ones are written, all kinds are read.

Rules:
- Of an application load balancer's attributes those count that differ from AWS's defaults; what
  AWS adds to them and we do not know is left alone.
- A load balancer has interfaces in its subnets, which stay for a while after it is deleted; what
  they stand in can be deleted when they are gone.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from ringwall.model.calls import Call, Idempotence, Wait
from ringwall.model.graph import Address, Node, Ref, ResourceGraph
from ringwall.model.plan import Exposure
from ringwall.resources.balancing import (
    DESCRIPTION,
    NOT_FOUND,
    TYPE,
    may_be_ours,
    may_have_balancer,
    pairs,
    tag,
    tags_of,
    with_defaults,
    without_defaults,
)
from ringwall.resources.ec2 import ec2_node
from ringwall.resources.kind import Detail, Listing, Reads, ResourceType
from ringwall.resources.ownership import to_tag_list
from ringwall.resources.vpc_gateway_attachment import attachment_of

LOAD_BALANCERS = Listing("elbv2", "describe_load_balancers", "LoadBalancers")
ATTRIBUTES = Detail(
    "elbv2",
    "describe_load_balancer_attributes",
    of=LOAD_BALANCERS.name,
    item_id=lambda item: str(item["LoadBalancerArn"]),
    request=lambda item: {"LoadBalancerArn": item["LoadBalancerArn"]},
    items="Attributes",
    wanted=lambda item, deployment: may_be_ours(item.get("LoadBalancerName"), deployment),
    whole=True,
)
TAGS = tags_of(LOAD_BALANCERS, "LoadBalancerName", "LoadBalancerArn")
ENFORCES = "EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic"
BUCKET = "AWS::S3::Bucket"
LOG_BUCKETS = frozenset({"access_logs.s3.bucket", "connection_logs.s3.bucket"})
# "Load balancer attributes" (Application Load Balancers guide). Cross-zone load balancing is always
# on, and ipv6.deny_all_igw_traffic follows the scheme.
DEFAULTS: Mapping[str, str] = {
    "access_logs.s3.bucket": "",
    "access_logs.s3.enabled": "false",
    "access_logs.s3.prefix": "",
    "client_keep_alive.seconds": "3600",
    "connection_logs.s3.bucket": "",
    "connection_logs.s3.enabled": "false",
    "connection_logs.s3.prefix": "",
    "deletion_protection.enabled": "false",
    "idle_timeout.timeout_seconds": "60",
    "routing.http.desync_mitigation_mode": "defensive",
    "routing.http.drop_invalid_header_fields.enabled": "false",
    "routing.http.preserve_host_header.enabled": "false",
    "routing.http.x_amzn_tls_version_and_cipher_suite.enabled": "false",
    "routing.http.xff_client_port.enabled": "false",
    "routing.http.xff_header_processing.mode": "append",
    "routing.http2.enabled": "true",
    "waf.fail_open.enabled": "false",
    "zonal_shift.config.enabled": "false",
}
# Where logs are off, the call takes neither bucket nor prefix.
LOGS = ("access_logs.s3", "connection_logs.s3")
WHERE = ("bucket", "prefix")


def normalise(properties: Mapping[str, Any]) -> dict[str, Any]:
    """Sort the sets, and leave out what an application load balancer has by default."""
    full = {"Type": "application", **properties}
    for name in ("Subnets", "SecurityGroups"):
        if full.get(name):
            full[name] = sorted(full[name])
    if full["Type"] == "application":
        full.setdefault("IpAddressType", "ipv4")
        if "LoadBalancerAttributes" in full:
            changed = _said(without_defaults(full.pop("LoadBalancerAttributes"), DEFAULTS))
            full |= {"LoadBalancerAttributes": changed} if changed else {}
    return full


def _said(attributes: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Leave out where logs would go that are not written: AWS keeps what was told before."""
    on = {each["Key"] for each in attributes if each["Value"] == "true"}
    off = {f"{stem}.{part}" for stem in LOGS if f"{stem}.enabled" not in on for part in WHERE}
    return [each for each in attributes if each["Key"] not in off]


def read(reads: Reads) -> Iterable[Node]:
    """Yield the load balancers that were looked at; the key of one is its ARN."""
    for item in reads.items(LOAD_BALANCERS):
        if not may_be_ours(item.get("LoadBalancerName"), reads.deployment):
            continue
        attributes = reads.detail(ATTRIBUTES, item["LoadBalancerArn"])
        zones = item.get("AvailabilityZones") or ()
        subnets = [zone["SubnetId"] for zone in zones if zone.get("SubnetId")]
        properties: dict[str, Any] = {
            "Name": item.get("LoadBalancerName", ""),
            "Type": item.get("Type") or "application",
            "Subnets": sorted(Ref("AWS::EC2::Subnet", each) for each in subnets),
        }
        groups = item.get("SecurityGroups") or ()
        if groups:
            properties["SecurityGroups"] = sorted(
                Ref("AWS::EC2::SecurityGroup", each) for each in groups
            )
        for name in ("Scheme", "IpAddressType", ENFORCES):
            if item.get(name):
                properties[name] = item[name]
        if attributes is not None:
            properties["LoadBalancerAttributes"] = [_attribute(each) for each in pairs(attributes)]
        observed = {
            "DNSName": item.get("DNSName") or None,
            "CanonicalHostedZoneId": item.get("CanonicalHostedZoneId") or None,
            "State": (item.get("State") or {}).get("Code"),
            "AvailabilityZones": [dict(zone) for zone in zones],
            "VpcId": item.get("VpcId") or None,
        }
        tags = reads.detail(TAGS, item["LoadBalancerArn"])
        yield ec2_node(reads, RESOURCE.name, item["LoadBalancerArn"], properties, observed, tags)


def _attribute(pair: dict[str, Any]) -> dict[str, Any]:
    """Let a bucket of logs be a reference."""
    if pair["Key"] in LOG_BUCKETS and pair["Value"]:
        return {"Key": pair["Key"], "Value": Ref(BUCKET, pair["Value"])}
    return pair


def _attributes(node: Node) -> Call:
    wanted = with_defaults(node.properties.get("LoadBalancerAttributes", ()), DEFAULTS)
    values = {each["Key"]: each["Value"] for each in wanted}
    off = [stem for stem in LOGS if values[f"{stem}.enabled"] == "false"]
    request = {
        "LoadBalancerArn": node.ref,
        "Attributes": [
            each
            for each in wanted
            if each["Key"] not in {f"{s}.{part}" for s in off for part in WHERE}
        ],
    }
    return Call("elbv2", "modify_load_balancer_attributes", request)


def _active(node: Node) -> Wait:
    return Wait(
        "describe_load_balancers",
        {"LoadBalancerArns": [node.ref]},
        "LoadBalancers[].State.Code",
        success=frozenset({"active", "active_impaired"}),
        failure=frozenset({"failed"}),
    )


def create(node: Node) -> tuple[Call, ...]:
    """Create it, wait until it is active, then set its attributes."""
    request = {
        **{n: v for n, v in node.properties.items() if n != "LoadBalancerAttributes"},
        **({"Tags": to_tag_list(node.tags)} if node.tags else {}),
    }
    this = "LoadBalancers[0]"
    made = Call(
        "elbv2",
        "create_load_balancer",
        request,
        extract={
            "id": f"{this}.LoadBalancerArn",
            "DNSName": f"{this}.DNSName",
            "CanonicalHostedZoneId": f"{this}.CanonicalHostedZoneId",
        },
        # The same name and settings make no second one, and others are refused; whose the first
        # one is, its tags tell.
        idempotent_by=Idempotence.TAG,
        waits_for=(_active(node),),
    )
    return (made, _attributes(node))


def update(_before: Node, after: Node, changed: frozenset[str]) -> tuple[Call, ...]:
    """Set subnets, groups, the family of addresses and attributes, each by a call of its own."""
    calls = []
    arn = {"LoadBalancerArn": after.ref}
    if "IpAddressType" in changed and after.properties["IpAddressType"] == "ipv4":
        calls.append(_family(after, arn))
    if "Subnets" in changed:
        request = {**arn, "Subnets": after.properties["Subnets"]}
        calls.append(Call("elbv2", "set_subnets", request, waits_for=(_active(after),)))
    if "IpAddressType" in changed and after.properties["IpAddressType"] != "ipv4":
        calls.append(_family(after, arn))
    if "SecurityGroups" in changed:
        request = {**arn, "SecurityGroups": after.properties.get("SecurityGroups", [])}
        calls.append(Call("elbv2", "set_security_groups", request))
    if "LoadBalancerAttributes" in changed:
        calls.append(_attributes(after))
    return tuple(calls)


def _family(node: Node, arn: Mapping[str, Any]) -> Call:
    request = {**arn, "IpAddressType": node.properties["IpAddressType"]}
    return Call("elbv2", "set_ip_address_type", request)


def delete(node: Node) -> tuple[Call, ...]:
    """Delete it, and wait until its interfaces have left the subnets.

    AWS refuses while its deletion protection is on.
    """
    gone = Wait(
        "describe_load_balancers",
        {"LoadBalancerArns": [node.ref]},
        "LoadBalancers[].State.Code",
        success=frozenset({"gone"}),
        gone_codes=NOT_FOUND,
    )
    calls = [
        Call(
            "elbv2",
            "delete_load_balancer",
            {"LoadBalancerArn": node.ref},
            waits_for=(gone,),
            ignore=NOT_FOUND,
        )
    ]
    suffix = node.physical_id.partition(":loadbalancer/")[2]
    if suffix:
        # "ELB app/name/id": how the description of each of its interfaces reads.
        request = {"Filters": [{"Name": "description", "Values": [f"{DESCRIPTION}{suffix}"]}]}
        left = Wait(
            "describe_network_interfaces",
            request,
            "NetworkInterfaces[].Status",
            success=frozenset({"gone"}),
            hint="the load balancer's interfaces are still in the subnets; run again later",
        )
        calls.append(Call("ec2", "describe_network_interfaces", request, waits_for=(left,)))
    return tuple(calls)


def depends(node: Node, graph: ResourceGraph) -> Iterable[Address]:
    """Yield the policies of its logs' buckets, and the internet gateway's attachment.

    AWS tries to write before it takes a bucket, and makes no public address without a gateway.
    """
    if node.properties.get("Scheme") == "internet-facing":
        for subnet in node.properties.get("Subnets", ())[:1]:
            owner = graph.get(subnet)
            if owner is not None:
                yield from attachment_of(owner.properties.get("VpcId"), graph)
    for each in node.properties.get("LoadBalancerAttributes", ()):
        value = each["Value"]
        if isinstance(value, Ref) and ("AWS::S3::BucketPolicy", value.key) in graph:
            yield ("AWS::S3::BucketPolicy", value.key)


def exposure(before: Node | None, after: Node | None) -> Exposure:
    """Tell the exposure: what it lets through, its listeners say."""
    return Exposure.NEUTRAL if before is None or after is None else Exposure.BOTH


def price(_node: Node) -> tuple[str, int]:
    """Count one load balancer, without what is charged for capacity."""
    return ("application-load-balancer", 1)


RESOURCE = ResourceType(
    name=TYPE,
    listings=(LOAD_BALANCERS,),
    details=(ATTRIBUTES, TAGS),
    possible=may_have_balancer,
    read=read,
    normalise=normalise,
    create=create,
    update=update,
    delete=delete,
    tag=tag,
    # Nothing renames it, and nothing of ours goes by its name.
    initial=frozenset({"Name"}),
    replace=frozenset({"Scheme", "Type"}),
    depends=depends,
    exposure=exposure,
    permissions={
        "apply": (
            "elasticloadbalancing:AddTags",
            "ec2:DescribeAccountAttributes",
            "ec2:DescribeAddresses",
            "ec2:DescribeInternetGateways",
            "ec2:DescribeSecurityGroups",
            "ec2:DescribeSubnets",
            "ec2:DescribeVpcs",
            "iam:CreateServiceLinkedRole",
        ),
    },
    price=price,
)
