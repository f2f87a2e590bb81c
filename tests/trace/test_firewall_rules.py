"""Gateway Load Balancer endpoints and AWS Network Firewall: R23, R28, F16."""

from typing import Any

import pytest

from ringwall.trace.addresses import host
from ringwall.trace.firewall_rules import addresses, ports
from tests.builders import ALL, NetworkBuilder, open_acl, ref
from tests.trace.asking import ask, codes, judged, shown, told, unknowns
from tests.trace.building import (
    ELB,
    balancer,
    firewall,
    gateway_table,
    inspection_endpoint,
    listener,
    machine,
    stateless_group,
    suricata,
    target_group,
)
from tests.trace.test_routing_rules import OPEN, spokes


def inspected(*, back: bool = True) -> NetworkBuilder:
    """v/web reaches v/app by vpce-1 in v/fw, and back."""
    base = NetworkBuilder().vpc("v", "10.0.0.0/16")
    for number, tier in enumerate(("web", "app", "fw"), 1):
        base.acl(f"v/{tier}", *open_acl())
        base.subnet(f"v/{tier}/a", f"10.0.{number}.0/24", acl=f"v/{tier}")
    base.group("v/web", "web", *OPEN).group("v/app", "app", *OPEN)
    base.route("v/web", "10.0.2.0/24", "gwlbe:vpce-1")
    return base.route("v/app", "10.0.1.0/24", "gwlbe:vpce-1") if back else base


def guarded(*, back: bool = True, **options: Any) -> NetworkBuilder:
    return firewall(inspected(back=back), "v", {"vpce-1": "v/fw/a"}, **options)


def verdict(base: NetworkBuilder, port: str = "443") -> str:
    return ask(base, "v/web", "v/app", port)


def test_r28_an_endpoint_is_passed_unchanged_and_its_subnets_table_decides():
    base = inspection_endpoint(inspected(), "vpce-1", "v/fw/a")
    found = told(base, "v/web", "v/app", "443")
    assert found.verdict.value == "ALLOW"
    kinds = [hop.kind for hop in shown(found).forward]
    assert kinds[2:7] == [
        "route-table",
        "network-acl",
        "gateway-load-balancer-endpoint",
        "network-acl",
        "route-table",
    ]


def test_r28_the_acl_of_the_endpoints_subnet_applies_and_references_do_not():
    base = inspection_endpoint(inspected(), "vpce-1", "v/fw/a")
    base.entry("v/fw", "in", 50, "deny", "tcp/443", "10.0.1.0/24")
    assert codes(base, "v/web", "v/app", "443") == ["SUBNET_ACL_RESTRICTION"]
    base = inspection_endpoint(inspected(), "vpce-1", "v/fw/a")
    base.group("v/only", "app", "in all group:v/web")
    assert ask(base, "v/web", "v/only", "443") == "DENY"


def test_r28_both_directions_pass_the_same_endpoint():
    base = inspection_endpoint(inspected(back=False), "vpce-1", "v/fw/a")
    assert ask(base, "v/web", "v/app", "443") == "ONE_WAY"
    assert codes(base, "v/web", "v/app", "443") == ["RINGWALL_ASYMMETRIC_PATH"]


@pytest.mark.parametrize(
    ("state", "verdict"), [("Rejected", "DENY"), ("PendingAcceptance", "UNKNOWN")]
)
def test_r28_an_endpoint_that_does_not_work(state, verdict):
    base = inspection_endpoint(inspected(), "vpce-1", "v/fw/a", state=state)
    assert ask(base, "v/web", "v/app", "443") == verdict


def test_r16_r28_an_internet_gateway_leads_in_through_an_endpoint():
    base = NetworkBuilder().vpc("v", "10.0.0.0/16").internet_gateway("v")
    for number, tier in enumerate(("edge", "fw"), 1):
        base.acl(f"v/{tier}", *open_acl())
        base.subnet(f"v/{tier}/a", f"10.0.{number}.0/24", acl=f"v/{tier}", public=True)
    base.group("v/edge", "edge", *OPEN)
    inspection_endpoint(base, "vpce-1", "v/fw/a").route("v/fw", ALL, "igw:v")
    base.route("v/edge", ALL, "gwlbe:vpce-1")
    gateway_table(base, "v/ingress", "v").route("v/ingress", "10.0.1.0/24", "gwlbe:vpce-1")
    assert ask(base, "8.8.8.8", "v/edge", "443") == "ALLOW"
    assert ask(base, "v/edge", "8.8.8.8", "443") == "ALLOW"
    base.route("v/edge", ALL, "igw:v")
    assert codes(base, "v/edge", "8.8.8.8", "443")[0] == "INGRESS_RTB_TRAFFIC_REDIRECTION"


