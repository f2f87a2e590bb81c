"""The table of behaviours is whole: probes exist, probes are listed, the page shows it."""

import re
from pathlib import Path

from ringwall.lab.behaviours import AREAS, BEHAVIOURS, as_markdown

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
PROBED = (
    "transit_gateway",
    "network_acl",
    "security_group",
    "vpc",
    "dns_firewall",
    "account",
    "dynamodb",
    "load_balancer",
    "web_acl",
    "watching",
)
# Moto's own behaviour, on which Ringwall relies.
MOTO_OWN = {
    "test_zones_have_ids",
    "test_a_parameter_is_put_once",
    "test_the_caller_is_the_lab_account",
    "test_roles_logs_and_buckets_are_moto_own",
}


def names_in(file: Path) -> set[str]:
    return set(re.findall(r"^def (test_\w+)", file.read_text(), re.MULTILINE))


def test_every_behaviour_has_a_probe() -> None:
    assert len({one.id for one in BEHAVIOURS}) == len(BEHAVIOURS)
    for one in BEHAVIOURS:
        file, name = one.probe.split("::")
        assert name in names_in(HERE / file), one


def test_every_probe_is_listed() -> None:
    listed = {one.probe.split("::")[1] for one in BEHAVIOURS} | MOTO_OWN
    for area in PROBED:
        assert names_in(HERE / f"test_{area}.py") <= listed


def test_every_area_is_installed() -> None:
    modules = {
        file.stem
        for file in (ROOT / "src/ringwall/lab").glob("*.py")
        if re.search(r"^def install", file.read_text(), re.MULTILINE)
    }
    assert modules - {"behaviours"} == set(AREAS)


def test_the_page_shows_the_table() -> None:
    assert as_markdown() in (ROOT / "docs/lab.md").read_text()
