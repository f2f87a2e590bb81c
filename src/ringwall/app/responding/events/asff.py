"""A finding in Security Hub's format (ASFF) → events.

Source: Security Hub user guide, "AWS Security Finding Format", required and optional attributes.

Rules:
- Findings that Ringwall's responder wrote are passed over, or each notice would be an incident.
- GuardDuty's findings bear their own type, so that a playbook answers them whichever way they come.
"""

from collections.abc import Iterator
from typing import Final

from ringwall.app.responding.events.arrivals import Passed
from ringwall.app.responding.events.roles import (
    ACCESS_KEY,
    DESTINATION,
    DOMAIN,
    INSTANCE,
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

OURS: Final = "ringwall-respond/"  # how the GeneratorId of our own notices begins
_LABELS: Final = {
    "INFORMATIONAL": Severity.LOW,
    "LOW": Severity.LOW,
    "MEDIUM": Severity.MEDIUM,
    "HIGH": Severity.HIGH,
    "CRITICAL": Severity.CRITICAL,
}
_ENDED: Final = frozenset({"RESOLVED", "SUPPRESSED"})


def of_finding(told: Told) -> Iterator[Event | Passed]:
    """Read a finding; raises InputError."""
    id_ = told.needed("Id")
    why = _passed(told)
    if why:
        yield Passed(f"finding {id_} {why}")
        return
    updated = told.millis("UpdatedAt")
    label = told.text("FindingProviderFields.Severity.Label") or told.text("Severity.Label")
    told_of = list(each_source(unique(_parties(told))))
    for parties in told_of:
        apart = [parties[0].address] if len(told_of) > 1 else []
        yield Event(
            id=digest("securityhub", id_, str(updated), *apart),
            source=Source.SECURITYHUB,
            kind=_kind(told),
            title=told.text("Title") or id_,
            severity=_LABELS.get(label, Severity.MEDIUM),
            parties=parties,
            first=told.seconds("FirstObservedAt", updated // 1000),
            last=told.seconds("LastObservedAt", updated // 1000),
            evidence={
                "finding": id_,
                "account": told.text("AwsAccountId"),
                "product": told.text("ProductArn"),
                "generator": told.text("GeneratorId"),
                "types": [each.text("") for each in told.items("Types")],
            },
        )


def _passed(told: Told) -> str:
    if told.text("GeneratorId").startswith(OURS):
        return "is a notice of our own"
    if told.text("RecordState") == "ARCHIVED":
        return "is archived"
    status = told.text("Workflow.Status")
    return f"is {status}" if status in _ENDED else ""


def _kind(told: Told) -> str:
    """Return GuardDuty's own type, or the first type, or who made it.

    Security Hub writes `TTPs/Discovery/Recon:EC2-Portscan` for `Recon:EC2/Portscan`.
    """
    types = [each.text("") for each in told.items("Types")]
    last = types[0].rpartition("/")[2] if types else ""
    purpose, colon, rest = last.partition(":")
    if colon and told.text("ProductArn").endswith("/guardduty"):
        return f"{purpose}:{rest.replace('-', '/', 1)}"
    return types[0] if types else told.needed("GeneratorId")


def _parties(told: Told) -> Iterator[Party]:
    own = next((a for each in told.items("Resources") if (a := _own_address(each))), "")
    yield from _network(told.at("Network"))
    action = told.at("Action")
    connection = action.at("NetworkConnectionAction")
    if connection.value is not None:
        direction = connection.text("ConnectionDirection")
        yield from of_traffic(own, _remote(connection), direction, "")
    for probe in action.items("PortProbeAction.PortProbeDetails"):
        yield Party(SOURCE, _remote(probe))
        yield Party(DESTINATION, probe.address("LocalIpDetails.IpAddressV4") or own)
    domain = action.text("DnsRequestAction.Domain")
    if domain:
        yield Party(SOURCE, own)
        yield Party(DOMAIN, name=domain.rstrip(".").lower())
    yield Party(REMOTE, _remote(action.at("AwsApiCallAction")))
    for each in told.items("Resources"):
        yield from _resource(each)


def _network(network: Told) -> Iterator[Party]:
    for role, end in ((SOURCE, "Source"), (DESTINATION, "Destination")):
        yield Party(role, network.address(f"{end}IpV4") or network.address(f"{end}IpV6"))
        yield Party(DOMAIN, name=network.text(f"{end}Domain").rstrip(".").lower())


def _remote(action: Told) -> str:
    return action.address("RemoteIpDetails.IpAddressV4")


def _own_address(resource: Told) -> str:
    found = resource.items("Details.AwsEc2Instance.IpV4Addresses")
    return next((each.address("") for each in found), "")


def _resource(resource: Told) -> Iterator[Party]:
    kind, id_ = resource.text("Type"), resource.text("Id")
    if kind == "AwsEc2Instance":
        yield Party(INSTANCE, _own_address(resource), id_.rpartition("/")[2])
    key = resource.at("Details.AwsIamAccessKey")
    principal = PRINCIPALS.get(key.text("PrincipalType"), "")
    if principal:
        yield Party(principal, name=key.text("PrincipalName") or key.text("UserName"))
    yield Party(ACCESS_KEY, name=key.text("AccessKeyId"))
