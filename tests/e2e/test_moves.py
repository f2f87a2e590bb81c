"""What is removed in the middle of a blueprint, of which the blocks are allotted."""

import pytest

from tests.changes.central import CENTRAL_NAT

MIDDLE = "  middle:\n    tiers:\n      isolated: {kind: isolated}\n"
TEXT = CENTRAL_NAT.replace("  spoke:\n", MIDDLE + "  spoke:\n").replace(
    "      private: {kind: private}\n",
    "      first: {kind: private}\n      private: {kind: private}\n",
)


@pytest.mark.parametrize(
    ("gone", "what", "stay", "cidr"),
    [
        (MIDDLE, "VPC 'spoke'", ("  spoke:\n", "  spoke:\n    cidr: {}\n"), "10.2.0.0/16"),
        (
            "      first: {kind: private}\n",
            "tier 'spoke/private'",
            ("private: {kind: private}", "private: {{kind: private, cidr: {}}}"),
            "10.2.16.0/20",
        ),
    ],
)
def test_what_moves_with_what_is_removed_is_told_and_can_stay(
    gone, what, stay, cidr, lab, ringwall, tmp_path
):
    path = tmp_path / "central.yaml"
    path.write_text(TEXT)
    assert ringwall("apply", path, "--yes").code == 0
    path.write_text(TEXT.replace(gone, ""))
    planned = ringwall("plan", path)
    assert f"  moves      {what} is made anew" in planned.out
    assert f"`cidr: {cidr}` in the blueprint keeps it" in planned.out
    ended = ringwall("apply", path, "--yes", "--max-deletions", "3")
    assert ended.code == 1
    assert f"`cidr: {cidr}`" in ended.err
    path.write_text(TEXT.replace(gone, "").replace(stay[0], stay[1].format(cidr)))
    found = ringwall("plan", path, "--json").json
    assert found["moves"] == []
    assert "replace" not in {change["action"] for change in found["changes"]}
