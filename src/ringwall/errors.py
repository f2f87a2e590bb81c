"""The whole exception tree.

RingwallError                 what a user may see: where, what and why in one line, and a hint
├── InputError                the caller's input is wrong                                  (exit 2)
│   ├── BlueprintError        one or more Problems of a blueprint, each with its place
│   ├── QuestionError         a name, port or address of a question cannot be understood
│   ├── StalePlanError        the account is no longer as the saved plan saw it
│   └── StaleError            an incident has moved on since it was read
├── RefusedError              what was asked for would break what is promised               (exit 1)
├── UndecidedError            something on the way is not modelled, where a proof was asked (exit 3)
├── StoppedError              a signal ended a command, which says what it left          (exit 130)
└── OutsideError              the world outside did not do its part                         (exit 4)
    ├── CloudError            AWS answered with an error, or did not answer
    ├── LockedError           another run holds the deployment's lock
    ├── DeclinedError         the person at the prompt said no
    ├── PartialError          some steps were done, then one failed
    ├── StoreError            a store of logs or a ledger cannot be used
    └── MissingExtra          a part of Ringwall is not installed

Foreign exceptions stop at the shell. Whatever else reaches the top is a fault of Ringwall, and is
reported as one.
"""

from collections.abc import Sequence
from dataclasses import dataclass


class RingwallError(Exception):
    """Base of all errors that a user may see; `exit_code` is the process's answer."""

    exit_code = 4

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message}\nhint: {self.hint}" if self.hint else self.message


class InputError(RingwallError):
    """The caller's input is wrong; nothing was changed."""

    exit_code = 2


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault of a blueprint; lines and columns count from 1, `end_column` is exclusive.

    `related` names other places that belong to the fault: (line, column, what stands there).
    """

    code: str
    message: str
    line: int
    column: int
    end_column: int = 0
    hint: str = ""
    severity: str = "error"
    related: tuple[tuple[int, int, str], ...] = ()


class BlueprintError(InputError):
    """All problems of a blueprint at once, in the order of their places."""

    def __init__(self, file: str, problems: Sequence[Problem], text: str = "") -> None:
        count = sum(problem.severity == "error" for problem in problems)
        super().__init__(f"{file}: {count} error{'' if count == 1 else 's'}")
        self.file = file
        self.problems = tuple(sorted(problems, key=lambda p: (p.line, p.column, p.code)))
        self.text = text


class QuestionError(InputError):
    """A name, port or address of a question cannot be understood."""


class StalePlanError(InputError):
    """The account is no longer as the saved plan saw it."""


class StaleError(InputError):
    """An incident has moved on since it was read."""


class RefusedError(RingwallError):
    """What was asked for would break what is promised; nothing was changed."""

    exit_code = 1


class UndecidedError(RingwallError):
    """Something on the way is not modelled or not in the input, where a proof was asked for."""

    exit_code = 3


class StoppedError(RingwallError):
    """A signal ended a command; what is half made, if anything is, stands in the message."""

    exit_code = 130


class OutsideError(RingwallError):
    """The world outside did not do its part."""

    exit_code = 4


class CloudError(OutsideError):
    """AWS answered `operation` with the error `code`, or did not answer.

    `retryable`: the same request may succeed later. `unclear`: the effect may have taken place.
    `reasons`: codes of a cancelled transaction, one a member, "None" for what was not its cause.
    """

    def __init__(
        self,
        operation: str,
        code: str,
        message: str,
        *,
        request_id: str = "",
        retryable: bool = False,
        unclear: bool = False,
        reasons: Sequence[str] = (),
        hint: str = "",
    ) -> None:
        super().__init__(f"{operation}: {code}: {message}", hint=hint)
        self.operation = operation
        self.code = code
        self.detail = message
        self.request_id = request_id
        self.retryable = retryable
        self.unclear = unclear
        self.reasons = tuple(reasons)


class LockedError(OutsideError):
    """Another run holds the deployment's lock."""


class DeclinedError(OutsideError):
    """The person at the prompt said no; nothing was changed."""


class PartialError(OutsideError):
    """Some steps were done, then one failed; the next run goes on from what is there."""


class StoreError(OutsideError):
    """A store of logs or a ledger cannot be used: the disk is full, or its file is damaged."""


class MissingExtra(OutsideError):  # noqa: N818  (it names what is missing)
    """A part of Ringwall is not installed."""

    def __init__(self, part: str, extra: str) -> None:
        super().__init__(f"{part} is not installed", hint=f"pip install 'ringwall[{extra}]'")
