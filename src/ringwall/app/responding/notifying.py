"""Where notices go, by name → what tells them."""

from dataclasses import dataclass
from importlib.metadata import version

from ringwall.playbooks.notice import Where
from ringwall.shell.aws import Cloud
from ringwall.shell.clock import Clock
from ringwall.shell.notices.channels import Channel, Findings, SecurityHub, Topic
from ringwall.shell.notices.telling import Teller
from ringwall.shell.notices.webhook import Webhook


@dataclass(frozen=True, slots=True)
class Notices:
    """Channels; "" for none.

    `topic` is an SNS topic's ARN; `webhook` the name of its address, `ssm:PARAMETER` or
    `secretsmanager:SECRET`; `findings` is `s3://BUCKET/PREFIX`, for findings of OCSF.
    """

    topic: str = ""
    webhook: str = ""
    findings: str = ""
    security_hub: bool = False

    def teller(self, deployment: str, cloud: Cloud, clock: Clock) -> Teller | None:
        """Return what tells all channels, None if there is none; raises CloudError."""
        channels: list[Channel] = []
        if self.topic:
            channels.append(Topic(cloud, self.topic))
        if self.webhook:
            channels.append(Webhook(cloud, self.webhook, clock))
        if self.security_hub:
            channels.append(SecurityHub(cloud))
        if self.findings:
            channels.append(Findings(cloud, self.findings, version("ringwall")))
        if not channels:
            return None
        return Teller(Where(deployment, cloud.account, cloud.region), tuple(channels))
