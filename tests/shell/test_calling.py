"""Every fault of the wire, for every way in which a call is safe to repeat."""

import pytest

from ringwall.errors import CloudError, OutsideError, PartialError
from ringwall.model.calls import Call, Lookup, Wait
from ringwall.model.graph import Node, Ref
from ringwall.model.plan import Action
from ringwall.resources import vpc_cidr_block
from ringwall.shell.executing import execute
from ringwall.shell.journal import Journal
from tests.fakes.clock import FakeClock
from tests.fakes.scripted import ScriptedCloud, in_turn, refusal
from tests.shell.plans import (
    SUBNET,
    VPC,
    create_route,
    create_vpc,
    create_with_token,
    plan,
    settings,
    step,
    vpc_item,
)

CUT = refusal("create", "ConnectionClosedError", unclear=True)
MADE = {"Vpc": {"VpcId": "vpc-1"}}
NONE: dict[str, list[object]] = {"Vpcs": []}
THERE = {"Vpcs": [vpc_item("vpc-1")]}
ROUTE_IDS = {("AWS::EC2::RouteTable", "r"): {"id": "rtb-1"}, (SUBNET, "a"): {"id": "subnet-1"}}


def test_a_create_with_a_clear_answer_is_made_once_and_waited_for():
    cloud = ScriptedCloud(
        create_vpc=in_turn(MADE),
        describe_vpcs=in_turn({"Vpcs": [vpc_item("vpc-1", state="pending")]}, THERE),
    )
    outcome = execute(plan(step(1, create_vpc())), cloud, settings=settings())
    assert outcome.ids[VPC, "production"]["id"] == "vpc-1"
    assert (outcome.done, outcome.adopted) == ((1,), ())
    assert cloud.made("describe_vpcs") == [{"VpcIds": ["vpc-1"]}] * 2


def test_a_tagged_create_that_was_cut_after_its_effect_is_adopted():
    cloud = ScriptedCloud(create_vpc=in_turn(CUT), describe_vpcs=in_turn(NONE, THERE))
    outcome = execute(plan(step(1, create_vpc())), cloud, settings=settings())
    assert len(cloud.made("create_vpc")) == 1
    assert outcome.adopted == (1,)
    assert outcome.ids[VPC, "production"]["id"] == "vpc-1"


def test_a_tagged_create_that_was_cut_before_its_effect_is_made_again_after_several_looks():
    cloud = ScriptedCloud(
        create_vpc=in_turn(CUT, MADE), describe_vpcs=in_turn(NONE, NONE, NONE, THERE)
    )
    outcome = execute(plan(step(1, create_vpc())), cloud, settings=settings())
    assert [name for name, _ in cloud.calls] == [
        "create_vpc", *["describe_vpcs"] * 3, "create_vpc", "describe_vpcs",
    ]  # fmt: skip
    assert outcome.adopted == ()


def test_a_resource_of_another_deployment_is_not_adopted():
    stranger = vpc_item("vpc-9")
    stranger["Tags"][0]["Value"] = "other"
    cloud = ScriptedCloud(
        create_vpc=in_turn(CUT, MADE),
        describe_vpcs=in_turn(*[{"Vpcs": [stranger]}] * 3, THERE),
    )
    outcome = execute(plan(step(1, create_vpc())), cloud, settings=settings())
    assert outcome.ids[VPC, "production"]["id"] == "vpc-1"


def test_the_former_self_of_a_replaced_resource_is_not_adopted():
    old = {"Vpcs": [vpc_item("vpc-0")]}
    cloud = ScriptedCloud(
        create_vpc=in_turn(CUT, MADE), describe_vpcs=in_turn(old, old, old, THERE)
    )
    known = {(VPC, "production"): {"id": "vpc-0"}}
    outcome = execute(plan(step(1, create_vpc()), ids=known), cloud, settings=settings())
    assert outcome.ids[VPC, "production"]["id"] == "vpc-1"


def test_two_resources_with_one_key_are_an_error_that_names_both():
    both = {"Vpcs": [vpc_item("vpc-1"), vpc_item("vpc-2")]}
    cloud = ScriptedCloud(create_vpc=in_turn(CUT), describe_vpcs=in_turn(both))
    with pytest.raises(CloudError, match="vpc-1, vpc-2"):
        execute(plan(step(1, create_vpc())), cloud, settings=settings())


