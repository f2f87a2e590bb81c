"""The function as it is deployed: attacks are logged, alarms go off, and it answers from its zip.

Nothing is called by hand between the logs' arrival and the block: filters count the records, the
alarms of examples/watched.yaml judge the counts, SNS calls the function that `apply` deployed from
the zip that `respond package` wrote, and it reads the same log group.
"""

import hashlib
import json
from datetime import timedelta
from pathlib import Path

import boto3
import pytest

from ringwall.app.sources import open_network
from ringwall.app.workspace import CloudSettings
from tests.e2e.conftest import EXAMPLES
from tests.e2e.pasting import command, commands, paste
from tests.playbooks.judged import passing, passing_interface

LEDGER = ("--ledger", "dynamodb:ringwall-watched-journal")
FILE = "watched.yaml"
NO_SCHEDULES = (
    "schedules: {sweep: null, reconcile: null, detections: null, drift: null, check: null}"
)
# A small network's machine sends little: what the lab makes of an exfiltration is 27 MB of it.
MUCH = ("above: 1000000000", "above: 20000000")
MACHINES = {
    "production/web": ("production/public/us-east-1a", "production/public/us-east-1b"),
    "production/app": ("production/private/us-east-1a",),
    "hub/mirror": ("hub/private/us-east-1a",),
}


