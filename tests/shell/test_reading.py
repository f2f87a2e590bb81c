"""Every listing once, what AWS forces per object, and no refusal taken for an empty answer."""

import pytest

from ringwall.errors import CloudError
from ringwall.resources.kind import Detail, Listing, ResourceType
from ringwall.shell.reading import filled, read_account
from tests.fakes.scripted import ScriptedCloud, in_turn, refusal

ROLES = Listing("iam", "list_roles", "Roles", {"PathPrefix": "/ringwall/{deployment}/"})
THINGS = Listing("ec2", "describe_things", "Things")
PARTS = Detail(
    "ec2",
    "get_parts",
    THINGS.name,
    item_id=lambda item: item["Id"],
    request=lambda item: {"Id": item["Id"]},
    items="Parts",
    wanted=lambda item, deployment: item["Of"] == deployment,
)
ONE = ResourceType(name="One", listings=(ROLES, THINGS), details=(PARTS,))
TWO = ResourceType(name="Two", listings=(THINGS,))


def item(name, of="lab"):
    return {"Id": name, "Of": of}


def read(cloud, workers=4):
    return read_account(cloud, (ONE, TWO), "lab", workers=workers)


def test_a_shared_listing_is_read_once_and_details_of_what_is_wanted():
    cloud = ScriptedCloud(
        list_roles=in_turn({"Roles": []}),
        describe_things=in_turn({"Things": [item("b"), item("a"), item("c", "other")]}),
        get_parts=lambda request: {"Parts": [request["Id"]]},
    )
    reads = read(cloud)
    assert reads.listings == {
        "iam:list_roles": [],
        "ec2:describe_things": [item("b"), item("a"), item("c", "other")],
    }
    assert reads.details == {"ec2:get_parts": {"b": ["b"], "a": ["a"]}}
    assert list(reads.details["ec2:get_parts"]) == ["b", "a"]
    assert reads.refused == {}
    assert cloud.made("list_roles") == [{"PathPrefix": "/ringwall/lab/"}]
    assert len(cloud.made("describe_things")) == 1


@pytest.mark.parametrize("code", ["UnauthorizedOperation", "AccessDenied", "NotImplemented"])
def test_a_refused_listing_is_named_and_not_empty(code):
    cloud = ScriptedCloud(
        list_roles=in_turn(refusal("list_roles", code)), describe_things=in_turn({"Things": []})
    )
    reads = read(cloud)
    assert reads.refused == {"iam:list_roles": code}
    assert "iam:list_roles" not in reads.listings


def test_a_refused_detail_is_named():
    cloud = ScriptedCloud(
        list_roles=in_turn({"Roles": []}),
        describe_things=in_turn({"Things": [item("a")]}),
        get_parts=in_turn(refusal("get_parts", "AccessDenied")),
    )
    assert read(cloud).refused == {"ec2:get_parts": "AccessDenied"}


def test_an_object_that_vanished_since_it_was_listed_has_no_details():
    def parts(request):
        if request["Id"] == "a":
            raise refusal("get_parts", "InvalidThingID.NotFound")
        return {"Parts": []}

    cloud = ScriptedCloud(
        list_roles=in_turn({"Roles": []}),
        describe_things=in_turn({"Things": [item("a"), item("b")]}),
        get_parts=parts,
    )
    assert read(cloud).details == {"ec2:get_parts": {"b": []}}


def test_any_other_error_ends_the_reading():
    cloud = ScriptedCloud(
        list_roles=in_turn({"Roles": []}),
        describe_things=in_turn(refusal("describe_things", "InternalError", unclear=True)),
    )
    with pytest.raises(CloudError, match="InternalError"):
        read(cloud)


def test_two_types_must_ask_a_listing_in_one_way():
    other = ResourceType(name="Other", listings=(Listing("ec2", "describe_things", "Others"),))
    with pytest.raises(ValueError, match="describe_things"):
        read_account(ScriptedCloud(), (ONE, other), "lab")


def test_the_deployments_name_is_filled_in_at_any_depth():
    request = {"A": [{"B": "x/{deployment}/*"}], "C": 1}
    assert filled(request, "lab") == {"A": [{"B": "x/lab/*"}], "C": 1}
