"""What plan, drift, apply and destroy know of the responses that stand, on the lab."""

import json
import re
import sqlite3

import boto3
import pytest

from ringwall.errors import CloudError
from ringwall.shell.aws import BotoCloud
from ringwall.shell.ledger.dynamodb import SCHEMA
from tests.e2e.conftest import EXAMPLES
from tests.fortress import changed

OFFENDER = "198.51.100.7"
FIREWALL = """dns_firewall:
  lists:
    malicious: {domains: [malware-domain.com]}
  rules:
    - {list: malicious, action: BLOCK, response: NXDOMAIN}
"""
TRUST = json.dumps({"Version": "2012-10-17", "Statement": []})
LEDGER = ".ringwall/minimal/responses.sqlite"


@pytest.fixture
def deployed(lab, ringwall, minimal):
    assert ringwall("apply", "--yes", "-q").code == 0
    return minimal


@pytest.fixture
def guarded(lab, ringwall, minimal):
    """The example with a DNS Firewall."""
    minimal.write_text(minimal.read_text().replace("vpcs:\n", f"{FIREWALL}vpcs:\n", 1))
    assert ringwall("apply", "--yes", "-q").code == 0
    return minimal


def client(lab, service):
    return boto3.client(service, "us-east-1", endpoint_url=lab.endpoint)


def responded(ringwall, *who, file="blueprint.yaml", at=()):
    """Report somebody and say yes; return the incident's id."""
    told = ringwall("respond", "report", file, *who, "--reason", "it tries", "--json", *at)
    assert told.code == 0, told.err + told.out
    id_ = told.json["incident"]["id"]
    done = ringwall("respond", "approve", id_, file, "--reason", "sure", "--by", "ann", *at)
    assert done.code == 0, done.err
    return id_


def acl_of(ec2, key):
    acls = ec2.describe_network_acls()["NetworkAcls"]
    [found] = [a for a in acls if {"Key": "ringwall:key", "Value": key} in a["Tags"]]
    return found["NetworkAclId"]


def deny(ec2, acl, number=50, cidr="0.0.0.0/0", action="deny", egress=False):
    ec2.create_network_acl_entry(
        NetworkAclId=acl, RuleNumber=number, Protocol="-1", RuleAction=action, Egress=egress,
        CidrBlock=cidr,
    )  # fmt: skip


def in_force(ringwall, *words):
    status = ringwall("respond", "status", "--json", *words).json
    return [each["incident"] for each in status["in_force"]]


def test_addresses_in_an_ip_set_are_those_of_the_response_that_put_them_there(
    lab, ringwall, tmp_path
):
    arn = client(lab, "acm").request_certificate(DomainName="example.org")["CertificateArn"]
    file = tmp_path / "web.yaml"
    text = re.sub(r"arn:aws:acm:\S+", arn, (EXAMPLES / "web.yaml").read_text())
    file.write_text(text)
    assert ringwall("apply", "web.yaml", "--yes", "-q").code == 0
    id_ = responded(ringwall, "--source", OFFENDER, file="web.yaml")
    drift = ringwall("drift", "web.yaml")
    assert drift.code == 0
    assert f"{OFFENDER}/32 in it, the responder's, left alone; block-source, incident {id_}" in (
        drift.out
    )
    assert "unaccounted" not in drift.out

    waf = client(lab, "wafv2")
    sets = waf.list_ip_sets(Scope="REGIONAL")["IPSets"]
    [own] = [each for each in sets if each["Name"].endswith("ipv4")]
    named = {"Name": own["Name"], "Id": own["Id"], "Scope": "REGIONAL"}
    token = waf.get_ip_set(**named)["LockToken"]
    both = [f"{OFFENDER}/32", "203.0.113.9/32"]
    waf.update_ip_set(**named, Addresses=both, LockToken=token)
    for command in ("plan", "drift"):
        rows = ringwall(command, "web.yaml", "--json").json["temporary"]
        assert [(each["addresses"], each["why"] is None) for each in rows] == [
            ([f"{OFFENDER}/32"], False),
            (["203.0.113.9/32"], True),
        ]
    file.write_text(changed(text, ("requests: 2000", "requests: 3000")))
    assert ringwall("apply", "web.yaml", "--yes", "-q").code == 0
    assert sorted(waf.get_ip_set(**named)["IPSet"]["Addresses"]) == both

    ended = ringwall("destroy", "web.yaml", "--yes", "-q")
    assert ended.code == 0, ended.err
    assert f"ended      deny {OFFENDER}/32" in ended.out
    assert in_force(ringwall, "web.yaml") == []


