"""A web service behind a load balancer, from nothing to deployed, broken, repaired and gone."""

import re

import boto3
import pytest
from botocore import xform_name

from ringwall.resources.actions import action_of
from tests.e2e.conftest import EXAMPLES
from tests.fortress import changed

TEXT = (EXAMPLES / "web.yaml").read_text()


def client(lab, service):
    return boto3.client(service, region_name="us-east-1", endpoint_url=lab.endpoint)


@pytest.fixture
def text(lab):
    arn = client(lab, "acm").request_certificate(DomainName="example.org")["CertificateArn"]
    return re.sub(r"arn:aws:acm:\S+", arn, TEXT)


@pytest.fixture
def web(text, tmp_path):
    path = tmp_path / "web.yaml"
    path.write_text(text)
    return path


@pytest.fixture
def deployed(lab, ringwall, web):
    ended = ringwall("apply", web, "--yes")
    assert ended.code == 0, ended.err + ended.out
    return web


@pytest.fixture
def elb(lab):
    return client(lab, "elbv2")


def balancer(elb):
    [found] = elb.describe_load_balancers()["LoadBalancers"]
    return found["LoadBalancerArn"]


def attributes(elb):
    told = elb.describe_load_balancer_attributes(LoadBalancerArn=balancer(elb))["Attributes"]
    return {one["Key"]: one["Value"] for one in told}


def changes(ringwall, web):
    return [(c["action"], c["type"].rsplit("::")[-1], c["key"])
            for c in ringwall("drift", web, "--json").json["changes"]]  # fmt: skip


def test_it_is_deployed_secure_and_proven(deployed, ringwall, elb):
    assert ringwall("drift", deployed, "--json").json["changes"] == []
    again = ringwall("apply", deployed, "--yes", "--json").json
    assert all(expectation["ok"] for expectation in again["expectations"])
    found = attributes(elb)
    assert found["routing.http.drop_invalid_header_fields.enabled"] == "true"
    assert found["routing.http.desync_mitigation_mode"] == "defensive"
    assert found["access_logs.s3.enabled"] == "true"
    listeners = elb.describe_listeners(LoadBalancerArn=balancer(elb))["Listeners"]
    by_port = {one["Port"]: one for one in listeners}
    assert by_port[443]["SslPolicy"] == "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09"
    assert by_port[80]["DefaultActions"][0]["RedirectConfig"]["Protocol"] == "HTTPS"


def test_the_policies_allow_every_call(lab, ringwall, web):
    """A call is not an action: the policy is held against what was called."""
    for purpose, words in (
        ("apply", ("apply", web, "--yes")),
        ("plan", ("drift", web)),
        ("destroy", ("destroy", web, "--yes", "--delete-logs")),
    ):
        policy = ringwall("permissions", web, "--for", purpose).json
        allowed = {a.lower() for s in policy["Statement"] for a in s["Action"]}
        lab.calls.clear()
        assert ringwall(*words).code == 0
        called = {
            action_of(service, xform_name(operation)).lower()
            for service, operation, _ in lab.calls
            if service in {"elasticloadbalancing", "elbv2", "wafv2", "logs"}
        }
        assert {name.partition(":")[0] for name in called} == {
            "elasticloadbalancing",
            "logs",
            "wafv2",
        }
        assert called - allowed == set(), purpose


