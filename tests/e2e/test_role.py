"""The responder's role is what its calls need: every call that boto3 makes is recorded and judged.

The responder is made as the function makes it: of the environment that the blueprint gives it.
"""

import hashlib
import io
import re
import zipfile
from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest

from ringwall.app.demo import FORBIDDEN, environment
from ringwall.app.responding.environment import keeping
from ringwall.app.responding.guarding import check, drift
from ringwall.app.responding.reading import AccountReader
from ringwall.app.responding.reconciling import reconcile, sweep
from ringwall.app.workspace import blueprint_of
from ringwall.cli.main import run
from ringwall.lab.server import Lab
from ringwall.playbooks import registry
from ringwall.playbooks.policy import Mode, Policy
from ringwall.playbooks.records import Event, Incident, IncidentState, Party, Source, digest
from ringwall.shell.clock import SystemClock
from tests.app.responding.logs import deliver, knocks
from tests.e2e.conftest import EXAMPLES
from tests.e2e.judging import allowed, listed, questions, why_not
from tests.e2e.recording import Recording

pytestmark = pytest.mark.timeout(280)

OFFENDERS = iter(f"198.51.100.{number}" for number in range(7, 200))
SITE = """
name: site
account: "123456789012"
region: us-east-1
zones: [us-east-1a, us-east-1b]
flow_logs: {destination: cloudwatch}
monitoring: {}
response:
  package: {file: responder.zip, sha256: DIGEST}
  notices: {webhook: "ssm:/ringwall/webhook", security_hub: true, findings: "s3://findings/told"}
dns_firewall:
  lists:
    bad: {domains: [old.example]}
  rules:
    - {list: bad, action: BLOCK}
transit_gateway:
  segments:
    every: {routes_to: []}
vpcs:
  main:
    cidr: 10.0.0.0/16
    segment: every
    nat: one
    tiers:
      public: {kind: public}
      private: {kind: private}
    groups:
      web: {tier: public}
      app: {tier: private}
    endpoints: {interface: [ssm], shared: true}
    flows:
      - {from: internet, to: web, ports: [443]}
      - {from: web, to: app, ports: [8080]}
      - {from: app, to: internet, ports: [443]}
"""
# The service of examples/web.yaml, watched by logs in a bucket.
GATE = (
    (EXAMPLES / "web.yaml")
    .read_text()
    .replace("name: web\n", 'name: gate\naccount: "123456789012"\n', 1)
    .replace(
        "vpcs:\n",
        "flow_logs: {destination: s3}\nmonitoring: {}\n"
        "response:\n  package: {file: responder.zip, sha256: DIGEST}\n"
        '  notices: {webhook: "secretsmanager:ringwall/webhook"}\nvpcs:\n',
        1,
    )
)


class Later:
    """A clock some days ahead: all that expires has."""

    def now(self):
        return SystemClock().now() + timedelta(days=30)

    def monotonic(self):
        return SystemClock().monotonic()

    def sleep(self, seconds):
        pass


