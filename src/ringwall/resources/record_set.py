"""AWS::Route53::RecordSet: a name in a private zone of ours, an alias of an endpoint."""

from collections.abc import Iterable, Mapping
from typing import Any

from ringwall.model.calls import Call
from ringwall.model.graph import Node, Ref
from ringwall.resources.ec2 import ec2_node
from ringwall.resources.hosted_zone import (
    NO_SUCH,
    ZONES,
    insync,
    is_claimed,
    zone_id,
    zone_name,
    zones,
)
from ringwall.resources.kind import Detail, Reads, ResourceType
from ringwall.resources.vpc_endpoint import ENDPOINTS

TYPE = "AWS::Route53::RecordSet"
RECORDS = Detail(
    "route53",
    "list_resource_record_sets",
    ZONES.name,
    item_id=zone_id,
    request=lambda item: {"HostedZoneId": zone_id(item)},
    items="ResourceRecordSets",
    wanted=is_claimed,
)
# Route 53 makes these at the top of every zone, and keeps them.
MADE_BY_AWS = frozenset({"NS", "SOA"})


def key(properties: Mapping[str, Any]) -> str:
    """Return `zone>name type`."""
    return f"{properties['HostedZoneId'].key}>{properties['Name']} {properties['Type']}"


def normalise(properties: Mapping[str, Any]) -> dict[str, Any]:
    """Bring names into normal form; an alias does not follow the target's health unless told."""
    full = dict(properties)
    full["Name"] = zone_name(full["Name"])
    target = full.get("AliasTarget")
    if target is not None:
        name = target["DNSName"]
        full["AliasTarget"] = {
            "DNSName": name if isinstance(name, Ref) else zone_name(name),
            "HostedZoneId": target["HostedZoneId"],
            "EvaluateTargetHealth": bool(target.get("EvaluateTargetHealth", False)),
        }
    return full


def _endpoints(reads: Reads) -> dict[tuple[str, str], str]:
    """Return the endpoint of each (zone id, name) that endpoints answer to."""
    return {
        (str(entry.get("HostedZoneId")), zone_name(str(entry.get("DnsName")))): item[
            "VpcEndpointId"
        ]
        for item in reads.items(ENDPOINTS)
        for entry in (item.get("DnsEntries") or ())[:1]
    }


def _alias(target: Mapping[str, Any], endpoints: Mapping[tuple[str, str], str]) -> dict[str, Any]:
    name = zone_name(str(target["DNSName"]))
    endpoint = endpoints.get((str(target["HostedZoneId"]), name))
    if endpoint is None:
        return {**target, "DNSName": name}
    return {
        **target,
        "DNSName": Ref("AWS::EC2::VPCEndpoint", endpoint, "DnsName"),
        "HostedZoneId": Ref("AWS::EC2::VPCEndpoint", endpoint, "HostedZoneId"),
    }


def read(reads: Reads) -> Iterable[Node]:
    """Yield every record of our zones."""
    endpoints = _endpoints(reads)
    for item, _claimed in zones(reads):
        for record in reads.detail(RECORDS, zone_id(item)) or ():
            properties = {
                **record,
                "HostedZoneId": Ref("AWS::Route53::HostedZone", zone_id(item)),
            }
            if "AliasTarget" in record:
                properties["AliasTarget"] = _alias(record["AliasTarget"], endpoints)
            full = normalise(properties)
            yield ec2_node(reads, TYPE, key(full), full, {"Apex": full["Name"] == _name(item)})


def _name(zone: Mapping[str, Any]) -> str:
    return zone_name(str(zone["Name"]))


def implicit(node: Node) -> bool:
    """Tell whether Route 53 made a record by itself: NS and SOA at the top of the zone."""
    return node.properties["Type"] in MADE_BY_AWS and bool(node.observed.get("Apex"))


def _change(node: Node, action: str) -> dict[str, Any]:
    record = {n: v for n, v in node.properties.items() if n != "HostedZoneId"}
    return {
        "HostedZoneId": node.properties["HostedZoneId"],
        "ChangeBatch": {"Changes": [{"Action": action, "ResourceRecordSet": record}]},
    }


def create(node: Node) -> tuple[Call, ...]:
    """Put the record, and wait until all name servers know it."""
    return (
        Call(
            "route53",
            "change_resource_record_sets",
            _change(node, "UPSERT"),
            extract={"ChangeId": "ChangeInfo.Id"},
            waits_for=(insync(TYPE, node.key),),
        ),
    )


def update(_before: Node, after: Node, _changed: frozenset[str]) -> tuple[Call, ...]:
    """Put the record as it is to be."""
    return create(after)


def delete(node: Node) -> tuple[Call, ...]:
    """Delete the record as it was read: Route 53 wants all of it said."""
    return (
        Call("route53", "change_resource_record_sets", _change(node, "DELETE"), ignore=NO_SUCH),
    )


RESOURCE = ResourceType(
    name=TYPE,
    listings=(ZONES, ENDPOINTS),
    details=(RECORDS,),
    read=read,
    key=key,
    parent="HostedZoneId",
    implicit=implicit,
    normalise=normalise,
    create=create,
    update=update,
    delete=delete,
    replace=frozenset({"HostedZoneId", "Name", "Type"}),
    permissions={"apply": ("ec2:DescribeVpcEndpoints",)},
)
