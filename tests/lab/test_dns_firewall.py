"""Probes: DNS Firewall and query logging as the Route 53 Resolver API reference tells them."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest


@pytest.fixture
def dns(client: Callable[..., Any]) -> Any:
    return client("route53resolver")


@pytest.fixture
def wall(dns: Any, ec2: Any) -> SimpleNamespace:
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    listed = dns.create_firewall_domain_list(
        CreatorRequestId="l1", Name="bad", Tags=[{"Key": "k", "Value": "v"}]
    )["FirewallDomainList"]
    group = dns.create_firewall_rule_group(CreatorRequestId="g1", Name="wall")["FirewallRuleGroup"]
    return SimpleNamespace(vpc=vpc, domains=listed["Id"], list_arn=listed["Arn"], group=group["Id"])


def rule(wall: SimpleNamespace, **other: Any) -> dict[str, Any]:
    return {
        "CreatorRequestId": "r1", "FirewallRuleGroupId": wall.group,
        "FirewallDomainListId": wall.domains, "Priority": 10, "Action": "BLOCK",
        "BlockResponse": "NODATA", "Name": "r", **other,
    }  # fmt: skip


def association(wall: SimpleNamespace, **other: Any) -> dict[str, Any]:
    return {
        "CreatorRequestId": "a1", "FirewallRuleGroupId": wall.group, "VpcId": wall.vpc,
        "Priority": 101, "Name": "a", **other,
    }  # fmt: skip


def test_aws_lists_are_there(dns: Any) -> None:
    found = dns.list_firewall_domain_lists()["FirewallDomainLists"]
    assert {one["ManagedOwnerName"] for one in found} == {"Route 53 Resolver DNS Firewall"}
    assert "AWSManagedDomainsAggregateThreatList" in {one["Name"] for one in found}


def test_a_creator_request_id_makes_one_thing(
    dns: Any, wall: SimpleNamespace, refused: Any
) -> None:
    again = dns.create_firewall_rule_group(CreatorRequestId="g1", Name="wall")
    assert again["FirewallRuleGroup"]["Id"] == wall.group
    with refused("ValidationException"):
        dns.create_firewall_rule_group(CreatorRequestId="g1", Name="other")


def test_domains_are_added_removed_and_replaced(
    dns: Any, wall: SimpleNamespace, until: Any, refused: Any
) -> None:
    def change(operation: str, *domains: str) -> Any:
        done = dns.update_firewall_domains(
            FirewallDomainListId=wall.domains, Operation=operation, Domains=list(domains)
        )
        assert done["Status"] == "UPDATING"
        return dns.list_firewall_domains(FirewallDomainListId=wall.domains)["Domains"]

    assert change("ADD", "Example.com", "*.evil.test") == ["*.evil.test.", "example.com."]
    assert change("REMOVE", "example.com.") == ["*.evil.test."]
    assert change("REPLACE", "a.test", "b.test") == ["a.test.", "b.test."]
    until(
        lambda: dns.get_firewall_domain_list(FirewallDomainListId=wall.domains)[
            "FirewallDomainList"
        ]["Status"],
        "COMPLETE",
    )
    with refused("ValidationException"):
        change("ADD", "a.*.test")


def test_rules_have_priorities_of_their_own(dns: Any, wall: SimpleNamespace, refused: Any) -> None:
    dns.create_firewall_rule(**rule(wall))
    dns.create_firewall_rule(**rule(wall))
    managed = dns.list_firewall_domain_lists()["FirewallDomainLists"][0]["Id"]
    with refused("ValidationException"):
        dns.create_firewall_rule(**rule(wall, FirewallDomainListId=managed, CreatorRequestId="r2"))
    with refused("ValidationException"):
        dns.create_firewall_rule(
            **rule(wall, FirewallDomainListId=managed, Priority=11, BlockResponse="OVERRIDE")
        )
    dns.create_firewall_rule(
        **rule(
            wall, FirewallDomainListId=managed, Priority=5, BlockResponse="OVERRIDE",
            BlockOverrideDomain="sink.test", BlockOverrideDnsType="CNAME", BlockOverrideTtl=0,
            CreatorRequestId="r3",
        )
    )  # fmt: skip
    found = dns.list_firewall_rules(FirewallRuleGroupId=wall.group)["FirewallRules"]
    assert [one["Priority"] for one in found] == [5, 10]
    changed = dns.update_firewall_rule(
        FirewallRuleGroupId=wall.group, FirewallDomainListId=wall.domains, Action="ALERT"
    )["FirewallRule"]
    assert changed["Action"] == "ALERT"
    assert "BlockResponse" not in changed
    with refused("ConflictException"):
        dns.delete_firewall_domain_list(FirewallDomainListId=wall.domains)
    with refused("ConflictException"):
        dns.delete_firewall_rule_group(FirewallRuleGroupId=wall.group)
    for one in (wall.domains, managed):
        dns.delete_firewall_rule(FirewallRuleGroupId=wall.group, FirewallDomainListId=one)
    dns.delete_firewall_domain_list(FirewallDomainListId=wall.domains)
    dns.delete_firewall_rule_group(FirewallRuleGroupId=wall.group)
    with refused("ResourceNotFoundException"):
        dns.get_firewall_rule_group(FirewallRuleGroupId=wall.group)


@pytest.mark.parametrize("priority", [100, 9900])
def test_an_association_ranks_between_aws_own(
    dns: Any, wall: SimpleNamespace, refused: Any, priority: int
) -> None:
    with refused("ValidationException"):
        dns.associate_firewall_rule_group(**association(wall, Priority=priority))


def test_an_association_takes_time_and_may_be_protected(
    dns: Any, wall: SimpleNamespace, refused: Any, until: Any
) -> None:
    made = dns.associate_firewall_rule_group(**association(wall, MutationProtection="ENABLED"))
    made = made["FirewallRuleGroupAssociation"]
    assert made["Status"] == "UPDATING"

    def states() -> Any:
        found = dns.list_firewall_rule_group_associations(VpcId=wall.vpc)
        return [one["Status"] for one in found["FirewallRuleGroupAssociations"]]

    until(states, ["COMPLETE"])
    with refused("ConflictException"):
        dns.delete_firewall_rule_group(FirewallRuleGroupId=wall.group)
    with refused("ConflictException"):
        dns.disassociate_firewall_rule_group(FirewallRuleGroupAssociationId=made["Id"])
    dns.update_firewall_rule_group_association(
        FirewallRuleGroupAssociationId=made["Id"], MutationProtection="DISABLED", Priority=200
    )
    dns.disassociate_firewall_rule_group(FirewallRuleGroupAssociationId=made["Id"])
    until(states, [])


def test_a_firewall_fails_closed_unless_told(dns: Any, wall: SimpleNamespace) -> None:
    config = dns.get_firewall_config(ResourceId=wall.vpc)["FirewallConfig"]
    assert config["FirewallFailOpen"] == "DISABLED"
    dns.update_firewall_config(ResourceId=wall.vpc, FirewallFailOpen="ENABLED")
    found = dns.list_firewall_configs()["FirewallConfigs"]
    assert [one["FirewallFailOpen"] for one in found] == ["ENABLED"]


def test_tags_are_kept(dns: Any, wall: SimpleNamespace) -> None:
    dns.tag_resource(ResourceArn=wall.list_arn, Tags=[{"Key": "a", "Value": "b"}])
    dns.untag_resource(ResourceArn=wall.list_arn, TagKeys=["k"])
    assert dns.list_tags_for_resource(ResourceArn=wall.list_arn)["Tags"] == [
        {"Key": "a", "Value": "b"}
    ]


def test_query_logging_takes_time(
    dns: Any, wall: SimpleNamespace, client: Callable[..., Any], refused: Any, until: Any
) -> None:
    client("logs").create_log_group(logGroupName="dns", tags={"a": "b"})
    client("logs").put_retention_policy(logGroupName="dns", retentionInDays=30)
    asked = {
        "Name": "q",
        "DestinationArn": "arn:aws:logs:us-east-1:123456789012:log-group:dns",
        "CreatorRequestId": "q1",
        "Tags": [{"Key": "k", "Value": "v"}],
    }
    made = dns.create_resolver_query_log_config(**asked)["ResolverQueryLogConfig"]
    again = dns.create_resolver_query_log_config(**asked)["ResolverQueryLogConfig"]
    assert again["Id"] == made["Id"]
    assert dns.list_tags_for_resource(ResourceArn=made["Arn"])["Tags"] == asked["Tags"]
    where = {"ResolverQueryLogConfigId": made["Id"], "ResourceId": wall.vpc}
    one = dns.associate_resolver_query_log_config(**where)["ResolverQueryLogConfigAssociation"]
    assert one["Status"] == "CREATING"

    def states() -> Any:
        found = dns.list_resolver_query_log_config_associations()
        return [one["Status"] for one in found["ResolverQueryLogConfigAssociations"]]

    until(states, ["ACTIVE"])
    with refused("InvalidRequestException"):
        dns.delete_resolver_query_log_config(ResolverQueryLogConfigId=made["Id"])
    dns.disassociate_resolver_query_log_config(**where)
    assert states() == ["DELETING"]
    until(states, [])
    dns.delete_resolver_query_log_config(ResolverQueryLogConfigId=made["Id"])
    assert dns.list_resolver_query_log_configs()["ResolverQueryLogConfigs"] == []
