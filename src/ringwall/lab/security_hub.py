"""Security Hub: what its customers set on a finding, which its importers leave alone."""

from typing import Any

from moto.securityhub import urls
from moto.securityhub.models import SecurityHubBackend
from moto.securityhub.responses import SecurityHubResponse

from ringwall.lab.actions import Call, Described, add_json, refuse, wrap
from ringwall.lab.world import Moto

# "BatchImportFindings cannot be used to update" these of a finding that is there (its page).
_KEPT = ("Note", "UserDefinedFields", "VerificationState", "Workflow")
_SET = (*_KEPT, "Severity", "Confidence", "Criticality", "RelatedFindings", "Types")


def _judge(backend: Moto) -> None:
    if not backend.enabled:
        text = f"Account {backend.account_id} is not subscribed to AWS Security Hub"
        refuse("InvalidAccessException", text)


def batch_update_findings(call: Call) -> Described:
    """BatchUpdateFindings: what is not there is told beside what was set."""
    _judge(call.backend)
    processed, missing = [], []
    for named in call.need("FindingIdentifiers"):
        for finding in call.backend.findings:
            if (finding.id, finding.data["ProductArn"]) == (named["Id"], named["ProductArn"]):
                finding.data |= {name: call.get(name) for name in _SET if call.get(name)}
                processed.append(named)
                break
        else:
            text = "Finding Not Found"
            missing.append(
                {"FindingIdentifier": named, "ErrorCode": "FindingNotFound", "ErrorMessage": text}
            )
    return {"ProcessedFindings": processed, "UnprocessedFindings": missing}


def install() -> None:
    """Let findings be updated, and imports keep what was set."""
    urls.url_paths["{0}/findings/batchupdate$"] = SecurityHubResponse.dispatch
    add_json(
        SecurityHubResponse,
        lambda self: self.securityhub_backend,
        {"BatchUpdateFindings": batch_update_findings},
    )

    @wrap(SecurityHubBackend, "batch_import_findings")
    def imported(original: Moto, self: Moto, findings: list[dict[str, Any]]) -> Moto:
        _judge(self)
        there = {finding.id: finding.data for finding in self.findings}
        for each in findings:
            for name in _KEPT:
                if each.get("Id") in there and name in there[each["Id"]]:
                    each[name] = there[each["Id"]][name]
        return original(self, findings)