def test_destroy_says_what_stands_before_it_asks_and_the_ledger_says_it_afterwards(
    ringwall, deployed
):
    id_ = responded(ringwall, "--source", OFFENDER)
    declined = ringwall("destroy")
    assert declined.code == 4, "nobody is there to confirm"
    title = f"deny {OFFENDER}/32 both ways at 1 network ACL"
    assert f"response   {title}: ends with this plan; block-source, incident {id_}" in declined.err
    assert declined.err.count("the responder's, ends with this plan") == 2
    assert in_force(ringwall) == [id_], "nothing was changed"

    done = ringwall("destroy", "--yes", "-q", "--json")
    assert done.code == 0
    [ended] = done.json["ended"]
    assert (ended["incident"], ended["fault"]) == (id_, None)
    assert [each["fate"] for each in done.json["responses"]] == ["ends"]
    assert in_force(ringwall) == []
    shown = ringwall("respond", "show", id_, "--json").json
    assert shown["incident"]["state"] == "closed"
    assert [each["state"] for each in shown["incident"]["actions"]] == ["undone"]
    last = shown["journal"][-2:]
    assert [line["what"] for line in last] == ["undoing", "closed"]
    assert {line["reason"] for line in last} == {"what it stood in is deleted"}
    assert last[1]["facts"]["gone"]


def test_a_damaged_ledger_is_said_with_the_way_out(ringwall, deployed, ec2):
    responded(ringwall, "--source", OFFENDER)
    path = deployed.parent / LEDGER
    with sqlite3.connect(path) as db:  # all of it into the file: what ran here holds it open
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.close()
    for end in ("-wal", "-shm"):
        path.with_name(f"{path.name}{end}").unlink(missing_ok=True)
    whole, before = path.read_bytes(), ec2.describe_network_acls()["NetworkAcls"]
    for bad in (b"\xfe" * 9000, whole[:5000], b""):
        path.write_bytes(bad)
        for command in ("plan", "drift", "apply --yes", "destroy --yes"):
            ended = ringwall(*command.split())
            assert ended.code == 2
            [error, hint] = ended.err.splitlines()[-2:]
            assert str(path) in error
            assert "what stands by it is not known, and could be removed" in error
            assert hint.startswith("hint: name another (--ledger PLACE), or go on")
            assert f"mv {path} {path}.damaged" in hint
            assert path.read_bytes() == bad, "nothing is lost"
    assert ec2.describe_network_acls()["NetworkAcls"] == before
    path.with_name("good.sqlite").write_bytes(whole)
    assert "unaccounted" not in ringwall("plan", "--ledger", path.with_name("good.sqlite")).out
    path.rename(f"{path}.damaged")
    assert "unaccounted for" in ringwall("plan").out


def test_a_ledger_elsewhere_is_asked_where_it_is_said(lab, ringwall, deployed, ec2):
    client(lab, "dynamodb").create_table(TableName="ledger", **SCHEMA)
    at = ("--ledger", "dynamodb:ledger")
    id_ = responded(ringwall, "--source", OFFENDER, at=at)
    assert "unaccounted for" in ringwall("drift").out
    for command in ("plan", "drift"):
        said = ringwall(command, *at)
        assert said.code == 0
        assert f"block-source, incident {id_}" in said.out
        assert "unaccounted" not in said.out
        told = ringwall(command, "--json", *at).json
        assert [(each["incident"], each["ledger"]) for each in told["responses"]] == [
            (id_, "dynamodb:ledger")
        ]
    applied = ringwall("apply", "--yes", "-q", "--json", *at)
    assert applied.code == 0
    assert {each["why"] is None for each in applied.json["temporary"]} == {False}
    deny(ec2, acl_of(ec2, "main/public"), number=150, cidr="203.0.113.0/24")
    assert ringwall("plan", "-o", "saved.plan", *at).code == 0
    assert ringwall("apply", "saved.plan", "--yes", "-q").code == 0, "the plan knows its ledger"
    assert ringwall("destroy", "--yes", "-q", *at).code == 0
    assert in_force(ringwall, *at) == []
    assert ringwall("plan", "--ledger", "dynamodb:nowhere").code == 2
    assert ringwall("plan", "--ledger", "nowhere.sqlite").code == 2


