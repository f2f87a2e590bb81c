"""One resource of ours at AWS, found by its tags or else by its place in its parent."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from ringwall.errors import CloudError
from ringwall.model.graph import Node, Ref, map_references
from ringwall.resources.kind import ResourceType
from ringwall.resources.ownership import DEPLOYMENT_TAG, KEY_TAG
from ringwall.shell.aws import Cloud
from ringwall.shell.reading import read_account
from ringwall.shell.resolving import KnownIds

# AWS lists these for a while after they are gone (gateways, endpoints, attachments).
PASSED = frozenset({"deleted", "deleting", "failed", "failing", "rejected", "expired"})


@dataclass(frozen=True, slots=True)
class Finder:
    """Looks for single resources; the whole type is listed, which happens in doubt alone."""

    cloud: Cloud
    types: Mapping[str, ResourceType]
    deployment: str
    known: KnownIds

    def bears_tags(self, type_name: str) -> bool:
        """Tell whether resources of a type can be found by our tags."""
        kind = self.types.get(type_name)
        return kind is not None and kind.key is None and kind.tag is not None

    def find(self, type_name: str, key: str, without: frozenset[str] = frozenset()) -> Node | None:
        """Return the resource of ours with this key, other than those `without`; None if none is.

        Raises CloudError when there are two, or when AWS does not let us look.
        """
        kind = self.types.get(type_name)
        if kind is None:
            return None
        # EC2 reports the tags of an item in its listing; elsewhere they are a call of their own.
        asked = kind
        if all(listing.service == "ec2" for listing in kind.listings):
            asked = replace(kind, details=())
        reads = read_account(self.cloud, (asked,), self.deployment, workers=1)
        for name, code in reads.refused.items():
            message = f"cannot tell whether {type_name} '{key}' exists"
            raise CloudError(name, code, message)
        found = {
            node.physical_id: node
            for node in self._ours(kind, kind.read(reads))
            if node.key == key
            and node.physical_id not in without
            and str(node.observed.get("State", "")).lower() not in PASSED
        }
        if len(found) > 1:
            message = f"{type_name} '{key}' exists {len(found)} times: {', '.join(sorted(found))}"
            hint = "see which of them is in use, delete the others, and run again"
            raise CloudError(kind.name, "Ambiguous", message, hint=hint)
        return next(iter(found.values()), None)

    def _ours(self, kind: ResourceType, nodes: Any) -> Iterator[Node]:  # noqa: ANN401
        for node in nodes:
            if kind.key is None:
                if node.tags.get(DEPLOYMENT_TAG) == self.deployment and KEY_TAG in node.tags:
                    yield replace(node, key=node.tags[KEY_TAG])
                continue
            rename: Callable[[Ref], Ref] = self._renamed
            properties = map_references(node.properties, rename)
            yield replace(node, key=kind.key(properties), properties=properties)

    def _renamed(self, ref: Ref) -> Ref:
        return Ref(ref.type, self.known.key_of(ref.type, ref.key), ref.attribute)


def attributes_of(node: Node) -> dict[str, str]:
    """Return what a found resource tells of itself, as text by attribute."""
    told = {name: value for name, value in node.observed.items() if isinstance(value, str)}
    return {**told, "id": node.physical_id} if node.physical_id else told
