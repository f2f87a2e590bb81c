from dataclasses import replace

import pytest

from ringwall.app.workspace import blueprint_of
from ringwall.changes.planning import make_destroy_plan, make_plan
from ringwall.model.graph import Ref, ResourceGraph
from ringwall.model.plan import Action, Exposure
from tests.changes import graphs as g
from tests.changes.central import CENTRAL_NAT, deployed
from tests.e2e.conftest import EXAMPLES


def plan(desired, observed, **more):
    return make_plan(desired, observed, deployment=g.DEPLOYMENT, account="1", region="r", **more)


def done(made):
    """Return what a plan's steps do, in order, barriers aside."""
    return [(s.action.value, s.type.rsplit("::", 1)[-1], s.key) for s in made.steps if s.calls]


SMALL = g.graph(
    g.vpc(), g.subnet(), g.nacl(), g.entry(), g.group(), g.group("v/db"),
    g.ingress(), g.from_group("v/db", "v/web", 3306),
)  # fmt: skip


def test_equal_graphs_need_nothing():
    made = plan(SMALL, g.read_back(SMALL))
    assert made.empty
    assert made.steps == ()


def test_what_is_referred_to_is_created_first():
    made = plan(SMALL, ResourceGraph())
    place = {(s.type, s.key): s.number for s in made.steps}
    assert len(made.changes) == len(SMALL)
    assert {c.action for c in made.changes} == {Action.CREATE}
    assert place[g.VPC, "v"] < place[g.SUBNET, "v/t/a"]
    assert (
        place[g.GROUP, "v/web"]
        < place[SMALL.of_type(g.INGRESS)[1].type, SMALL.of_type(g.INGRESS)[1].key]
    )


def test_a_destroy_deletes_what_refers_before_what_is_referred_to():
    made = make_destroy_plan(g.read_back(SMALL), deployment=g.DEPLOYMENT, account="1", region="r")
    order = done(made)
    assert order[-1] == ("delete", "VPC", "v")
    assert order.index(("delete", "SecurityGroup", "v/db")) < order.index(("delete", "VPC", "v"))
    assert {c.action for c in made.changes} == {Action.DELETE}


def test_a_reference_between_groups_goes_before_the_groups():
    made = make_destroy_plan(g.read_back(SMALL), deployment=g.DEPLOYMENT, account="1", region="r")
    order = done(made)
    rule = next(step for step in order if step[1] == "SecurityGroupIngress" and "3306" in step[2])
    assert order.index(rule) < order.index(("delete", "SecurityGroup", "v/web"))


def test_a_changed_port_closes_the_old_before_it_opens_the_new():
    wanted = g.graph(g.vpc(), g.group(), g.ingress(port=8443))
    there = g.read_back(g.graph(g.vpc(), g.group(), g.ingress(port=443)))
    made = plan(wanted, there)
    assert [step[0] for step in done(made)] == ["delete", "create"]
    closing, opening = (s for s in made.steps if s.calls)
    assert closing.exposure is Exposure.CLOSES
    assert opening.exposure is Exposure.OPENS


def segments(of, into):
    tables = [g.node(g.TABLE, name, TransitGatewayId=Ref(g.GATEWAY, "tgw")) for name in ("a", "b")]
    attachment = g.node(
        g.ATTACHMENT, "v", TransitGatewayId=Ref(g.GATEWAY, "tgw"), VpcId=Ref(g.VPC, "v"),
        SubnetIds=[Ref(g.SUBNET, "v/t/a")], Options={},
    )  # fmt: skip
    return g.graph(
        g.vpc(), g.subnet(), *tables, attachment,
        g.node(
            g.ASSOCIATION, TransitGatewayAttachmentId=attachment.ref,
            TransitGatewayRouteTableId=Ref(g.TABLE, of),
        ),
        g.node(
            g.PROPAGATION, TransitGatewayAttachmentId=attachment.ref,
            TransitGatewayRouteTableId=Ref(g.TABLE, into),
        ),
    )  # fmt: skip


def test_moving_an_attachment_between_segments_is_its_smallest_set_of_steps():
    made = plan(segments("b", "a"), g.read_back(segments("a", "b")))
    assert [(step[0], step[1]) for step in done(made)] == [
        ("delete", "TransitGatewayRouteTablePropagation"),
        ("update", "TransitGatewayRouteTableAssociation"),
        ("create", "TransitGatewayRouteTablePropagation"),
    ]


def test_adding_a_zone_touches_nothing_that_is_there():
    wider = SMALL.with_nodes([g.subnet("v/t/b", "10.0.1.0/24", "b")])
    made = plan(wider, g.read_back(SMALL))
    assert done(made) == [("create", "Subnet", "v/t/b")]