@dataclass
class Scene:
    """A deployment in the lab, the responder of its function, and what each playbook asked."""

    lab: Lab
    folder: Path
    text: str
    recordings: dict[str, Recording] = field(default_factory=lambda: defaultdict(Recording))

    def __post_init__(self) -> None:
        whole = io.BytesIO()
        with zipfile.ZipFile(whole, "w") as archive:
            archive.writestr("ringwall/function.py", "def handler(event, context): pass\n")
        (self.folder / "responder.zip").write_bytes(whole.getvalue())
        self.text = self.text.replace("DIGEST", hashlib.sha256(whole.getvalue()).hexdigest())
        file = self.folder / "blueprint.yaml"
        file.write_text(self.text)
        assert run(["apply", str(file), "--yes", "-q"]) == 0
        graph = blueprint_of(self.text, str(file)).graph
        function = graph["AWS::Lambda::Function", "responder"].properties
        told = function["Environment"]["Variables"] | {"RINGWALL_ENDPOINT": self.lab.endpoint}
        with self.recordings["begin"].on():
            self.responder = replace(keeping(told, self.folder)(), policy=Policy())

    def statements(self, *playbooks: str) -> list[dict[str, Any]]:
        """The statements of the role, with these playbooks enabled."""
        line = f"response:\n  playbooks: [{', '.join(playbooks)}]\n"
        wanted = blueprint_of(self.text.replace("response:\n", line), "blueprint.yaml")
        (found,) = wanted.graph["AWS::IAM::Role", "responder"].properties["Policies"]
        statements: list[dict[str, Any]] = found["PolicyDocument"]["Statement"]
        return statements

    def now(self) -> int:
        return int(self.lab.now.timestamp())

    def event(self, kind: str, *parties: Party, **more: Any) -> Event:
        last = self.now()
        id_ = digest(kind, str(last), str(parties))
        return Event(id_, Source.DETECTION, kind, kind, 3, parties, last - 60, last, **more)

    def answered(self, playbook: str, *parties: Party, quota: int = 19, **more: Any) -> Incident:
        """Propose, approve, read back and undo; return the incident as it ended."""
        reader = self.responder.read
        assert isinstance(reader, AccountReader)
        responder = replace(self.responder, read=replace(reader, policy=Policy(quota=quota)))
        with self.recordings[playbook].on():
            incident = responder.take(self.event("asked", *parties, **more), playbook)
            lines = responder.ledger.lines(incident.id)
            assert incident.state is IncidentState.PROPOSED, lines[-1].reason
            responder.approve(incident.id, "ann", "go")
            return responder.undo(incident.id, "ann", "over")


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    with Lab() as lab, pytest.MonkeyPatch.context() as patch:
        for name in FORBIDDEN:
            patch.delenv(name, raising=False)
        for name, value in environment(lab.endpoint).items():
            patch.setenv(name, value)
        yield lab, tmp_path_factory


def instance(role: str) -> tuple[str, str]:
    """Start an instance that is scaled, balanced twice over, and has a role.

    Returns its id and its address.
    """
    ec2, iam = boto3.client("ec2"), boto3.client("iam")
    iam.create_role(RoleName=role, AssumeRolePolicyDocument="{}")
    iam.create_instance_profile(InstanceProfileName=role)
    iam.add_role_to_instance_profile(InstanceProfileName=role, RoleName=role)

    def tagged(key):
        return {"Filters": [{"Name": "tag:ringwall:key", "Values": [key]}]}

    [subnet] = ec2.describe_subnets(**tagged("main/private/us-east-1a"))["Subnets"]
    [group] = ec2.describe_security_groups(**tagged("main/app"))["SecurityGroups"]
    [made] = ec2.run_instances(
        ImageId=ec2.describe_images(Owners=["amazon"])["Images"][0]["ImageId"],
        MinCount=1,
        MaxCount=1,
        SubnetId=subnet["SubnetId"],
        SecurityGroupIds=[group["GroupId"]],
        IamInstanceProfile={"Name": role},
        InstanceInitiatedShutdownBehavior="terminate",
    )["Instances"]
    own = str(made["InstanceId"])
    boto3.client("autoscaling").create_auto_scaling_group(
        AutoScalingGroupName="fleet",
        MinSize=0,
        MaxSize=3,
        VPCZoneIdentifier=subnet["SubnetId"],
        InstanceId=own,
    )
    boto3.client("autoscaling").attach_instances(AutoScalingGroupName="fleet", InstanceIds=[own])
    elb = boto3.client("elb")
    listener = {"Protocol": "tcp", "LoadBalancerPort": 80, "InstancePort": 80}
    elb.create_load_balancer(
        LoadBalancerName="old",
        Listeners=[listener],
        Subnets=[subnet["SubnetId"]],
        SecurityGroups=[group["GroupId"]],
    )
    elb.register_instances_with_load_balancer(
        LoadBalancerName="old", Instances=[{"InstanceId": own}]
    )
    elbv2 = boto3.client("elbv2")
    [targets] = elbv2.create_target_group(
        Name="fleet", Protocol="TCP", Port=8080, VpcId=subnet["VpcId"]
    )["TargetGroups"]
    elbv2.register_targets(TargetGroupArn=targets["TargetGroupArn"], Targets=[{"Id": own}])
    return own, str(made["PrivateIpAddress"])


