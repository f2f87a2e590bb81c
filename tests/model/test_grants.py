"""Grants become statements that allow what was granted, nothing beside it."""

from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from ringwall.model.grants import Grant, Place, regional, statements, worldwide

HERE = Place("aws", "eu-west-1", "123456789012", "prod")
WHEN = ("StringEquals", "aws:ResourceTag/ringwall:deployment", "{deployment}")


def test_what_a_template_stands_for_is_put_in():
    [found] = statements([Grant(("ec2:Do",), regional("ec2", "vpc/*"), (WHEN,))], HERE)
    assert found == {
        "Effect": "Allow",
        "Action": ["ec2:Do"],
        "Resource": "arn:aws:ec2:eu-west-1:123456789012:vpc/*",
        "Condition": {"StringEquals": {"aws:ResourceTag/ringwall:deployment": "prod"}},
    }
    assert worldwide("iam", "role/*") == ("arn:{partition}:iam::{account}:role/*",)


def test_what_is_allowed_everywhere_is_not_said_again():
    wide, narrow = Grant(("a:Read",)), Grant(("a:Read", "a:Write"), ("arn:a",))
    assert [s["Action"] for s in statements([narrow, wide], HERE)] == [["a:Write"], ["a:Read"]]


def test_what_is_never_allowed_is_denied_last():
    grants = [Grant(("a:Do",), ("arn:a/*",), never=("arn:a/own",)), Grant(("b:Do",), ("arn:b",))]
    found = statements(grants, HERE)
    assert [s["Effect"] for s in found] == ["Allow", "Deny"]
    assert found[-1] == {"Effect": "Deny", "Action": ["a:Do"], "Resource": "arn:a/own"}


def listed(value):
    return [value] if isinstance(value, str) else value


def allowed(found):
    """Every action with every resource of its own service, and the conditions."""
    return {
        (action, on, str(each.get("Condition")))
        for each in found
        if each["Effect"] == "Allow"
        for action, on in product(each["Action"], listed(each["Resource"]))
        if on == "*" or on.split(":")[2] == action.split(":")[0]
    }


GRANTS = st.builds(
    Grant,
    st.sampled_from(["a:X", "a:Y", "b:X", "b:Y", "c:X"]).map(lambda action: (action,)),
    st.sets(st.integers(0, 3), min_size=1, max_size=3).map(
        lambda numbers: tuple(str(number) for number in sorted(numbers))
    ),
    st.sampled_from([(), (WHEN,)]),
).map(
    lambda grant: Grant(
        grant.actions,
        tuple(f"arn:aws:{grant.actions[0].split(':')[0]}:::{number}" for number in grant.on),
        grant.when,
    )
)


@given(st.lists(GRANTS, max_size=12))
def test_sharing_a_statement_allows_nothing_beside(grants):
    """Each by itself, and all together, are the same."""
    apart = (
        set().union(*(allowed(statements([each], HERE)) for each in grants)) if grants else set()
    )
    assert allowed(statements(grants, HERE)) == apart
