"""One Call of a step, made so that its effect takes place once, whatever the wire does.

Rules:
- After an unclear answer of a create that AWS cannot tell from a second one, look for the resource
  that bears our tags, or has the place in its parent; create again only when it is not there after
  several looks.
- A request with a client token, or one that is the same twice, is simply made again.
- Every repetition is bounded.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ringwall.errors import CloudError
from ringwall.model.calls import Call, Content, Idempotence, Lookup, Token, Wait
from ringwall.model.graph import Address, Node, Ref
from ringwall.model.plan import Action, Step
from ringwall.shell import codes
from ringwall.shell.aws import Cloud, find
from ringwall.shell.complaints import action_name, api_name
from ringwall.shell.files import read_content
from ringwall.shell.finding import Finder, attributes_of
from ringwall.shell.progress import Progress
from ringwall.shell.resolving import (
    KnownIds,
    client_token,
    leaves,
    look_up,
    not_there,
    resolve,
    text_of,
)
from ringwall.shell.waiting import Patience, wait_until

UNCLEAR_ATTEMPTS = 4  # times that one request is sent while its answers stay unclear
UNKNOWN_ATTEMPTS = 12  # times that AWS may say not to know an id that it gave us
REMOVALS = (
    "delete_",
    "detach_",
    "deregister_",
    "disable_",
    "disassociate_",
    "release_",
    "remove_",
    "revoke_",
)
ROLE = "AWS::IAM::Role"


@dataclass(frozen=True, slots=True)
class Doing:
    """A step at work: `known` answers its references; in `doubt` it may have been begun before."""

    step: Step
    known: KnownIds
    doubt: bool
    without: frozenset[str]

    @property
    def address(self) -> Address:
        """Return (type, key)."""
        return (self.step.type, self.step.key)


@dataclass(frozen=True, slots=True)
class Caller:
    """Makes calls; `run` tells the client tokens of this run from those of others."""

    cloud: Cloud
    deployment: str
    run: str
    known: KnownIds
    finder: Finder
    patience: Patience
    progress: Progress

    def make(self, doing: Doing, call: Call) -> bool:
        """Make a call and wait for its effect; tell whether it was found done already."""
        adopted = self._is_creation(doing, call) and doing.doubt and self._adopt(doing)
        if not adopted:
            adopted = not self._send(doing, call)
        for wait in call.waits_for:
            self._wait(doing, call.service, wait)
        if any(self.known.get(doing.address, name) is None for name in call.extract):
            found = self.finder.find(*doing.address, doing.without)
            if found is not None:
                self.known.learn(doing.address, attributes_of(found))
        return adopted

    def _send(self, doing: Doing, call: Call) -> bool:
        """Send a request until its effect is certain; tell whether this run brought it about."""
        unclear = settling = 0
        while True:
            request = self._request(doing, call, settling)
            try:
                answer = self.cloud.call(call.service, call.operation, request)
                refuse_partial(call, answer)
            except CloudError as error:
                if error.unclear:
                    unclear += 1
                    if unclear >= UNCLEAR_ATTEMPTS:
                        raise
                    self.patience.sleep(self.patience.pace.backoff(unclear))
                    if self._is_creation(doing, call, Idempotence.TAG) and self._adopt(doing):
                        return False
                    continue
                if self._is_done(doing, call, error, in_doubt=doing.doubt or unclear > 0):
                    return False
                if not self._settles(doing, call, error, settling):
                    raise
                self.patience.sleep(self.patience.pace.poll(settling))
                settling += 1
            else:
                self._learn(doing, call, answer)
                return True

    def _learn(self, doing: Doing, call: Call, answer: Mapping[str, Any]) -> None:
        if not call.extract:
            return
        told = {name: find(path, answer) for name, path in call.extract.items()}
        self.known.learn(
            doing.address,
            {name: bare(str(value)) for name, value in told.items() if value not in (None, "", [])},
        )

    def _is_creation(self, doing: Doing, call: Call, *kinds: Idempotence) -> bool:
        wanted = kinds or (Idempotence.TAG, Idempotence.TOKEN)
        return (
            call.idempotent_by in wanted
            and "id" in call.extract
            and doing.step.type in self.finder.types
        )

    def _adopt(self, doing: Doing) -> bool:
        """Look several times for the resource that bears our tags, and take it as made."""
        found: Node | None = None
        for turn in range(self.patience.pace.sightings):
            if turn:
                self.patience.sleep(self.patience.pace.poll(turn - 1))
            found = self.finder.find(*doing.address, doing.without)
            if found is not None:
                self.known.learn(doing.address, attributes_of(found))
                return True
        return False

    def _is_done(self, doing: Doing, call: Call, error: CloudError, *, in_doubt: bool) -> bool:
        """Tell whether a clear refusal means that the effect is there already."""
        if error.code in call.ignore:
            done = True
        elif codes.is_present(error.code):
            done = in_doubt
        elif codes.is_absent(error.code):
            done = in_doubt and _removes(call)
        else:
            done = False
        if not done or not call.extract:
            return done
        # The refusal names no id. What bears our tags must be found, or it is a stranger's.
        return self._adopt(doing) or not self.finder.bears_tags(doing.step.type)

    def _settles(self, doing: Doing, call: Call, error: CloudError, tries: int) -> bool:
        """Tell whether the same request may succeed when AWS has caught up with itself."""
        if error.code in codes.SETTLING:
            return tries + 1 < self.patience.pace.settling
        if tries + 1 >= UNKNOWN_ATTEMPTS:
            return False
        parts = list(leaves(call.request))
        new = {part.type for part in parts if isinstance(part, Ref) and self._is_new(doing, part)}
        if codes.is_absent(error.code):
            return bool(new) or any(isinstance(part, Lookup) for part in parts)
        # A new role cannot be assumed for some seconds (IAM User Guide, "Changes that I make are
        # not always immediately visible"); every service says so in its own words.
        hopeless = codes.DENIED | codes.EXPIRED | codes.BAD_CREDENTIALS | {"ParamValidation"}
        return ROLE in new and error.code not in hopeless

    def _is_new(self, doing: Doing, ref: Ref) -> bool:
        return doing.known is self.known and self.known.is_new((ref.type, ref.key))

    def _request(self, doing: Doing, call: Call, attempt: int) -> dict[str, Any]:
        def value(leaf: Any) -> Any:  # noqa: ANN401
            match leaf:
                case Ref():
                    return text_of(leaf, doing.known)
                case Token():
                    turn = f"{self.run}/{attempt}"
                    return client_token(self.deployment, doing.address, call, turn, leaf.part)
                case Content():
                    return read_content(leaf.path, leaf.sha256)
                case _:
                    return self._look(leaf, doing)

        request: dict[str, Any] = resolve(call.request, value)
        return request

    def _look(self, lookup: Lookup, doing: Doing) -> str:
        for turn in range(self.patience.pace.sightings):
            if turn:
                self.patience.sleep(self.patience.pace.poll(turn - 1))
            found = look_up(lookup, self.cloud, doing.known)
            if found is not None:
                return found
        raise not_there(lookup)

    def _wait(self, doing: Doing, service: str, wait: Wait) -> None:
        request = resolve(
            wait.request,
            lambda leaf: text_of(leaf, doing.known) if isinstance(leaf, Ref) else leaf,
        )
        wait_until(
            self.cloud,
            service,
            wait,
            request,
            self.patience,
            lambda state: self.progress.waiting(doing.step, state),
        )


def _removes(call: Call) -> bool:
    # Replacing an association gives it another id: the former one is not found any more.
    replaces = call.operation.startswith("replace_") and call.operation.endswith("_association")
    return replaces or call.operation.startswith(REMOVALS)


def bare(text: str) -> str:
    """Return an id without Route 53's prefix, which its own tagging calls do not take."""
    return text.removeprefix("/hostedzone/").removeprefix("/change/")


