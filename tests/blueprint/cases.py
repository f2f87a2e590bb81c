"""One text for each code that a blueprint's problems may have, and where the problem stands.

Each case: code, text, line (counted from 1) and the text under the caret.
"""

# ruff: noqa: E501  (a case is a line)
from tests.blueprint.texts import SMALL, text

TGW = """\
transit_gateway:
  segments:
    a: {routes_to: [b]}
    b: {routes_to: [a]}
    c: {}
vpcs:
  one: &vpc
    segment: a
    nat: one
    tiers: {public: {kind: public}, private: {kind: private}}
    groups: {app: {tier: private}, lb: {tier: public}}
    endpoints: {interface: [ssm], gateway: [s3]}
  two: {<<: *vpc, segment: b, nat: none}
  far: {<<: *vpc, segment: c, nat: none}
"""


def tgw(more: str) -> str:
    """Return three VPCs of which two are joined, and more."""
    return text(TGW + more)


def small(more: str) -> str:
    """Return one VPC whose mapping goes on with what is given."""
    return SMALL + more


LB = (
    SMALL
    + """\
    load_balancers:
      lb:
        group: web
        listeners: [{port: 80, protocol: HTTP, target_group: app}]
        target_groups: {app: {group: app, port: 8080}}
    flows: [{from: internet, to: web, ports: 80}, {from: web, to: app, ports: 8080}]
"""
)
ACL = LB.replace("group: web", "group: web\n        web_acl: front") + "web_acls: {front: {}}\n"
MUCH = [f"AWSManagedRules{name}RuleSet" for name in (
    "Common", "KnownBadInputs", "SQLi", "Linux", "Windows", "PHP"
)]  # fmt: skip
OLD_TLS = (
    "certificate: arn:aws:acm:us-east-1:123456789012:certificate/x, "
    "tls_policy: ELBSecurityPolicy-2016-08"
)
WATCHED = SMALL + 'account: "123456789012"\nflow_logs: {destination: cloudwatch}\n'


def watched(alarm: str) -> str:
    """Return a network that is watched, with this alarm."""
    return f"{WATCHED}monitoring:\n  alarms: {{it: {alarm}}}\n"


ENTRY = "{direction: ingress, action: allow, cidr: 10.0.0.0/8"
MANY = ", ".join(f"{ENTRY}, ports: any, number: {number}}}" for number in range(100, 137))

