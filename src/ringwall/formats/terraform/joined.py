"""Resources that Terraform has beside another, as the properties of that other."""

from collections.abc import Callable, Mapping
from typing import Any

from ringwall.formats.terraform.document import Instance
from ringwall.formats.terraform.plain import document, listed

Get = Callable[[Instance, str], Any]


def inline_policy(instance: Instance, get: Get) -> dict[str, Any]:
    """Return a policy of a role."""
    return {
        "PolicyName": get(instance, "name"),
        "PolicyDocument": document(get(instance, "policy")),
    }


def bucket_part(instance: Instance, get: Get) -> dict[str, Any]:
    """Return the properties of a bucket that are resources of their own in Terraform."""
    match instance.type:
        case "aws_s3_bucket_public_access_block":
            names = {
                "block_public_acls": "BlockPublicAcls",
                "block_public_policy": "BlockPublicPolicy",
                "ignore_public_acls": "IgnorePublicAcls",
                "restrict_public_buckets": "RestrictPublicBuckets",
            }
            found = {name: get(instance, argument) for argument, name in names.items()}
            return {"PublicAccessBlockConfiguration": found}
        case "aws_s3_bucket_server_side_encryption_configuration":
            rules = [_encryption(rule) for rule in listed(get(instance, "rule"))]
            return {"BucketEncryption": {"ServerSideEncryptionConfiguration": rules}}
        case _:
            kept = [_retention(rule) for rule in listed(get(instance, "rule"))]
            return {"LifecycleConfiguration": {"Rules": kept}}


def _encryption(rule: object) -> dict[str, Any]:
    said = rule if isinstance(rule, Mapping) else {}
    inner = listed(said.get("apply_server_side_encryption_by_default"))
    first = inner[0] if inner and isinstance(inner[0], Mapping) else {}
    return {"ServerSideEncryptionByDefault": {"SSEAlgorithm": first.get("sse_algorithm")}}


def _retention(rule: object) -> dict[str, Any]:
    said = rule if isinstance(rule, Mapping) else {}
    found: dict[str, Any] = {"Status": said.get("status"), "Id": said.get("id")}
    expiration = listed(said.get("expiration"))
    if expiration and isinstance(expiration[0], Mapping):
        found["ExpirationInDays"] = expiration[0].get("days")
    return found


def dns_rule(instance: Instance, get: Get) -> dict[str, Any]:
    """Return a rule of the DNS Firewall."""
    names = {
        "name": "Name",
        "action": "Action",
        "priority": "Priority",
        "block_response": "BlockResponse",
        "block_override_domain": "BlockOverrideDomain",
        "block_override_dns_type": "BlockOverrideDnsType",
        "block_override_ttl": "BlockOverrideTtl",
        "firewall_domain_list_id": "FirewallDomainListId",
        "firewall_domain_redirection_action": "FirewallDomainRedirectionAction",
        "q_type": "Qtype",
    }
    found = {name: get(instance, argument) for argument, name in names.items()}
    if found["BlockResponse"] != "OVERRIDE":  # a state says 0 and "" where there is none
        found = {name: v for name, v in found.items() if not name.startswith("BlockOverride")}
    return {name: value for name, value in found.items() if value not in (None, "")}


def _target(instance: Instance, get: Get) -> dict[str, Any]:
    found = {"Id": get(instance, "target_id")}
    for argument, name in (("port", "Port"), ("availability_zone", "AvailabilityZone")):
        value = get(instance, argument)
        if value not in (None, ""):
            found[name] = value
    return found


def _argument(name: str) -> Callable[[Instance, Get], Any]:
    return lambda instance, get: get(instance, name)


# What a resource adds to another (`kinds.JOINED`), by its name there.
JOINS: Mapping[str, Callable[[Instance, Get], Any]] = {
    "security_groups": _argument("security_group_id"),
    "route_table_ids": _argument("route_table_id"),
    "subnet_ids": _argument("subnet_id"),
    "security_group_ids": _argument("security_group_id"),
    "policy": _argument("policy"),
    "vpc": _argument("vpc_id"),
    "entry": _argument("cidr"),
    "route": _argument("destination_cidr_block"),
    "target": _target,
    "inline_policy": inline_policy,
    "bucket": bucket_part,
    "rule": dns_rule,
}
