"""A log group of CloudWatch Logs → its events, page by page, and the format that they have."""

from collections.abc import Generator, Iterator
from typing import Any, Final

from ringwall.errors import InputError
from ringwall.shell.aws import Cloud
from ringwall.shell.store.ahead import ahead
from ringwall.traffic.layouts import DEFAULT, Layout, of_format

GROUP: Final = "logs:"
PAGE: Final = 10_000  # events of an answer, the most that AWS gives
MOST_PAGES: Final = 1_000_000
AT_ONCE: Final = 3
SHORTEST: Final = 60_000  # milliseconds of a part

Event = dict[str, Any]


def layout_of(cloud: Cloud, group: str) -> Layout | None:
    """Return the format in which flow logs write to a group, or None; raises InputError."""
    found = cloud.paginate("ec2", "describe_flow_logs", {}, "FlowLogs") or []
    formats = {
        str(each.get("LogFormat") or DEFAULT.names) for each in found if _writes_to(each, group)
    }
    if len(formats) > 1:
        message = f"flow logs of {len(formats)} formats write to the log group '{group}'"
        raise InputError(message, hint="--format says which fields its events have")
    return of_format(formats.pop()) if formats else None


def _writes_to(flow_log: dict[str, Any], group: str) -> bool:
    place = str(flow_log.get("LogDestination") or "").removesuffix(":*")
    return flow_log.get("LogGroupName") == group or place.endswith(f":log-group:{group}")


def pages(cloud: Cloud, group: str, begin: int, until: int) -> Iterator[list[Event]]:
    """Yield the events of [begin, until), in milliseconds; raises CloudError."""
    request: dict[str, Any] = {
        "logGroupName": group,
        "startTime": begin,
        "endTime": until - 1,  # inclusive
        "limit": PAGE,
    }
    for _ in range(MOST_PAGES):
        answer = cloud.call("logs", "filter_log_events", request)
        yield answer.get("events", [])
        token = answer.get("nextToken")
        if not token or token == request.get("nextToken"):
            return
        request["nextToken"] = token


def pages_at_once(
    cloud: Cloud, group: str, begin: int, until: int
) -> Generator[list[Event], None, None]:
    """Yield the same events in another order: some parts of the time are read side by side.

    A page takes AWS a part of a second whatever is done with it here. Few are asked for at once:
    FilterLogEvents may be called five times a second in an account (CloudWatch Logs quotas).
    """
    step = max(-(-(until - begin) // AT_ONCE), SHORTEST)
    parts = [
        ahead(pages(cloud, group, first, min(first + step, until)))
        for first in range(begin, until, step)
    ]
    try:
        while parts:
            for part in tuple(parts):
                page = next(part, None)
                if page is None:
                    parts.remove(part)
                else:
                    yield page
    finally:
        for part in parts:
            part.close()
