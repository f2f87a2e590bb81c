"""Every listing once, what AWS forces per object, and no refusal taken for an empty answer."""

from dataclasses import replace

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


LISTS = Detail(
    "elbv2",
    "describe_lists",
    THINGS.name,
    item_id=lambda item: item["Id"],
    request=lambda item: {"Of": item["Id"]},
    items="Lists",
)
INNER = Detail(
    "elbv2",
    "describe_inner",
    LISTS.name,
    item_id=lambda item: item["Id"],
    request=lambda item: {"Of": item["Id"]},
    items="Inner",
)
LINES = Listing("directconnect", "describe_lines", "Lines")
FURTHER = Listing("ec2", "describe_further", "Further")
SURVEY = ResourceType(name="S", listings=(THINGS, LINES), details=(INNER, LISTS), survey=True)
PLAIN = ResourceType(name="P", listings=(THINGS,), surveyed=(FURTHER,))


def surveyed(**answers):
    given = {
        "describe_things": in_turn({"Things": [item("a"), item("b")]}),
        "describe_lists": lambda request: {"Lists": [{"Id": f"{request['Of']}1"}]},
        "describe_inner": lambda request: {"Inner": request["Of"]},
        "describe_lines": in_turn({"Lines": []}),
        "describe_further": in_turn({"Further": [1]}),
    }
    return ScriptedCloud(**{**given, **answers})


def test_details_are_asked_of_what_other_details_list():
    reads = read_account(surveyed(), (PLAIN, SURVEY), "")
    assert reads.details["elbv2:describe_inner"] == {"a1": "a1", "b1": "b1"}
    assert str(reads.listings["ec2:describe_further"]) == "[1]"


def test_without_a_type_of_surveys_nothing_of_surveys_is_asked():
    cloud = surveyed()
    reads = read_account(cloud, (PLAIN,), "")
    assert set(reads.listings) == {THINGS.name}


def test_what_is_watched_is_asked_without_a_survey_and_may_be_refused():
    watched = replace(SURVEY, watched=True)
    cloud = surveyed(describe_lines=in_turn(refusal("describe_lines", "Unreachable")))
    reads = read_account(cloud, (PLAIN, watched), "")
    assert set(reads.listings) == {THINGS.name}
    assert reads.refused == {LINES.name: "Unreachable"}


@pytest.mark.parametrize("code", ["Unreachable", "OptInRequired", "InternalError"])
def test_a_service_that_a_region_lacks_is_refused_in_a_survey(code):
    cloud = surveyed(describe_lines=in_turn(refusal("describe_lines", code)))
    reads = read_account(cloud, (PLAIN, SURVEY), "")
    assert reads.refused == {"directconnect:describe_lines": code}


def test_a_survey_ends_where_credentials_do():
    cloud = surveyed(describe_lines=in_turn(refusal("describe_lines", "ExpiredToken")))
    with pytest.raises(CloudError, match="ExpiredToken"):
        read_account(cloud, (PLAIN, SURVEY), "")


def test_what_everything_needs_fails_in_a_survey_too():
    cloud = surveyed(describe_things=in_turn(refusal("describe_things", "InternalError")))
    with pytest.raises(CloudError, match="InternalError"):
        read_account(cloud, (PLAIN, SURVEY), "")
