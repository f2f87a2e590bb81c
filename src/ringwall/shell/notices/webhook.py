"""A notice → a message to a webhook, in the form that Slack takes, and those who do as Slack does.

Rules:
- The address is a secret: whoever has it can write there. It is read by name when it is needed,
  kept nowhere, and is in no error: foreign exceptions end here.
- https alone. What it is redirected to is not followed. What is tried again is bounded.
"""

import http.client
import json
import ssl
from dataclasses import dataclass
from typing import Final
from urllib.parse import SplitResult, urlsplit

from ringwall.errors import InputError, OutsideError
from ringwall.model.webhooks import HINT, MANAGED, PARAMETER
from ringwall.playbooks.notice import Notice
from ringwall.shell.aws import Cloud
from ringwall.shell.clock import Clock

TRIES: Final = 3
PAUSE: Final = 1.0  # seconds, doubled each time
PATIENCE: Final = 10.0  # seconds that an answer may take
_REFUSED: Final = "it refused"
_LONGEST: Final = 3000  # characters of an address
# Characters with which Slack begins mentions and links (Slack API, "Formatting text").
_ESCAPED: Final = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}


@dataclass(frozen=True, slots=True)
class Webhook:
    """A webhook; `place` is `ssm:PARAMETER` or `secretsmanager:SECRET`, which holds its address."""

    cloud: Cloud
    place: str
    clock: Clock
    context: ssl.SSLContext | None = None

    @property
    def name(self) -> str:
        """Return what it is called: the place of its address, not the address."""
        return f"webhook {self.place}"

    def send(self, notice: Notice) -> None:
        """Post the five lines; raises OutsideError, CloudError for the address, InputError."""
        body = json.dumps({"text": _escaped(f"*{notice.subject}*\n{notice.text}")}).encode()
        address = self._address()
        why = self._posted(address, body)
        for turn in range(TRIES - 1):
            if not why or why.startswith(_REFUSED):
                break
            self.clock.sleep(PAUSE * 2**turn)
            why = self._posted(address, body)
        if why:
            raise OutsideError(why)

    def _address(self) -> SplitResult:
        text = self._read()
        if text.lower().startswith("http://"):
            msg = f"what {self.place} holds begins with http://, and webhooks are called by https"
            raise InputError(msg, hint="write the same address with https:// there, if it has one")
        if not _is_sound(text):
            msg = f"what {self.place} holds is no address of a webhook"
            raise InputError(msg, hint="as https://HOST/PATH")
        return urlsplit(text)

    def _read(self) -> str:
        if self.place.startswith(PARAMETER):
            request = {"Name": self.place.removeprefix(PARAMETER), "WithDecryption": True}
            answer = self.cloud.call("ssm", "get_parameter", request)
            return str(answer["Parameter"]["Value"]).strip()
        if self.place.startswith(MANAGED):
            request = {"SecretId": self.place.removeprefix(MANAGED)}
            answer = self.cloud.call("secretsmanager", "get_secret_value", request)
            return str(answer.get("SecretString") or "").strip()
        msg = "the address of a webhook is read from SSM or Secrets Manager, by name"
        raise InputError(msg, hint=f"as {HINT}")

    def _posted(self, address: SplitResult, body: bytes) -> str:
        """Post once; return why it failed, without any words of others, or ""."""
        path = address.path or "/"
        target = f"{path}?{address.query}" if address.query else path
        connection = http.client.HTTPSConnection(
            str(address.hostname), address.port or 443, timeout=PATIENCE, context=self.context
        )
        try:
            connection.request("POST", target, body, {"Content-Type": "application/json"})
            status = connection.getresponse().status
        except (OSError, http.client.HTTPException) as failure:
            return f"no answer ({type(failure).__name__})"
        finally:
            connection.close()
        if 200 <= status < 300:
            return ""
        # Too many requests, and faults of the server, may pass; all else is an answer.
        return (
            f"status {status}" if status == 429 or status >= 500 else f"{_REFUSED}, status {status}"
        )


def _is_sound(text: str) -> bool:
    """Tell whether a text is an https address that can be written into a request."""
    if len(text) > _LONGEST or not text.isascii() or not text.isprintable() or " " in text:
        return False
    try:
        address = urlsplit(text)
        is_port = address.port != 0
    except ValueError:  # a host or a port that is none
        return False
    return address.scheme == "https" and bool(address.hostname) and is_port


def _escaped(text: str) -> str:
    for character, entity in _ESCAPED.items():
        text = text.replace(character, entity)
    return text
