"""The fortress, and blueprints that it may be changed to."""

import re
from pathlib import Path

TEXT = (Path(__file__).parents[1] / "examples" / "fortress.yaml").read_text()
CONTRACT_TESTS = re.compile(r"  - \{from: (staging|development)/app, to: .*contract tests\}\n")
THEIR_PROOF = re.compile(r"  - \{name: (staging|development) reaches (staging|development).*\n")


def changed(text: str, *pairs: tuple[str, str]) -> str:
    """Return a text with parts replaced, each of which must be there."""
    for before, after in pairs:
        assert before in text, before
        text = text.replace(before, after)
    return text


def moved(text: str = TEXT) -> str:
    """Development goes from the segment of staging to that of production."""
    text = changed(
        text,
        (
            "purpose: development workloads\n    segment: non-production",
            "purpose: development workloads\n    segment: production",
        ),
    )
    return THEIR_PROOF.sub("", CONTRACT_TESTS.sub("", text)).replace(
        "# Across VPCs.\nflows:\n", "# Across VPCs.\nflows: []\n"
    )


def another_port(text: str = TEXT) -> str:
    """The app tier listens on another port."""
    return changed(
        text,
        ("{from: web, to: app, ports: [8080]}", "{from: web, to: app, ports: [8081]}"),
        ("to: production/app, ports: [8080]", "to: production/app, ports: [8081]"),
    )


def renamed(text: str = TEXT) -> str:
    """The databases' group has another name."""
    return changed(
        text,
        ("db: {tier: isolated,", "data: {tier: isolated, was: [db],"),
        ("to: db,", "to: data,"),
        ("production/db", "production/data"),
        ("*/db", "*/data"),
    )


def with_another_zone(text: str = TEXT) -> str:
    """Every tier has a subnet in one zone more."""
    return changed(
        text,
        ("zones: [us-east-1a, us-east-1b]", "zones: [us-east-1a, us-east-1b, us-east-1c]"),
    )
