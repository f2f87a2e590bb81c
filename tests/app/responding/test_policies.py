"""Policies, and the files that they name."""

import json
import zipfile

import pytest

from ringwall.app.responding.environment import POLICY
from ringwall.app.responding.packing import pack
from ringwall.app.responding.policies import files_of, read_policy
from ringwall.errors import BlueprintError, InputError
from tests.e2e.conftest import EXAMPLES
from tests.playbooks.test_aws_ranges import PUBLISHED


@pytest.fixture
def policy(tmp_path):
    path = tmp_path / "policy.yaml"
    path.write_text(
        "aws_ranges: {file: ip-ranges.json, services: [CLOUDFRONT]}\n"
        "never: {203.0.113.0/24: our office}\n"
    )
    return path


def test_what_aws_publishes_lies_beside_the_policy_and_is_never_blocked(policy):
    policy.with_name("ip-ranges.json").write_text(json.dumps(PUBLISHED))
    assert read_policy(str(policy)).never == {
        "3.0.0.128/25": "CLOUDFRONT (AWS's ranges of 2026-11-20)",
        "203.0.113.0/24": "our office",
    }
    assert list(files_of(str(policy))) == ["", "ip-ranges.json"]


@pytest.mark.parametrize(
    "text", ["", "[" * 100_000, "{}", json.dumps({**PUBLISHED, "prefixes": []})]
)
def test_a_file_that_is_none_is_told_with_where_it_comes_from(policy, text):
    policy.with_name("ip-ranges.json").write_text(text)
    with pytest.raises(InputError, match="is no file of AWS's ranges") as told:
        read_policy(str(policy))
    assert "https://ip-ranges.amazonaws.com/ip-ranges.json" in told.value.hint


def test_a_file_that_is_missing_is_told_with_where_it_comes_from(policy):
    with pytest.raises(InputError, match="there is no file") as told:
        read_policy(str(policy))
    assert "https://ip-ranges.amazonaws.com/ip-ranges.json" in told.value.hint


def test_a_package_holds_what_the_policy_names(policy, tmp_path):
    policy.with_name("ip-ranges.json").write_text(json.dumps(PUBLISHED))
    made = pack(str(EXAMPLES / "watched.yaml"), str(tmp_path / "a.zip"), str(policy))
    with zipfile.ZipFile(made.package.path) as archive:
        for name in (POLICY, "ip-ranges.json"):
            archive.extract(name, tmp_path / "there")
    assert read_policy(str(tmp_path / "there" / POLICY)) == read_policy(str(policy))


@pytest.mark.parametrize("file", ["/etc/ranges.json", "../ranges.json", "ranges.yaml"])
def test_a_file_from_elsewhere_is_refused(policy, file):
    policy.write_text(f"aws_ranges: {{file: {file}}}\n")
    with pytest.raises(BlueprintError):
        read_policy(str(policy))