@pytest.fixture(scope="module")
def site(home):
    """Every playbook, approved and undone; one that is found by an alarm, repaired, and expires."""
    lab, folders = home
    lab.reset()
    boto3.client("s3").create_bucket(Bucket="findings")
    boto3.client("securityhub").enable_security_hub()
    scene = Scene(lab, folders.mktemp("site"), SITE)
    own, address = instance("worker")
    worker = Party("instance", name=own)
    iam = boto3.client("iam")
    iam.create_user(UserName="ann")
    key = iam.create_access_key(UserName="ann")["AccessKey"]["AccessKeyId"]
    offender, domain = Party("source", next(OFFENDERS)), Party("domain", name="evil.example")
    scene.answered("block-source", offender, quota=0)
    for way in (("198.51.100.7", "main/web"), ("main/app", "198.51.100.7")):
        ends = (Party(r, *_named(n)) for r, n in zip(("source", "destination"), way, strict=True))
        scene.answered("close-exposure", *ends, evidence={"port": 443})
    scene.answered("block-domain", domain)
    scene.answered("isolate-instance", worker)
    scene.answered("revoke-credentials", worker, Party("access-key", name=key))
    scene.answered("answer-port-scan", Party("source", address))
    scene.answered("stop-exfiltration", offender, domain, worker, Party("access-key", name=key))
    _by_an_alarm(scene)
    return scene


def _named(text):
    return ("", text) if "/" in text else (text, "")


def _by_an_alarm(scene):
    """Block whom the flow logs show; lose an entry, and have it again; let its time pass."""
    logs, ec2 = boto3.client("logs"), boto3.client("ec2")
    group, offender = "/ringwall/site/flow-logs", next(OFFENDERS)
    [flow_log, *_] = ec2.describe_flow_logs()["FlowLogs"]
    logs.create_log_stream(logGroupName=group, logStreamName="eni-1")
    at = scene.now()
    fields = flow_log["LogFormat"].replace("${", "").replace("}", "").split()
    told = {
        "version": "5", "account-id": "123456789012", "interface-id": "eni-1",
        "srcaddr": offender, "dstaddr": "10.0.0.9", "srcport": "40000", "protocol": "6",
        "packets": "1", "bytes": "40", "start": str(at), "end": str(at), "action": "REJECT",
        "log-status": "OK",
    }  # fmt: skip
    lines = [
        " ".join({**told, "dstport": str(1000 + n)}.get(name, "-") for name in fields)
        for n in range(60)
    ]
    events = [{"timestamp": at * 1000, "message": each} for each in lines]
    logs.put_log_events(logGroupName=group, logStreamName="eni-1", logEvents=events)
    event = replace(scene.event("suspicious-traffic"), source=Source.ALARM)
    acting = replace(scene.responder, policy=Policy(modes={"*": Mode.AUTO}))
    with scene.recordings["block-source"].on():
        [incident] = acting.answer(event)
    assert incident.state is IncidentState.IN_FORCE, acting.ledger.lines(incident.id)
    assert [party.address for party in incident.parties] == [offender]
    [action] = acting.ledger.actions(incident.id)
    lost = action.measures[0]["undo"][0]["request"]
    ec2.delete_network_acl_entry(**lost)
    with scene.recordings["block-source"].on():
        [told_of] = reconcile(acting).done
        assert "repaired" in told_of
        [ended] = sweep(replace(acting, clock=Later())).ended
        drift(acting)
        check(acting)
    assert ended.state is IncidentState.CLOSED


@pytest.fixture(scope="module")
def gate(home):
    """A block at the web ACL, after an alarm whose logs are in a bucket; both its ways."""
    lab, folders = home
    lab.reset()
    acm = boto3.client("acm")
    arn = acm.request_certificate(DomainName="example.org")["CertificateArn"]
    boto3.client("secretsmanager").create_secret(Name="ringwall/webhook", SecretString="none")
    scene = Scene(lab, folders.mktemp("gate"), re.sub(r"arn:aws:acm:\S+", arn, GATE))
    offender, at = next(OFFENDERS), scene.now()
    key = deliver(scene.folder, at, knocks(offender, at - 60))
    [bucket] = [
        each["Name"]
        for each in boto3.client("s3").list_buckets()["Buckets"]
        if "flow-logs" in each["Name"]
    ]
    # The lab speaks no TLS, and the bucket takes nothing else.
    boto3.client("s3").delete_bucket_policy(Bucket=bucket)
    body = (scene.folder / key).read_bytes()
    boto3.client("s3").put_object(Bucket=bucket, Key=key, Body=body)
    event = replace(scene.event("suspicious-traffic"), source=Source.ALARM)
    with scene.recordings["block-source"].on():
        [incident] = scene.responder.answer(event)
        assert [party.address for party in incident.parties] == [offender]
        done = scene.responder.approve(incident.id, "ann", "go")
        [action] = scene.responder.ledger.actions(incident.id)
        assert action.facts["layer"] == "web-acl", action.facts["layers"]
        scene.responder.undo(done.id, "ann", "over")
    return scene