def test_the_table_of_the_deployment_is_asked_and_goes_with_it(lab, ringwall, minimal):
    text = minimal.read_text()
    more = "\naccount: '123456789012'\nflow_logs: {destination: cloudwatch}\nmonitoring: {}\n"
    minimal.write_text(f"{text}{more}response: {{}}\n")
    assert ringwall("apply", "--yes", "-q").code == 0
    [table] = client(lab, "dynamodb").list_tables()["TableNames"]
    assert ringwall("drift", "--json").json["responses"] == []
    assert client(lab, "dynamodb").scan(TableName=table)["Items"] == [], "a look writes nothing"
    at = ("--ledger", f"dynamodb:{table}")
    id_ = responded(ringwall, "--source", OFFENDER, at=at)
    for words in ((), at):
        drift = ringwall("drift", "--json", *words)
        assert drift.code == 0
        assert [each["incident"] for each in drift.json["responses"]] == [id_]
    client(lab, "iam").create_role(RoleName="app", AssumeRolePolicyDocument=TRUST)
    stays = responded(ringwall, "--role", "app", at=at)
    refused = ringwall("destroy", "--yes", "-q")
    assert refused.code == 1
    assert "would be deleted: the journal of responses that stand (1)" in refused.err
    undo = f"respond undo {stays} --ledger dynamodb:{table} --reason"
    assert f"take them back first: ringwall {undo} WHY" in refused.err
    assert ringwall(*undo.split(), "over").code == 0
    done = ringwall("destroy", "--yes", "-q", "--json")
    assert done.code == 0, done.err
    assert [(each["incident"], each["fault"]) for each in done.json["ended"]] == [(id_, None)]
    assert client(lab, "dynamodb").list_tables()["TableNames"] == []


def test_domains_of_a_response_stay_on_their_list(lab, ringwall, guarded):
    id_ = responded(ringwall, "--domain", "evil.example")
    drift = ringwall("drift")
    assert drift.code == 0, drift.out
    assert "*.evil.example, evil.example in it, the responder's, left alone; block-domain" in (
        drift.out
    )
    text = guarded.read_text()
    guarded.write_text(text.replace("[malware-domain.com]", "[other.example]"))
    [change] = ringwall("plan", "--json").json["changes"]
    assert change["key"].endswith("malicious")
    assert ringwall("apply", "--yes", "-q").code == 0
    resolver = client(lab, "route53resolver")
    lists = resolver.list_firewall_domain_lists()["FirewallDomainLists"]
    [own] = [each["Id"] for each in lists if not each.get("ManagedOwnerName")]

    def domains():
        found = resolver.list_firewall_domains(FirewallDomainListId=own)["Domains"]
        return {each.strip(".") for each in found}

    assert domains() == {"other.example", "evil.example", "*.evil.example"}
    resolver.update_firewall_domains(
        FirewallDomainListId=own, Operation="ADD", Domains=["hand.example"]
    )
    assert ringwall("drift").code == 1, "what no response put there is drift, as ever"
    assert ringwall("apply", "--yes", "-q").code == 0
    assert domains() == {"other.example", "evil.example", "*.evil.example"}
    over = ringwall("respond", "undo", id_, "--reason", "over")
    assert (over.code, "has other.example, which it had not" in over.out) == (0, True)
    assert domains() == {"other.example"}
    assert ringwall("drift").code == 0


def launched(ec2):
    """An instance in the group of the web servers; return its id and its interface's."""
    keys = {"Key": "ringwall:key", "Value": "main/web"}
    groups = ec2.describe_security_groups()["SecurityGroups"]
    [group] = [each["GroupId"] for each in groups if keys in each.get("Tags", [])]
    subnets = ec2.describe_subnets()["Subnets"]
    [subnet] = [
        each["SubnetId"]
        for each in subnets
        if {"Key": "ringwall:key", "Value": "main/public/us-east-1a"} in each["Tags"]
    ]
    made = ec2.run_instances(
        ImageId="ami-12345678", MinCount=1, MaxCount=1, InstanceType="t3.micro",
        NetworkInterfaces=[{
            "DeviceIndex": 0, "SubnetId": subnet, "Groups": [group],
            "AssociatePublicIpAddress": True,
        }],
    )["Instances"][0]  # fmt: skip
    return made["InstanceId"], made["NetworkInterfaces"][0]["NetworkInterfaceId"]


