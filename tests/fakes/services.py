"""IAM, CloudWatch Logs, Route 53, its Resolver, S3 and SSM, in memory."""

import json
from typing import Any

from tests.fakes.memory import ACCOUNT, REGION, Answer, Memory, Refusal, Request, operation

IAM, LOGS, DNS, RESOLVER = "iam", "logs", "route53", "route53resolver"
MANAGED_LISTS = (
    "AWSManagedDomainsMalwareDomainList",
    "AWSManagedDomainsBotnetCommandandControl",
    "AWSManagedDomainsAggregateThreatList",
    "AWSManagedDomainsAmazonGuardDutyThreatList",
)
PREFIX_LISTS = {
    "s3": ["52.216.0.0/15", "3.5.0.0/19", "54.231.0.0/16"],
    "dynamodb": ["3.218.182.0/24", "52.94.0.0/22"],
}


def furnish(memory: Memory) -> None:
    """Put in what every account has."""
    for name, cidrs in PREFIX_LISTS.items():
        list_id = memory.new_id("pl")
        memory.table("prefix_list")[list_id] = {
            "PrefixListId": list_id,
            "PrefixListName": f"com.amazonaws.{REGION}.{name}",
            "AddressFamily": "IPv4",
            "State": "create-complete",
            "OwnerId": "AWS",
            "Cidrs": cidrs,
            "Tags": [],
        }
    for name in MANAGED_LISTS:
        list_id = memory.new_id("rslvr-fdl")
        memory.table("domain_list")[list_id] = {
            "Id": list_id,
            "Name": name,
            "ManagedOwnerName": "Route 53 Resolver DNS Firewall",
        }


@operation("sts")
def get_caller_identity(_memory: Memory, _request: Request) -> Answer:
    return {"Account": ACCOUNT}


@operation("vpc-lattice")
def list_service_networks(memory: Memory, _request: Request) -> Answer:
    return {"items": list(memory.table("service_network").values())}


# Nothing here makes load balancers and web ACLs; the lab has them.


@operation("elbv2")
def describe_load_balancers(memory: Memory, _request: Request) -> Answer:
    return {"LoadBalancers": list(memory.table("load_balancer").values())}


@operation("elbv2")
def describe_target_groups(memory: Memory, _request: Request) -> Answer:
    return {"TargetGroups": list(memory.table("target_group").values())}


@operation("wafv2")
def list_web_acls(memory: Memory, _request: Request) -> Answer:
    return {"WebACLs": list(memory.table("web_acl").values())}


@operation("wafv2")
def list_ip_sets(memory: Memory, _request: Request) -> Answer:
    return {"IPSets": list(memory.table("ip_set").values())}


@operation("wafv2")
def list_logging_configurations(memory: Memory, _request: Request) -> Answer:
    return {"LoggingConfigurations": list(memory.table("web_acl_logging").values())}


# --- IAM


def _role(memory: Memory, request: Request) -> dict[str, Any]:
    return memory.get("role", request["RoleName"], "NoSuchEntity")


@operation(IAM)
def create_role(memory: Memory, request: Request) -> Answer:
    name = request["RoleName"]
    memory.refuse_if(name in memory.table("role"), "EntityAlreadyExists")
    memory.table("role")[name] = {
        "RoleName": name,
        "Path": request["Path"],
        "Arn": f"arn:aws:iam::{ACCOUNT}:role{request['Path']}{name}",
        "AssumeRolePolicyDocument": json.loads(request["AssumeRolePolicyDocument"]),
        "tags": list(request.get("Tags", ())),
        "policies": {},
        "attached": [],
    }
    return {"Role": _shown(memory.table("role")[name])}


def _shown(item: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in item.items() if not name[0].islower()}


@operation(IAM)
def list_roles(memory: Memory, request: Request) -> Answer:
    prefix = request.get("PathPrefix", "/")
    return {
        "Roles": [_shown(r) for r in memory.table("role").values() if r["Path"].startswith(prefix)]
    }


@operation(IAM)
def list_role_tags(memory: Memory, request: Request) -> Answer:
    return {"Tags": _role(memory, request)["tags"]}


@operation(IAM)
def tag_role(memory: Memory, request: Request) -> None:
    tags = {tag["Key"]: tag["Value"] for tag in (*_role(memory, request)["tags"], *request["Tags"])}
    _role(memory, request)["tags"] = [{"Key": k, "Value": v} for k, v in tags.items()]


