import pytest

from ringwall.blueprint.addresses import address_plan
from ringwall.blueprint.ends import EndKind, Unresolved, resolve, resolved_flows
from ringwall.blueprint.routing import (
    egress_vpc,
    gap,
    routes_to,
    services_of,
    shared_endpoint_vpcs,
    sharers,
)
from ringwall.model.ports import parse_ports
from tests.blueprint.texts import loaded, text

SOURCE = text("""\
    networks: {office: [192.168.0.0/16, 172.16.0.0/12]}
    transit_gateway:
      segments:
        hub: {routes_to: [prod, dev]}
        prod: {routes_to: [hub]}
        dev: {routes_to: [hub, dev]}
    vpcs:
      core:
        segment: hub
        nat: one-per-zone
        tiers: {public: {kind: public}, private: {kind: private}}
        endpoints: {gateway: [s3], interface: [ssm], shared: true}
      prod: &spoke
        segment: prod
        nat: central
        tiers: {private: {kind: private}}
        groups: {web: {tier: private}, app: {tier: private}}
        flows: [{from: web, to: [app, internet], ports: [8080, 53/udp]}]
      dev: {<<: *spoke, segment: dev}
      alone: {tiers: {isolated: {kind: isolated}}, groups: {app: {tier: isolated}}}
    """)
BP = loaded(SOURCE)
PLAN = address_plan(BP)


@pytest.mark.parametrize(
    ("name", "vpc", "keys"),
    [
        ("internet", "", ["internet"]),
        ("10.0.0.0/8", "", ["10.0.0.0/8"]),
        ("10.0.0.1", "", ["10.0.0.1"]),
        ("office", "", ["office"]),
        ("aws:s3", "", ["aws:s3"]),
        ("segment:dev", "", ["segment:dev"]),
        ("prod", "", ["prod"]),
        ("prod/web", "", ["prod/web"]),
        ("prod/private", "", ["prod/private"]),
        ("prod/attachment", "", ["prod/attachment"]),
        ("*/app", "", ["prod/app", "dev/app", "alone/app"]),
        ("core/endpoints", "", ["core/endpoints"]),
        ("web", "prod", ["prod/web"]),
    ],
)
def test_a_name_means_what_its_form_says(name, vpc, keys):
    ends = resolve(BP, name, vpc=vpc)
    assert not isinstance(ends, Unresolved)
    assert [end.key for end in ends] == keys


@pytest.mark.parametrize(
    ("name", "code"),
    [("web", "BP040"), ("prod/nope", "BP040"), ("nope/web", "BP045"), ("segment:nope", "BP043"),
     ("*/nope", "BP040"), ("prod/endpoints", "BP067"), ("i-0123456789abcdef0", "BP019")],
)  # fmt: skip
def test_a_name_that_means_nothing_says_why(name, code):
    found = resolve(BP, name)
    assert isinstance(found, Unresolved)
    assert found.code == code


def test_flows_come_resolved_with_their_paths():
    first = resolved_flows(BP)[0]
    assert first.path == ("vpcs", "prod", "flows", 0)
    assert [end.key for end in first.sources] == ["prod/web"]
    assert [end.kind for end in first.destinations] == [EndKind.GROUP, EndKind.INTERNET]
    assert first.ports == (parse_ports(8080), parse_ports("53/udp"))


def test_segments_route_as_they_say():
    assert routes_to(BP, PLAN, "prod", "core")
    assert not routes_to(BP, PLAN, "prod", "dev")
    assert gap(BP, PLAN, "prod", "core") is None
    missing = gap(BP, PLAN, "prod", "dev")
    assert missing is not None
    assert missing.path == ("transit_gateway", "segments", "prod", "routes_to")
    assert gap(BP, PLAN, "alone", "core") is not None


def test_a_blackhole_takes_the_place_of_a_propagated_route_to_the_same_block():
    block = PLAN.vpcs["core"].cidr
    routes = f"prod: {{routes_to: [hub], routes: [{{cidr: {block}, blackhole: true}}]}}"
    bp = loaded(SOURCE.replace("prod: {routes_to: [hub]}", routes).replace("central", "none")
                .replace("to: [app, internet]", "to: [app]"))  # fmt: skip
    assert not routes_to(bp, address_plan(bp), "prod", "core")


def test_central_nat_and_shared_endpoints_are_found():
    assert egress_vpc(BP, PLAN, "prod") == "core"
    assert egress_vpc(BP, PLAN, "core") == "core"
    assert egress_vpc(BP, PLAN, "alone") is None
    assert shared_endpoint_vpcs(BP, PLAN, "prod") == ("core",)
    assert sharers(BP, PLAN, "core") == ("prod", "dev")
    assert services_of(BP, PLAN, "prod") == ("ssm",)
    assert services_of(BP, PLAN, "core") == ("s3", "ssm")
