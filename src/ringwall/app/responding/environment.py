"""The environment of a Lambda function → a responder, made once and kept while it is warm.

RINGWALL_BLUEPRINT   the blueprint's file, in the package if the path is relative (blueprint.yaml)
RINGWALL_POLICY      the policy's file, likewise; without it everything is asked (policy.yaml)
RINGWALL_DEPLOYMENT  the deployment's name, which must be the blueprint's
RINGWALL_JOURNAL     the DynamoDB table of the ledger; or RINGWALL_LEDGER, a file of SQLite
RINGWALL_PLAYBOOKS   the playbooks that the role allows, by id, `all` or `none`; without it those
                     that the blueprint enables
RINGWALL_FLOW_LOGS   the log group of the flow logs; or RINGWALL_LOGS, another place of them:
                     s3://BUCKET/PREFIX, or a folder
RINGWALL_TOPIC       the ARN of an SNS topic that gets notices
RINGWALL_WEBHOOK     the place of a webhook's address: ssm:PARAMETER or secretsmanager:SECRET
RINGWALL_FINDINGS    s3://BUCKET/PREFIX, for findings in OCSF
RINGWALL_SECURITY_HUB  `yes`: Security Hub gets a finding of each incident
RINGWALL_ENDPOINT    the address of another AWS, as a lab
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

from ringwall.app.responding.choosing import Choice
from ringwall.app.responding.loop import Responder
from ringwall.app.responding.notifying import SECURITY_HUB
from ringwall.app.responding.opening import Given
from ringwall.app.responding.places import TABLE
from ringwall.app.workspace import CloudSettings
from ringwall.errors import InputError
from ringwall.playbooks.commands import Desk
from ringwall.shell.files import read_text
from ringwall.shell.store.group_events import GROUP

BLUEPRINT, POLICY = "blueprint.yaml", "policy.yaml"
NAMES: Final = "names.json"  # what these are called where the package was made
# Seconds: one attack sets off several alarms at once, and another action takes a few of them. A
# call that fails would be made again after a minute, and an alarm would say that it failed.
PATIENCE: Final = 60.0


def given_by(variables: Mapping[str, str], root: Path) -> Given:
    """Read the variables of a function in the folder `root`; raises InputError for a lack."""

    def said(name: str) -> str:
        return variables.get(f"RINGWALL_{name}", "")

    blueprint = _file(said("BLUEPRINT"), root, BLUEPRINT)
    if not blueprint:
        msg = f"there is no {BLUEPRINT} in the package, and RINGWALL_BLUEPRINT names none"
        raise InputError(msg, hint="ringwall respond package FILE puts it there")
    ledger = f"{TABLE}{said('JOURNAL')}" if said("JOURNAL") else said("LEDGER")
    if not ledger:
        msg = "RINGWALL_JOURNAL names no table of DynamoDB"
        raise InputError(msg, hint="the ledger of responses is kept in it")
    policy = _file(said("POLICY"), root, POLICY)
    cloud = CloudSettings("", said("ENDPOINT"))
    group = f"{GROUP}{said('FLOW_LOGS')}" if said("FLOW_LOGS") else ""
    typed = _typed(root, ledger, cloud)
    given = Given(
        blueprint,
        ledger,
        policy,
        logs=said("LOGS") or group,
        notify=notices_by(variables),
        cloud=cloud,
        typed=typed,
    )
    name, wanted = given.wanted().blueprint.name, said("DEPLOYMENT")
    if wanted and wanted != name:
        msg = f"the function is of deployment {wanted!r}, and its package of {name!r}"
        raise InputError(msg, hint="ringwall respond package FILE, with the blueprint of both")
    return given


def _typed(root: Path, ledger: str, cloud: CloudSettings) -> Desk:
    """Return where people type: beside the files of which the package was made, by their names."""
    path = root / NAMES
    named = json.loads(read_text(str(path))) if path.exists() else {}
    files = (named.get("blueprint", ""), ledger, named.get("policy", ""))
    return Desk(*files, endpoint=cloud.endpoint_url)


def choice_by(variables: Mapping[str, str], given: Given) -> Choice:
    """Return the playbooks that may be used: what was deployed with the role, not with the code."""
    told = variables.get("RINGWALL_PLAYBOOKS", "")
    if not told:
        return given.choice(given.wanted())
    return Choice() if told == "all" else Choice(frozenset(told.split()) - {"none"})


def notices_by(variables: Mapping[str, str]) -> tuple[str, ...]:
    """Read where notices go."""
    said = [variables.get(f"RINGWALL_{name}", "") for name in ("TOPIC", "WEBHOOK", "FINDINGS")]
    if variables.get("RINGWALL_SECURITY_HUB") == "yes":
        said.append(SECURITY_HUB)
    return tuple(filter(None, said))


def _file(name: str, root: Path, usual: str) -> str:
    """Return the path of a file that is named, or of the usual one if it is in the package."""
    if name:
        return str(root / name)
    path = root / usual
    return str(path) if path.exists() else ""


def keeping(variables: Mapping[str, str], root: Path) -> Callable[[], Responder]:
    """Return what gives the same responder each time, made when it is first asked for."""
    kept: list[Responder] = []

    def responder() -> Responder:
        if not kept:
            given = given_by(variables, root)
            choice = choice_by(variables, given)
            kept.append(replace(given.responder(), choice=choice, patience=PATIENCE))
        return kept[0]

    return responder
