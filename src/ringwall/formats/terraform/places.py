"""The account and region of each planned resource, as far as its provider's configuration says."""

import re
from collections.abc import Mapping
from typing import Any

from ringwall.formats.terraform.document import Instance, Plan
from ringwall.formats.terraform.references import References, Scope

_ACCOUNT = re.compile(r"arn:aws[a-z-]*:(?:iam|sts)::([0-9]{12}):")
_OWNER = re.compile(r"[0-9]{12}")


class Places:
    """Accounts and regions by provider configuration; what is not told is named after it.

    With one provider alone an unknown account and region are "", as in a template.
    """

    def __init__(self, plan: Plan, references: References) -> None:
        self._plan = plan
        self._references = references
        used = {_provider(instance) for instance in plan.instances.values()}
        self._many = len({key for key in used if key}) > 1
        self._seen: dict[str, str] = {}
        for instance in plan.instances.values():
            owner = instance.values.get("owner_id") or (
                instance.values.get("account_id")
                if instance.type == "aws_caller_identity"
                else None
            )
            if isinstance(owner, str) and _OWNER.fullmatch(owner) and instance.mode in _MODES:
                self._seen.setdefault(_provider(instance), owner)
        self._places: dict[str, tuple[str, str]] = {}

    def of(self, instance: Instance) -> tuple[str, str]:
        """Return account and region of a resource."""
        key = _provider(instance)
        found = self._places.get(key)
        if found is None:
            found = self._places[key] = self._place(key)
        return found

    def _place(self, key: str) -> tuple[str, str]:
        said = self._plan.providers.get(key, {})
        expressions = said.get("expressions")
        given = expressions if isinstance(expressions, Mapping) else {}
        module = said.get("module_address")
        path = (
            tuple(module.removeprefix("module.").split(".module."))
            if isinstance(module, str)
            else ()
        )
        region = self._text(given.get("region"), path)
        account = self._account(given, path) or self._seen.get(key, "")
        unknown = key if self._many else ""
        return account or unknown, region or unknown

    def _text(self, expression: object, path: tuple[str, ...]) -> str:
        leads = self._references.lead(expression, Scope(path))
        texts = {lead.constant for lead in leads if isinstance(lead.constant, str)}
        return texts.pop() if len(texts) == 1 and len(leads) == 1 else ""

    def _account(self, given: Mapping[str, Any], path: tuple[str, ...]) -> str:
        roles = given.get("assume_role")
        for role in roles if isinstance(roles, list) else [roles]:
            if isinstance(role, Mapping):
                found = _ACCOUNT.match(self._text(role.get("role_arn"), path))
                if found is not None:
                    return found[1]
        allowed = given.get("allowed_account_ids")
        for lead in self._references.lead(allowed, Scope(path)):
            ids = lead.constant
            if isinstance(ids, list) and len(ids) == 1 and isinstance(ids[0], str):
                return ids[0]
        return ""


_MODES = frozenset({"managed", "data"})


def _provider(instance: Instance) -> str:
    key = instance.config.get("provider_config_key")
    return key if isinstance(key, str) else ""