def test_a_renamed_group_keeps_its_id_and_changes_its_tags():
    there = g.read_back(g.graph(g.vpc(), g.group("v/old"), g.ingress("v/old")))
    wanted = g.graph(g.vpc(), g.group("v/new", was=("v/old",)), g.ingress("v/new"))
    made = plan(wanted, there)
    assert done(made) == [("update", "SecurityGroup", "v/new")]
    (change,) = made.changes
    assert [p.name for p in change.properties] == ["Tags"]
    assert change.before.physical_id.startswith("securitygroup-")


def test_a_replaced_vpc_carries_everything_inside_with_it():
    wanted = SMALL.with_nodes([g.vpc(cidr="10.1.0.0/16"), g.subnet(cidr="10.1.0.0/24")])
    made = plan(wanted, g.read_back(SMALL))
    replaced = {c.type.rsplit("::", 1)[-1] for c in made.changes if c.action is Action.REPLACE}
    assert {"VPC", "Subnet", "NetworkAcl", "SecurityGroup"} <= replaced
    order = done(made)
    assert order.index(("delete", "VPC", "v")) < order.index(("create", "VPC", "v"))


def test_what_a_stranger_stands_in_is_refused_to_be_deleted():
    stranger = g.foreign(
        g.SUBNET, "subnet-stranger", VpcId=Ref(g.VPC, "v"), CidrBlock="10.0.9.0/24"
    )
    made = make_destroy_plan(
        g.read_back(SMALL, stranger), deployment=g.DEPLOYMENT, account="1", region="r"
    )
    assert made.foreign == (stranger,)
    assert any("subnet-stranger" in text for text in made.blocked)
    assert not any("subnet-stranger" in c.key for c in made.changes)


def test_a_hand_made_rule_in_our_group_is_found_and_removed():
    by_hand = replace(g.ingress(port=22), physical_id="sgr-hand")
    made = plan(SMALL, g.read_back(SMALL, by_hand))
    assert done(made) == [("delete", "SecurityGroupIngress", by_hand.key)]


def test_the_responders_entries_are_left_and_listed():
    responder = replace(g.entry(number=7, action="deny"), physical_id="acl:7")
    made = plan(SMALL, g.read_back(SMALL, responder))
    assert made.empty
    assert made.temporary == (responder,)


@pytest.mark.parametrize("number", [1, 99])
def test_numbers_1_to_99_belong_to_the_responder(number):
    assert plan(SMALL, g.read_back(SMALL, g.entry(number=number, action="deny"))).empty


@pytest.mark.parametrize("number", [1, 99])
def test_what_lets_pass_under_the_responders_numbers_is_not_the_responders(number):
    made = plan(SMALL, g.read_back(SMALL, g.entry(number=number)))
    assert [step[0] for step in done(made)] == ["delete"]


@pytest.mark.parametrize("number", [100, 999, 32766])
def test_other_numbers_are_ours_and_removed(number):
    made = plan(SMALL, g.read_back(SMALL, g.entry(number=number, port=25)))
    assert [step[0] for step in done(made)] == ["delete"]


def test_a_derived_entry_keeps_the_number_that_it_has():
    there = g.read_back(g.graph(g.vpc(), g.nacl(), g.entry(1000, 443), g.entry(1010, 22)))
    wanted = g.graph(g.vpc(), g.nacl(), g.entry(1000, 80), g.entry(1010, 443), g.entry(1020, 22))
    made = plan(wanted, there)
    assert done(made) == [("create", "NetworkAclEntry", "v/t:ingress:1020")]


def test_a_hand_written_entry_keeps_the_number_that_it_was_given():
    there = g.read_back(g.graph(g.vpc(), g.nacl(), g.entry(100, 443)))
    made = plan(g.graph(g.vpc(), g.nacl(), g.entry(110, 443)), there)
    assert [step[0] for step in done(made)] == ["delete", "create"]


def test_a_denied_entry_is_made_before_anything_opens():
    there = g.read_back(g.graph(g.vpc(), g.nacl(), g.group()))
    wanted = g.graph(g.vpc(), g.nacl(), g.group(), g.entry(100, 22, "deny"), g.ingress())
    made = plan(wanted, there)
    assert [step[1] for step in done(made)] == ["NetworkAclEntry", "SecurityGroupIngress"]


def test_what_is_protected_is_not_replaced():
    there = g.read_back(g.graph(g.vpc(protect=True)))
    made = plan(g.graph(g.vpc(cidr="10.9.0.0/16", protect=True)), there)
    assert "protected" in made.blocked[0]


