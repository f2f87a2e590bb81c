"""A kind of event → the playbook that answers it, of those that the blueprint enables.

Rule: what is not enabled is refused by name, with the way on: the role of the function may not do
it, and a call that AWS denies would say less.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from ringwall.playbooks import answering, named
from ringwall.playbooks.playbook import Playbook, Refusal


@dataclass(frozen=True, slots=True)
class Choice:
    """The playbooks that may be used, by id; None: all."""

    enabled: frozenset[str] | None = None

    def of(self, kind: str, wanted: str = "") -> Playbook | Refusal:
        """Return the playbook `wanted`, or the most fitting that may be used.

        Raises QuestionError if none is called so.
        """
        fitting = [named(wanted)] if wanted else answering(kind)
        if not fitting:
            hint = "whoever has looked at it reports who it was: `ringwall respond report --help`"
            return Refusal(f"no playbook answers {kind}", hint)
        enabled = [each for each in fitting if self.why_not(each) is None]
        return enabled[0] if enabled else _not_enabled(fitting)

    def why_not(self, playbook: Playbook) -> Refusal | None:
        """Return why a playbook may not be used, None if it may."""
        if self.enabled is None or playbook.id in self.enabled:
            return None
        return _not_enabled([playbook])


def _not_enabled(playbooks: Sequence[Playbook]) -> Refusal:
    names = ", ".join(each.id for each in playbooks)
    verb = "is" if len(playbooks) == 1 else "are"
    why = f"{names} {verb} not enabled by `response.playbooks` of the blueprint"
    return Refusal(why, hint=f"name {playbooks[0].id} there, apply, and report it again")
