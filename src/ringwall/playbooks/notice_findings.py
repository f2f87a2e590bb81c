"""A notice → a finding of Security Hub (ASFF), and one of OCSF, each with a life cycle.

Source: Security Hub user guide, "AWS Security Finding Format"; API reference, BatchImportFindings
and BatchUpdateFindings; OCSF 1.4, Detection Finding (class 2004).

Rules:
- One incident is one finding: its Id is the same from the first notice to the last.
- BatchImportFindings never changes the workflow of a finding that is there: a status is set by
  BatchUpdateFindings (API reference).
- What these bear as generator and feature is passed over when it is delivered to the responder.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from ringwall.model.arns import partition_of
from ringwall.model.finding import Severity
from ringwall.playbooks.notice import Notice
from ringwall.playbooks.records import IncidentState, Party

GENERATOR: Final = "ringwall-respond/"  # before what made the incident
FEATURE: Final = "respond"
VERSION: Final = "1.4.0"  # of OCSF
SCHEMA: Final = "2018-10-08"
NEW, NOTIFIED, RESOLVED = "NEW", "NOTIFIED", "RESOLVED"
_WAITS: Final = frozenset({IncidentState.OPEN, IncidentState.OBSERVED, IncidentState.PROPOSED})
_OVER: Final = frozenset({IncidentState.CLOSED, IncidentState.DENIED})
_TITLE, _DESCRIPTION = 256, 1024  # characters that ASFF takes
_TYPES: Final = ("Unusual Behaviors/Network Flow",)
_SEVERITIES: Final = {
    Severity.LOW: (2, "Low"),
    Severity.MEDIUM: (3, "Medium"),
    Severity.HIGH: (4, "High"),
    Severity.CRITICAL: (5, "Critical"),
}
_STATUSES: Final = {NEW: (1, "New"), NOTIFIED: (2, "In Progress"), RESOLVED: (4, "Resolved")}
_ENDPOINTS: Final = {"source": "src_endpoint", "destination": "dst_endpoint"}


def workflow(notice: Notice) -> str:
    """Return the status of a finding's workflow: NEW, then NOTIFIED, then RESOLVED."""
    state = notice.incident.state
    if state in _OVER:
        return RESOLVED
    return NEW if state in _WAITS else NOTIFIED


def finding_id(notice: Notice) -> str:
    """Return the id that the finding of an incident has for good."""
    return f"ringwall/{notice.where.deployment}/{notice.incident.id}"


def product_arn(notice: Notice) -> str:
    """Return the ARN under which an account imports findings of its own."""
    where = notice.where
    product = f"product/{where.account}/default"
    return f"arn:{partition_of(where.region)}:securityhub:{where.region}:{where.account}:{product}"


def to_asff(notice: Notice) -> dict[str, Any]:
    """Return the finding for BatchImportFindings."""
    incident = notice.incident
    return {
        "SchemaVersion": SCHEMA,
        "Id": finding_id(notice),
        "ProductArn": product_arn(notice),
        "GeneratorId": f"{GENERATOR}{incident.kind}"[:512],
        "AwsAccountId": notice.where.account,
        "Types": list(_TYPES),
        "FirstObservedAt": _time(incident.first),
        "LastObservedAt": _time(incident.last),
        "CreatedAt": _time(incident.opened),
        "UpdatedAt": _time(incident.changed),
        "Severity": {"Label": Severity(incident.severity).name},
        "Title": notice.subject[:_TITLE],
        "Description": notice.within(_DESCRIPTION),
        "Resources": _unique(_resources(notice)),
        "ProductFields": {"ringwall/incident": incident.id, "ringwall/state": incident.state.value},
        "Workflow": {"Status": NEW},  # of a finding that is not there yet
        "RecordState": "ACTIVE",
    }


def to_workflow(notice: Notice) -> dict[str, Any]:
    """Return the request of BatchUpdateFindings that sets the status."""
    return {
        "FindingIdentifiers": [{"Id": finding_id(notice), "ProductArn": product_arn(notice)}],
        "Workflow": {"Status": workflow(notice)},
        "Note": {"Text": notice.lines[1][:512], "UpdatedBy": "ringwall"},
    }