@operation(IAM)
def untag_role(memory: Memory, request: Request) -> None:
    role = _role(memory, request)
    role["tags"] = [tag for tag in role["tags"] if tag["Key"] not in request["TagKeys"]]


@operation(IAM)
def list_role_policies(memory: Memory, request: Request) -> Answer:
    return {"PolicyNames": list(_role(memory, request)["policies"])}


@operation(IAM)
def list_attached_role_policies(memory: Memory, request: Request) -> Answer:
    return {"AttachedPolicies": [{"PolicyArn": arn} for arn in _role(memory, request)["attached"]]}


@operation(IAM)
def put_role_policy(memory: Memory, request: Request) -> None:
    _role(memory, request)["policies"][request["PolicyName"]] = json.loads(
        request["PolicyDocument"]
    )


@operation(IAM)
def get_role_policy(memory: Memory, request: Request) -> Answer:
    policies = _role(memory, request)["policies"]
    if request["PolicyName"] not in policies:
        raise Refusal("NoSuchEntity")
    return {**request, "PolicyDocument": policies[request["PolicyName"]]}


@operation(IAM)
def delete_role_policy(memory: Memory, request: Request) -> None:
    if _role(memory, request)["policies"].pop(request["PolicyName"], None) is None:
        raise Refusal("NoSuchEntity")


@operation(IAM)
def update_assume_role_policy(memory: Memory, request: Request) -> None:
    document = json.loads(request["PolicyDocument"])
    _role(memory, request)["AssumeRolePolicyDocument"] = document


@operation(IAM)
def delete_role(memory: Memory, request: Request) -> None:
    memory.refuse_if(_role(memory, request)["policies"], "DeleteConflict")
    del memory.table("role")[request["RoleName"]]


# --- CloudWatch Logs

NO_GROUP = "ResourceNotFoundException"


@operation(LOGS)
def create_log_group(memory: Memory, request: Request) -> None:
    name = request["logGroupName"]
    memory.refuse_if(name in memory.table("log_group"), "ResourceAlreadyExistsException")
    arn = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{name}"
    memory.table("log_group")[name] = {
        "logGroupName": name,
        "arn": f"{arn}:*",
        "logGroupArn": arn,
        "tags": dict(request.get("tags", {})),
    }


@operation(LOGS)
def describe_log_groups(memory: Memory, request: Request) -> Answer:
    prefix = request.get("logGroupNamePrefix", "")
    return {
        "logGroups": [
            {name: value for name, value in group.items() if name != "tags"}
            for key, group in sorted(memory.table("log_group").items())
            if key.startswith(prefix)
        ]
    }


def _group_by_arn(memory: Memory, request: Request) -> dict[str, Any]:
    return memory.get("log_group", request["resourceArn"].split(":")[6], NO_GROUP)


@operation(LOGS, "list_tags_for_resource")
def list_log_tags(memory: Memory, request: Request) -> Answer:
    return {"tags": _group_by_arn(memory, request)["tags"]}


@operation(LOGS, "tag_resource")
def tag_log_group(memory: Memory, request: Request) -> None:
    _group_by_arn(memory, request)["tags"] |= request["tags"]


@operation(LOGS, "untag_resource")
def untag_log_group(memory: Memory, request: Request) -> None:
    for name in request["tagKeys"]:
        _group_by_arn(memory, request)["tags"].pop(name, None)


@operation(LOGS)
def put_retention_policy(memory: Memory, request: Request) -> None:
    group = memory.get("log_group", request["logGroupName"], NO_GROUP)
    group["retentionInDays"] = request["retentionInDays"]


@operation(LOGS)
def delete_retention_policy(memory: Memory, request: Request) -> None:
    memory.get("log_group", request["logGroupName"], NO_GROUP).pop("retentionInDays", None)


@operation(LOGS)
def delete_log_group(memory: Memory, request: Request) -> None:
    memory.get("log_group", request["logGroupName"], NO_GROUP)
    del memory.table("log_group")[request["logGroupName"]]


# --- Route 53


def _zone(memory: Memory, zone_id: str) -> dict[str, Any]:
    return memory.get("zone", zone_id.removeprefix("/hostedzone/"), "NoSuchHostedZone")


CHANGE = {"Id": "/change/C1", "Status": "INSYNC"}


