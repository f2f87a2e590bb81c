"""Channels of AWS: a topic of SNS, Security Hub, and a bucket of findings in OCSF."""

import json
from dataclasses import dataclass
from typing import Protocol

from ringwall.errors import InputError, OutsideError
from ringwall.playbooks.notice import MARK, NOTICE, Notice
from ringwall.playbooks.notice_findings import NEW, to_asff, to_ocsf, to_workflow, workflow
from ringwall.shell.aws import Cloud


class Channel(Protocol):
    """A way to tell somebody."""

    @property
    def name(self) -> str:
        """Return what it is called in journals and errors."""
        ...

    def send(self, notice: Notice) -> None:
        """Tell; raises OutsideError."""
        ...


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic of SNS; its subscribers can filter by state and severity."""

    cloud: Cloud
    arn: str

    @property
    def name(self) -> str:
        """Return what it is called."""
        return f"topic {self.arn.rpartition(':')[2]}"

    def send(self, notice: Notice) -> None:
        """Publish the five lines; raises CloudError."""
        incident = notice.incident
        attributes = {
            MARK: NOTICE,
            "state": incident.state.value,
            "severity": str(int(incident.severity)),
            "deployment": notice.where.deployment,
        }
        request = {
            "TopicArn": self.arn,
            # A subject is printable ASCII of at most 100 characters (API reference, Publish).
            "Subject": notice.subject.encode("ascii", "replace").decode(),
            "Message": notice.text,
            "MessageAttributes": {
                name: {"DataType": "String", "StringValue": value}
                for name, value in attributes.items()
            },
        }
        self.cloud.call("sns", "publish", request)


@dataclass(frozen=True, slots=True)
class SecurityHub:
    """Security Hub of the account, which has to be enabled in it."""

    cloud: Cloud
    name: str = "Security Hub"

    def send(self, notice: Notice) -> None:
        """Write the finding of the incident, and the status of its workflow.

        Raises CloudError, and OutsideError where Security Hub took the request and not the finding.
        """
        request = {"Findings": [to_asff(notice)]}
        answer = self.cloud.call("securityhub", "batch_import_findings", request)
        _refused(answer.get("FailedFindings"))
        if workflow(notice) != NEW:
            answer = self.cloud.call("securityhub", "batch_update_findings", to_workflow(notice))
            _refused(answer.get("UnprocessedFindings"))


def _refused(failed: object) -> None:
    if isinstance(failed, list) and failed:
        msg = f"Security Hub did not take the finding: {failed[0].get('ErrorCode')}"
        raise OutsideError(msg)


@dataclass(frozen=True, slots=True)
class Findings:
    """Objects of a bucket, `PREFIX/INCIDENT/TIME-STATE.json`: findings of OCSF, for a data lake."""

    cloud: Cloud
    place: str
    version: str

    @property
    def name(self) -> str:
        """Return what it is called."""
        return self.place

    def send(self, notice: Notice) -> None:
        """Write the finding as it is now; raises CloudError, and InputError for no bucket."""
        bucket, _, prefix = self.place.removeprefix("s3://").partition("/")
        if not self.place.startswith("s3://") or not bucket:
            msg = f"'{self.place}' names no bucket"
            raise InputError(msg, hint="as s3://BUCKET/PREFIX")
        incident = notice.incident
        folder = "/".join([*filter(None, [prefix.strip("/")]), incident.id, ""])
        asked = {"Bucket": bucket, "Prefix": folder, "MaxKeys": 1}
        first = not self.cloud.call("s3", "list_objects_v2", asked).get("Contents")
        request = {
            "Bucket": bucket,
            "Key": f"{folder}{incident.changed}-{incident.state.value}.json",
            "Body": json.dumps(to_ocsf(notice, self.version, first=first)).encode(),
            "ContentType": "application/json",
        }
        self.cloud.call("s3", "put_object", request)