CASES: tuple[tuple[str, str, int, str], ...] = (
    ("BP002", "name: a\x00b\n", 1, "?"),
    ("BP004", "name: test\nzones: [a, b\nregion: x\n", 3, ":"),
    ("BP004", "name: test\n\tregion: x\n", 2, " "),
    ("BP005", "name: " + "[" * 60 + "]" * 60, 1, "["),
    ("BP007", "name: *nobody\n", 1, "*nobody"),
    ("BP007", "name: &a [*a]\n", 1, "*a"),
    ("BP008", SMALL + "name: again\n", 15, "name"),
    ("BP009", small("    purpose: &f x\n    <<: *f\n"), 16, "*f"),
    ("BP010", SMALL + "---\nname: second\n", 15, "---"),
    ("BP011", "", 1, ""),
    ("BP011", "just a text\n", 1, "just a text"),
    ("BP012", small("    flow: []\n"), 15, "flow"),
    ("BP013", text("vpcs:\n  main: {cidr: 10.0.0.0/16}\n"), 5, "{cidr: 10.0.0.0/16}"),
    ("BP014", small("    ipv6: yes\n"), 15, "yes"),
    ("BP014", small("    tags: {CostCenter: 12}\n"), 15, "12"),
    ("BP015", small("    nat: onee\n"), 15, "onee"),
    ("BP016", text("vpcs: {}\n"), 4, "{}"),
    ("BP016", small("    flows: [{from: web, to: db, ports: []}]\n"), 15, "[]"),
    ("BP017", text("vpcs:\n  Main: {tiers: {a: {kind: public}}}\n"), 5, "Main"),
    ("BP018", text("vpcs:\n  internet: {tiers: {a: {kind: public}}}\n"), 5, "internet"),
    ("BP019", small("    flows: [{from: web/x/y, to: db, ports: 1}]\n"), 15, "web/x/y"),
    ("BP020", "name: !!python/object:os.system x\n", 1, "!!python/object:os.system x"),
    ("BP028", text(
        "vpcs:\n  main:\n    ipv6: true\n    tiers:\n"
        + "".join(f"      t{n}: {{kind: public, prefix: 24}}\n" for n in range(17))
    ), 24, "t16"),
    ("BP029", text(
        "vpcs:\n  one: {tiers: {a: {kind: public}}}\n"
        "  two: {cidr: 10.0.0.0/16, tiers: {a: {kind: public}}}\n"
    ), 6, "10.0.0.0/16"),
    ("BP030", text("networks: {office: 10.0.0.0.0/8}\n"), 4, "10.0.0.0.0/8"),
    ("BP031", text("networks: {office: 10.0.0.1/8}\n"), 4, "10.0.0.1/8"),
    ("BP032", SMALL.replace("10.0.0.0/16", "10.0.0.0/8"), 6, "10.0.0.0/8"),
    ("BP033", small("  other: {cidr: 10.0.9.0/24, tiers: {a: {kind: public}}}\n"), 15, "10.0.9.0/24"),
    ("BP034", SMALL.replace("{kind: isolated}", "{kind: isolated, cidr: 10.1.9.0/24}"), 10,
     "10.1.9.0/24"),
    ("BP035", SMALL.replace("{kind: private}", "{kind: private, cidr: 10.0.8.0/24}").replace(
        "{kind: isolated}", "{kind: isolated, cidr: 10.0.8.0/25}"), 10, "10.0.8.0/25"),
    ("BP036", text(
        "addresses: {ipv4: 10.0.0.0/16}\nvpcs:\n  one: {tiers: {a: {kind: public}}}\n"
        "  two: {tiers: {a: {kind: public}}}\n"
    ), 7, "two"),
    ("BP037", SMALL.replace("10.0.0.0/16", "10.0.0.0/25"), 10, "isolated"),
    ("BP038", SMALL.replace("{kind: isolated}", "{kind: isolated, cidr: 10.0.8.0/28}"), 10,
     "10.0.8.0/28"),
    ("BP039", SMALL.replace("10.0.0.0/16", "127.0.0.0/16"), 6, "127.0.0.0/16"),
    ("BP039", SMALL.replace("10.0.0.0/16", "8.8.0.0/16"), 6, "8.8.0.0/16"),
    ("BP040", small("    flows: [{from: web, to: dbb, ports: 5432}]\n"), 15, "dbb"),
    ("BP041", SMALL.replace("zones", "networks: {db: 10.9.0.0/16}\nzones") +
     "    flows: [{from: app, to: db, ports: 5432}]\n", 16, "db"),
    ("BP042", small("      x: {tier: privat}\n"), 15, "privat"),
    ("BP043", tgw("").replace("segment: b,", "segment: bb,"), 16, "bb"),
    ("BP044", SMALL + "dns_firewall:\n  rules: [{list: bad, action: ALERT}]\n", 16, "bad"),
    ("BP045", SMALL + "flows: [{from: man/web, to: main/db, ports: 1}]\n", 15, "man/web"),
    ("BP046", SMALL.replace("zones", "networks: {main: 10.9.0.0/16}\nzones"), 3, "main"),
    ("BP046", small("      private: {tier: public}\n"), 15, "private"),
    ("BP047", SMALL + "expect:\n" + 2 * (
        "  - {name: same, from: internet, to: main/web, ports: 80, reachable: false}\n"
    ), 17, "same"),
    ("BP048", small("    endpoints: {gateway: [s3], policies: {s4: {}}}\n"), 15, "s4"),
    ("BP049", SMALL.replace("us-east-1b", "us-east-1a"), 3, "us-east-1a"),
    ("BP050", SMALL.replace("region: us-east-1", "regions: [us-east-1, eu-west-1]"), 2, "eu-west-1"),
    ("BP050", SMALL + 'accounts: ["111122223333", "444455556666"]\n', 15, '"444455556666"'),
    ("BP051", SMALL.replace("region: us-east-1", "region: virginia"), 2, "virginia"),
    ("BP052", SMALL.replace("us-east-1b", "us-east-2b"), 3, "us-east-2b"),
    ("BP052", SMALL.replace("us-east-1b", "use1-az2"), 3, "use1-az2"),
    ("BP060", tgw("flows: [{from: one/app, to: far/app, ports: 443}]\n"), 18, "far/app"),
    ("BP061", small("    flows: [{from: db, to: internet, ports: 443}]\n"), 15, "db"),
    ("BP062", small("    flows: [{from: app, to: internet, ports: 443}]\n"), 15, "app"),
    ("BP063", small("    flows: [{from: internet, to: app, ports: 443}]\n"), 15, "app"),
    ("BP064", tgw("").replace("segment: c, nat: none", "segment: c, nat: central"), 17, "central"),
    ("BP065", small("    segment: hub\n"), 15, "hub"),
    ("BP066", small('    flows: [{from: app, to: "aws:s3", ports: 443}]\n'), 15, '"aws:s3"'),
    ("BP067", small("    flows: [{from: app, to: main/endpoints, ports: 443}]\n"), 15,
     "main/endpoints"),
    ("BP067", tgw("flows: [{from: one/app, to: two/endpoints, ports: 443}]\n"), 18,
     "two/endpoints"),
    ("BP068", small("    flows: [{from: internet, to: web, ports: any}]\n"), 15, "any"),
    ("BP069", SMALL + "flows: [{from: internet, to: 10.9.0.0/16, ports: 1}]\n", 15, "internet"),
    ("BP070", tgw("").replace("c: {}", "c: {routes: [{cidr: 10.9.0.0/16}]}"), 8,
     "{cidr: 10.9.0.0/16}"),
    ("BP071", small("    flows: [{from: web, to: db, ports: [22:22]}]\n"), 15, "22:22"),
    ("BP072", tgw("").replace("  segments:", "  id: tgw-0123456789abcdef0\n  asn: 64512\n  segments:"),
     4, "transit_gateway"),
    ("BP073", tgw("").replace("c: {}", "c: {routes_to: [a]}"), 8, "a"),
    ("BP074", tgw("").replace(
        "c: {}", "c: {routes: [{cidr: 10.9.0.0/16, vpc: one}, {cidr: 10.9.0.0/16, blackhole: true}]}"
    ), 8, "10.9.0.0/16"),
    ("BP075", SMALL.replace("kind: public", "kind: private") + "    nat: one\n", 15, "one"),
    ("BP076", tgw("").replace("private: {kind: private}", "private: {kind: attachment}"), 14,
     "private"),
    ("BP077", SMALL.replace("{kind: private}", "{kind: private, map_public_ip: true}"), 9, "true"),
    ("BP078", SMALL.replace("{kind: private}", "{kind: attachment}"), 9, "private"),
    ("BP079", small("    flows: [{from: 192.168.0.0/16, to: app, ports: 22}]\n"), 15,
     "192.168.0.0/16"),
    ("BP080",
     SMALL.replace("{kind: private}", f"{{kind: private, nacl: {{entries: [{ENTRY}, ports: any, "
                   f"number: 100}}, {ENTRY}, ports: any, number: 100}}]}}}}"), 9, "100"),
    ("BP081", SMALL.replace("{kind: private}", f"{{kind: private, nacl: {{entries: [{ENTRY}, "
                            "number: 100}]}}"), 9, ENTRY + ", number: 100}"),
    ("BP082", text("quotas: {vpcs: 1}\nvpcs:\n  one: {tiers: {a: {kind: public}}}\n"
                   "  two: {tiers: {a: {kind: public}}}\n"), 5, "vpcs"),
    ("BP083", SMALL.replace("{kind: private}", f"{{kind: private, nacl: {{entries: [{MANY}]}}}}"),
     9, f"{ENTRY}, ports: any, number: 136}}"),
    ("BP084", SMALL.replace("zones", "tags: {ringwall:key: x}\nzones"), 3, "ringwall:key"),
    ("BP090", SMALL + "dns_firewall: {rules: [{action: BLOCK}]}\n", 15, "{action: BLOCK}"),
    ("BP091", SMALL + "dns_firewall:\n  lists: {bad: {domains: [a..b]}}\n"
     "  rules: [{list: bad, action: BLOCK}]\n", 16, "a..b"),
    ("BP092", SMALL + "flow_logs: {destination: cloudwatch, bucket: my-logs}\n", 15, "my-logs"),
    ("BP093", SMALL + "dns_firewall:\n  lists: {bad: {domains: [a.org]}}\n"
     "  rules: [{managed: X, action: BLOCK}]\n", 16, "bad"),
    ("BP094", SMALL + "account_settings: {block_public_access: block-ingress}\n", 15,
     "block-ingress"),
    ("BP097", small("      x: {tier: public, was: web}\n"), 15, "web"),
    ("BP100", LB.replace("us-east-1a, us-east-1b", "us-east-1a"), 16, "lb"),
    ("BP101", LB.replace("group: web", "group: app\n        scheme: internet-facing"), 18,
     "internet-facing"),
    ("BP102", LB.replace("target_group: app", "target_group: ap"), 18, "ap"),
    ("BP103", LB.replace("protocol: HTTP, ", ""), 18, "{port: 80, target_group: app}"),
    ("BP104", LB.replace("8080}}\n", "8080}, old: {group: app, port: 8080}}\n"), 19, "old"),
    ("BP105", LB.replace("ports: 8080}]", "ports: 9}]"), 19, "app"),
    ("BP106", LB.replace("protocol: HTTP", OLD_TLS), 18, "ELBSecurityPolicy-2016-08"),
    ("BP107", LB.replace("{kind: public}", "{kind: public, cidr: 10.0.0.0/27}"), 17, "web"),
    ("BP108", LB, 18, "80"),
    ("BP110", LB.replace("group: web", "group: web\n        web_acl: front"), 18, "front"),
    ("BP111", ACL.replace("{}", "{managed_rules: [" + ", ".join(MUCH) + "]}"), 22, "front"),
    ("BP112", ACL.replace("{}", "{managed_rules: [AWSManagedRulesComonRuleSet]}"), 22,
     "AWSManagedRulesComonRuleSet"),
    ("BP113", ACL.replace("        web_acl: front\n", ""), 21, "front"),
    ("BP109", LB.replace("{from: internet, to: web, ports: 80}, ", ""), 18, "80"),
    ("BP120", WATCHED + "monitoring: {subscribers: [nobody]}\n", 17, "nobody"),
    ("BP121", watched("{metric: rejected}"), 18, "{metric: rejected}"),
    ("BP121", watched("{metric: rejected, above: 1, datapoints: 2}"), 18,
     "{metric: rejected, above: 1, datapoints: 2}"),
    ("BP122", SMALL + "monitoring: {}\n", 15, "monitoring"),
    ("BP123", watched("{metric: nat-bytes-out, above: 1}"), 18, "nat-bytes-out"),
    ("BP123", watched("{metric: transit-no-route, above: 1}"), 18, "transit-no-route"),
    ("BP123", watched("{metric: accepted, above: 1}").replace("cloudwatch", "s3"), 18, "accepted"),
    ("BP123", watched("{metric: probes, above: 1}").replace("cloudwatch", "cloudwatch, format: default"),
     18, "probes"),
    ("BP124", SMALL + "response: {}\n", 15, "response"),
    ("BP125", WATCHED + f"monitoring: {{}}\nresponse: {{package: {{sha256: {64 * 'a'}, key: a}}}}\n",
     18, f"{{sha256: {64 * 'a'}, key: a}}"),
    ("BP126", WATCHED + "monitoring: {}\nresponse: {}\n", 18, "response"),
    ("BP129", WATCHED + "monitoring: {}\nresponse: {notices: {webhook: https://example.org}}\n",
     18, "https://example.org"),
    ("BP045", watched("{metric: rejected, above: 1, of: [mainn]}"), 18, "mainn"),
)  # fmt: skip

# These need more than a short text; each has its own test.
# Those of the compiler are in compile/test_responder_policy.py, that of a plan in e2e.
ELSEWHERE = {"BP001", "BP003", "BP006", "BP127", "BP128", "BP130", "BP131"}
