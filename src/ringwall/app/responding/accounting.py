"""What stands in the responder's numbers → the line of the journal that put it there."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Final

from ringwall.app.documents import UNACCOUNTED
from ringwall.app.responding.places import FILE
from ringwall.app.workspace import Wanted
from ringwall.changes.ownership import temporary
from ringwall.detections.coverage import when
from ringwall.errors import CloudError
from ringwall.model.graph import ResourceGraph
from ringwall.playbooks.records import Action, ActionState
from ringwall.shell.aws import Cloud
from ringwall.shell.files import state_folder
from ringwall.shell.ledger.dynamodb import DynamoLedger
from ringwall.shell.ledger.port import Ledger
from ringwall.shell.ledger.sqlite import SqliteLedger

JOURNAL: Final = "AWS::DynamoDB::Table"
ENTRY: Final = "AWS::EC2::NetworkAclEntry"
_STANDING: Final = {ActionState.IN_FORCE, ActionState.APPLYING, ActionState.UNDOING}


def accounted(wanted: Wanted, observed: ResourceGraph, cloud: Cloud) -> Mapping[str, str]:
    """Return why entries stand, by `<network ACL>:<way>:<number>`.

    Asked are the ledger beside the blueprint, and the table of the responder that was deployed; of
    a table that may not be read nothing is known, and its entries are told as unaccounted for.
    """
    found: dict[str, str] = {}
    path = state_folder(wanted.file, wanted.blueprint.name) / FILE
    if path.exists():
        with SqliteLedger(path) as ledger:
            found |= entries(ledger)
    stands = temporary(observed, wanted.blueprint.name)
    for table in observed.of_type(JOURNAL) if stands else ():
        with suppress(CloudError):
            found |= entries(DynamoLedger(cloud, str(table.properties["TableName"])))
    return found or UNACCOUNTED


def without_accounted(graph: ResourceGraph, known: Mapping[str, str]) -> ResourceGraph:
    """Return what is there but for denials that stand by an action: they do not stand for good."""
    gone = [node for node in graph.of_type(ENTRY) if node.physical_id in known]
    return graph.without((node.type, node.key) for node in gone) if gone else graph


def entries(ledger: Ledger) -> dict[str, str]:
    """Return why each entry stands that an action has put there, or may have."""
    found: dict[str, str] = {}
    for action in ledger.actions():
        if action.state in _STANDING:
            for measure in action.measures:
                found |= dict.fromkeys(_places(measure), _why(action))
    return found


def _places(measure: Mapping[str, Any]) -> list[str]:
    requests = [r["request"] for r in measure["do"] if r["operation"] == "create_network_acl_entry"]
    return [
        f"{each['NetworkAclId']}:{'egress' if each['Egress'] else 'ingress'}:{each['RuleNumber']}"
        for each in requests
    ]


def _why(action: Action) -> str:
    until = when(action.expires) if action.expires else "it is undone"
    return f"{action.playbook}, incident {action.incident}, until {until}"