class Estate:
    """The example, deployed with machines in it, and somebody subscribed to its notices."""

    def __init__(self, lab, ringwall, folder, modes):
        self.lab, self.ringwall = lab, ringwall
        head, rest = (EXAMPLES / FILE).read_text().replace(*MUCH).split("vpcs:\n", 1)
        response = f"response:\n  {NO_SCHEDULES}\n"
        (folder / FILE).write_text(f"{head}{response}vpcs:\n{rest}")
        (folder / "policy.yaml").write_text(f"modes: {modes}\n")
        words = ("respond", "package", FILE, "--policy", "policy.yaml", "-o", "ringwall.zip")
        assert ringwall(*words).code == 0
        digest = hashlib.sha256((folder / "ringwall.zip").read_bytes()).hexdigest()
        package = f"  package: {{file: ringwall.zip, sha256: {digest}}}\n"
        (folder / FILE).write_text(f"{head}{response}{package}vpcs:\n{rest}")
        ended = ringwall("apply", FILE, "--yes", "-q")
        assert ended.code == 0, ended.err
        self.launch()
        self.queue = self.subscribed()

    def launch(self):
        ec2 = boto3.client("ec2")
        groups = {key(g): g["GroupId"] for g in ec2.describe_security_groups()["SecurityGroups"]}
        subnets = {key(s): s["SubnetId"] for s in ec2.describe_subnets()["Subnets"]}
        for group, places in MACHINES.items():
            for place in places:
                interface = {
                    "DeviceIndex": 0,
                    "SubnetId": subnets[place],
                    "Groups": [groups[group]],
                    "AssociatePublicIpAddress": "public" in place,
                }
                ec2.run_instances(
                    ImageId="ami-12345678",
                    MinCount=1,
                    MaxCount=1,
                    InstanceType="t3.micro",
                    NetworkInterfaces=[interface],
                )

    def subscribed(self):
        sqs, sns = boto3.client("sqs"), boto3.client("sns")
        queue = sqs.create_queue(QueueName="told")["QueueUrl"]
        names = ["QueueArn"]
        told = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=names)["Attributes"]
        [topic] = sns.list_topics()["Topics"]
        sns.subscribe(TopicArn=topic["TopicArn"], Protocol="sqs", Endpoint=told["QueueArn"])
        return queue

    def notices(self):
        """Take what the topic told since it was last asked: subjects of Ringwall's notices."""
        sqs, found = boto3.client("sqs"), []
        while True:
            got = sqs.receive_message(QueueUrl=self.queue, MaxNumberOfMessages=10)
            for each in got.get("Messages", []):
                body = json.loads(each["Body"])
                found.append((body.get("Subject") or "", body["Message"]))
                sqs.delete_message(QueueUrl=self.queue, ReceiptHandle=each["ReceiptHandle"])
            if not got.get("Messages"):
                return [each for each in found if each[0].startswith("[watched]")]

    def attacked(self, folder, *attacks, seed=0):
        """Make an hour of traffic with attacks, deliver it; return what is true of them."""
        start = f"{self.lab.now + timedelta(hours=1):%Y-%m-%dT%H:00Z}"
        words = [word for each in attacks for word in ("--attack", each)]
        made = ("lab", "traffic", "aws", "--blueprint", FILE, "--start", start, "--hours", "1")
        place, truth = self.in_time(folder, seed, *made, *words)
        ended = self.ringwall("lab", "deliver", place, "-q")
        assert ended.code == 0, ended.err
        return {each["kind"]: each for each in truth["attacks"]}

    def in_time(self, folder, seed, *words):
        """Make traffic until none of its files comes hours late, when its alarm has been judged."""
        for turn in range(9):  # one file in eighty does
            place = Path(f"{folder}-{turn}")
            made = self.ringwall(*words, "--seed", seed + 1000 * turn, "-o", place, "-q")
            assert made.code == 0, made.err
            truth = json.loads((place / "truth.json").read_text())
            if not truth["late"]:
                return place, truth
        return pytest.fail("nine times a file came late")

    def incidents(self):
        """The incidents that name somebody, by what their alarm is called, the last of each."""
        listed = self.ringwall("respond", "list", FILE, *LEDGER, "--json").json["incidents"]
        by_age = sorted(listed, key=lambda each: each["opened"])
        return {each["kind"].split("/")[2]: each for each in by_age if each["parties"]}

    def failed(self):
        calls = self.lab.wait_for_functions()
        assert calls
        return [each for each in calls if any(one.failed for one in each.ended)]

    def denials(self):
        acls = boto3.client("ec2").describe_network_acls()["NetworkAcls"]
        return {
            (acl["NetworkAclId"], e["Egress"], e["RuleNumber"], e["CidrBlock"])
            for acl in acls
            for e in acl["Entries"]
            if e["RuleNumber"] < 100
        }

    def account(self):
        """What an undo must bring back: network ACLs, and the groups of interfaces."""
        ec2 = boto3.client("ec2")
        interfaces = ec2.describe_network_interfaces()["NetworkInterfaces"]
        groups = {
            each["NetworkInterfaceId"]: sorted(g["GroupId"] for g in each["Groups"])
            for each in interfaces
        }
        acls = ec2.describe_network_acls()["NetworkAcls"]
        return groups, {acl["NetworkAclId"]: sorted(map(str, acl["Entries"])) for acl in acls}

    def lines(self):
        return self.ringwall("respond", "journal", FILE, *LEDGER, "--json").json["lines"]

    def delivered_again(self):
        """Deliver every alarm once more, as SNS may; return their names."""
        names = set()
        for each in self.lab.wait_for_functions():
            name = json.loads(json.loads(each.event)["Records"][0]["Sns"]["Message"])["AlarmName"]
            names.add(name.split("/")[2])
            boto3.client("lambda").invoke(
                FunctionName="ringwall-watched-responder",
                InvocationType="Event",
                Payload=each.event.encode(),
            )
        return names

    def graph(self):
        """The network as it is read, for the tracer."""
        return open_network("aws", CloudSettings("", ""), blueprint=FILE).graph

    def respond(self, *words):
        return self.ringwall("respond", words[0], words[1], FILE, *LEDGER, *words[2:])


def key(item):
    return next((t["Value"] for t in item.get("Tags", []) if t["Key"] == "ringwall:key"), "")


def addresses(incident):
    return [party["address"] for party in incident["parties"]]


@pytest.fixture
def estate(lab, ringwall, tmp_path):
    yield Estate(lab, ringwall, tmp_path, '{"*": approve, "*suspicious-traffic*": auto}')
    lab.wait_for_functions()  # of alarms that are judged while time goes on


