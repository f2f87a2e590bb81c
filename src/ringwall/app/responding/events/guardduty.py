"""A GuardDuty finding, as EventBridge delivers it → events.

Source: GuardDuty user guide, "GuardDuty findings in EventBridge" and "Finding details"; the
spelling of the API with a small first letter.

Rules:
- A finding is updated when it happens again: its id, the time of the update and the count make the
  id of the event.
- Several addresses that probe are several events, for each is blocked, or not, by itself.
- An action that is not known gives the parties of the resource alone, and the finding's type.
"""

from collections.abc import Iterator
from typing import Final

from ringwall.app.responding.events.arrivals import Passed
from ringwall.app.responding.events.roles import (
    ACCESS_KEY,
    DESTINATION,
    DOMAIN,
    INSTANCE,
    INTERFACE,
    PRINCIPALS,
    REMOTE,
    SOURCE,
    each_source,
    of_traffic,
    unique,
)
from ringwall.app.responding.events.told import Told
from ringwall.model.finding import Severity
from ringwall.playbooks.records import Event, Party, Source, digest

# Lower ends of GuardDuty's levels (user guide, "Severity levels of GuardDuty findings").
_LEVELS: Final = ((9.0, Severity.CRITICAL), (7.0, Severity.HIGH), (4.0, Severity.MEDIUM))
# Actions of which only the caller's address says who it was.
_CALLS: Final = ("awsApiCallAction", "kubernetesApiCallAction", "rdsLoginAttemptAction")


def of_finding(told: Told) -> Iterator[Event | Passed]:
    """Read a finding; raises InputError."""
    id_, kind = told.needed("id"), told.needed("type")
    if told.is_true("service.archived"):
        yield Passed(f"finding {id_} is archived")
        return
    updated = told.millis("updatedAt")
    count = int(told.number("service.count", 1))
    evidence = {
        "finding": id_,
        "arn": told.text("arn"),
        "account": told.text("accountId"),
        "count": count,
        "action": told.text("service.action.actionType"),
        "severity": told.number("severity", 0),
    } | _seen(told.at("service.action"))
    told_of = list(each_source(unique(_parties(told))))
    for parties in told_of:
        apart = [parties[0].address] if len(told_of) > 1 else []
        yield Event(
            id=digest("guardduty", id_, str(updated), str(count), *apart),
            source=Source.GUARDDUTY,
            kind=kind,
            title=told.text("title") or kind,
            severity=_severity(told.number("severity", 0)),
            parties=parties,
            first=told.seconds("service.eventFirstSeen", updated // 1000),
            last=told.seconds("service.eventLastSeen", updated // 1000),
            evidence=evidence,
        )


def _severity(number: float) -> Severity:
    return next((level for least, level in _LEVELS if number >= least), Severity.LOW)


def _parties(told: Told) -> Iterator[Party]:
    resource, action = told.at("resource"), told.at("service.action")
    own = _own_address(resource)
    acts = told.text("service.resourceRole")
    connection = action.at("networkConnectionAction")
    if connection.value is not None:
        remote = _remote(connection)
        local = _address(connection.at("localIpDetails")) or own
        direction = connection.text("connectionDirection")
        yield from of_traffic(local, remote, direction, acts)
    for probe in action.items("portProbeAction.portProbeDetails"):
        yield Party(SOURCE, _remote(probe))
        yield Party(DESTINATION, _address(probe.at("localIpDetails")) or own)
    request = action.at("dnsRequestAction")
    if request.value is not None:
        yield Party(SOURCE, own)
        yield Party(DOMAIN, name=request.text("domain").rstrip(".").lower())
    for name in _CALLS:
        yield Party(REMOTE, _remote(action.at(name)))
    yield from _resource(resource)


def _remote(action: Told) -> str:
    return _address(action.at("remoteIpDetails"))


def _address(details: Told) -> str:
    return details.address("ipAddressV4") or details.address("ipAddressV6")


def _own_address(resource: Told) -> str:
    """Return the first private address of the instance that a finding is about."""
    for each in resource.items("instanceDetails.networkInterfaces"):
        address = each.address("privateIpAddress")
        if address:
            return address
    return ""


def _resource(resource: Told) -> Iterator[Party]:
    instance = resource.at("instanceDetails")
    yield Party(INSTANCE, _own_address(resource), instance.text("instanceId"))
    for each in instance.items("networkInterfaces"):
        yield Party(INTERFACE, each.address("privateIpAddress"), each.text("networkInterfaceId"))
    key = resource.at("accessKeyDetails")
    principal = PRINCIPALS.get(key.text("userType"), "")
    if principal:
        yield Party(principal, name=key.text("userName"))
    yield Party(ACCESS_KEY, name=key.text("accessKeyId"))


def _seen(action: Told) -> dict[str, object]:
    """Return what an action says beside who it was, for people."""
    connection, call = action.at("networkConnectionAction"), action.at("awsApiCallAction")
    probes = action.items("portProbeAction.portProbeDetails")
    ports = (int(each.number("localPortDetails.port", 0)) for each in (connection, *probes))
    found: dict[str, object] = {
        "protocol": connection.text("protocol"),
        "port": next(filter(None, ports), 0),
        "call": f"{call.text('serviceName')} {call.text('api')}".strip(),
        "blocked": connection.is_true("blocked") or action.is_true("portProbeAction.blocked"),
    }
    return {name: value for name, value in found.items() if value}