# What no call of the responder's own asks, with the reason.
LEFT = {
    "logs:CreateLogStream": "Lambda writes the function's log with the function's role",
    "logs:PutLogEvents": "Lambda writes the function's log with the function's role",
    "sqs:SendMessage": "Lambda sends what the function could not handle",
    "directconnect:DescribeDirectConnectGatewayAssociations": "of gateways, which the lab has not",
    "network-firewall:DescribeFirewall": "of firewalls, which these networks have not",
    "network-firewall:DescribeFirewallPolicy": "of policies, which these networks have not",
    "network-firewall:DescribeRuleGroup": "of rule groups, which these networks have not",
    "vpc-lattice:GetServiceNetworkVpcAssociation": "of service networks, which the lab has not",
    "vpc-lattice:ListServiceNetworkVpcAssociations": "of service networks, which the lab has not",
}


def asked(scene, *names):
    """The actions that recorded calls need."""
    made = [m for name in names or scene.recordings for m in scene.recordings[name].made]
    return {action for each in made for action, _, _ in questions(each)}


@pytest.mark.parametrize("id_", sorted(registry()))
def test_with_a_playbook_alone_its_calls_are_allowed_on_what_they_are_about(site, id_):
    statements = site.statements(id_)
    made = site.recordings["begin"].made + site.recordings[id_].made
    assert site.recordings[id_].made
    assert [why for each in made for why in why_not(statements, each)] == []


def test_behind_a_load_balancer_too(gate):
    statements = gate.statements("block-source")
    made = [each for name in gate.recordings for each in gate.recordings[name].made]
    assert "wafv2:update_ip_set" in {each.name for each in made}
    assert [why for each in made for why in why_not(statements, each)] == []


def test_every_action_of_the_role_is_asked_by_some_call(site, gate):
    needed = asked(site) | asked(gate)
    granted = allowed(site.statements(*registry())) | allowed(gate.statements("block-source"))
    assert granted - needed == set(LEFT)
    assert needed <= granted


def test_the_judge_misses_no_action_that_is_taken_away(site):
    """Each action that a playbook changes something with is missed if it is not there."""
    statements = site.statements(*registry())
    changing = {a for a in asked(site) if not re.search(r":(Describe|Get|List|Search|Query)", a)}
    made = [each for name in site.recordings for each in site.recordings[name].made]
    unmissed = []
    for gone in sorted(changing):
        less = [{**s, "Action": [a for a in listed(s["Action"]) if a != gone]} for s in statements]
        mine = [m for m in made if gone in {action for action, _, _ in questions(m)}]
        if not any(why_not(less, each) for each in mine):
            unmissed.append(gone)
    assert unmissed == []


def test_what_is_not_the_deployments_is_not_changed(site):
    """The tag of another deployment, none, and the roles by which Ringwall acts."""
    statements = site.statements(*registry())
    [entry, *_] = [
        each
        for each in site.recordings["block-source"].made
        if each.name == "ec2:create_network_acl_entry"
    ]
    assert why_not(statements, entry) == []
    [own] = entry.context
    for tags in ({}, {"ringwall:deployment": "other"}):
        assert why_not(statements, replace(entry, context={own: tags}))
    [put, *_] = [
        each
        for each in site.recordings["revoke-credentials"].made
        if each.name == "iam:put_role_policy"
    ]
    assert why_not(statements, put) == []
    itself = {**put.request, "RoleName": "ringwall-site-responder-us-east-1"}
    assert why_not(statements, replace(put, request=itself))
