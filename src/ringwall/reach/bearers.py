"""Interfaces → those that have an address."""

from collections.abc import Iterable, Iterator

from ringwall.reach.blocks import FAMILIES
from ringwall.reach.elements import Interface


class Bearers:
    """The interfaces of a network by their addresses; delegated prefixes have many."""

    def __init__(self, interfaces: Iterable[Interface]) -> None:
        self._by_address: dict[int, dict[int, list[Interface]]] = {v: {} for v in FAMILIES}
        self._of_prefixes: list[Interface] = []
        for each in interfaces:
            if any(block.end - block.start > 1 for block in each.blocks):
                self._of_prefixes.append(each)
                continue
            for block in each.blocks:
                self._by_address[block.version].setdefault(block.start, []).append(each)

    def of(self, version: int, address: int) -> list[Interface]:
        """Return the interfaces that have an address."""
        found = self._by_address[version].get(address, [])
        return [*found, *(each for each in self._of_prefixes if each.holds(version, address))]

    def edges(self, version: int) -> Iterator[int]:
        """Yield the first address of every block of an interface, and that behind its last."""
        for address in self._by_address[version]:
            yield from (address, address + 1)
        for each in self._of_prefixes:
            for block in each.blocks:
                if block.version == version:
                    yield from (block.start, block.end)
