"""Faults that outlast the client's own retries, at every request, and kills at any moment.

After each, nothing is open that neither the network before nor the one after lets through; the next
run converges to what a run without a fault leaves; nothing is there twice, and nothing is missing.
"""

import random
from itertools import cycle

import boto3
import pytest

from tests.convergence import opened
from tests.e2e.conftest import EXAMPLES
from tests.e2e.stories import MODES, Stage, Story
from tests.fortress import changed

SAMPLE = 11  # one write of so many is broken in the suite; every request in the campaign
SEED = 20

MINIMAL = (EXAMPLES / "minimal.yaml").read_text()


# Rules and entries are replaced, a group goes and another comes, a zone is added, tags are changed.
OLD = changed(
    MINIMAL,
    ("    flows:\n", "      old: {tier: public, description: Leaves}\n    flows:\n"),
)
NEW = changed(
    MINIMAL,
    ("    flows:\n", "      new: {tier: isolated, description: Comes}\n    flows:\n"),
    ("[us-east-1a, us-east-1b]", "[us-east-1a, us-east-1b, us-east-1c]"),
    ("5432", "5433"),
    ("region: us-east-1\n", "region: us-east-1\ntags: {Owner: somebody}\n"),
)
APPLY = ("apply", "blueprint.yaml", "--yes", "--parallel", "1")
DESTROY = ("destroy", "blueprint.yaml", "--yes", "--delete-logs")
STORIES = {
    "apply": Story(APPLY, MINIMAL),
    "update": Story(APPLY, NEW, before=OLD),
    "destroy": Story(DESTROY, MINIMAL, before=MINIMAL),
}
# Killed with eight steps at a time, as people run it.
PARALLEL = {
    name: Story(tuple(w for w in story.words if w not in {"--parallel", "1"}), story.text,
                story.before)
    for name, story in STORIES.items()
}  # fmt: skip


@pytest.fixture
def stage(lab, ringwall, tmp_path):
    ssm = boto3.client("ssm", region_name="us-east-1", endpoint_url=lab.endpoint)
    return Stage(lab, ringwall, ssm, tmp_path)


def test_what_opens_is_seen(stage, lab, ec2):
    """The judge of the other tests is no yes-man: a hand that opens port 22 is noticed."""
    whole = stage.whole(STORIES["update"])
    assert opened(whole.networks[1], *whole.networks) == set()
    assert opened(whole.networks[0], *whole.networks) == set()
    ids = stage.ringwall("output", "blueprint.yaml").json["resources"]
    ec2.authorize_security_group_ingress(
        GroupId=ids["AWS::EC2::SecurityGroup"]["main/web"], IpProtocol="tcp",
        FromPort=22, ToPort=22, CidrIp="0.0.0.0/0",
    )  # fmt: skip
    assert opened(stage.network(), *whole.networks) == set(), "the ACL still holds it back"
    ec2.create_network_acl_entry(
        NetworkAclId=ids["AWS::EC2::NetworkAcl"]["main/public"], RuleNumber=150, Egress=False,
        Protocol="6", PortRange={"From": 22, "To": 22}, CidrBlock="0.0.0.0/0", RuleAction="allow",
    )  # fmt: skip
    found = opened(stage.network(), *whole.networks)
    assert ("internet", "main/web") in {pair[:2] for pair in found}


@pytest.mark.parametrize("name", STORIES)
def test_a_fault_at_a_sample_of_the_writes_converges(name, stage):
    story = STORIES[name]
    whole = stage.whole(story)
    for n, mode in zip(range(1, whole.writes + 1, SAMPLE), cycle(MODES), strict=False):
        stage.break_off(story, whole, n, mode, reads=False)


@pytest.mark.campaign
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", STORIES)
def test_a_fault_at_every_request_converges(name, mode, stage):
    """Reads included: those before a plan, those in doubt, those of waits, and the last look."""
    story = STORIES[name]
    whole = stage.whole(story)
    faults = []
    for n in range(1, whole.requests + 1):
        try:
            stage.break_off(story, whole, n, mode, reads=True)
        except AssertionError as fault:
            faults.append(str(fault))
    assert faults == []


def kills(name, number, stage):
    """Kill a story at moments left to chance: some request, and up to ten milliseconds more."""
    story, chance = PARALLEL[name], random.Random(SEED)
    whole = stage.whole(story)
    faults = []
    for _ in range(number):
        try:
            stage.kill(story, whole, chance.randrange(1, whole.requests), chance.random() / 100)
        except AssertionError as fault:
            faults.append(str(fault))
    assert faults == []


@pytest.mark.parametrize("name", STORIES)
def test_what_was_killed_is_taken_up_by_the_next_run(name, stage):
    kills(name, 1, stage)


@pytest.mark.campaign
@pytest.mark.parametrize("name", STORIES)
def test_what_was_killed_at_20_points_is_taken_up_by_the_next_run(name, stage):
    kills(name, 20, stage)
