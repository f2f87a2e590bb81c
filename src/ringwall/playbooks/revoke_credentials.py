"""revoke-credentials: end every session of a role; put long-term keys out of use.

Rules:
- A session cannot be ended, but everything can be denied to those that began before a moment
  (IAM user guide, "revoke IAM role temporary security credentials"). A new one is not denied.
- A policy bears its incident's name, so that two incidents do not take each other's back.
- Roles that AWS or Ringwall act by are never touched: that would end the response itself.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from ringwall.model.grants import Grant, worldwide
from ringwall.playbooks import evidence
from ringwall.playbooks.measures import Measure, Request
from ringwall.playbooks.parties import hosts
from ringwall.playbooks.playbook import Playbook, Proposal, Refusal, Situation
from ringwall.playbooks.records import Action, Incident

_KEPT: Final = ("/aws-service-role/", "/aws-reserved/", "/ringwall/")
_ANY: Final = worldwide("iam", "instance-profile/*", "role/*", "user/*")
GRANTS: Final = (
    Grant(("ec2:DescribeInstances",)),
    # Each of the actions knows one of these types of resources alone. IAM has no condition on what
    # a policy says: the roles by which Ringwall acts are denied, so that the responder cannot give
    # itself more than it has. AWS's own are protected by AWS.
    Grant(
        (
            "iam:GetAccessKeyLastUsed",
            "iam:GetInstanceProfile",
            "iam:GetRole",
            "iam:ListAccessKeys",
            "iam:UpdateAccessKey",
        ),
        _ANY,
    ),
    Grant(
        ("iam:DeleteRolePolicy", "iam:PutRolePolicy"),
        _ANY,
        never=worldwide("iam", "role/ringwall/*"),
    ),
)
RESIDUAL: Final = (
    (
        "sessions that begin afterwards are not denied: an instance that keeps its profile gets "
        "new credentials; isolate it, or take the profile away"
    ),
    "every session of the role ends, on whatever uses it, and programs must ask for new ones",
    "IAM takes a while until a change holds everywhere",
)
_GONE: Final = ("NoSuchEntity",)


@dataclass(frozen=True, slots=True)
class Found:
    """Whose credentials are meant: roles, and keys each with its user."""

    roles: tuple[str, ...]
    keys: tuple[tuple[str, str], ...]
    refused: tuple[str, ...] = ()


def _profile(name: str) -> Request:
    return Request("iam", "get_instance_profile", {"InstanceProfileName": name})


def _role(name: str) -> Request:
    return Request("iam", "get_role", {"RoleName": name})


def _user_of(key: str) -> Request:
    return Request("iam", "get_access_key_last_used", {"AccessKeyId": key})


def _keys_of(user: str) -> Request:
    return Request("iam", "list_access_keys", {"UserName": user})


def _named(incident: Incident, role: str) -> list[str]:
    return list(dict.fromkeys(p.name for p in incident.parties if p.role == role and p.name))


def _instances(incident: Incident, situation: Situation) -> list[str]:
    """Return the instances whose credentials are meant: those that are named, or sent."""
    found = hosts(incident, situation.engine.network.values, situation.names)
    return [each.instance for each in found if each.instance]


def _roles(incident: Incident, situation: Situation) -> Iterator[str]:
    yield from _named(incident, "role")
    for instance in _instances(incident, situation):
        profile = _profile_of(situation, instance)
        answer = situation.answer(_profile(profile)) if profile else None
        for role in ((answer or {}).get("InstanceProfile") or {}).get("Roles") or ():
            yield str(role["RoleName"])


def _profile_of(situation: Situation, instance: str) -> str:
    arn = (evidence.said(situation, instance).get("IamInstanceProfile") or {}).get("Arn") or ""
    return str(arn).rpartition("/")[2]


def _long_term(incident: Incident) -> list[str]:
    # AKIA: long-term; ASIA: of a session, which ends with its role's (IAM user guide, unique ids).
    return [key for key in _named(incident, "access-key") if key.startswith("AKIA")]


def _users(incident: Incident, situation: Situation) -> list[str]:
    found = _named(incident, "user")
    for key in _long_term(incident) if not found else ():
        user = (situation.answer(_user_of(key)) or {}).get("UserName")
        found += [str(user)] if user else []
    return found


def reads(incident: Incident, situation: Situation) -> tuple[Request, ...]:
    """Return the questions after roles of profiles, and after the keys of users."""
    asked: list[Request] = []
    for instance in _instances(incident, situation):
        asked.append(evidence.described(instance))
        profile = _profile_of(situation, instance)
        asked += [_profile(profile)] if profile else []
    asked += [_role(name) for name in _roles(incident, situation)]
    if not _named(incident, "user"):
        asked += [_user_of(key) for key in _long_term(incident)]
    asked += [_keys_of(user) for user in _users(incident, situation)]
    return tuple(asked)


def found(incident: Incident, situation: Situation) -> Found:
    """Return whose credentials an incident is about."""
    roles: list[str] = []
    refused: list[str] = []
    for name in dict.fromkeys(_roles(incident, situation)):
        path = ((situation.answer(_role(name)) or {}).get("Role") or {}).get("Path")
        if path is None:
            refused.append(f"AWS did not say what role {name} is")
        elif str(path).startswith(_KEPT):
            refused.append(f"role {name} is one that AWS or Ringwall acts by ({path})")
        else:
            roles.append(name)
    if _named(incident, "root"):
        refused.append("the root user has no role, and its keys are not ours to set")
    keys = list(_keys(incident, situation))
    return Found(tuple(roles), tuple(keys), tuple(refused))


def _keys(incident: Incident, situation: Situation) -> Iterator[tuple[str, str]]:
    """Yield the keys in use, each with its user: those that are named, else all of the user."""
    meant = set(_long_term(incident))
    for user in _users(incident, situation):
        answer = situation.answer(_keys_of(user)) or {}
        for each in answer.get("AccessKeyMetadata") or ():
            key = str(each["AccessKeyId"])
            if each.get("Status") == "Active" and (not meant or key in meant):
                yield user, key


def work(playbook: Playbook, incident: Incident, situation: Situation) -> Proposal | Refusal:
    """Revoke the credentials of an incident."""
    if not situation.now:
        return Refusal("the time is not known, and a session is told by when it began")
    meant = found(incident, situation)
    measures = tuple(revoked(incident, situation.now, meant))
    if not measures:
        why = meant.refused[0] if meant.refused else "the incident names no role and no key in use"
        return Refusal(why, hint="name a role, a user, an access key or an instance")
    names = [*(f"role {role}" for role in meant.roles), *(f"key {key}" for _, key in meant.keys)]
    return Proposal(
        playbook.id,
        f"revoke the credentials of {', '.join(names)}",
        measures,
        ("not proven, done by AWS's word: IAM is no part of the network",),
        playbook.residual,
        playbook.seconds(situation),
        reach=len(measures),
        facts={"left": list(meant.refused)} if meant.refused else {},
    )


def revoked(incident: Incident, now: int, meant: Found) -> Iterator[Measure]:
    """Yield the measures that end sessions and put keys out of use; `now` in seconds since 1970."""
    policy = f"ringwall-revoked-{incident.id}"
    for role in meant.roles:
        at = {"RoleName": role, "PolicyName": policy}
        put = {**at, "PolicyDocument": json.dumps(denial(now), separators=(",", ":"))}
        yield Measure(
            f"deny everything to the sessions of role {role} that began before now",
            f"role/{role}",
            (Request("iam", "put_role_policy", put),),
            (Request("iam", "delete_role_policy", at, _GONE),),
        )
    for user, key in meant.keys:
        at = {"UserName": user, "AccessKeyId": key}
        yield Measure(
            f"put access key {key} of user {user} out of use",
            f"key/{key}",
            (Request("iam", "update_access_key", {**at, "Status": "Inactive"}),),
            (Request("iam", "update_access_key", {**at, "Status": "Active"}, _GONE),),
        )


def denial(now: int) -> dict[str, Any]:
    """Return the policy that denies everything to sessions that began before a moment."""
    moment = datetime.fromtimestamp(now, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    statement = {
        "Sid": "RingwallRevokeOlderSessions",
        "Effect": "Deny",
        "Action": "*",
        "Resource": "*",
        "Condition": {"DateLessThan": {"aws:TokenIssueTime": moment}},
    }
    return {"Version": "2012-10-17", "Statement": [statement]}


def lacks(action: Action, situation: Situation) -> tuple[str, ...]:
    """Return nothing: IAM is not read with the network."""
    del action, situation
    return ()


def state(about: Sequence[str], situation: Situation) -> Mapping[str, Any]:
    """Return nothing: IAM is not read with the network."""
    del about, situation
    return {}


PLAYBOOKS = (
    Playbook(
        id="revoke-credentials",
        title="end every session of a role; put long-term keys out of use",
        answers=(
            "CredentialAccess:*",
            "DefenseEvasion:IAMUser/*",
            "Discovery:IAMUser/*",
            "Exfiltration:IAMUser/*",
            "Impact:IAMUser/*",
            "InitialAccess:IAMUser/*",
            "PenTest:IAMUser/*",
            "Persistence:IAMUser/*",
            "PrivilegeEscalation:IAMUser/*",
            "Recon:IAMUser/*",
            "Stealth:IAMUser/*",
            "UnauthorizedAccess:IAMUser/*",
            "UnauthorizedAccess:EC2/MetadataDNSRebind",
        ),
        grants=GRANTS,
        hours=0,
        residual=RESIDUAL,
        work=work,
        lacks=lacks,
        state=state,
        reads=reads,
    ),
)