def refuse_partial(call: Call, answer: Mapping[str, Any]) -> None:
    """Raise CloudError when a successful answer says that an item was not done.

    CreateFlowLogs, DeleteFlowLogs and DeleteVpcEndpoints report failures in `Unsuccessful`,
    PutTargets and RemoveTargets in `FailedEntries`.
    """
    for item in answer.get("FailedEntries") or () if call.service == "events" else ():
        code = str(item.get("ErrorCode") or "FailedEntry")
        message = str(item.get("ErrorMessage") or f"{item.get('TargetId')} was not taken")
        raise CloudError(action_name(call.service, call.operation), code, message)
    for item in answer.get("Unsuccessful") or ():
        error = item.get("Error") or {}
        code = str(error.get("Code") or "Unsuccessful")
        message = str(error.get("Message") or f"{api_name(call.operation)} was not done")
        raise CloudError(action_name(call.service, call.operation), code, message)


def doing_of(
    step: Step, plan_ids: Mapping[Address, Mapping[str, str]], known: KnownIds, *, doubt: bool
) -> Doing:
    """Say how a step's references are answered.

    A deletion speaks of what the plan saw: when a resource is replaced before its former self is
    deleted, both have one key. What the plan saw is no sign that a creation took place.
    """
    if step.action is Action.DELETE:
        return Doing(step, KnownIds(plan_ids), doubt, frozenset())
    former = plan_ids.get((step.type, step.key), {}).get("id")
    creates = step.action in (Action.CREATE, Action.REPLACE)
    return Doing(step, known, doubt, frozenset({former} if creates and former else ()))
