"""Faults while a load balancer and its web ACL come, change and go: the next run converges."""

from itertools import cycle

import boto3
import pytest

from tests.e2e.stories import MODES, Stage, Story
from tests.e2e.test_faults import APPLY, MINIMAL
from tests.fortress import changed

SAMPLE = 6  # one write of so many is broken in the suite; every write in the campaign

# Without TLS, for a certificate does not outlast the lab's account.
LAYERS = changed(
    MINIMAL,
    (
        "    flows:\n",
        """\
      site: {tier: isolated, description: Servers}
    load_balancers:
      front:
        group: web
        listeners:
          - port: 443
            protocol: HTTP
            target_group: site
            rules:
              - {priority: 10, path: /api/*, respond: 404}
        target_groups:
          site: {group: site, port: 8080}
        web_acl: front
        access_logs: {}
    flows:
      - {from: web, to: site, ports: [8080]}
""",
    ),
    ("vpcs:\n", "web_acls:\n  front: {}\nvpcs:\n"),
)
OTHER = changed(
    LAYERS,
    ("port: 8080}", "port: 8081}"),
    ("ports: [8080]", "ports: [8081]"),
    ("priority: 10", "priority: 20"),
    ("{}\nvpcs", "{rate_limits: [{name: every, requests: 1000}]}\nvpcs"),
    ("access_logs: {}", "idle_seconds: 30"),
)
STORIES = {
    "come": Story(APPLY, LAYERS, before=MINIMAL),
    "change": Story(APPLY, OTHER, before=LAYERS),
    "go": Story(APPLY, MINIMAL, before=LAYERS),
}


@pytest.fixture
def stage(lab, ringwall, tmp_path):
    ssm = boto3.client("ssm", region_name="us-east-1", endpoint_url=lab.endpoint)
    return Stage(lab, ringwall, ssm, tmp_path)


def broken(stage, name, step):
    story = STORIES[name]
    whole = stage.whole(story)
    for n, mode in zip(range(1, whole.writes + 1, step), cycle(MODES), strict=False):
        stage.break_off(story, whole, n, mode, reads=False)


@pytest.mark.parametrize("name", STORIES)
def test_a_fault_at_a_sample_of_the_writes_converges(name, stage):
    broken(stage, name, SAMPLE)


@pytest.mark.campaign
@pytest.mark.parametrize("name", STORIES)
def test_a_fault_at_every_write_converges(name, stage):
    broken(stage, name, 1)
