"""Endpoints as written into endpoint nodes, and the private zones that let other VPCs find them.

Rules:
- A gateway endpoint stands in the route tables of the private tiers, and of any other tier that a
  flow to its service leaves.
- Interface endpoints have one interface a zone in their tier, and the group `vpc/endpoints`.
- Where they are the VPC's own, the service's names lead to them by the endpoint's private DNS.
  That works inside one VPC only, so shared ones have it off, and a private hosted zone for each
  name, associated with every VPC whose segment is joined with theirs both ways.
"""

from ringwall.blueprint.addresses import AddressPlan
from ringwall.blueprint.compile.draft import Draft
from ringwall.blueprint.compile.routing import table_refs
from ringwall.blueprint.compile.site import PRIVATE, Place, Site, Tier, VpcSite
from ringwall.blueprint.routing import sharers
from ringwall.blueprint.syntax import Blueprint
from ringwall.model.graph import Origin, Ref

# The DNS names of services whose endpoint is not `<service>.<region>` ("Private DNS names" of
# DescribeVpcEndpointServices): the zone, and the records in it ("" is the zone's own name).
DNS_NAMES: dict[str, tuple[tuple[str, tuple[str, ...]], ...]] = {
    "airflow.api": (("api.airflow.{region}", ("",)),),
    "airflow.env": (("env.airflow.{region}", ("",)),),
    "airflow.ops": (("ops.airflow.{region}", ("",)),),
    "codeartifact.api": (("codeartifact.{region}", ("",)),),
    "codeartifact.repositories": (("d.codeartifact.{region}", ("*",)),),
    "ecr.api": (("api.ecr.{region}", ("",)),),
    "ecr.dkr": (("dkr.ecr.{region}", ("", "*")),),
    "ecs-agent": (("ecs-a.{region}", ("",)),),
    "ecs-telemetry": (("ecs-t.{region}", ("",)),),
    "execute-api": (("execute-api.{region}", ("*",)),),
    "iot.credentials": (("credentials.iot.{region}", ("*",)),),
    "iot.data": (("iot.{region}", ("*",)),),
    "kinesis-firehose": (("firehose.{region}", ("",)),),
    "kinesis-streams": (("kinesis.{region}", ("",)),),
    "s3": (("s3.{region}", ("", "*")),),
    "sagemaker.api": (("api.sagemaker.{region}", ("",)),),
    "sagemaker.runtime": (("runtime.sagemaker.{region}", ("",)),),
    "servicediscovery": (
        ("servicediscovery.{region}", ("",)),
        ("data-servicediscovery.{region}", ("",)),
    ),
}


def compile_endpoints(draft: Draft, bp: Blueprint, plan: AddressPlan, site: Site) -> None:
    """Add the gateway and interface endpoints of every VPC, and the zones of shared ones."""
    users = _gateway_users(site)
    for vpc in site.vpcs:
        written = bp.vpcs[vpc.name].endpoints
        sharing = sharers(bp, plan, vpc.name) if written.shared else ()
        origin = bp.origins.get(("vpcs", vpc.name, "endpoints"), vpc.origin)
        for gateway in written.gateway:
            tiers = [
                tier
                for tier in vpc.tiers
                if tier.kind == PRIVATE or (tier, gateway.service) in users
            ]
            draft.add(
                "AWS::EC2::VPCEndpoint",
                f"{vpc.name}/{gateway.service}",
                {
                    "VpcId": vpc.ref,
                    "ServiceName": service_name(draft.region, gateway.service),
                    "VpcEndpointType": "Gateway",
                    "RouteTableIds": sorted(
                        table for tier in tiers for table in table_refs(vpc, tier)
                    ),
                    "PolicyDocument": written.policy_of(gateway),
                },
                origin,
            )
        for interface in written.interface:
            if vpc.endpoints is None:
                continue
            short = short_name(draft.region, interface.service)
            # A gateway endpoint of the same service has the plain key.
            taken = short in vpc.gateway_services
            endpoint = draft.add(
                "AWS::EC2::VPCEndpoint",
                f"{vpc.name}/{short}{'-interface' if taken else ''}",
                {
                    "VpcId": vpc.ref,
                    "ServiceName": service_name(draft.region, interface.service),
                    "VpcEndpointType": "Interface",
                    "SubnetIds": sorted(subnet.ref for subnet in vpc.endpoints.tier.subnets),
                    "SecurityGroupIds": [vpc.endpoints.ref],
                    "PrivateDnsEnabled": interface.private_dns and not written.shared,
                    "PolicyDocument": written.policy_of(interface),
                },
                origin,
            )
            if written.shared and interface.private_dns and not short.startswith("com."):
                _add_zones(draft, site, vpc, sharing, short, endpoint, origin)


def service_name(region: str, service: str) -> str:
    """Return the full name of a service: `com.amazonaws.us-east-1.ssm`."""
    if service.startswith(("com.", "cn.com.", "aws.")):
        return service
    # "cn.com.amazonaws.<region>.<service>" in the regions of China, gateways excepted.
    china = region.startswith("cn-") and service not in {"s3", "dynamodb"}
    return f"{'cn.' if china else ''}com.amazonaws.{region}.{service}"


def short_name(region: str, service: str) -> str:
    """Return the name that keys use: `ssm`."""
    return service.removeprefix("cn.").removeprefix(f"com.amazonaws.{region}.")


def _gateway_users(site: Site) -> frozenset[tuple[Tier, str]]:
    return frozenset(
        (link.source.tier, link.target.service)
        for link in site.links
        if link.target.place is Place.SERVICE and link.source.tier is not None
    )


def _add_zones(
    draft: Draft,
    site: Site,
    vpc: VpcSite,
    sharing: tuple[str, ...],
    service: str,
    endpoint: Ref,
    origin: Origin | None,
) -> None:
    joined = [site.by_name[name] for name in sharing]
    domain = "amazonaws.com.cn" if draft.region.startswith("cn-") else "amazonaws.com"
    zones = DNS_NAMES.get(service, ((f"{service}.{{region}}", ("",)),))
    for index, (stem, records) in enumerate(zones):
        name = f"{stem.format(region=draft.region)}.{domain}"
        zone = draft.add(
            "AWS::Route53::HostedZone",
            f"{vpc.name}/{service}" + (f"-{index + 1}" if index else ""),
            {
                "Name": name,
                "VPCs": sorted([vpc.ref, *(other.ref for other in joined)]),
            },
            origin,
        )
        for record in records:
            draft.add_child(
                "AWS::Route53::RecordSet",
                {
                    "HostedZoneId": zone,
                    "Name": f"{record}.{name}" if record else name,
                    "Type": "A",
                    "AliasTarget": {
                        "DNSName": Ref(endpoint.type, endpoint.key, "DnsName"),
                        "HostedZoneId": Ref(endpoint.type, endpoint.key, "HostedZoneId"),
                        "EvaluateTargetHealth": False,
                    },
                },
                origin,
            )
