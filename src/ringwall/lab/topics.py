"""SNS topics: what moto leaves out of them."""

from moto.core.responses import ActionResult
from moto.sns.responses import SNSResponse

from ringwall.lab.actions import wrap
from ringwall.lab.world import Moto


def install() -> None:
    """Show every attribute that was set."""

    @wrap(SNSResponse, "get_topic_attributes")
    def attributes(original: Moto, self: Moto) -> ActionResult:
        answer: ActionResult = original(self)
        topic = self.backend.get_topic(self._get_param("TopicArn"))
        version = getattr(topic, "signature_version", "")
        if not version:
            return answer
        told: Moto = answer.result
        return ActionResult({"Attributes": {**told["Attributes"], "SignatureVersion": version}})