def to_ocsf(notice: Notice, version: str, *, first: bool) -> dict[str, Any]:
    """Return the Detection Finding; `version` is Ringwall's, `first`: it was not told before."""
    incident = notice.incident
    number, word = _SEVERITIES[Severity(incident.severity)]
    activity, activity_name = _activity(notice, first=first)
    status, status_name = {
        NEW: (1, "New"),
        NOTIFIED: (2, "In Progress"),
        RESOLVED: (4, "Resolved"),
    }[workflow(notice)]
    return {
        "activity_id": activity,
        "activity_name": activity_name,
        "category_uid": 2,
        "category_name": "Findings",
        "class_uid": 2004,
        "class_name": "Detection Finding",
        "type_uid": 200400 + activity,
        "type_name": f"Detection Finding: {activity_name}",
        "severity_id": number,
        "severity": word,
        "status_id": status,
        "status": status_name,
        "is_alert": activity == 1,
        "time": incident.changed * 1000,
        "start_time": incident.first * 1000,
        "end_time": incident.last * 1000,
        "message": notice.text,
        "finding_info": {
            "uid": finding_id(notice),
            "title": notice.subject,
            "desc": notice.lines[0],
            "types": [incident.kind],
            "created_time": incident.opened * 1000,
            "modified_time": incident.changed * 1000,
            "first_seen_time": incident.first * 1000,
            "last_seen_time": incident.last * 1000,
        },
        "evidences": [_evidence(incident.parties)],
        "resources": [_resource(each) for each in incident.parties],
        "remediation": {"desc": notice.lines[1]},
        "cloud": {
            "provider": "AWS",
            "account": {"uid": notice.where.account},
            "region": notice.where.region,
        },
        "metadata": {
            "version": VERSION,
            "profiles": ["cloud"],
            "product": {
                "name": "Ringwall",
                "vendor_name": "Ringwall",
                "version": version,
                "feature": {"name": FEATURE},
            },
        },
    }


def _activity(notice: Notice, *, first: bool) -> tuple[int, str]:
    """Return Create for the first notice of an incident, then Update, then Close."""
    if notice.incident.state in _OVER:
        return 3, "Close"
    return (1, "Create") if first else (2, "Update")


def _resources(notice: Notice) -> Iterator[dict[str, Any]]:
    """Yield what is ours in it; a finding has at least one resource."""
    where = notice.where
    partition = partition_of(where.region)
    arn = f"arn:{partition}:ec2:{where.region}:{where.account}"
    place = {"Partition": partition, "Region": where.region}
    for party in notice.incident.parties:
        if party.role == "instance" and party.name:
            yield {"Type": "AwsEc2Instance", "Id": f"{arn}:instance/{party.name}", **place}
    for target in (t for action in notice.actions for t in action.targets):
        if target.startswith("acl-"):
            yield {"Type": "AwsEc2NetworkAcl", "Id": f"{arn}:network-acl/{target}", **place}
    yield {"Type": "Other", "Id": f"ringwall/{where.deployment}", **place}


def _unique(found: Iterator[dict[str, Any]]) -> list[dict[str, Any]]:
    by_id = {each["Id"]: each for each in found}
    return list(by_id.values())[:32]  # the most that ASFF takes


def _evidence(parties: tuple[Party, ...]) -> dict[str, Any]:
    told: dict[str, Any] = {}
    for party in parties:
        member = _ENDPOINTS.get(party.role)
        if member and party.address and member not in told:
            told[member] = {"ip": party.address} | ({"name": party.name} if party.name else {})
        elif party.role == "domain":
            told["query"] = {"hostname": party.name}
    return told or {"data": {"parties": len(parties)}}


def _resource(party: Party) -> Mapping[str, Any]:
    told = {"type": party.role, "name": party.name or party.address}
    return told | ({"ip": party.address} if party.address else {})


def _time(seconds: int) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S.000Z}"