def test_attacks_are_answered_by_the_function_that_was_deployed(estate, ringwall, lab):
    """The article's three alarms: one acts by itself, one asks, one finds that it is done."""
    before, account = estate.denials(), estate.account()
    truth = estate.attacked("day", "vertical-scan:easy", "exfiltration:easy")
    [scanner] = [each["address"] for each in truth["vertical-scan"]["from"]]
    [talker], [drop] = (truth["exfiltration"][end] for end in ("from", "to"))
    assert estate.failed() == []
    found = estate.incidents()
    assert {name: addresses(each) for name, each in found.items()} == {
        "suspicious-traffic": [scanner],
        "port-scan": [scanner],
        "data-exfiltration": [talker["address"], drop["address"]],
    }
    assert found["suspicious-traffic"]["state"] == "in-force"
    assert found["data-exfiltration"]["state"] == "proposed"
    assert found["port-scan"]["state"] in {"proposed", "refused"}, "both went off at once"
    assert [a["facts"]["breaks"] for each in found.values() for a in each["actions"] if
            a["facts"]["breaks"]] == []  # fmt: skip
    replayed = [a["facts"]["replay"] for each in found.values() for a in each["actions"]]
    assert all(each["over"].startswith("the flow logs of ") for each in replayed)
    assert {cidr for *_, cidr in estate.denials() - before} == {f"{scanner}/32"}
    assert passing(estate.graph(), scanner) == []
    notices = estate.notices()
    told = [(subject.split(": ")[0], subject.split("/")[2].split(" ")[0])
            for subject, _ in notices]  # fmt: skip
    assert {("[watched] in-force", "suspicious-traffic"),
            ("[watched] proposed", "data-exfiltration")} <= set(told)  # fmt: skip
    drift = ringwall("drift", FILE)
    assert "2 of 2 expectations hold" in drift.out, "a block that stands is not judged"
    assert "1 drifted" in drift.out, "the queue that was subscribed by hand, and nothing else"
    assert f"block-source, incident {found['suspicious-traffic']['id']}" in drift.out

    once, again = len(estate.lines()), estate.delivered_again()
    assert again >= {"suspicious-traffic", "port-scan", "data-exfiltration"}
    assert estate.failed() == []
    assert (len(estate.lines()), estate.notices()) == (once, [])

    exfiltration = found["data-exfiltration"]["id"]
    [asks] = [text for _, text in notices if f"respond approve {exfiltration}" in text]
    for line in commands(asks):
        assert " ".join((FILE, *LEDGER)) in line.replace(f"{exfiltration} ", "")
    approved = paste(ringwall, command(asks, "approve"))
    assert approved.code == 0, approved.err
    graph = estate.graph()
    assert passing(graph, drop["address"]) == passing(graph, scanner) == []
    assert passing_interface(graph, talker["interface"]) == []
    for name in ("data-exfiltration", "suspicious-traffic"):
        undone = estate.respond("undo", found[name]["id"], "--reason", "over", "--by", "ann")
        assert undone.code == 0, undone.err
        own = [line for line in estate.lines() if line["incident"] == found[name]["id"]]
        [closed] = [line for line in own if line["what"] == "closed"]
        assert closed["facts"]["as_before"] is True, "the function may write about others meanwhile"
    assert estate.denials() == before
    assert estate.account() == account


@pytest.mark.campaign
@pytest.mark.parametrize("seed", range(1, 6))
def test_other_worlds_are_answered_and_restored(lab, ringwall, tmp_path, seed):
    """Everything acts by itself; several scanners, each denied by the tracer, all undone."""
    estate = Estate(lab, ringwall, tmp_path, '{"*": auto}')
    before, account = estate.denials(), estate.account()
    for hour in range(2):
        attacks = ("vertical-scan:easy", "exfiltration:easy")
        truth = estate.attacked(f"day-{hour}", *attacks, seed=10 * seed + hour)
        assert estate.failed() == []
        [scanner] = [each["address"] for each in truth["vertical-scan"]["from"]]
        [drop] = [each["address"] for each in truth["exfiltration"]["to"]]
        graph = estate.graph()
        for address in (scanner, drop):
            assert passing(graph, address) == [], address
        [talker] = truth["exfiltration"]["from"]
        assert passing_interface(graph, talker["interface"]) == []
        named = [addresses(each) for each in estate.incidents().values()]
        assert {address for each in named for address in each} >= {scanner}
        once = len(estate.lines())
        estate.delivered_again()
        assert estate.failed() == []
        assert len(estate.lines()) == once
        assert "2 of 2 expectations hold" in ringwall("drift", FILE).out
        status = ringwall("respond", "status", FILE, *LEDGER, "--json").json
        for each in reversed(status["in_force"]):
            undone = estate.respond("undo", each["incident"], "--reason", "over", "--by", "ann")
            assert undone.code == 0, undone.err
        assert (estate.denials(), estate.account()) == (before, account)
    lab.wait_for_functions()
