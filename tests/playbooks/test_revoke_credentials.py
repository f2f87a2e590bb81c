"""revoke-credentials: sessions of roles by when they began, long-term keys by their state."""

import json
from typing import Any

import pytest

from ringwall.playbooks import answering, registry
from ringwall.playbooks.measures import Request
from ringwall.playbooks.playbook import Proposal, Refusal, Situation
from ringwall.playbooks.records import Party
from tests.playbooks.situations import attacked, described, incident, situation

PLAYBOOK = registry()["revoke-credentials"]
NOW = 1_780_000_000  # 2026-05-28T20:26:40Z
IAM: dict[str, Any] = {
    "get_instance_profile": {"InstanceProfile": {"Roles": [{"RoleName": "web"}]}},
    "get_access_key_last_used": {"UserName": "ann"},
    "list_access_keys": {
        "AccessKeyMetadata": [
            {"AccessKeyId": "AKIA1", "Status": "Active"},
            {"AccessKeyId": "AKIA2", "Status": "Active"},
            {"AccessKeyId": "AKIA3", "Status": "Inactive"},
        ]
    },
}


def answered(*parties: Party, path: str = "/team/", now: int = NOW) -> tuple[Any, list[Request]]:
    """Ask as the loop does, until nothing new is asked; return the answer and what was asked."""
    answers: dict[str, Any] = {}
    asked: list[Request] = []
    about: Situation = situation(attacked(), now=now)
    for _ in range(5):
        about = situation(attacked(), now=now, answers=answers)
        fresh = [r for r in PLAYBOOK.reads(incident(*parties), about) if r.key not in answers]
        if not fresh:
            break
        for request in fresh:
            asked.append(request)
            role = {"Role": {"RoleName": "web", "Path": path}}
            own = described("i-1").get(request.key, {})
            answers[request.key] = own or IAM.get(request.operation, role)
    return PLAYBOOK.propose(incident(*parties), about), asked


def test_everything_is_denied_to_sessions_that_began_before_now():
    found, _ = answered(Party("role", name="web"))
    assert isinstance(found, Proposal)
    [measure] = found.measures
    [put], [delete] = measure.do, measure.undo
    assert put.operation == "put_role_policy"
    assert json.loads(put.request["PolicyDocument"])["Statement"] == [
        {
            "Sid": "RingwallRevokeOlderSessions",
            "Effect": "Deny",
            "Action": "*",
            "Resource": "*",
            "Condition": {"DateLessThan": {"aws:TokenIssueTime": "2026-05-28T20:26:40Z"}},
        }
    ]
    at = {"RoleName": "web", "PolicyName": "ringwall-revoked-0-1"}
    assert (delete.operation, delete.request) == ("delete_role_policy", at)
    assert delete.same == ("NoSuchEntity",)


def test_what_is_shown_is_the_same_at_any_time_so_that_an_approval_holds():
    early, _ = answered(Party("role", name="web"))
    late, _ = answered(Party("role", name="web"), now=NOW + 600)
    assert [m.text for m in early.measures] == [m.text for m in late.measures]
    assert early.measures != late.measures


def test_the_role_of_an_instance_is_found_by_its_profile():
    found, asked = answered(Party("instance", name="i-1"))
    assert [r.operation for r in asked] == [
        "describe_instances",
        "get_instance_profile",
        "get_role",
    ]
    assert asked[1].request == {"InstanceProfileName": "web"}
    assert found.title == "revoke the credentials of role web"


def test_a_long_term_key_is_put_out_of_use_and_back():
    found, asked = answered(Party("access-key", name="AKIA1"))
    assert [r.operation for r in asked] == ["get_access_key_last_used", "list_access_keys"]
    [measure] = found.measures
    at = {"UserName": "ann", "AccessKeyId": "AKIA1"}
    assert measure.do[0].request == {**at, "Status": "Inactive"}
    assert measure.undo[0].request == {**at, "Status": "Active"}


def test_of_a_user_all_keys_in_use_are_meant_and_no_others():
    found, _ = answered(Party("user", name="ann"))
    assert [m.target for m in found.measures] == ["key/AKIA1", "key/AKIA2"]


def test_a_key_of_a_session_is_no_long_term_key():
    found, asked = answered(Party("access-key", name="ASIA1"), Party("role", name="web"))
    assert [m.target for m in found.measures] == ["role/web"]
    assert [r.operation for r in asked] == ["get_role"]


def test_new_sessions_are_told_as_open_and_nothing_as_proven():
    found, _ = answered(Party("role", name="web"))
    assert "sessions that begin afterwards are not denied" in found.residual[0]
    assert "every session of the role ends" in found.residual[1]
    assert "not proven" in found.proven[0]


@pytest.mark.parametrize(
    "path", ["/ringwall/fortress/", "/aws-service-role/ecs.amazonaws.com/", "/aws-reserved/sso/"]
)
def test_roles_that_ringwall_or_aws_act_by_are_never_touched(path: str):
    found, _ = answered(Party("role", name="web"), path=path)
    assert isinstance(found, Refusal)
    assert found.why == f"role web is one that AWS or Ringwall acts by ({path})"


@pytest.mark.parametrize(
    ("parties", "why"),
    [
        ((), "names no role and no key in use"),
        ((Party("source", "198.51.100.7"),), "names no role and no key in use"),
        ((Party("root", name="Root"),), "the root user"),
        ((Party("access-key", name="AKIA3"),), "no key in use"),
    ],
)
def test_who_has_no_credentials_is_refused(parties: tuple[Party, ...], why: str):
    found, _ = answered(*parties)
    assert isinstance(found, Refusal)
    assert why in found.why


def test_without_the_time_nothing_is_revoked():
    found, _ = answered(Party("role", name="web"), now=0)
    assert isinstance(found, Refusal)


def test_it_answers_credentials_that_others_use():
    kind = "UnauthorizedAccess:IAMUser/InstanceCredentialExfiltration.OutsideAWS"
    assert answering(kind)[0] is PLAYBOOK
