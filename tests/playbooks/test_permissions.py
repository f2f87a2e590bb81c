"""The actions of IAM that playbooks ask for are those that their calls need, and no others."""

from collections.abc import Iterator

import pytest

from ringwall.changes.permissions import action_of
from ringwall.playbooks import registry
from ringwall.playbooks.measures import Request
from tests.playbooks.asked import ASKED, calls

# A call is not an action: what AWS writes in other letters, and what a call needs beside its own
# (Service Authorization Reference). The entry that is there already is read by whoever writes one.
SPELT = {"wafv2:UpdateIpSet": "wafv2:UpdateIPSet", "wafv2:GetIpSet": "wafv2:GetIPSet"}
BESIDE = {"ec2:CreateNetworkAclEntry": "ec2:DescribeNetworkAcls"}


def actions(request: Request) -> Iterator[str]:
    """Yield the actions that a request needs."""
    for service, operation in (
        (request.service, request.operation),
        *((each.service, each.operation) for each in request.readings),
    ):
        action = action_of(service, operation)
        yield SPELT.get(action, action)
        yield from [BESIDE[action]] if action in BESIDE else []
    if "TagSpecifications" in request.request:
        yield "ec2:CreateTags"


@pytest.mark.parametrize("id_", sorted(registry()))
def test_a_playbook_asks_for_what_its_calls_need_and_for_nothing_else(id_: str):
    playbook = registry()[id_]
    made = [request for base, seen in ASKED[id_] for request in calls(playbook, base, seen)]
    assert {action for request in made for action in actions(request)} == set(playbook.asks)
    assert list(playbook.asks) == sorted(set(playbook.asks))


def test_every_playbook_is_asked():
    assert ASKED.keys() == registry().keys()