@operation(DNS)
def create_hosted_zone(memory: Memory, request: Request) -> Answer:
    used = [
        z
        for z in memory.table("zone").values()
        if z["CallerReference"] == request["CallerReference"]
    ]
    memory.refuse_if(used, "HostedZoneAlreadyExists")
    zone_id = memory.new_id("Z").replace("-", "").upper()
    name = request["Name"].rstrip(".") + "."
    memory.table("zone")[zone_id] = {
        "Id": f"/hostedzone/{zone_id}",
        "Name": name,
        "CallerReference": request["CallerReference"],
        "Config": dict(request["HostedZoneConfig"]),
        "vpcs": [dict(request["VPC"])],
        "records": [
            {"Name": name, "Type": kind, "TTL": 1, "ResourceRecords": []} for kind in ("NS", "SOA")
        ],
        "tags": [],
    }
    return {"HostedZone": _shown(memory.table("zone")[zone_id]), "ChangeInfo": CHANGE}


@operation(DNS)
def list_hosted_zones(memory: Memory, _request: Request) -> Answer:
    return {"HostedZones": [_shown(zone) for zone in memory.table("zone").values()]}


@operation(DNS)
def get_hosted_zone(memory: Memory, request: Request) -> Answer:
    zone = _zone(memory, request["Id"])
    return {"HostedZone": _shown(zone), "VPCs": zone["vpcs"]}


@operation(DNS)
def associate_vpc_with_hosted_zone(memory: Memory, request: Request) -> Answer:
    zone = _zone(memory, request["HostedZoneId"])
    if request["VPC"] not in zone["vpcs"]:
        zone["vpcs"].append(dict(request["VPC"]))
    return {"ChangeInfo": CHANGE}


@operation(DNS)
def disassociate_vpc_from_hosted_zone(memory: Memory, request: Request) -> Answer:
    zone = _zone(memory, request["HostedZoneId"])
    memory.refuse_if(request["VPC"] not in zone["vpcs"], "VPCAssociationNotFound")
    memory.refuse_if(len(zone["vpcs"]) == 1, "LastVPCAssociation")
    zone["vpcs"].remove(request["VPC"])
    return {"ChangeInfo": CHANGE}


@operation(DNS)
def change_tags_for_resource(memory: Memory, request: Request) -> None:
    zone = _zone(memory, request["ResourceId"])
    tags = {tag["Key"]: tag["Value"] for tag in (*zone["tags"], *request.get("AddTags", ()))}
    gone = request.get("RemoveTagKeys", ())
    zone["tags"] = [{"Key": k, "Value": v} for k, v in tags.items() if k not in gone]


@operation(DNS, "list_tags_for_resource")
def list_zone_tags(memory: Memory, request: Request) -> Answer:
    return {"ResourceTagSet": {**request, "Tags": _zone(memory, request["ResourceId"])["tags"]}}


@operation(DNS)
def update_hosted_zone_comment(memory: Memory, request: Request) -> None:
    _zone(memory, request["Id"])["Config"]["Comment"] = request["Comment"]


@operation(DNS)
def list_resource_record_sets(memory: Memory, request: Request) -> Answer:
    return {"ResourceRecordSets": _zone(memory, request["HostedZoneId"])["records"]}


@operation(DNS)
def change_resource_record_sets(memory: Memory, request: Request) -> Answer:
    zone = _zone(memory, request["HostedZoneId"])
    for change in request["ChangeBatch"]["Changes"]:
        record = dict(change["ResourceRecordSet"])
        record["Name"] = record["Name"].rstrip(".") + "."
        left = [
            r for r in zone["records"] if (r["Name"], r["Type"]) != (record["Name"], record["Type"])
        ]
        if change["Action"] == "DELETE":
            memory.refuse_if(len(left) == len(zone["records"]), "InvalidChangeBatch")
            zone["records"] = left
        else:
            zone["records"] = [*left, record]
    return {"ChangeInfo": CHANGE}


@operation(DNS)
def get_change(_memory: Memory, _request: Request) -> Answer:
    return {"ChangeInfo": CHANGE}


@operation(DNS)
def delete_hosted_zone(memory: Memory, request: Request) -> Answer:
    zone = _zone(memory, request["Id"])
    memory.refuse_if(len(zone["records"]) > 2, "HostedZoneNotEmpty")
    del memory.table("zone")[request["Id"].removeprefix("/hostedzone/")]
    return {"ChangeInfo": CHANGE}


# --- Route 53 Resolver

NOT_FOUND = "ResourceNotFoundException"


