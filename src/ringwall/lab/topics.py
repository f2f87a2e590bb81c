"""SNS topics: what moto leaves out of them, and delivery to functions."""

from moto.core.responses import ActionResult
from moto.sns.models import Subscription
from moto.sns.responses import SNSResponse

from ringwall.lab.actions import wrap
from ringwall.lab.functions import sns_to_function
from ringwall.lab.world import Moto


def install() -> None:
    """Show every attribute that was set; give messages to functions as SNS does."""

    @wrap(SNSResponse, "get_topic_attributes")
    def attributes(original: Moto, self: Moto) -> ActionResult:
        answer: ActionResult = original(self)
        topic = self.backend.get_topic(self._get_param("TopicArn"))
        version = getattr(topic, "signature_version", "")
        if not version:
            return answer
        told: Moto = answer.result
        return ActionResult({"Attributes": {**told["Attributes"], "SignatureVersion": version}})

    @wrap(Subscription, "publish")
    def publish(original: Moto, self: Moto, message: str, message_id: str, **more: Moto) -> None:
        if self.protocol != "lambda":
            original(self, message, message_id, **more)
            return
        judge = self._filter_policy_matcher
        if judge is None or judge.matches(more.get("message_attributes"), message):
            sns_to_function(self, message, more.get("subject"))