def hub(*, appliance_mode: bool) -> NetworkBuilder:
    """red and blue meet at a hub whose endpoints stand one in each zone; blue lives in zone b."""
    base = spokes(joined=False).add("TransitGateway", "tgw-1").vpc("hub", "10.3.0.0/16")
    base.acl("hub/t", *open_acl())
    for number, zone in enumerate("ab"):
        base.subnet(f"hub/in/{zone}", f"10.3.{number}.0/24", acl="hub/t", table=f"hub/in/{zone}")
        base.subnet(f"hub/fw/{zone}", f"10.3.1{number}.0/24", acl="hub/t", table="hub/fw")
        inspection_endpoint(base, f"vpce-{zone}", f"hub/fw/{zone}")
        base.route(f"hub/in/{zone}", "10.0.0.0/8", f"gwlbe:vpce-{zone}")
    base.route("hub/fw", "10.0.0.0/8", "tgw:tgw-1")
    mode = "enable" if appliance_mode else "disable"
    base.attach("hub", ["hub/in/a", "hub/in/b"], table="inspected", ApplianceModeSupport=mode)
    base.transit_route("shared", ALL, "hub")
    return base.propagate("red", "inspected").propagate("blue", "inspected")


@pytest.mark.parametrize(("mode", "verdict"), [(True, "ALLOW"), (False, "ONE_WAY")])
def test_r23_without_appliance_mode_zones_part_the_two_directions(mode, verdict):
    """Without appliance mode a gateway keeps the zone that traffic comes from, on each way."""
    base = hub(appliance_mode=mode)
    assert ask(base, "10.1.0.9", "10.2.1.9", "443") == verdict
    assert ask(base, "10.1.0.9", "10.2.0.9", "443") == "ALLOW"


def test_f16_stateless_rules_by_priority_pass_drop_or_forward():
    web = {"DestinationPorts": [{"FromPort": 443, "ToPort": 443}], "Protocols": [6]}
    back = {"SourcePorts": [{"FromPort": 443, "ToPort": 443}], "Protocols": [6]}
    rules = stateless_group((20, "drop", {}), (10, "pass", web), (11, "pass", back))
    base = guarded(stateless=[rules])
    assert verdict(base) == "ALLOW"
    assert codes(base, "v/web", "v/app", "80")[0] == "FIREWALL_RULES_RESTRICTION"
    # Stateless rules are asked about replies like any packet.
    base = guarded(stateless=[stateless_group((20, "drop", {}), (10, "pass", web))])
    found = told(base, "v/web", "v/app", "443")
    assert (found.verdict.value, found.to_dict()["ports"]) == ("PARTIAL", ["443"])


def test_f16_stateless_groups_go_by_priority_and_then_the_default_action():
    first = stateless_group((1, "pass", {"Sources": [{"AddressDefinition": "10.0.0.0/16"}]}))
    second = stateless_group((1, "drop", {}))
    assert verdict(guarded(stateless=[first, second])) == "ALLOW"
    assert verdict(guarded(stateless=[second, first])) == "DENY"
    assert verdict(guarded(StatelessDefaultActions=["aws:drop"])) == "DENY"
    assert verdict(guarded(StatelessDefaultActions=["aws:pass"])) == "ALLOW"


def test_f16_a_stateless_pass_needs_no_symmetry():
    base = guarded(back=False, StatelessDefaultActions=["aws:pass"])
    assert verdict(base) == "ALLOW"
    assert verdict(guarded(back=False)) == "ONE_WAY"


def test_f16_a_flow_that_is_forwarded_in_one_direction_alone_is_unknown():
    web = {"DestinationPorts": [{"FromPort": 443, "ToPort": 443}], "Protocols": [6]}
    base = guarded(stateless=[stateless_group((1, "pass", web))])
    assert "one direction" in unknowns(base, "v/web", "v/app", "443")


def test_f16_tcp_flags_tell_the_first_packet_from_its_reply():
    flags = {"Protocols": [6], "TCPFlags": [{"Flags": ["SYN"], "Masks": ["SYN", "ACK"]}]}
    base = guarded(
        stateless=[stateless_group((1, "drop", flags))], StatelessDefaultActions=["aws:pass"]
    )
    assert codes(base, "v/web", "v/app", "443") == ["FIREWALL_RULES_RESTRICTION"]
    answer = {"Protocols": [6], "TCPFlags": [{"Flags": ["SYN", "ACK"], "Masks": ["SYN", "ACK"]}]}
    base = guarded(
        stateless=[stateless_group((1, "drop", answer))], StatelessDefaultActions=["aws:pass"]
    )
    assert verdict(base) == "ONE_WAY"


