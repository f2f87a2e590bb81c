import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringwall.errors import QuestionError
from ringwall.model.names import NameKind, is_word, parse_name
from ringwall.model.ports import PATTERN, PortSpec, parse_ports


@pytest.mark.parametrize(
    ("text", "spec"),
    [
        ("443", PortSpec("tcp", 443, 443)),
        (443, PortSpec("tcp", 443, 443)),
        ("443/udp", PortSpec("udp", 443, 443)),
        ("443/tcp", PortSpec("tcp", 443, 443)),
        ("8000-8080", PortSpec("tcp", 8000, 8080)),
        ("8/icmp", PortSpec("icmp", 8, 8)),
        ("128/icmpv6", PortSpec("icmpv6", 128, 128)),
        ("icmp", PortSpec("icmp", 0, 255)),
        ("udp", PortSpec("udp", 0, 65535)),
        ("any", PortSpec("any", 0, 65535)),
        ("0", PortSpec("tcp", 0, 0)),
        ("65535", PortSpec("tcp", 65535, 65535)),
        ("0-65535/udp", PortSpec("udp", 0, 65535)),
    ],
)
def test_ports_are_read(text, spec):
    assert parse_ports(text) == spec
    assert re.fullmatch(PATTERN, str(text))


@pytest.mark.parametrize(
    "text",
    ["", "65536", "-1", "8080-8000", "22:22", "tcp/443", "any/tcp", "443/gre", "256/icmp", "1-",
     "٤٤٣", "443 ,80", "9" * 5000],
)  # fmt: skip
def test_what_is_no_port_is_refused_with_the_forms(text):
    with pytest.raises(QuestionError) as caught:
        parse_ports(text)
    assert caught.value.hint
    assert len(str(caught.value)) < 200


@given(
    st.sampled_from(["tcp", "udp"]),
    st.tuples(st.integers(0, 65535), st.integers(0, 65535)).map(sorted),
)
def test_ports_read_back_as_they_are_written(protocol, ends):
    spec = PortSpec(protocol, *ends)
    assert parse_ports(str(spec)) == spec


@pytest.mark.parametrize(
    ("text", "kind", "word", "member"),
    [
        ("internet", NameKind.INTERNET, "", ""),
        ("production", NameKind.WORD, "production", ""),
        ("production/web", NameKind.MEMBER, "production", "web"),
        ("*/web", NameKind.MEMBER, "*", "web"),
        ("segment:prod", NameKind.SEGMENT, "prod", ""),
        ("aws:s3", NameKind.SERVICE, "s3", ""),
        ("aws:ecr.api", NameKind.SERVICE, "ecr.api", ""),
        ("10.0.0.0/8", NameKind.CIDR, "", ""),
        ("10.0.0.1", NameKind.CIDR, "", ""),
        ("::/0", NameKind.CIDR, "", ""),
        ("eni-0123456789abcdef0", NameKind.AWS_ID, "eni-0123456789abcdef0", ""),
        ("web-0123abcd", NameKind.WORD, "web-0123abcd", ""),
    ],
)
def test_a_name_is_taken_apart(text, kind, word, member):
    name = parse_name(text)
    assert (name.kind, name.word, name.member) == (kind, word, member)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "/",
        "a/b/c",
        "A",
        "*",
        "*/*",
        "segment:",
        "10.0.0.1/8",
        "300.0.0.1",
        "aws:",
        "a b",
        "\u017f",
        "-a",
        "a-",
        "x" * 33,
    ],
)
def test_what_is_no_name_is_refused_with_the_forms(text):
    with pytest.raises(QuestionError) as caught:
        parse_name(text)
    assert caught.value.hint


@given(st.text(max_size=40))
def test_any_text_is_a_name_or_refused(text):
    try:
        name = parse_name(text)
    except QuestionError:
        return
    assert name.text == text
    assert name.kind is not NameKind.WORD or is_word(text)
