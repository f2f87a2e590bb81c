"""A file of what may be done without a person: what is wrong is said, with the way out."""

import pytest

from ringwall.app.responding.policies import read_policy
from ringwall.errors import BlueprintError, InputError


def policy(tmp_path, text):
    path = tmp_path / "policy.yaml"
    path.write_text(text)
    return read_policy(str(path))


@pytest.mark.parametrize(
    "cidr", ["0.0.0.0/0", "0.0.0.0/1", "128.0.0.0/1", "198.0.0.0/15", "::/0", "2001:db8::/47"]
)
def test_what_takes_the_look_at_others_away_is_not_accepted(tmp_path, cidr):
    with pytest.raises(BlueprintError) as caught:
        policy(tmp_path, f'accepted: {{"{cidr}": "all of it"}}\n')
    [problem] = caught.value.problems
    assert (problem.code, problem.line) == ("BP131", 1)
    assert f"{cidr} is wider than /" in problem.message
    assert "would be hit without being looked at" in problem.message


@pytest.mark.parametrize("cidr", ["198.51.0.0/16", "198.51.100.0/24", "2001:db8::/48"])
def test_networks_that_may_be_hit_are_accepted_with_their_reasons(tmp_path, cidr):
    assert policy(tmp_path, f'accepted: {{"{cidr}": ours}}\n').accepted == {cidr: "ours"}


def test_what_is_never_blocked_may_be_as_wide_as_it_likes(tmp_path):
    assert policy(tmp_path, 'never: {"0.0.0.0/0": nobody}\n').never == {"0.0.0.0/0": "nobody"}


def test_of_a_file_that_is_not_there_the_way_out_is_said(tmp_path):
    with pytest.raises(InputError, match="there is no file") as caught:
        read_policy(str(tmp_path / "none.yaml"))
    assert caught.value.hint.startswith("without --policy everything is asked")


@pytest.mark.parametrize("text", ["", "# nothing yet\n", "---\n", "[]\n"])
def test_of_a_file_with_nothing_in_it_the_way_out_is_said(tmp_path, text):
    with pytest.raises(BlueprintError) as caught:
        policy(tmp_path, text)
    [problem] = caught.value.problems
    assert 'modes: {"*": approve}' in problem.hint