def test_f16_a_stateless_rule_about_client_ports_is_asked_over_their_range():
    some = {"Protocols": [6], "SourcePorts": [{"FromPort": 1024, "ToPort": 2000}]}
    base = guarded(
        stateless=[stateless_group((1, "drop", some))], StatelessDefaultActions=["aws:pass"]
    )
    assert verdict(base) == "UNDETERMINED"


DROP = "drop tcp any any -> any any (sid:1;)"
PASS = 'pass tcp $HOME_NET any -> any 443 (msg:"web; only"; sid:2; rev:1;)'
STRICT: dict[str, Any] = {"StatefulEngineOptions": {"RuleOrder": "STRICT_ORDER"}}


def test_f16_in_action_order_pass_comes_before_drop():
    """The default order of actions is pass, drop, reject, alert."""
    base = guarded(stateful=[suricata(DROP, PASS)])
    assert (verdict(base), verdict(base, "80")) == ("ALLOW", "DENY")
    assert verdict(base, "53/udp") == "ALLOW"  # no rule stops it
    assert codes(base, "v/web", "v/app", "80") == ["FIREWALL_RULES_RESTRICTION"]


def test_f16_in_strict_order_the_first_rule_that_matches_decides():
    base = guarded(stateful=[suricata(DROP, PASS)], **STRICT)
    assert verdict(base) == "DENY"
    base = guarded(stateful=[suricata(PASS, DROP)], **STRICT)
    assert (verdict(base), verdict(base, "80")) == ("ALLOW", "DENY")
    base = guarded(stateful=[suricata(PASS), suricata(DROP)], **STRICT)
    assert (verdict(base), verdict(base, "80")) == ("ALLOW", "DENY")


@pytest.mark.parametrize(
    ("defaults", "other"),
    [
        (["aws:drop_strict", "aws:alert_strict"], "DENY"),
        (["aws:drop_established"], "UNKNOWN"),
        (["aws:alert_established"], "ALLOW"),
        ([], "ALLOW"),
    ],
)
def test_f16_strict_order_has_default_actions(defaults, other):
    base = guarded(stateful=[suricata(PASS)], StatefulDefaultActions=defaults, **STRICT)
    assert (verdict(base), verdict(base, "80")) == ("ALLOW", other)


def test_f16_a_reply_passes_as_part_of_its_flow():
    base = guarded(stateful=[suricata("drop ip 10.0.2.0/24 any -> any any (sid:1;)")])
    assert verdict(base) == "ALLOW"
    assert ask(base, "v/app", "v/web", "443") == "DENY"


def test_f16_reject_stops_and_alert_does_not():
    assert verdict(guarded(stateful=[suricata("reject tcp any any -> any 443 (sid:1;)")])) == "DENY"
    assert verdict(guarded(stateful=[suricata("alert tcp any any -> any 443 (sid:1;)")])) == "ALLOW"


@pytest.mark.parametrize(
    "rule",
    [
        'drop tls any any -> any 443 (tls.sni; content:"evil.example"; sid:1;)',
        'drop tcp any any -> any 443 (content:"x"; sid:1;)',
        "drop tcp $NOWHERE any -> any 443 (sid:1;)",
        "drop tcp @list any -> any 443 (sid:1;)",
    ],
)
def test_f16_what_hangs_on_more_than_the_first_packet_is_unknown_where_it_could_match(rule):
    base = guarded(stateful=[suricata(rule)])
    assert "rule drop" in unknowns(base, "v/web", "v/app", "443")
    assert verdict(base, "80") == "ALLOW"
    assert verdict(base, "443/udp") == "ALLOW"
    # A pass comes before it, a drop may not come after it.
    assert verdict(guarded(stateful=[suricata(rule, PASS)])) == "ALLOW"


def test_f16_a_domain_list_is_unknown_for_tcp_from_home():
    names = {"Targets": [".example.com"], "TargetTypes": ["TLS_SNI"]}
    group = {"RulesSource": {"RulesSourceList": {**names, "GeneratedRulesType": "ALLOWLIST"}}}
    base = guarded(stateful=[group])
    assert "allowlist of domains .example.com" in unknowns(base, "v/web", "v/app", "443")
    assert verdict(base, "53/udp") == "ALLOW"
    home = {"RuleVariables": {"IPSets": {"HOME_NET": {"Definition": ["10.77.0.0/16"]}}}}
    assert verdict(guarded(stateful=[{**group, **home}])) == "ALLOW"


