"""Design decision: a value that AWS adds is modelled or listed as unknown before it is met."""

import pytest
from botocore.session import get_session

from ringwall.resources.enums import ENUMS, MEMBERS
from ringwall.resources.route import DESTINATIONS, TARGETS

MODEL = get_session().get_service_model("ec2")


@pytest.mark.parametrize("name", ENUMS)
def test_every_value_of_an_enum_stands_somewhere(name):
    assert set(MODEL.shape_for(name).enum) == ENUMS[name].known


@pytest.mark.parametrize("name", MEMBERS)
def test_every_member_of_a_shape_stands_somewhere(name):
    assert set(MODEL.shape_for(name).members) == MEMBERS[name].known


@pytest.mark.parametrize("name", [*ENUMS, *MEMBERS])
def test_no_value_stands_in_two_places(name):
    standing = {**ENUMS, **MEMBERS}[name]
    assert len(standing.known) == sum(
        len(part) for part in (standing.modelled, standing.unknown, standing.gone)
    )


def test_every_target_and_destination_of_a_route_is_read_and_written():
    """Nothing is dropped: what CreateRoute takes, and what DescribeRouteTables says."""
    takes = set(MODEL.operation_model("CreateRoute").input_shape.members)
    assert takes - {"DryRun", "RouteTableId"} == {*DESTINATIONS, *TARGETS}
    says = set(MODEL.shape_for("Route").members)
    facts = {"Origin", "State", "InstanceOwnerId", "IpAddress", "IgwFirewall"}
    assert says - facts <= {*DESTINATIONS, *TARGETS}