def test_an_isolated_instance_is_told_and_judged_as_it_was(ringwall, deployed, ec2):
    instance, interface = launched(ec2)
    assert ringwall("drift").code == 0
    id_ = responded(ringwall, "--instance", instance)
    for command in ("plan", "drift"):
        said = ringwall(command)
        assert said.code == 0, said.out
        assert f"put interface {interface} into ringwall-quarantine" in said.out
        assert f"isolate-instance, incident {id_}, until it is undone" in said.out
        assert "5 of 5 expectations hold" in said.out
        assert "unaccounted" not in said.out
        assert "foreign    SecurityGroup" not in said.out
    refused = ringwall("destroy", "--yes", "-q")
    assert refused.code == 1, "a stranger's instance stands in it"
    assert in_force(ringwall) == [id_]

    ec2.modify_instance_attribute(InstanceId=instance, DisableApiTermination={"Value": False})
    ec2.terminate_instances(InstanceIds=[instance])
    done = ringwall("destroy", "--yes", "-q")
    assert done.code == 0, done.err
    assert ec2.describe_vpcs(Filters=[{"Name": "is-default", "Values": ["false"]}])["Vpcs"] == []


def test_what_is_not_of_the_network_stays_and_is_told_with_its_way_back(lab, ringwall, deployed):
    iam = client(lab, "iam")
    iam.create_role(RoleName="app", AssumeRolePolicyDocument=TRUST)
    id_ = responded(ringwall, "--role", "app")
    block = responded(ringwall, "--source", OFFENDER)
    assert "role app that began before now: the responder's, left alone" in ringwall("drift").out
    undo = f"ringwall respond undo {id_} --reason WHY"
    declined = ringwall("destroy")
    assert f"stays in the account, at least in part; {undo}" in declined.err
    done = ringwall("destroy", "--yes", "-q")
    assert done.code == 0
    assert f"stays in the account, at least in part; {undo}" in done.out
    assert in_force(ringwall) == [id_], f"{block} ended, and this did not"
    assert ringwall("respond", "undo", id_, "--reason", "over").code == 0
    assert iam.list_role_policies(RoleName="app")["PolicyNames"] == []


LOOKS = ("status", "list", "journal", "sweep", "reconcile", "halt", "report")


def test_a_ledger_that_was_emptied_is_not_begun_anew(ringwall, deployed):
    path = deployed.parent / LEDGER
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"")
    more = {"halt": ("--reason", "x"), "report": ("--source", OFFENDER, "--reason", "x")}
    for verb in LOOKS:
        ended = ringwall("respond", verb, *more.get(verb, ()))
        assert (ended.code, "is empty: what it told is not there" in ended.err) == (2, True), verb
        assert path.read_bytes() == b""


def test_a_denial_that_nobody_accounts_for_is_judged_alike_by_all(ringwall, deployed, ec2):
    deny(ec2, acl_of(ec2, "main/public"))
    broken = ["customers reach web", "web reaches the database"]

    def failing(*words):
        told = ringwall(*words, "--json").json
        assert [each["why"] for each in told["temporary"]] == [None]
        return [each["name"] for each in told["expectations"] if not each["ok"]]

    assert failing("plan") == broken
    assert failing("drift") == broken
    plan = ringwall("plan")
    assert "reachability  no difference" in plan.out, "it is there before and after"
    assert all(f"✗ {name}" in plan.out for name in broken)
    assert ringwall("drift").code == 1
    refused = ringwall("apply", "--yes", "-q")
    assert refused.code == 1
    assert "customers reach web" in refused.err


def test_what_a_hand_wrote_over_an_entry_is_not_the_responses(ringwall, deployed, ec2):
    responded(ringwall, "--source", OFFENDER)
    acl = acl_of(ec2, "main/public")
    ec2.replace_network_acl_entry(
        NetworkAclId=acl, RuleNumber=1, Protocol="-1", RuleAction="deny", Egress=False,
        CidrBlock="0.0.0.0/0",
    )  # fmt: skip
    told = ringwall("drift", "--json")
    assert told.code == 1, "it is judged: nobody reaches web"
    assert [each["why"] is None for each in told.json["temporary"]] == [False, True]
    ec2.replace_network_acl_entry(
        NetworkAclId=acl, RuleNumber=1, Protocol="-1", RuleAction="allow", Egress=False,
        CidrBlock="0.0.0.0/0",
    )  # fmt: skip
    told = ringwall("drift", "--json")
    assert [each["action"] for each in told.json["changes"]] == ["delete"], "it lets pass"
    assert ringwall("apply", "--yes", "-q").code == 0