def test_f16_structured_rules_read_like_text():
    header: dict[str, str] = {
        "Protocol": "TCP",
        "Source": "10.0.1.0/24",
        "SourcePort": "ANY",
        "Direction": "FORWARD",
        "Destination": "ANY",
        "DestinationPort": "443",
    }
    rule = {"Action": "DROP", "Header": header, "RuleOptions": [{"Keyword": "sid:1"}]}
    base = guarded(stateful=[{"RulesSource": {"StatefulRules": [rule]}}])
    assert (verdict(base), verdict(base, "80")) == ("DENY", "ALLOW")
    assert ask(base, "v/app", "v/web", "443") == "ALLOW"
    other = {"Direction": "ANY", "Destination": "10.0.2.0/24", "DestinationPort": "ANY"}
    both = {"Action": "DROP", "Header": {**header, **other}}
    base = guarded(stateful=[{"RulesSource": {"StatefulRules": [both]}}])
    assert ask(base, "v/app", "v/web", "443") == "DENY"


def test_f16_a_group_or_policy_that_is_missing_is_unknown():
    base = guarded(stateful=[suricata(PASS)])
    del base.nodes["AWS::NetworkFirewall::RuleGroup", "Stateful-1"]
    assert "Stateful-1" in unknowns(base, "v/web", "v/app", "443")
    del base.nodes["AWS::NetworkFirewall::FirewallPolicy", "policy"]
    assert "firewall policy policy" in unknowns(base, "v/web", "v/app", "443")
    assert not judged(base, "v/web", "v/app", "443", reachable=False).ok


@pytest.mark.parametrize(
    ("text", "address", "holds"),
    [
        ("any", "10.0.0.1", True),
        ("!10.0.0.0/8", "10.0.0.1", False),
        ("!10.0.0.0/8", "11.0.0.1", True),
        ("[10.0.0.0/8, !10.1.0.0/16]", "10.1.0.1", False),
        ("[10.0.0.0/8,!10.1.0.0/16]", "10.2.0.1", True),
        ("$HOME_NET", "10.9.0.1", True),
        ("$EXTERNAL_NET", "10.9.0.1", False),
        ("$EXTERNAL_NET", "8.8.8.8", True),
        ("$OTHER", "8.8.8.8", None),
        ("[10.9.0.0/16, $OTHER]", "10.9.0.1", None),
    ],
)
def test_f16_addresses_of_rules(text, address, holds):
    assert addresses(text, {"HOME_NET": ("10.9.0.0/16",)}).holds(host(address)) is holds


@pytest.mark.parametrize(
    ("text", "inside", "outside"),
    [
        ("80", 80, 81),
        ("80:90", 90, 91),
        (":1024", 0, 1025),
        ("!80", 81, 80),
        ("[80, 443]", 443, 81),
    ],
)
def test_f16_ports_of_rules(text, inside, outside):
    assert ports(text, {}).holds(inside) is True
    assert ports(text, {}).holds(outside) is False


def appliances(*, zone: str = "a", state: str = "healthy", cross: bool = False) -> NetworkBuilder:
    """The endpoint's service is in the input, with one appliance."""
    name = "com.amazonaws.vpce.us-east-1.vpce-svc-2"
    base = inspection_endpoint(inspected(), "vpce-1", "v/fw/a", service=name)
    base.subnet("v/box/b", "10.0.9.0/24", acl="v/fw").subnet("v/box/a", "10.0.8.0/24", acl="v/fw")
    balancer(base, "gw", "v/box/a", "v/box/b", kind="gateway", cross_zone=cross)
    machine(base, "eni-9", f"v/box/{zone}", "10.0.9.9" if zone == "b" else "10.0.8.9")
    target_group(base, "boxes", "i-eni-9", protocol="GENEVE", states={"i-eni-9": state})
    listener(base, "gw", 0, "boxes", protocol="GENEVE")
    owns = {"GatewayLoadBalancerArns": [ref(f"{ELB}LoadBalancer", "gw")]}
    return base.add("VPCEndpointService", "vpce-svc-2", owns, observed={"ServiceName": name})


@pytest.mark.parametrize(
    ("options", "verdict"),
    [
        ({}, "ALLOW"),
        ({"zone": "b"}, "DENY"),
        ({"zone": "b", "cross": True}, "ALLOW"),
        ({"state": "draining"}, "DENY"),
    ],
)
def test_r28_the_service_needs_an_appliance_for_the_endpoints_zone(options, verdict):
    base = appliances(**options)
    assert ask(base, "v/web", "v/app", "443") == verdict
    if verdict == "DENY":
        assert "ELBV2_LISTENER_HAS_NO_TG" in codes(base, "v/web", "v/app", "443")


@pytest.mark.parametrize(
    "line", ["pass tcp [[10.0.1.0/24]] any -> any any (sid:1;)", "pass tcp any"]
)
def test_f16_a_line_that_cannot_be_read_may_pass_what_others_drop(line: str):
    dropping = "drop ip any any -> any any (sid:2;)"
    assert verdict(guarded(stateful=[suricata(dropping, line)])) == "UNKNOWN"
    assert verdict(guarded(stateful=[suricata(line)])) == "UNKNOWN"
