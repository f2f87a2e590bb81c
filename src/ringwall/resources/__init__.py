"""One file per AWS resource type, and the registry that finds them.

Input: what the `describe` calls of an account answered. Output: nodes in normal form, and the calls
that create, change and delete them.
"""

import importlib
import pkgutil
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from ringwall.resources.kind import ResourceType


@cache
def registry() -> Mapping[str, ResourceType]:
    """Return every resource type by name, in order of its name."""
    found: dict[str, ResourceType] = {}
    for module_info in pkgutil.iter_modules(__path__):
        module = importlib.import_module(f"{__name__}.{module_info.name}")
        resource = getattr(module, "RESOURCE", None)
        if isinstance(resource, ResourceType):
            found[resource.name] = resource
    return MappingProxyType(dict(sorted(found.items())))


def deployable() -> tuple[ResourceType, ...]:
    """Return the types that plan, apply and drift read: all but those of surveys alone."""
    return tuple(kind for kind in registry().values() if kind.watched or not kind.survey)


def resource_type(name: str) -> ResourceType:
    """Return the type of this name; raises KeyError if no file defines it."""
    return registry()[name]