def test_a_create_with_a_token_is_repeated_with_the_same_token():
    made = {"NatGateway": {"NatGatewayId": "nat-1"}}
    cloud = ScriptedCloud(create_nat_gateway=in_turn(CUT, CUT, made))
    nat = step(1, create_with_token(), type_name="AWS::EC2::NatGateway", key="nat")
    execute(plan(nat, ids=ROUTE_IDS), cloud, settings=settings())
    tokens = [request["ClientToken"] for request in cloud.made("create_nat_gateway")]
    assert len(tokens) == 3
    assert len(set(tokens)) == 1
    assert len(tokens[0]) == 32


def test_a_token_changes_after_a_clear_refusal():
    made = {"NatGateway": {"NatGatewayId": "nat-1"}}
    busy = refusal("create_nat_gateway", "IncorrectState")
    cloud = ScriptedCloud(create_nat_gateway=in_turn(busy, made))
    nat = step(1, create_with_token(), type_name="AWS::EC2::NatGateway", key="nat")
    execute(plan(nat, ids=ROUTE_IDS), cloud, settings=settings())
    first, second = (request["ClientToken"] for request in cloud.made("create_nat_gateway"))
    assert first != second


def test_two_runs_have_different_tokens():
    """A token that AWS remembers from a deleted gateway would bring back its id."""
    tokens = set()
    for _ in range(2):
        cloud = ScriptedCloud(create_nat_gateway=in_turn({"NatGateway": {"NatGatewayId": "nat-1"}}))
        nat = step(1, create_with_token(), type_name="AWS::EC2::NatGateway", key="nat")
        execute(plan(nat, ids=ROUTE_IDS), cloud, settings=settings())
        tokens.add(cloud.made("create_nat_gateway")[0]["ClientToken"])
    assert len(tokens) == 2


@pytest.mark.parametrize("second", [{}, refusal("create_route", "RouteAlreadyExists")])
def test_a_natural_create_is_repeated_and_already_there_means_done(second):
    cloud = ScriptedCloud(create_route=in_turn(CUT, second))
    route = step(1, create_route(), type_name="AWS::EC2::Route", key="r>0.0.0.0/0")
    outcome = execute(plan(route, ids=ROUTE_IDS), cloud, settings=settings())
    assert outcome.done == (1,)
    assert len(cloud.made("create_route")) == 2


def test_already_there_without_doubt_is_an_error():
    cloud = ScriptedCloud(create_route=in_turn(refusal("create_route", "RouteAlreadyExists")))
    route = step(1, create_route(), type_name="AWS::EC2::Route", key="r>0.0.0.0/0")
    with pytest.raises(CloudError, match="RouteAlreadyExists"):
        execute(plan(route, ids=ROUTE_IDS), cloud, settings=settings())


def test_an_ignored_code_means_done():
    cloud = ScriptedCloud(create_route=in_turn(refusal("create_route", "RouteAlreadyExists")))
    call = create_route(ignore=frozenset({"RouteAlreadyExists"}))
    route = step(1, call, type_name="AWS::EC2::Route", key="r>0.0.0.0/0")
    assert execute(plan(route, ids=ROUTE_IDS), cloud, settings=settings()).done == (1,)


def test_a_delete_that_was_cut_and_is_not_found_again_is_done():
    call = Call("ec2", "delete_route", {"RouteTableId": Ref("AWS::EC2::RouteTable", "r")})
    cloud = ScriptedCloud(
        delete_route=in_turn(CUT, refusal("delete_route", "InvalidRoute.NotFound"))
    )
    route = step(1, call, type_name="AWS::EC2::Route", key="x", action=Action.DELETE)
    assert execute(plan(route, ids=ROUTE_IDS), cloud, settings=settings()).done == (1,)


def test_a_delete_of_something_unknown_without_doubt_is_an_error():
    call = Call("ec2", "delete_route", {"RouteTableId": Ref("AWS::EC2::RouteTable", "r")})
    cloud = ScriptedCloud(delete_route=in_turn(refusal("delete_route", "InvalidRoute.NotFound")))
    route = step(1, call, type_name="AWS::EC2::Route", key="x", action=Action.DELETE)
    with pytest.raises(CloudError):
        execute(plan(route, ids=ROUTE_IDS), cloud, settings=settings())


