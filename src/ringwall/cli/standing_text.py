"""The responses that stand, beside a plan → lines that people read."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from ringwall.app.responding.ending import Ended
from ringwall.app.responding.listing import Fate, Listing, title, why

FEW: Final = 5  # addresses or domains that are shown of a row
_FATES: Final[Mapping[Fate, str]] = {
    Fate.STANDS: "left alone",
    Fate.ENDS: "ends with this plan",
    Fate.STAYS: "stays in the account",
    Fate.MISSING: "is not there (ringwall respond reconcile does it again)",
    Fate.GONE: "is gone with what it stood in",
}


def standing_lines(listed: Listing) -> Iterator[str]:
    """Yield what responders hold, what ends with a plan, and what neither stands nor ends."""
    for held in listed.held:
        what = f"{held.text}: {_inside(held.inside)}the responder's, {_FATES[held.fate]}"
        made = "unaccounted for" if held.is_unaccounted else "made by a response"
        yield f"  temporary  {what}; {why(held.response) if held.response else made}"
    for response in listed.ending():
        yield f"  response   {title(response)}: ends with this plan; {why(response)}"
    yield from left_lines(listed)


def left_lines(listed: Listing) -> Iterator[str]:
    """Yield which responses stay when all of a deployment goes, or are gone, and how each ends."""
    nothing = "stands by the ledger, and nothing of it is there"
    told = {
        Fate.STAYS: "stays in the account, at least in part",
        Fate.MISSING: nothing,
        Fate.GONE: nothing,
    }
    for response, fate in listed.responses:
        if fate in told:
            yield f"  response   {title(response)}: {told[fate]}; {listed.undo(response)}"


def ended_lines(ended: Iterable[Ended]) -> Iterator[str]:
    """Yield which responses ended with what was deleted."""
    for each in ended:
        fault = f"; its ledger does not say so: {each.fault}" if each.fault else ""
        yield f"  ended      {title(each.response)}; {why(each.response)}{fault}"


def _inside(inside: Sequence[str]) -> str:
    more = f" and {len(inside) - FEW} more" if inside[FEW:] else ""
    return f"{', '.join(inside[:FEW])}{more} in it, " if inside else ""
