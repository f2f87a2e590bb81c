"""IpPermissions of a described security group → items of DescribeSecurityGroupRules."""

from collections.abc import Iterator, Mapping
from typing import Any

Item = Mapping[str, Any]


def rules_of(group: Item) -> Iterator[dict[str, Any]]:
    """Yield a rule for every peer of every permission, with an id made of its place."""
    number = 0
    for member, is_egress in (("IpPermissions", False), ("IpPermissionsEgress", True)):
        for permission in group.get(member) or ():
            for peer in _peers(permission):
                number += 1
                rule = {
                    "SecurityGroupRuleId": f"{group['GroupId']}#{number}",
                    "GroupId": group["GroupId"],
                    "GroupOwnerId": group.get("OwnerId"),
                    "IsEgress": is_egress,
                    "IpProtocol": permission["IpProtocol"],
                    "FromPort": permission.get("FromPort", -1),
                    "ToPort": permission.get("ToPort", -1),
                }
                yield rule | peer


def _peers(permission: Item) -> Iterator[dict[str, Any]]:
    for item in permission.get("IpRanges") or ():
        yield {"CidrIpv4": item["CidrIp"]}
    for item in permission.get("Ipv6Ranges") or ():
        yield {"CidrIpv6": item["CidrIpv6"]}
    for item in permission.get("PrefixListIds") or ():
        yield {"PrefixListId": item["PrefixListId"]}
    for item in permission.get("UserIdGroupPairs") or ():
        yield {"ReferencedGroupInfo": {k: v for k, v in item.items() if v is not None}}
