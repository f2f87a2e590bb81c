"""Who stands behind an address."""

from ipaddress import ip_network

import pytest

from ringwall.audits.example import example
from ringwall.blueprint import load
from ringwall.blueprint.compile import compile_blueprint
from ringwall.model.graph import Node, Ref
from ringwall.traffic.addresses import to_halves
from ringwall.traffic.naming import Names
from ringwall.traffic.owners import OwnerKind
from tests.fortress import TEXT

LIVE = """
    vpc v 10.0.0.0/16
    subnet v/app/a 10.0.1.0/24
    subnet v/db/a 10.0.2.0/24
    group v/web app
    group v/worker app
    group v/db db
    eni eni-1 v/app/a 10.0.1.5 v/web public
    eni eni-2 v/app/a 10.0.1.6 v/web,v/worker
"""
TWINS = """
    vpc one 10.0.0.0/16
    vpc two 10.0.0.0/16
    subnet one/app/a 10.0.1.0/24
    subnet two/db/a 10.0.1.0/24
"""


def owner(text, address, vpc=""):
    return Names.of(example(text), {"office": ["203.0.113.0/24"]}).of_address(address, vpc)


@pytest.mark.parametrize(
    ("address", "kind", "name", "group"),
    [
        ("10.0.1.5", OwnerKind.INTERFACE, "v/web (eni-1)", "v/web"),
        ("198.51.100.1", OwnerKind.INTERFACE, "v/web (eni-1)", "v/web"),
        ("10.0.1.6", OwnerKind.INTERFACE, "v/web + v/worker (eni-2)", "v/web + v/worker"),
        ("10.0.1.7", OwnerKind.SUBNET, "v/app", ""),
        ("10.0.2.7", OwnerKind.SUBNET, "v/db", "v/db"),
        ("10.0.3.1", OwnerKind.VPC, "v", ""),
        ("10.1.0.1", OwnerKind.PREMISES, "on-premises", ""),
        ("203.0.113.9", OwnerKind.NETWORK, "office", ""),
        ("8.8.8.8", OwnerKind.INTERNET, "internet", ""),
        ("2001:db8::1", OwnerKind.INTERNET, "internet", ""),
        ("fd00::1", OwnerKind.PREMISES, "on-premises", ""),
        ("239.1.1.1", OwnerKind.MULTICAST, "multicast", ""),
        ("ff02::fb", OwnerKind.MULTICAST, "multicast", ""),
    ],
)
def test_the_narrowest_thing_that_holds_an_address_owns_it(address, kind, name, group):
    found = owner(LIVE, address)
    assert (found.kind, found.name, found.group) == (kind, name, group)


@pytest.mark.parametrize(
    ("vpc", "name"), [("one", "one/app"), ("two", "two/db"), ("", "one/app or two/db")]
)
def test_addresses_that_two_vpcs_have_need_the_vpc_of_the_record(vpc, name):
    assert owner(TWINS, "10.0.1.9", vpc).name == name


def test_from_a_vpc_that_has_not_the_address_it_is_the_other_s():
    text = LIVE.rstrip() + "\nvpc w 10.9.0.0/16\nsubnet w/app/a 10.9.1.0/24"
    assert owner(text, "10.9.1.4", "v").name == "w/app"


def test_the_fortress_is_read_in_its_own_words():
    blueprint = load(TEXT, "fortress.yaml")
    graph = compile_blueprint(blueprint)
    names = Names.of(graph, blueprint.networks)
    for node in graph.of_type("AWS::EC2::Subnet"):
        found = names.of_address(str(ip_network(node.properties["CidrBlock"])[9]))
        assert (found.vpc, found.tier) == tuple(node.key.split("/")[:2])
        assert found.segment == ("shared-services" if found.vpc == "hub" else found.segment)
        assert found.is_inside
    assert names.addresses_of("production") == (ip_network("10.1.0.0/16"),)
    assert names.addresses_of("production/db") == (ip_network("10.1.32.0/22"),)
    assert names.inside == (ip_network("10.0.0.0/14"),)


def test_names_are_found_by_the_integers_of_a_store():
    names = Names.of(example(LIVE))
    assert names.at(*to_halves("10.0.1.5")).interface == "eni-1"
    assert names.at(*to_halves("2001:db8::1")).kind is OwnerKind.INTERNET


def test_an_interface_tells_the_ipv6_block_of_its_subnet_where_amazon_chooses_it():
    """A subnet's IPv6 block has a prefix of /44 to /64 (VPC guide, subnet sizing for IPv6)."""
    text = "name: d\nregion: eu-west-1\nzones: [eu-west-1a]\naddresses: {ipv6: amazon}\n"
    text += "vpcs:\n  v:\n    tiers: {p: {kind: private}}\n    groups: {app: {tier: p}}\n"
    graph = compile_blueprint(load(text, "d.yaml"))
    [subnet] = graph.of_type("AWS::EC2::Subnet")
    assert [block.version for block in Names.of(graph).inside] == [4]
    live = Node(
        "AWS::EC2::NetworkInterface",
        "eni-1",
        "111122223333",
        "eu-west-1",
        {"SubnetId": Ref(subnet.type, subnet.key)},
        {"Ipv6Addresses": [{"Ipv6Address": "2001:db8:1:11::5"}]},
    )
    names = Names.of(graph.changed({(live.type, live.key): live}))
    assert names.inside[1:] == (ip_network("2001:db8:1:11::/64"),)
    assert names.of_address("2001:db8:1:11::5").interface == "eni-1"
    assert names.of_address("2001:db8:1:11::9").tier == "p"
    assert not names.of_address("2001:db8:1:12::9").is_inside