def _made(
    memory: Memory, kind: str, prefix: str, word: str, request: Request, **more: Any
) -> dict[str, Any]:
    object_id = memory.new_id(prefix)
    item = {
        "Id": object_id,
        "Arn": f"arn:aws:route53resolver:{REGION}:{ACCOUNT}:{word}/{object_id}",
        **{
            name: value
            for name, value in request.items()
            if name not in {"Tags", "CreatorRequestId"}
        },
        "tags": [dict(tag) for tag in request.get("Tags", ())],
        **more,
    }
    memory.table(kind)[object_id] = item
    return item


def _tagged(memory: Memory, arn: str) -> dict[str, Any]:
    for kind in ("domain_list", "rule_group", "rule_group_association", "query_log"):
        for item in memory.table(kind).values():
            if item.get("Arn") == arn:
                return item
    raise Refusal(NOT_FOUND)


@operation(RESOLVER, "list_tags_for_resource")
def list_resolver_tags(memory: Memory, request: Request) -> Answer:
    return {"Tags": _tagged(memory, request["ResourceArn"])["tags"]}


@operation(RESOLVER, "tag_resource")
def tag_resolver(memory: Memory, request: Request) -> None:
    item = _tagged(memory, request["ResourceArn"])
    tags = {tag["Key"]: tag["Value"] for tag in (*item["tags"], *request["Tags"])}
    item["tags"] = [{"Key": k, "Value": v} for k, v in tags.items()]


@operation(RESOLVER, "untag_resource")
def untag_resolver(memory: Memory, request: Request) -> None:
    item = _tagged(memory, request["ResourceArn"])
    item["tags"] = [tag for tag in item["tags"] if tag["Key"] not in request["TagKeys"]]


@operation(RESOLVER)
def create_firewall_domain_list(memory: Memory, request: Request) -> Answer:
    item = _made(memory, "domain_list", "rslvr-fdl", "firewall-domain-list", request,
                 Status="COMPLETE", domains=[])  # fmt: skip
    return {"FirewallDomainList": _shown(item)}


@operation(RESOLVER)
def list_firewall_domain_lists(memory: Memory, _request: Request) -> Answer:
    return {"FirewallDomainLists": [_shown(item) for item in memory.table("domain_list").values()]}


@operation(RESOLVER)
def get_firewall_domain_list(memory: Memory, request: Request) -> Answer:
    item = memory.get("domain_list", request["FirewallDomainListId"], NOT_FOUND)
    return {"FirewallDomainList": _shown(item)}


@operation(RESOLVER)
def list_firewall_domains(memory: Memory, request: Request) -> Answer:
    item = memory.get("domain_list", request["FirewallDomainListId"], NOT_FOUND)
    return {"Domains": item["domains"]}


@operation(RESOLVER)
def update_firewall_domains(memory: Memory, request: Request) -> Answer:
    item = memory.get("domain_list", request["FirewallDomainListId"], NOT_FOUND)
    given = [f"{name.rstrip('.')}." for name in request["Domains"]]
    match request["Operation"]:
        case "REPLACE":
            item["domains"] = sorted(given)
        case "ADD":
            item["domains"] = sorted({*item["domains"], *given})
        case _:
            item["domains"] = [name for name in item["domains"] if name not in given]
    return {"Id": item["Id"], "Status": "COMPLETE"}


@operation(RESOLVER)
def delete_firewall_domain_list(memory: Memory, request: Request) -> Answer:
    one = request["FirewallDomainListId"]
    memory.get("domain_list", one, NOT_FOUND)
    used = [
        r
        for g in memory.table("rule_group").values()
        for r in g["rules"]
        if r.get("FirewallDomainListId") == one
    ]
    memory.refuse_if(used, "ConflictException")
    return {"FirewallDomainList": _shown(memory.table("domain_list").pop(one))}


@operation(RESOLVER)
def create_firewall_rule_group(memory: Memory, request: Request) -> Answer:
    item = _made(memory, "rule_group", "rslvr-frg", "firewall-rule-group", request,
                 Status="COMPLETE", OwnerId=ACCOUNT, rules=[], ShareStatus="NOT_SHARED",
    )  # fmt: skip
    return {"FirewallRuleGroup": _shown(item)}


@operation(RESOLVER)
def list_firewall_rule_groups(memory: Memory, _request: Request) -> Answer:
    return {"FirewallRuleGroups": [_shown(item) for item in memory.table("rule_group").values()]}


