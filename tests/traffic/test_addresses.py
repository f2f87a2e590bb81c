"""Addresses as pairs of integers."""

from ipaddress import IPv4Address, IPv6Address, IPv6Network

import pytest
from hypothesis import given
from hypothesis.strategies import integers, ip_addresses

from ringwall.traffic.addresses import from_halves, to_halves


@given(ip_addresses())
def test_an_address_comes_back(address):
    assert from_halves(*to_halves(str(address))) == str(address)


@given(ip_addresses())
def test_halves_are_signed_and_of_64_bits(address):
    family, high, low = to_halves(str(address))
    assert (family, -(1 << 63) <= high < 1 << 63, -(1 << 63) <= low < 1 << 63) == (
        address.version,
        True,
        True,
    )


@pytest.mark.parametrize("family", [4, 6])
def test_the_order_of_addresses_is_kept(family):
    @given(ip_addresses(v=family), ip_addresses(v=family))
    def kept(one, other):
        assert (to_halves(str(one)) < to_halves(str(other))) == (one < other)

    kept()


@given(integers(0, (1 << 128) - 1), integers(0, 128))
def test_a_block_is_an_interval(bits, length):
    block = IPv6Network((bits >> (128 - length) << (128 - length), length))
    inside = IPv6Address(int(block[0]) | bits & int(block.hostmask))
    assert to_halves(str(block[0])) <= to_halves(str(inside)) <= to_halves(str(block[-1]))


def test_no_other_family_is_written():
    with pytest.raises(ValueError, match="no family of addresses: 5"):
        from_halves(5, 0, 1)
    assert from_halves(4, 0, 1) == str(IPv4Address(1))
