"""The collector that semantic checks report to: problems with their places, each said once."""

from ringwall.blueprint.addresses import AddressPlan
from ringwall.blueprint.ends import End, Unresolved, resolve
from ringwall.blueprint.positions import find, restore
from ringwall.blueprint.problems import describe
from ringwall.blueprint.routing import Gap, gap
from ringwall.blueprint.syntax import Blueprint, Path
from ringwall.blueprint.yaml_text import Slot
from ringwall.errors import Problem

MOST_PROBLEMS = 200  # more help nobody, and finding their places takes time


class Judgement:
    """A blueprint under judgement: the model, its address plan, its text, and what was found.

    `missing` are words of parts that were left out because they are wrong; what names one of them
    is not judged. `skip` are the paths of those parts.
    """

    def __init__(
        self,
        bp: Blueprint,
        plan: AddressPlan,
        root: Slot,
        missing: frozenset[str] = frozenset(),
        skip: frozenset[Path] = frozenset(),
    ) -> None:
        self.bp = bp
        self.plan = plan
        self.missing = missing
        self._gaps: dict[tuple[str, str], Gap | None] = {}
        self._ends: dict[tuple[str, str], tuple[End, ...] | Unresolved] = {}
        self._root = root
        self._skip = skip
        self._found: dict[tuple[str, int, int], Problem] = {}

    def gap(self, source: str, destination: str) -> Gap | None:
        """Return why no connection from one VPC to another can be made, None when it can."""
        pair = (source, destination)
        if pair not in self._gaps:
            self._gaps[pair] = gap(self.bp, self.plan, source, destination)
        return self._gaps[pair]

    def resolve(self, text: str, *, vpc: str = "") -> tuple[End, ...] | Unresolved:
        """Return the ends that a name means; each name is looked up once."""
        if (text, vpc) not in self._ends:
            self._ends[text, vpc] = resolve(self.bp, text, vpc=vpc)
        return self._ends[text, vpc]

    @property
    def problems(self) -> list[Problem]:
        """Return what was found, in the order of finding."""
        return list(self._found.values())

    def error(
        self,
        code: str,
        path: Path,
        message: str,
        hint: str = "",
        *,
        at_key: bool = False,
        related: tuple[tuple[Path, str], ...] = (),
        severity: str = "error",
    ) -> None:
        """Report a problem at a path; one that came several times by alias is said once."""
        if len(self._found) >= MOST_PROBLEMS:
            return
        places = []
        for other, text in related:
            place = find(self._root, self._restored(other)).best
            places.append((place.line, place.column, text))
        problem = describe(
            self._root,
            self._restored(path),
            code,
            message,
            hint=hint,
            at_key=at_key,
            related=places,
            severity=severity,
        )
        self._found.setdefault((code, problem.line, problem.column), problem)

    def warning(
        self,
        code: str,
        path: Path,
        message: str,
        hint: str = "",
        *,
        at_key: bool = False,
        related: tuple[tuple[Path, str], ...] = (),
    ) -> None:
        """Report what is allowed but should be looked at."""
        self.error(code, path, message, hint, at_key=at_key, related=related, severity="warning")

    def _restored(self, path: Path) -> Path:
        return restore(path, self._skip, self._root) if self._skip else path