@operation(RESOLVER)
def get_firewall_rule_group(memory: Memory, request: Request) -> Answer:
    return {
        "FirewallRuleGroup": _shown(
            memory.get("rule_group", request["FirewallRuleGroupId"], NOT_FOUND)
        )
    }


@operation(RESOLVER)
def list_firewall_rules(memory: Memory, request: Request) -> Answer:
    return {
        "FirewallRules": memory.get("rule_group", request["FirewallRuleGroupId"], NOT_FOUND)[
            "rules"
        ]
    }


def _rule(memory: Memory, request: Request) -> tuple[list[dict[str, Any]], dict[str, Any] | None]:
    rules = memory.get("rule_group", request["FirewallRuleGroupId"], NOT_FOUND)["rules"]
    for rule in rules:
        if all(rule.get(n) == request.get(n) for n in ("FirewallDomainListId", "Qtype")):
            return rules, rule
    return rules, None


@operation(RESOLVER)
def create_firewall_rule(memory: Memory, request: Request) -> Answer:
    rules, known = _rule(memory, request)
    memory.refuse_if(known, "ConflictException")
    rule = {n: v for n, v in request.items() if n != "CreatorRequestId"}
    rule.setdefault("FirewallDomainRedirectionAction", "INSPECT_REDIRECTION_DOMAIN")
    rules.append(rule)
    return {"FirewallRule": rule}


@operation(RESOLVER)
def update_firewall_rule(memory: Memory, request: Request) -> Answer:
    _, known = _rule(memory, request)
    if known is None:
        raise Refusal(NOT_FOUND)
    known |= dict(request)
    return {"FirewallRule": known}


@operation(RESOLVER)
def delete_firewall_rule(memory: Memory, request: Request) -> Answer:
    rules, known = _rule(memory, request)
    if known is None:
        raise Refusal(NOT_FOUND)
    rules.remove(known)
    return {"FirewallRule": known}


@operation(RESOLVER)
def delete_firewall_rule_group(memory: Memory, request: Request) -> Answer:
    one = request["FirewallRuleGroupId"]
    memory.get("rule_group", one, NOT_FOUND)
    memory.refuse_if(
        memory.where("rule_group_association", FirewallRuleGroupId=one), "ConflictException"
    )
    return {"FirewallRuleGroup": _shown(memory.table("rule_group").pop(one))}


@operation(RESOLVER)
def associate_firewall_rule_group(memory: Memory, request: Request) -> Answer:
    memory.get("rule_group", request["FirewallRuleGroupId"], NOT_FOUND)
    twin = memory.where(
        "rule_group_association",
        VpcId=request["VpcId"],
        FirewallRuleGroupId=request["FirewallRuleGroupId"],
    )
    memory.refuse_if(twin, "ConflictException")
    item = _made(memory, "rule_group_association", "rslvr-frgassoc",
                 "firewall-rule-group-association", request, Status="COMPLETE")  # fmt: skip
    return {"FirewallRuleGroupAssociation": _shown(item)}


@operation(RESOLVER)
def list_firewall_rule_group_associations(memory: Memory, _request: Request) -> Answer:
    items = memory.table("rule_group_association").values()
    return {"FirewallRuleGroupAssociations": [_shown(item) for item in items]}


@operation(RESOLVER)
def get_firewall_rule_group_association(memory: Memory, request: Request) -> Answer:
    item = memory.get(
        "rule_group_association", request["FirewallRuleGroupAssociationId"], NOT_FOUND
    )
    return {"FirewallRuleGroupAssociation": _shown(item)}


@operation(RESOLVER)
def update_firewall_rule_group_association(memory: Memory, request: Request) -> Answer:
    item = memory.get(
        "rule_group_association", request["FirewallRuleGroupAssociationId"], NOT_FOUND
    )
    item |= {n: v for n, v in request.items() if n != "FirewallRuleGroupAssociationId"}
    return {"FirewallRuleGroupAssociation": _shown(item)}


@operation(RESOLVER)
def disassociate_firewall_rule_group(memory: Memory, request: Request) -> Answer:
    one = request["FirewallRuleGroupAssociationId"]
    memory.get("rule_group_association", one, NOT_FOUND)
    return {"FirewallRuleGroupAssociation": _shown(memory.table("rule_group_association").pop(one))}


