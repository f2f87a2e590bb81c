"""The grants of playbooks are what their calls need, and nothing else."""

import pytest

from ringwall.playbooks import registry
from ringwall.playbooks.measures import Request
from ringwall.resources.actions import actions_of
from tests.playbooks.asked import ASKED, calls

# Whoever writes an entry looks at the one that is there already.
BESIDE = {"ec2:CreateNetworkAclEntry": frozenset({"ec2:DescribeNetworkAcls"})}


def actions(request: Request) -> frozenset[str]:
    """Return the actions that a request needs, with what it reads just before."""
    found = actions_of(request.service, request.operation, request.request)
    for each in request.readings:
        found |= actions_of(each.service, each.operation, each.request)
    return found.union(*(BESIDE.get(each, frozenset()) for each in found))


@pytest.mark.parametrize("id_", sorted(registry()))
def test_a_playbook_asks_for_what_its_calls_need_and_for_nothing_else(id_: str):
    needed = {action for made in calls(id_) for action in actions(made)}
    assert needed == set(registry()[id_].asks)


def test_every_playbook_is_asked():
    assert ASKED.keys() == registry().keys()