def test_what_is_gone_while_the_ledger_has_it_is_told_with_the_ways_out(ringwall, deployed, ec2):
    id_ = responded(ringwall, "--source", OFFENDER)
    acl = acl_of(ec2, "main/public")
    ec2.delete_network_acl_entry(NetworkAclId=acl, RuleNumber=1, Egress=False)
    drift = ringwall("drift")
    assert drift.code == 0
    assert "entry 1: the responder's, is not there (ringwall respond reconcile" in drift.out
    assert ringwall("respond", "reconcile").code == 0
    assert "is not there" not in ringwall("drift").out

    path = deployed.parent / LEDGER
    path.rename(path.with_name("away"))
    assert ringwall("destroy", "--yes", "-q").code == 0
    path.with_name("away").rename(path)
    undo = f"nothing of it is there; ringwall respond undo {id_} --reason WHY"
    again = ringwall("destroy", "--yes", "-q")
    assert again.code == 0
    assert undo in again.out, "a destroy that was killed had no time to say it"
    assert undo in ringwall("drift").out
    over = ringwall("respond", "undo", id_, "--reason", "the network is gone")
    assert (over.code, "is there no more" in over.out) == (0, True)
    assert in_force(ringwall) == []
    assert undo not in ringwall("destroy", "--yes", "-q").out


def test_what_went_with_a_part_of_the_network_is_told_and_the_rest_stands(lab, ringwall, minimal):
    text = minimal.read_text()
    head, rest = text.split("expect:\n")
    other = head.split("vpcs:\n")[1].replace("  main:", "  other:", 1)
    minimal.write_text(f"{head.rstrip()}\n{other.rstrip()}\n\nexpect:\n{rest}")
    assert ringwall("apply", "--yes", "-q").code == 0
    id_ = responded(ringwall, "--source", OFFENDER)
    minimal.write_text(text)
    applied = ringwall("apply", "--yes", "-q", "--max-deletions", "99")
    assert applied.code == 0, applied.err
    assert "ended" not in applied.out
    assert in_force(ringwall) == [id_], "it stands in the other network still"
    drift = ringwall("drift")
    assert drift.code == 0
    assert drift.out.count("the responder's, left alone") == 2
    assert drift.out.count("the responder's, is gone with what it stood in") == 2
    assert "reconcile" not in drift.out
    assert ringwall("respond", "reconcile").out == "the ledger and AWS say the same\n"
    done = ringwall("destroy", "--yes", "-q")
    assert "ended" in done.out
    assert in_force(ringwall) == []


def test_an_apply_that_deletes_what_a_response_stood_in_ends_it(lab, ringwall, minimal):
    text = minimal.read_text()
    minimal.write_text(text.replace("main", "other"))
    assert ringwall("apply", "--yes", "-q").code == 0
    id_ = responded(ringwall, "--source", OFFENDER)
    minimal.write_text(text)
    assert "both ways at 1 network ACL: ends with this plan" in ringwall("plan").out
    applied = ringwall("apply", "--yes", "-q", "--max-deletions", "99")
    assert applied.code == 0, applied.err
    assert f"ended      deny {OFFENDER}/32 both ways at 1 network ACL" in applied.out
    assert in_force(ringwall) == []
    assert ringwall("respond", "show", id_, "--json").json["incident"]["state"] == "closed"


def test_a_destroy_that_fails_on_the_way_ends_what_is_gone(ringwall, deployed, monkeypatch):
    responded(ringwall, "--source", OFFENDER)
    real = BotoCloud.call

    def call(self, service, operation, request):
        if operation == "delete_vpc":
            raise CloudError("DeleteVpc", "DependencyViolation", "it has dependencies")
        return real(self, service, operation, request)

    monkeypatch.setattr(BotoCloud, "call", call)
    ended = ringwall("destroy", "--yes", "-q")
    assert ended.code == 4
    assert in_force(ringwall) == [], "its network ACL is gone"