def test_a_dependency_that_goes_away_is_waited_for():
    clock = FakeClock()
    busy = refusal("delete_vpc", "DependencyViolation")
    cloud = ScriptedCloud(delete_vpc=in_turn(busy, busy, {}))
    call = Call("ec2", "delete_vpc", {"VpcId": Ref(VPC, "production")})
    known = {(VPC, "production"): {"id": "vpc-1"}}
    deletion = plan(step(1, call, action=Action.DELETE), ids=known)
    execute(deletion, cloud, settings=settings(clock))
    assert clock.sleeps == [2.0, 3.0]


def test_a_dependency_that_stays_is_an_error_after_a_bound():
    cloud = ScriptedCloud(delete_vpc=in_turn(refusal("delete_vpc", "DependencyViolation")))
    call = Call("ec2", "delete_vpc", {"VpcId": Ref(VPC, "production")})
    known = {(VPC, "production"): {"id": "vpc-1"}}
    with pytest.raises(CloudError, match="DependencyViolation"):
        execute(plan(step(1, call, action=Action.DELETE), ids=known), cloud, settings=settings())
    assert len(cloud.made("delete_vpc")) == 5


def test_an_id_that_aws_gave_us_but_does_not_know_yet_is_asked_again():
    subnet = Call("ec2", "create_subnet", {"VpcId": Ref(VPC, "production")})
    cloud = ScriptedCloud(
        create_vpc=in_turn(MADE),
        describe_vpcs=in_turn(THERE),
        create_subnet=in_turn(refusal("create_subnet", "InvalidVpcID.NotFound"), {}),
    )
    steps = (step(1, create_vpc()), step(2, subnet, type_name=SUBNET, key="a", after=(1,)))
    assert execute(plan(*steps), cloud, settings=settings()).done == (1, 2)


def test_an_id_of_old_that_is_gone_is_an_error_at_once():
    subnet = Call("ec2", "create_subnet", {"VpcId": Ref(VPC, "production")})
    cloud = ScriptedCloud(create_subnet=in_turn(refusal("create_subnet", "InvalidVpcID.NotFound")))
    known = {(VPC, "production"): {"id": "vpc-1"}}
    with pytest.raises(CloudError):
        execute(
            plan(step(2, subnet, type_name=SUBNET, key="a"), ids=known), cloud, settings=settings()
        )
    assert len(cloud.calls) == 1


def test_an_answer_that_stays_unclear_ends_the_step_and_leaves_it_in_doubt(tmp_path):
    journal = Journal(tmp_path / "journal.jsonl", FakeClock())
    cloud = ScriptedCloud(create_vpc=in_turn(CUT), describe_vpcs=in_turn(NONE))
    with pytest.raises(PartialError, match="0 of 1 steps"):
        execute(plan(step(1, create_vpc())), cloud, journal, settings=settings())
    assert Journal(journal.path).doubtful == {(VPC, "production")}
    assert len(cloud.made("create_vpc")) == 4


def test_a_step_in_doubt_looks_before_it_creates(tmp_path):
    journal = Journal(tmp_path / "journal.jsonl", FakeClock())
    journal.begin(step(1, create_vpc()))
    cloud = ScriptedCloud(describe_vpcs=in_turn(THERE))
    again = Journal(journal.path, FakeClock())
    outcome = execute(plan(step(1, create_vpc())), cloud, again, settings=settings())
    assert outcome.adopted == (1,)
    assert Journal(journal.path).doubtful == frozenset()