def test_what_hands_did_to_it_is_found_and_undone(deployed, ringwall, elb):
    arn = balancer(elb)
    loose = [{"Key": "routing.http.drop_invalid_header_fields.enabled", "Value": "false"}]
    elb.modify_load_balancer_attributes(LoadBalancerArn=arn, Attributes=loose)
    answer = [{"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "200"}}]
    elb.create_listener(LoadBalancerArn=arn, Protocol="HTTP", Port=8080, DefaultActions=answer)
    secure = next(
        one["ListenerArn"]
        for one in elb.describe_listeners(LoadBalancerArn=arn)["Listeners"]
        if one["Port"] == 443
    )
    elb.modify_listener(ListenerArn=secure, SslPolicy="ELBSecurityPolicy-2016-08")
    hidden = [{"Field": "path-pattern", "PathPatternConfig": {"Values": ["/backdoor"]}}]
    elb.create_rule(ListenerArn=secure, Conditions=hidden, Priority=5, Actions=answer)
    assert sorted(changes(ringwall, deployed)) == [
        ("delete", "Listener", "main/front:8080"),
        ("delete", "ListenerRule", "main/front:443/5"),
        ("update", "Listener", "main/front:443"),
        ("update", "LoadBalancer", "main/front"),
    ]
    assert ringwall("apply", deployed, "--yes").code == 0
    assert changes(ringwall, deployed) == []


def test_targets_are_for_others_to_register(deployed, ringwall, lab, elb):
    ec2 = client(lab, "ec2")
    tagged = [{"Name": "tag:ringwall:key", "Values": ["main/private/us-east-1a"]}]
    [subnet] = ec2.describe_subnets(Filters=tagged)["Subnets"]
    tagged = [{"Name": "tag:ringwall:key", "Values": ["main/site"]}]
    [group] = ec2.describe_security_groups(Filters=tagged)["SecurityGroups"]
    made = ec2.run_instances(
        ImageId="ami-12c6146b", MinCount=1, MaxCount=1, SubnetId=subnet["SubnetId"],
        SecurityGroupIds=[group["GroupId"]],
    )  # fmt: skip
    instance = made["Instances"][0]["InstanceId"]
    [targets] = [
        one["TargetGroupArn"]
        for one in elb.describe_target_groups()["TargetGroups"]
        if "site" in one["TargetGroupName"]
    ]
    elb.register_targets(TargetGroupArn=targets, Targets=[{"Id": instance}])
    assert changes(ringwall, deployed) == []
    asked = ("explain", "aws", "internet", "main/front", "443", "--blueprint", deployed)
    assert ringwall(*asked, "--json").json["verdict"] == "ALLOW"
    assert instance in ringwall(*asked).out
    assert ringwall("apply", deployed, "--yes").code == 0
    assert elb.describe_target_health(TargetGroupArn=targets)["TargetHealthDescriptions"]


def test_it_changes_in_place(deployed, ringwall, text, elb):
    before = balancer(elb)
    deployed.write_text(
        changed(
            text,
            ("port: 8080, health_check: {path: /health}", "port: 8081"),
            ("from: edge, to: site, ports: [8080]", "from: edge, to: site, ports: [8081]"),
            ("ports: [8080], reachable: true", "ports: [8081], reachable: true"),
            ("priority: 10, path: /api/*", "priority: 20, path: [/api/*, /v2/*]"),
            ("zones: [us-east-1a, us-east-1b]", "zones: [us-east-1a, us-east-1b, us-east-1c]"),
            ("        access_logs:", "        idle_seconds: 120\n        access_logs:"),
        )
    )  # fmt: skip
    ended = ringwall("apply", deployed, "--yes")
    assert ended.code == 0, ended.err
    assert balancer(elb) == before
    [found] = elb.describe_load_balancers()["LoadBalancers"]
    assert len(found["AvailabilityZones"]) == 3
    assert attributes(elb)["idle_timeout.timeout_seconds"] == "120"
    assert sorted(one["Port"] for one in elb.describe_target_groups()["TargetGroups"]) == [
        8081, 9090,
    ]  # fmt: skip
    assert changes(ringwall, deployed) == []


def test_it_is_renamed_without_a_new_one(deployed, ringwall, text, elb):
    before = balancer(elb)
    renamed = changed(
        text,
        ("      front:\n", "      door:\n        was: front\n"),
        ("to: main/front, ports: [80", "to: main/door, ports: [80"),
        ("from: main/front", "from: main/door"),
        ("to: main/front", "to: main/door"),
    )
    deployed.write_text(renamed)
    ended = ringwall("apply", deployed, "--yes")
    assert ended.code == 0, ended.err
    assert balancer(elb) == before
    assert changes(ringwall, deployed) == []


def test_another_scheme_or_block_makes_it_anew(deployed, ringwall, text, elb, waf):
    block(waf, "198.51.100.7/32")
    before = balancer(elb)
    customers = next(line for line in text.split("\n") if "customers reach" in line)
    internal = changed(
        text,
        ("        group: edge  ", "        scheme: internal\n        group: edge  "),
        (f"{customers}\n", ""),
    )
    deployed.write_text(internal)
    ended = ringwall("apply", deployed, "--yes")
    assert ended.code == 0, ended.err
    assert balancer(elb) != before
    assert waf.get_web_acl_for_resource(ResourceArn=balancer(elb))["WebACL"]["Name"] == "web-public"
    deployed.write_text(internal.replace("10.0.0.0/16", "10.9.0.0/16"))
    ended = ringwall("apply", deployed, "--yes", "--max-deletions", "99")
    assert ended.code == 0, ended.err
    assert changes(ringwall, deployed) == []
    assert len(elb.describe_target_groups()["TargetGroups"]) == 2
    assert waf.get_ip_set(**ip_set(waf))["IPSet"]["Addresses"] == ["198.51.100.7/32"]


def test_a_renamed_vpc_keeps_its_target_groups(deployed, ringwall, text, elb):
    before = {one["TargetGroupArn"] for one in elb.describe_target_groups()["TargetGroups"]}
    renamed = text.replace("main/", "shop/").replace("  main:\n", "  shop:\n    was: main\n")
    deployed.write_text(renamed)
    ended = ringwall("apply", deployed, "--yes")
    assert ended.code == 0, ended.err
    assert {one["TargetGroupArn"] for one in elb.describe_target_groups()["TargetGroups"]} == before
    assert changes(ringwall, deployed) == []


def test_what_is_protected_is_kept(lab, ringwall, web, text, elb):
    web.write_text(
        changed(text, ("        group: edge  ", "        protect: true\n        group: edge  "))
    )
    assert ringwall("apply", web, "--yes").code == 0
    assert attributes(elb)["deletion_protection.enabled"] == "true"
    ended = ringwall("destroy", web, "--yes")
    assert ended.code == 1
    assert "protected" in ended.err
    web.write_text(text)
    assert ringwall("apply", web, "--yes").code == 0
    assert ringwall("destroy", web, "--yes", "--delete-logs").code == 0


def test_destroying_it_leaves_nothing(deployed, ringwall, elb):
    ended = ringwall("destroy", deployed, "--yes", "--delete-logs")
    assert ended.code == 0, ended.err
    assert ringwall("output", deployed).json["resources"] == {}
    assert elb.describe_load_balancers()["LoadBalancers"] == []
    assert elb.describe_target_groups()["TargetGroups"] == []


def test_a_stranger_of_the_same_name_is_not_adopted(lab, ringwall, web, elb):
    ec2 = client(lab, "ec2")
    vpc = ec2.create_vpc(CidrBlock="172.16.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        ec2.create_subnet(
            VpcId=vpc, CidrBlock=f"172.16.{n}.0/24", AvailabilityZone=f"us-east-1{zone}"
        )["Subnet"]["SubnetId"]
        for n, zone in enumerate("ab")
    ]
    elb.create_load_balancer(Name="web-main-front", Subnets=subnets, Scheme="internal")
    lab.calls.clear()
    ended = ringwall("apply", web, "--yes")
    assert ended.code == 1
    assert "LoadBalancer main/front would be created, but" in ended.err
    assert "CreateVpc" not in {name for _, name, _ in lab.calls}


@pytest.fixture
def waf(lab):
    return client(lab, "wafv2")


def one(listed, name):
    [found] = [each for each in listed if each["Name"] == name]
    return {"Scope": "REGIONAL", "Name": found["Name"], "Id": found["Id"]}


def ip_set(waf, family="ipv4"):
    return one(waf.list_ip_sets(Scope="REGIONAL")["IPSets"], f"web-public-blocked-{family}")


def block(waf, *addresses, family="ipv4"):
    """Do what a responder does."""
    name = ip_set(waf, family)
    token = waf.get_ip_set(**name)["LockToken"]
    waf.update_ip_set(**name, LockToken=token, Addresses=list(addresses))


def web_acl(waf):
    name = one(waf.list_web_acls(Scope="REGIONAL")["WebACLs"], "web-public")
    return name, waf.get_web_acl(**name)


def test_every_request_is_judged_and_logged(deployed, elb, waf):
    judging = waf.get_web_acl_for_resource(ResourceArn=balancer(elb))["WebACL"]
    assert [rule["Name"] for rule in sorted(judging["Rules"], key=lambda r: r["Priority"])] == [
        "blocked-ipv4",
        "blocked-ipv6",
        "rate-logins",
        "rate-everything",
        "AWSManagedRulesAmazonIpReputationList",
        "AWSManagedRulesKnownBadInputsRuleSet",
        "AWSManagedRulesSQLiRuleSet",
        "AWSManagedRulesCommonRuleSet",
    ]
    [logged] = waf.list_logging_configurations(Scope="REGIONAL")["LoggingConfigurations"]
    assert logged["LogDestinationConfigs"][0].endswith(":aws-waf-logs-web-web-acl-logs")


def test_what_responders_block_is_listed_and_left(deployed, ringwall, text, waf):
    block(waf, "198.51.100.7/32", "203.0.113.0/24")
    block(waf, "2001:db8::/48", family="ipv6")
    drift = ringwall("drift", deployed, "--json")
    assert (drift.code, drift.json["changes"]) == (0, [])
    assert [entry["key"] for entry in drift.json["temporary"]] == [
        "public/blocked-ipv4",
        "public/blocked-ipv6",
    ]
    assert drift.json["temporary"][0]["addresses"] == ["198.51.100.7/32", "203.0.113.0/24"]
    assert (
        "198.51.100.7/32, 203.0.113.0/24 in it, the responder's" in ringwall("drift", deployed).out
    )
    deployed.write_text(changed(text, ("requests: 2000", "requests: 3000")))
    saved = deployed.with_name("saved.plan")
    assert ringwall("plan", deployed, "-o", saved).code == 0
    block(waf, "198.51.100.8/32")  # while the plan lies about
    assert ringwall("apply", saved, "--yes").code == 0
    assert waf.get_ip_set(**ip_set(waf))["IPSet"]["Addresses"] == ["198.51.100.8/32"]
    _, judging = web_acl(waf)
    limits = [
        rule["Statement"]["RateBasedStatement"]["Limit"]
        for rule in judging["WebACL"]["Rules"]
        if rule["Name"] == "rate-everything"
    ]
    assert limits == [3000]


def test_a_web_acl_that_hands_weakened_is_repaired(deployed, ringwall, elb, waf):
    name, judging = web_acl(waf)
    wanted = {n: judging["WebACL"][n] for n in ("DefaultAction", "VisibilityConfig", "Rules")}
    fewer = [rule for rule in wanted["Rules"] if rule["Name"] != "blocked-ipv4"]
    kept = [{n: v for n, v in rule.items() if v is not None} for rule in fewer]
    waf.update_web_acl(**name, LockToken=judging["LockToken"], **{**wanted, "Rules": kept})
    waf.disassociate_web_acl(ResourceArn=balancer(elb))
    assert sorted(changes(ringwall, deployed)) == [
        ("create", "WebACLAssociation", "main/front"),
        ("update", "WebACL", "public"),
    ]
    assert ringwall("apply", deployed, "--yes").code == 0
    assert changes(ringwall, deployed) == []


def test_a_web_acl_is_renamed_and_taken_away(deployed, ringwall, text, waf):
    block(waf, "198.51.100.7/32")
    before, _ = web_acl(waf)
    deployed.write_text(
        changed(
            text,
            ("  public:\n    rate_limits", "  gate:\n    was: public\n    rate_limits"),
            ("web_acl: public", "web_acl: gate"),
        )
    )
    ended = ringwall("apply", deployed, "--yes")
    assert ended.code == 0, ended.err
    assert web_acl(waf)[0] == before
    assert waf.get_ip_set(**ip_set(waf))["IPSet"]["Addresses"] == ["198.51.100.7/32"]
    head, _, rest = text.partition("# What judges")
    bare = head + rest[rest.index("vpcs:") :].replace("        web_acl: public\n", "")
    deployed.write_text(bare)
    ended = ringwall("apply", deployed, "--yes")
    assert ended.code == 0, ended.err
    assert waf.list_web_acls(Scope="REGIONAL")["WebACLs"] == []
    assert waf.list_ip_sets(Scope="REGIONAL")["IPSets"] == []
    assert changes(ringwall, deployed) == []
