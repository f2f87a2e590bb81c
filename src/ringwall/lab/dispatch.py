"""What holds for every EC2 call: DryRun, and client tokens."""

import functools
import json
from typing import Any

from botocore.loaders import Loader
from botocore.model import ServiceModel
from moto.core.responses import ActionResult
from moto.ec2.responses import EC2Response

from ringwall.lab import world
from ringwall.lab.actions import AwsError
from ringwall.lab.world import Moto


class Tokens:
    """The answers already given for client tokens, in one account and region."""

    def __init__(self) -> None:
        self.given: dict[tuple[str, str], tuple[str, Any]] = {}


@functools.cache
def _ec2_model() -> ServiceModel:
    return ServiceModel(Loader().load_service_model("ec2", "service-2"), "ec2")


@functools.cache
def _has_token(action: str) -> bool:
    """Whether botocore knows a ClientToken of this action."""
    if action not in _ec2_model().operation_names:
        return False

    found = _ec2_model().operation_model(action).input_shape
    return found is not None and "ClientToken" in found.members


def install() -> None:
    """Look at every EC2 call before moto answers it."""
    original = EC2Response.call_action

    def call_action(self: Moto) -> Moto:
        params = self._get_params()
        action = self._get_action()
        if str(params.get("DryRun", False)).lower() == "true":
            # "If you have the required permissions, the error response is DryRunOperation."
            text = "Request would have succeeded, but DryRun flag is set."
            return _error(self, AwsError("DryRunOperation", text), 412)
        token = params.get("ClientToken")
        if not token or not _has_token(action):
            return original(self)
        given = world.store(self.ec2_backend, Tokens).given
        asked = {key: value for key, value in params.items() if key != "ClientToken"}
        spelt = json.dumps(asked, sort_keys=True, default=str)
        if (action, token) in given:
            before, answer = given[action, token]
            if before == spelt:
                return answer
            text = "Client token already used before with different parameters."
            return _error(self, AwsError("IdempotentParameterMismatch", text))
        answer = original(self)
        if answer[0] == 200:
            given[action, token] = (spelt, answer)
        return answer

    EC2Response.call_action = call_action  # type: ignore[method-assign]


def _error(response: Moto, error: AwsError, status: int = 400) -> Moto:
    _, headers, body = response.serialized(ActionResult(error))
    headers["status"] = status
    return status, headers, body