def test_a_lookup_is_made_before_every_attempt():
    lookup = Lookup(
        "ec2",
        "describe_network_acls",
        {"Filters": [{"Name": "association.subnet-id", "Values": [Ref(SUBNET, "a")]}]},
        "NetworkAcls[].Associations[?SubnetId==$subnet].NetworkAclAssociationId[]",
        {"subnet": Ref(SUBNET, "a")},
    )
    call = Call("ec2", "replace_network_acl_association", {"AssociationId": lookup})

    def acls(name):
        association = {"SubnetId": "subnet-1", "NetworkAclAssociationId": name}
        return {"NetworkAcls": [{"Associations": [association]}]}

    stale = refusal("replace_network_acl_association", "InvalidAssociationID.NotFound")
    cloud = ScriptedCloud(
        describe_network_acls=in_turn({"NetworkAcls": []}, acls("aclassoc-1"), acls("aclassoc-2")),
        replace_network_acl_association=in_turn(stale, {}),
    )
    association = step(1, call, type_name="AWS::EC2::SubnetNetworkAclAssociation", key="a")
    execute(plan(association, ids=ROUTE_IDS), cloud, settings=settings())
    sent = cloud.made("replace_network_acl_association")
    assert [request["AssociationId"] for request in sent] == ["aclassoc-1", "aclassoc-2"]


def test_a_wait_that_fails_names_the_state():
    wait = Wait("describe_vpcs", {}, "Vpcs[].State", frozenset({"ok"}), frozenset({"failed"}))
    call = Call("ec2", "create_route", {}, waits_for=(wait,))
    cloud = ScriptedCloud(
        create_route=in_turn({}), describe_vpcs=in_turn({"Vpcs": [{"State": "failed"}]})
    )
    with pytest.raises(CloudError, match="'failed'"):
        execute(plan(step(1, call)), cloud, settings=settings())


def test_a_wait_ends_at_its_timeout():
    clock = FakeClock()
    wait = Wait("describe_vpcs", {}, "Vpcs[].State", frozenset({"ok"}), timeout=60)
    call = Call("ec2", "create_route", {}, waits_for=(wait,))
    cloud = ScriptedCloud(
        create_route=in_turn({}), describe_vpcs=in_turn({"Vpcs": [{"State": "pending"}]})
    )
    with pytest.raises(CloudError, match="still pending after 60 seconds"):
        execute(plan(step(1, call)), cloud, settings=settings(clock))
    assert clock.passed == pytest.approx(60)
    assert max(clock.sleeps) <= 10


@pytest.mark.parametrize("answer", [NONE, refusal("describe_vpcs", "InvalidVpcID.NotFound")])
def test_a_wait_for_something_to_be_gone_ends_when_it_is_not_found(answer):
    wait = Wait("describe_vpcs", {}, "Vpcs[].State", frozenset({"gone"}))
    call = Call("ec2", "delete_vpc", {}, waits_for=(wait,))
    cloud = ScriptedCloud(
        delete_vpc=in_turn({}), describe_vpcs=in_turn({"Vpcs": [{"State": "deleting"}]}, answer)
    )
    assert execute(plan(step(1, call)), cloud, settings=settings()).done == (1,)


def test_what_is_not_listed_any_more_is_deleted():
    wait = Wait("describe_vpcs", {}, "Vpcs[].State", frozenset({"deleted"}))
    cloud = ScriptedCloud(delete_vpc=in_turn({}), describe_vpcs=in_turn(NONE))
    call = Call("ec2", "delete_vpc", {}, waits_for=(wait,))
    assert execute(plan(step(1, call)), cloud, settings=settings()).done == (1,)


def test_a_block_of_amazons_choosing_is_found_by_its_place_and_not_asked_for_twice():
    block = "AWS::EC2::VPCCidrBlock"
    association = {
        "AssociationId": "vpc-cidr-assoc-1",
        "Ipv6CidrBlock": "2001:db8::/56",
        "Ipv6CidrBlockState": {"State": "associated"},
        "Ipv6Pool": "Amazon",
    }
    item = {**vpc_item("vpc-1"), "Ipv6CidrBlockAssociationSet": [association]}
    properties = {"VpcId": Ref(VPC, "production"), "AmazonProvidedIpv6CidrBlock": True}
    node = Node(block, "production/ipv6", "123456789012", "us-east-1", properties)
    cloud = ScriptedCloud(
        associate_vpc_cidr_block=in_turn(CUT), describe_vpcs=in_turn({"Vpcs": [item]})
    )
    known = {(VPC, "production"): {"id": "vpc-1"}}
    creation = step(1, *vpc_cidr_block.create(node), type_name=block, key="production/ipv6")
    outcome = execute(plan(creation, ids=known), cloud, settings=settings())
    assert outcome.ids[block, "production/ipv6"]["id"] == "vpc-cidr-assoc-1"
    assert outcome.ids[block, "production/ipv6"]["Ipv6CidrBlock"] == "2001:db8::/56"
    assert len(cloud.made("associate_vpc_cidr_block")) == 1


