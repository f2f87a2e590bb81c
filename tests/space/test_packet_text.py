"""The text of packets: what is written reads back, and what cannot be understood is refused."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ringwall.errors import QuestionError
from ringwall.space.packets import ALL, NONE, PacketSet
from tests.space.drawing import packet_sets, packets

WORDS = st.sampled_from(
    [
        *("any", "none", "ipv4", "ipv6", "protocol", "source", "destination", "source-port"),
        *("destination-port", "type", "code", "tcp", "udp", "icmp", "icmpv6", "tcp,6"),
        *("0", "6", "58", "255", "256", "65535", "65536", "443,80", "80-90", "90-80", "-", ","),
        *("-1", "1-", "10.0.0.0/8", "10.0.0.1/8", "::", "2001:db8::/32", "10.0.0.1-10.0.0.9"),
        *("::1-10.0.0.1", "fe80::1%eth0", "010.0.0.1", "1.2.3.4/33", "\u0663"),
    ]
)


@pytest.mark.property
@given(packet_sets)
def test_what_is_written_reads_back_as_the_same_set(a: PacketSet) -> None:
    assert PacketSet.parse(a.to_text()) == a
    assert PacketSet.parse(a.to_text().replace("\n", ";").upper()) == a


@pytest.mark.property
@given(packets())
def test_a_packet_is_written_on_one_line(packet) -> None:
    text = PacketSet.only(packet).to_text()
    assert "\n" not in text
    assert PacketSet.parse(text) == PacketSet.only(packet)


@pytest.mark.property
@settings(max_examples=300)
@given(st.lists(WORDS, max_size=7).map(" ".join) | st.text(max_size=40))
def test_any_text_is_a_set_or_an_error_with_a_hint(text: str) -> None:
    found, fault = _read(text)
    assert (found is None) is not (fault is None)
    if fault is not None:
        assert fault.hint
        assert "\n" not in fault.message
    if found is not None:
        assert PacketSet.parse(found.to_text()) == found


def _read(text: str) -> tuple[PacketSet | None, QuestionError | None]:
    try:
        return PacketSet.parse(text), None
    except QuestionError as error:
        return None, error


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("any", "any"),
        ("none", "none"),
        ("none; any", None),
        ("ipv4; ipv6", "any"),
        ("IPv6", "ipv6"),
        ("source 10.0.0.0/9,10.128.0.0/9", "ipv4 source 10.0.0.0/8"),
        ("destination 10.0.0.9-10.0.0.11", "ipv4 destination 10.0.0.9-10.0.0.11"),
        ("ipv6 source 2001:DB8::/32", "ipv6 source 2001:db8::/32"),
        ("source 0.0.0.0/0 destination 10.0.0.1", "ipv4 destination 10.0.0.1"),
        ("source ::/0", "ipv6"),
        ("protocol tcp destination-port 0-65535", "protocol tcp"),
        ("destination-port 53", "protocol tcp,udp destination-port 53"),
        ("destination-port 80 protocol 6", "protocol tcp destination-port 80"),
        ("protocol 0-255", "any"),
        ("protocol icmp type 8 code 0-255", "protocol icmp type 8"),
        ("code 0", "protocol icmp,icmpv6 code 0"),
        ("protocol tcp,17,47-50", "protocol tcp,udp,47-50"),
        ("protocol 5-7", "protocol 5-7"),
        ("\n protocol udp \n\n", "protocol udp"),
        (
            "protocol tcp destination-port 443; protocol tcp destination-port 444",
            "protocol tcp destination-port 443-444",
        ),
    ],
)
def test_a_text_is_written_in_one_form(text: str, written: str | None) -> None:
    if written is None:
        with pytest.raises(QuestionError):
            PacketSet.parse(text)
    else:
        assert PacketSet.parse(text).to_text() == written


def test_any_and_none_are_the_ends() -> None:
    assert PacketSet.parse("any") == ALL
    assert PacketSet.parse("none") == NONE


@pytest.mark.parametrize(
    ("text", "why", "hint"),
    [
        ("", "names no packets", "write 'none'"),
        (" ; \n", "names no packets", "write 'none'"),
        ("tcp 443", "'tcp' is no part of a packet", "write protocol, source"),
        ("none protocol tcp", "'none' is no part", "write protocol"),
        ("protocol", "nothing follows 'protocol'", "'none', 'any'"),
        ("type 8 type 9", "'type' is named twice", "one list"),
        ("protocol gre", "protocol 'gre' cannot be understood", "0-255"),
        ("protocol 256", "the last one is 255", "write"),
        ("destination-port 65536", "the last one is 65535", "write"),
        ("destination-port 90-80", "ends before it starts", "write 80-90"),
        ("destination-port 80,", "destination-port '' cannot", "0-65535"),
        ("destination-port -1", "'-1' cannot", "0-65535"),
        (
            "protocol tcp,icmp source-port 1",
            "not every packet of protocol 'tcp,icmp'",
            "tcp and udp",
        ),
        ("protocol 47 code 0", "not every packet of protocol '47' has a code", "icmp"),
        ("source-port 1 type 8", "no packet has source-port and type", "a line each"),
        ("source 10.0.0.1/8", "its block is 10.0.0.0/8", "write"),
        ("source 10.0.0.9-10.0.0.1", "no address, block or ascending range", "write"),
        ("source 10.0.0.1-::1", "no address, block or ascending range", "write"),
        ("source fe80::1%eth0", "no address", "write"),
        ("source 010.0.0.1", "no address", "write"),
        ("source 10.0.0.1,::1", "both families", "a line of their own"),
        (
            "source 10.0.0.1 destination ::1",
            "destination '::1' is not of IPv4",
            "line of their own",
        ),
        ("ipv6 source 10.0.0.1", "source '10.0.0.1' is not of IPv6", "line of their own"),
        ("source-port 1; bad " + "x" * 500, "...", "write"),
    ],
)
def test_what_cannot_be_understood_is_refused_with_a_way_out(
    text: str, why: str, hint: str
) -> None:
    with pytest.raises(QuestionError) as caught:
        PacketSet.parse(text)
    assert why in caught.value.message
    assert hint in caught.value.hint
    assert len(caught.value.message) < 200