def test_what_was_protected_is_not_deleted_when_it_is_no_longer_wanted():
    made = plan(ResourceGraph(), g.read_back(g.graph(g.vpc(protect=True))))
    assert "protected" in made.blocked[0]


def test_protection_ends_when_the_blueprint_says_so():
    there = g.read_back(g.graph(g.vpc(protect=True)))
    made = plan(g.graph(g.vpc()), there)
    assert done(made) == [("update", "VPC", "v")]
    assert not made.blocked


def test_tags_of_others_are_no_drift():
    there = g.read_back(SMALL)
    tagged = [replace(n, tags={**n.tags, "CostCenter": "42"}) for n in there]
    assert plan(SMALL, ResourceGraph.of(tagged)).empty


def test_a_stranger_with_one_of_our_tags_is_a_stranger():
    stranger = replace(
        g.vpc("other"), key="vpc-x", physical_id="vpc-x", tags={"ringwall:deployment": "d"}
    )
    made = plan(SMALL, g.read_back(SMALL, stranger))
    assert made.empty


def test_the_state_digest_changes_with_what_is_observed():
    one = plan(SMALL, g.read_back(SMALL))
    other = plan(SMALL, g.read_back(SMALL, replace(g.ingress(port=22), physical_id="sgr-hand")))
    assert one.state != other.state


def test_a_new_nacl_is_filled_before_a_subnet_is_moved_to_it():
    def moved(acl):
        return g.node(
            g.NACL_ASSOCIATION, SubnetId=Ref(g.SUBNET, "v/t/a"), NetworkAclId=Ref(g.NACL, acl)
        )

    there = g.read_back(g.graph(g.vpc(), g.subnet(), g.nacl(), g.entry(), moved("v/t")))
    wanted = g.graph(
        g.vpc(), g.subnet(), g.nacl("v/new"), g.entry(of="v/new"), moved("v/new")
    )  # fmt: skip
    assert [step[:2] for step in done(plan(wanted, there))] == [
        ("create", "NetworkAcl"),
        ("create", "NetworkAclEntry"),
        ("update", "SubnetNetworkAclAssociation"),
        ("delete", "NetworkAcl"),
    ]


def test_a_zone_wanted_by_its_id_is_the_zone_of_that_name():
    def by_id(zone_id):
        made = g.subnet()
        properties = {n: v for n, v in made.properties.items() if n != "AvailabilityZone"}
        return replace(made, properties=properties | {"AvailabilityZoneId": zone_id})

    there = g.read_back(g.graph(g.vpc()))
    subnet = replace(
        g.subnet(), physical_id="subnet-1", observed={"AvailabilityZoneId": "use1-az4"}
    )
    observed = there.with_nodes([subnet])
    assert plan(g.graph(g.vpc(), by_id("use1-az4")), observed).empty
    (other,) = plan(g.graph(g.vpc(), by_id("use1-az5")), observed).changes
    assert other.action is Action.REPLACE


def test_what_a_blueprint_protects_bears_the_tag_and_is_not_destroyed():
    text = (EXAMPLES / "minimal.yaml").read_text()
    text = text.replace("purpose: a small service", "purpose: a small service\n    protect: true")
    graph = blueprint_of(text, "minimal.yaml").graph
    there = ResourceGraph.of(
        replace(node, physical_id=f"id-{n}", protect=False, origin=None)
        for n, node in enumerate(graph)
    )
    made = make_destroy_plan(there, deployment="minimal", account="1", region="us-east-1")
    assert any("VPC main is protected" in line for line in made.blocked)


def test_a_vpc_that_is_replaced_has_its_default_group_emptied_and_its_firewall_set_again():
    """A new VPC's default group lets its members reach each other and everything else."""
    rule = "{managed: AWSManagedDomainsMalwareDomainList, action: BLOCK}"
    firewall = f"dns_firewall:\n  rules:\n    - {rule}\n"
    text = CENTRAL_NAT.replace("transit_gateway:\n", f"{firewall}transit_gateway:\n", 1)
    moved = text.replace("  spoke:\n", "  spoke:\n    cidr: 10.77.0.0/16\n")
    made = make_plan(
        blueprint_of(moved, "central.yaml").graph,
        deployed(text),
        deployment="central",
        account="1",
        region="us-east-1",
    )
    place = {(s.action.value, s.type.rsplit("::", 1)[-1], s.key): s.number for s in made.steps}
    vpc = place["create", "VPC", "spoke"]
    assert vpc < place["create", "DefaultSecurityGroup", "spoke"]
    assert vpc < place["create", "FirewallConfig", "spoke"]
    assert ("create", "FirewallConfig", "hub") not in place