def test_a_wait_outlives_reads_without_an_answer():
    wait = Wait("describe_vpcs", {}, "Vpcs[].State", frozenset({"available"}))
    call = Call("ec2", "create_route", {}, waits_for=(wait,))
    cloud = ScriptedCloud(create_route=in_turn({}), describe_vpcs=in_turn(CUT, CUT, THERE))
    assert execute(plan(step(1, call)), cloud, settings=settings()).done == (1,)


def test_what_was_not_done_in_a_successful_answer_is_an_error():
    """CreateFlowLogs: "Unsuccessful: Information about the flow logs that could not be created"."""
    failed = {"Error": {"Code": "InvalidParameter", "Message": "no such group"}}
    cloud = ScriptedCloud(create_flow_logs=in_turn({"FlowLogIds": [], "Unsuccessful": [failed]}))
    call = Call("ec2", "create_flow_logs", {}, extract={"id": "FlowLogIds[0]"})
    with pytest.raises(CloudError, match="InvalidParameter: no such group"):
        execute(
            plan(step(1, call, type_name="AWS::EC2::FlowLog", key="a")), cloud, settings=settings()
        )


def test_a_role_that_cannot_be_assumed_yet_is_tried_again():
    role = Call("iam", "create_role", {}, extract={"id": "Role.RoleName", "Arn": "Role.Arn"})
    request = {"DeliverLogsPermissionArn": Ref("AWS::IAM::Role", "r", "Arn")}
    logs = Call("ec2", "create_flow_logs", request, extract={"id": "FlowLogIds[0]"})
    failed = {"Error": {"Code": "InvalidParameter", "Message": "Unable to assume given IAM role"}}
    cloud = ScriptedCloud(
        create_role=in_turn({"Role": {"RoleName": "r", "Arn": "arn:r"}}),
        create_flow_logs=in_turn({"Unsuccessful": [failed]}, {"FlowLogIds": ["fl-1"]}),
    )
    steps = (
        step(1, role, type_name="AWS::IAM::Role", key="r"),
        step(2, logs, type_name="AWS::EC2::FlowLog", key="f", after=(1,)),
    )
    outcome = execute(plan(*steps), cloud, settings=settings())
    assert outcome.ids["AWS::EC2::FlowLog", "f"]["id"] == "fl-1"
    assert cloud.made("create_flow_logs")[1] == {"DeliverLogsPermissionArn": "arn:r"}


def test_a_deletion_speaks_of_what_the_plan_saw():
    delete = Call("ec2", "delete_vpc", {"VpcId": Ref(VPC, "production")})
    cloud = ScriptedCloud(
        create_vpc=in_turn(MADE), describe_vpcs=in_turn(THERE), delete_vpc=in_turn({})
    )
    known = {(VPC, "production"): {"id": "vpc-0"}}
    steps = (step(1, create_vpc()), step(2, delete, action=Action.DELETE, after=(1,)))
    execute(plan(*steps, ids=known), cloud, settings=settings())
    assert cloud.made("delete_vpc") == [{"VpcId": "vpc-0"}]


def test_a_block_inside_the_vpcs_ipv6_range_is_derived():
    blocks = {("AWS::EC2::VPCCidrBlock", "v/ipv6"): {"Ipv6CidrBlock": "2001:db8:1::/56"}}
    request = {"Ipv6CidrBlock": Ref("AWS::EC2::VPCCidrBlock", "v/ipv6", "ipv6/64/2")}
    cloud = ScriptedCloud(create_subnet=in_turn({}))
    execute(
        plan(step(1, Call("ec2", "create_subnet", request)), ids=blocks), cloud, settings=settings()
    )
    assert cloud.made("create_subnet") == [{"Ipv6CidrBlock": "2001:db8:1:2::/64"}]


def test_a_reference_that_nothing_answers_is_an_error():
    call = Call("ec2", "delete_vpc", {"VpcId": Ref(VPC, "elsewhere")})
    with pytest.raises(OutsideError, match="elsewhere"):
        execute(plan(step(1, call)), ScriptedCloud(), settings=settings())
