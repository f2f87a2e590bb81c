"""What every playbook declares."""

import importlib
import pkgutil
import re
from pathlib import Path

import pytest

import ringwall.playbooks
from ringwall.detections import registry as detections
from ringwall.errors import QuestionError
from ringwall.playbooks import answering, named, registry
from ringwall.playbooks.playbook import Playbook

ROOT = Path(__file__).parents[2]
ALL = list(registry().values())


def test_ids_are_verbs_and_nouns_each_once_in_a_file_of_its_name():
    names = [each.name for each in pkgutil.iter_modules(ringwall.playbooks.__path__)]
    modules = {name: importlib.import_module(f"ringwall.playbooks.{name}") for name in names}
    found = [(n, p.id) for n, m in modules.items() for p in getattr(m, "PLAYBOOKS", ())]
    assert sorted(id_ for _, id_ in found) == list(registry())
    assert [name.replace("_", "-") for name, _ in found] == [id_ for _, id_ in found]


@pytest.mark.parametrize("playbook", ALL, ids=lambda each: each.id)
def test_what_it_answers_is_there_and_what_stays_open_is_said(playbook: Playbook):
    ids = [each for each in playbook.answers if each.startswith("RW")]
    assert set(ids) <= detections().keys()
    assert playbook.residual
    assert playbook.hours >= 0
    assert all(":" in action for action in playbook.asks)


@pytest.mark.parametrize(
    ("kind", "first"),
    [
        ("fortress-suspicious-traffic", "block-source"),
        ("fortress-port-scan", "answer-port-scan"),
        ("fortress-data-exfiltration", "stop-exfiltration"),
        ("RW501", "block-source"),
        ("RW503", "stop-exfiltration"),
        ("RW520", "close-exposure"),
        ("RW530", "block-domain"),
        ("RW540", "block-source"),
        ("RW544", "isolate-instance"),
        ("Recon:EC2/PortProbeUnprotectedPort", "close-exposure"),
        ("Recon:EC2/Portscan", "answer-port-scan"),
        ("Trojan:EC2/DNSDataExfiltration", "stop-exfiltration"),
        ("CryptoCurrency:EC2/BitcoinTool.B", "isolate-instance"),
        ("Persistence:IAMUser/AnomalousBehavior", "revoke-credentials"),
        ("Recon:IAMUser/TorIPCaller", "revoke-credentials"),
        ("UnauthorizedAccess:EC2/TorClient", "isolate-instance"),
    ],
)
def test_each_kind_is_answered_by_the_one_that_fits_first(kind: str, first: str):
    """The article's three alarms, our detections, and GuardDuty's types."""
    assert answering(kind)[0].id == first


def test_what_accuses_nobody_is_answered_by_nobody_as_the_page_says():
    silent = [id_ for id_ in detections() if not answering(id_)]
    page = (ROOT / "docs/concepts/responses.md").read_text()
    said = page.split("What no playbook answers")[1].split("\n\n")[0]
    assert silent == sorted(set(re.findall(r"RW\d+", said)))


def test_a_name_that_nobody_bears_is_refused_with_those_that_are_there():
    with pytest.raises(QuestionError, match="no playbook 'block'") as error:
        named("block")
    assert "block-source" in str(error.value.hint)