@operation(RESOLVER)
def create_resolver_query_log_config(memory: Memory, request: Request) -> Answer:
    item = _made(memory, "query_log", "rslvr-qlc", "resolver-query-log-config", request,
                 Status="CREATED", OwnerId=ACCOUNT, ShareStatus="NOT_SHARED")  # fmt: skip
    return {"ResolverQueryLogConfig": _shown(item)}


@operation(RESOLVER)
def list_resolver_query_log_configs(memory: Memory, _request: Request) -> Answer:
    return {"ResolverQueryLogConfigs": [_shown(i) for i in memory.table("query_log").values()]}


@operation(RESOLVER)
def get_resolver_query_log_config(memory: Memory, request: Request) -> Answer:
    item = memory.get("query_log", request["ResolverQueryLogConfigId"], NOT_FOUND)
    return {"ResolverQueryLogConfig": _shown(item)}


@operation(RESOLVER)
def delete_resolver_query_log_config(memory: Memory, request: Request) -> Answer:
    one = request["ResolverQueryLogConfigId"]
    memory.get("query_log", one, NOT_FOUND)
    memory.refuse_if(
        memory.where("query_log_association", ResolverQueryLogConfigId=one),
        "InvalidRequestException",
    )
    return {"ResolverQueryLogConfig": _shown(memory.table("query_log").pop(one))}


@operation(RESOLVER)
def associate_resolver_query_log_config(memory: Memory, request: Request) -> Answer:
    memory.get("query_log", request["ResolverQueryLogConfigId"], NOT_FOUND)
    twin = memory.where("query_log_association", ResourceId=request["ResourceId"])
    memory.refuse_if(twin, "ResourceExistsException")
    one = memory.new_id("rslvr-qla")
    memory.table("query_log_association")[one] = {
        "Id": one, **request, "Status": "ACTIVE", "Error": "NONE",
    }  # fmt: skip
    return {"ResolverQueryLogConfigAssociation": memory.table("query_log_association")[one]}


@operation(RESOLVER)
def list_resolver_query_log_config_associations(memory: Memory, _request: Request) -> Answer:
    items = memory.table("query_log_association").values()
    return {"ResolverQueryLogConfigAssociations": list(items)}


@operation(RESOLVER)
def get_resolver_query_log_config_association(memory: Memory, request: Request) -> Answer:
    one = request["ResolverQueryLogConfigAssociationId"]
    item = memory.get("query_log_association", one, NOT_FOUND)
    return {"ResolverQueryLogConfigAssociation": item}


@operation(RESOLVER)
def disassociate_resolver_query_log_config(memory: Memory, request: Request) -> Answer:
    for key, item in memory.table("query_log_association").items():
        if all(item[n] == request[n] for n in ("ResolverQueryLogConfigId", "ResourceId")):
            return {
                "ResolverQueryLogConfigAssociation": memory.table("query_log_association").pop(key)
            }
    raise Refusal(NOT_FOUND)


# --- S3 and SSM


@operation("s3")
def list_buckets(_memory: Memory, _request: Request) -> Answer:
    return {"Buckets": []}


@operation("ssm")
def put_parameter(memory: Memory, request: Request) -> Answer:
    taken = request["Name"] in memory.table("parameter") and not request.get("Overwrite")
    memory.refuse_if(taken, "ParameterAlreadyExists")
    memory.table("parameter")[request["Name"]] = {"Value": request["Value"]}
    return {"Version": 1}


@operation("ssm")
def get_parameter(memory: Memory, request: Request) -> Answer:
    return {"Parameter": memory.get("parameter", request["Name"], "ParameterNotFound")}


@operation("ssm")
def delete_parameter(memory: Memory, request: Request) -> None:
    memory.get("parameter", request["Name"], "ParameterNotFound")
    del memory.table("parameter")[request["Name"]]


@operation(RESOLVER, "update_firewall_config")
def update_firewall_config(memory: Memory, request: Request) -> Answer:
    vpc = request["ResourceId"]
    config = {
        "Id": f"rslvr-fc-{vpc}", "ResourceId": vpc, "OwnerId": ACCOUNT,
        "FirewallFailOpen": request["FirewallFailOpen"],
    }  # fmt: skip
    memory.table("firewall_config")[config["Id"]] = config
    return {"FirewallConfig": config}


@operation(RESOLVER, "list_firewall_configs")
def list_firewall_configs(memory: Memory, _request: Request) -> Answer:
    return {"FirewallConfigs": list(memory.table("firewall_config").values())}
