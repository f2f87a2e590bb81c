"""What somebody may do at AWS, as data: actions, on what, under which conditions.

Rules:
- In ARNs and in values of conditions, `{partition}`, `{region}`, `{account}` and `{deployment}`
  stand for where it is granted: who declares a grant knows none of them.
- A grant is declared beside the calls that need it, and is as narrow as IAM can say it for each
  action (Service Authorization Reference); `*` stands where AWS knows no resource of an action.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

When = tuple[str, str, str]  # operator, key, value


@dataclass(frozen=True, slots=True)
class Grant:
    """Actions that are allowed on resources, all conditions of `when` given.

    `never` are resources that are denied to the actions, whoever else allows them.
    """

    actions: tuple[str, ...]
    on: tuple[str, ...] = ("*",)
    when: tuple[When, ...] = ()
    never: tuple[str, ...] = ()

    @property
    def is_wide(self) -> bool:
        """Tell whether it is about everything, without a condition."""
        return self.on == ("*",) and not self.when


@dataclass(frozen=True, slots=True)
class Place:
    """Where a grant holds."""

    partition: str
    region: str
    account: str
    deployment: str

    def fill(self, template: str) -> str:
        """Return a template with what it stands for."""
        return template.format(
            partition=self.partition,
            region=self.region,
            account=self.account,
            deployment=self.deployment,
        )


def regional(service: str, *resources: str) -> tuple[str, ...]:
    """Return the ARNs of resources of the account and region."""
    return tuple(f"arn:{{partition}}:{service}:{{region}}:{{account}}:{each}" for each in resources)


def worldwide(service: str, *resources: str) -> tuple[str, ...]:
    """Return the ARNs of resources of the account that are in no region."""
    return tuple(f"arn:{{partition}}:{service}::{{account}}:{each}" for each in resources)


def statements(grants: Iterable[Grant], place: Place) -> list[dict[str, Any]]:
    """Return the statements of a policy, in the order of the grants; denials come last.

    IAM takes policies of limited length, so that grants of several services share a statement: no
    action of one service is about a resource of another. What is allowed on everything without a
    condition is allowed nowhere else again.
    """
    found = tuple(grants)
    everywhere = {a for each in found if each.is_wide for a in each.actions}
    shared: list[_Shared] = []
    denied: dict[tuple[str, ...], dict[str, None]] = {}
    for each in found:
        kept = [a for a in each.actions if each.is_wide or a not in everywhere]
        if kept:
            _share(shared, each, kept)
        if each.never:
            denied.setdefault(each.never, {}).update(dict.fromkeys(each.actions))
    return [
        *(each.statement(place) for each in shared),
        *(_statement("Deny", actions, on, place) for on, actions in denied.items()),
    ]


@dataclass(slots=True)
class _Shared:
    """A statement in the making: of each service, actions and the resources they are about."""

    when: tuple[When, ...]
    on: dict[str, tuple[str, ...]] = field(default_factory=dict)
    actions: dict[str, None] = field(default_factory=dict)

    def takes(self, grant: Grant, service: str) -> bool:
        """Tell whether a grant may be part of it, without anything being allowed beside it."""
        if self.when != grant.when or ("*",) in {grant.on, *self.on.values()}:
            return self.when == grant.when and {grant.on} == set(self.on.values())
        return self.on.get(service, grant.on) == grant.on

    def statement(self, place: Place) -> dict[str, Any]:
        """Return it."""
        on = dict.fromkeys(arn for each in self.on.values() for arn in each)
        found = _statement("Allow", self.actions, on, place)
        return found | ({"Condition": _condition(self.when, place)} if self.when else {})


def _share(shared: list[_Shared], grant: Grant, actions: Iterable[str]) -> None:
    for service, own in groupby(sorted(actions), lambda action: action.partition(":")[0]):
        into = next((each for each in shared if each.takes(grant, service)), None)
        if into is None:
            into = _Shared(grant.when)
            shared.append(into)
        into.on[service] = grant.on
        into.actions.update(dict.fromkeys(own))


def _statement(
    effect: str, actions: Iterable[str], on: Iterable[str], place: Place
) -> dict[str, Any]:
    resources = [place.fill(each) for each in on]
    return {
        "Effect": effect,
        "Action": sorted(actions),
        "Resource": resources[0] if len(resources) == 1 else resources,
    }


def _condition(when: Iterable[When], place: Place) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for operator, key, value in when:
        found.setdefault(operator, {})[key] = place.fill(value)
    return found
