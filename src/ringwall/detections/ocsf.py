"""A finding → an OCSF Detection Finding (class 2004).

Source: OCSF schema 1.4, Detection Finding, https://schema.ocsf.io/1.4.0/classes/detection_finding.
The same finding found again has the same `finding_info.uid`: whoever stores them can update it.
"""

from typing import Any, Final

from ringwall.detections.detection import Detection, Entity, Sighting
from ringwall.detections.techniques import TECHNIQUES
from ringwall.model.finding import Severity

VERSION: Final = "1.4.0"
_CATEGORY, _CLASS, _CREATE = 2, 2004, 1
_SEVERITIES = {
    Severity.LOW: (2, "Low"),
    Severity.MEDIUM: (3, "Medium"),
    Severity.HIGH: (4, "High"),
    Severity.CRITICAL: (5, "Critical"),
}
_CONFIDENCES = {"low": 1, "medium": 2, "high": 3}
_ENDPOINTS = {"source": "src_endpoint", "destination": "dst_endpoint"}


def detection_finding(
    found: Sighting, detection: Detection, version: str, now: int
) -> dict[str, Any]:
    """Return the document; `version` is Ringwall's, `now` the second of the answer."""
    number, word = _SEVERITIES[found.severity]
    return {
        "activity_id": _CREATE,
        "activity_name": "Create",
        "category_uid": _CATEGORY,
        "category_name": "Findings",
        "class_uid": _CLASS,
        "class_name": "Detection Finding",
        "type_uid": _CLASS * 100 + _CREATE,
        "type_name": "Detection Finding: Create",
        "severity_id": number,
        "severity": word,
        "confidence_id": _CONFIDENCES[detection.confidence],
        "confidence": detection.confidence.capitalize(),
        "status_id": 1,
        "status": "New",
        "is_alert": True,
        "time": now * 1000,
        "start_time": found.first * 1000,
        "end_time": found.last * 1000,
        "message": found.text,
        "finding_info": {
            "uid": found.id,
            "title": detection.title,
            "desc": detection.why,
            "types": [detection.name],
            "first_seen_time": found.first * 1000,
            "last_seen_time": found.last * 1000,
            "analytic": {
                "uid": detection.id,
                "name": detection.name,
                "type_id": 1,
                "type": "Rule",
            },
            "attacks": [_attack(each) for each in detection.attacks],
        },
        "evidences": [_evidence(found)],
        "resources": [_resource(each) for each in found.entities],
        "remediation": {"desc": detection.instead},
        "metadata": {
            "version": VERSION,
            "product": {"name": "Ringwall", "vendor_name": "Ringwall", "version": version},
        },
    }


def _attack(technique: str) -> dict[str, Any]:
    main, _, below = technique.partition(".")
    told: dict[str, Any] = {"version": "16", "technique": {"uid": main, "name": TECHNIQUES[main]}}
    if below:
        told["sub_technique"] = {"uid": technique, "name": TECHNIQUES[technique]}
    return told


def _evidence(found: Sighting) -> dict[str, Any]:
    told: dict[str, Any] = {"data": dict(found.evidence)}
    for entity in found.entities:
        if entity.role in _ENDPOINTS and entity.address:
            told[_ENDPOINTS[entity.role]] = {
                "ip": entity.address,
                **({"name": entity.name} if entity.name else {}),
            }
        elif entity.role == "domain":
            told["query"] = {"hostname": entity.name}
    return told


def _resource(entity: Entity) -> dict[str, Any]:
    told = {"type": entity.role, "name": entity.name or entity.address}
    if entity.address:
        told["ip"] = entity.address
    return told
