"""What is secret is not in what comes out, and what is not secret is."""

import json
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from ipaddress import ip_address

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ringwall.playbooks.redaction import (
    DEEPEST,
    REDACTED,
    TOO_DEEP,
    WEBHOOK,
    has_secret,
    plain,
    redacted,
)

KEY = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"  # AWS's example of one
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@pytest.mark.parametrize(
    ("text", "left"),
    [
        (KEY, REDACTED),
        (f"the key {KEY}.", f"the key {REDACTED}."),
        (f"aws_secret_access_key = {KEY}", f"aws_secret_access_key = {REDACTED}"),
        (f'{{"SecretAccessKey":"{KEY}"}}', f'{{"SecretAccessKey":"{REDACTED}"}}'),
        ("password: hunter2, user: ada", f"password: {REDACTED}, user: ada"),
        ("https://ada:hunter2@example.com/x", "https://example.com/x"),
        ("https://hooks.slack.com/services/T0/B0/x", WEBHOOK),
        ("HTTPS://HOOKS.SLACK.COM/services/T0/B0/x", WEBHOOK),
        ("to https://mm.example/hooks/abc, then", f"to {WEBHOOK} then"),
        ("https://discord.com/api/webhooks/1/x", WEBHOOK),
        ("https://x.webhook.office.com/webhookb2/1", WEBHOOK),
        ("hooks.slack.com/services/T0/B0/x", REDACTED),
        (
            "https://chat.googleapis.com/v1/spaces/A/messages?key=k1&token=t2",
            f"https://chat.googleapis.com/v1/spaces/A/messages?key={REDACTED}&token={REDACTED}",
        ),
        (
            "https://b.s3.amazonaws.com/k?X-Amz-Date=1&X-Amz-Signature=abc",
            f"https://b.s3.amazonaws.com/k?X-Amz-Date=1&X-Amz-Signature={REDACTED}",
        ),
        ("Authorization: Bearer abcdefghijklmnop", f"Authorization: {REDACTED}"),
        ("xoxb-123456789012-abc", REDACTED),
        ("ghp_" + "a1B2" * 9, REDACTED),
        ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJl", REDACTED),
        ("FwoGZXIvYXdzE" + "a1B2" * 60, REDACTED),
        (
            "-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----\n.",
            f"{REDACTED}\n.",
        ),
        ("-----BEGIN PRIVATE KEY-----\nMIIE cut short", REDACTED),
    ],
)
def test_a_secret_is_replaced(text, left):
    assert redacted(text) == left


@pytest.mark.parametrize(
    "text",
    [
        "",
        "203.0.113.9",
        "2001:db8::1",
        "AKIAIOSFODNN7EXAMPLE",  # the id of a key, by which it is deactivated
        "arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/app/web/50dc6c495c0c9188",
        "arn:aws:iam::123456789012:role/aws-service-role/guardduty.amazonaws.com/AWSServiceRole",
        "da39a3ee5e6b4b0d3255bfef95601890afd80709",  # a digest
        "DA39A3EE5E6B4B0D3255BFEF95601890AFD80709",
        "https://example.com/path?page=2#top",
        "/ringwall/notices/address",  # the name of a parameter
        "a.very.long.label." + "x" * 63 + ".example.com",
        "port 22 was tried 400 times; the password was never right",
    ],
)
def test_what_is_no_secret_stays(text):
    assert redacted(text) == text
    assert not has_secret(text)


@pytest.mark.parametrize(
    ("document", "left"),
    [
        ({"password": "x", "n": 1}, {"password": REDACTED, "n": 1}),
        ({"Secret-Access-Key": KEY}, {"Secret-Access-Key": REDACTED}),
        ({"a": [{"sessionToken": "abc"}]}, {"a": [{"sessionToken": REDACTED}]}),
        ({"webhook": "https://x.example/1"}, {"webhook": WEBHOOK}),
        ({"webhook": "/ringwall/slack"}, {"webhook": "/ringwall/slack"}),
        ({"secret": "arn:aws:secretsmanager:x"}, {"secret": "arn:aws:secretsmanager:x"}),
        ({KEY: 1}, {REDACTED: 1}),
        ({"token": 5, "secret": None, "cookie": ""}, {"token": 5, "secret": None, "cookie": ""}),
    ],
)
def test_a_member_is_redacted_by_its_name(document, left):
    assert redacted(document) == left


def test_what_has_the_shape_of_a_key_alone_is_not_certain():
    assert not has_secret({"route": KEY})
    assert has_secret({"route": f"SecretAccessKey={KEY}"})
    assert has_secret([{"to": "https://hooks.slack.com/services/T0/B0/x"}])


# What secrets are made of, to be put together in any order.
PIECES = st.lists(
    st.sampled_from(
        [
            KEY, "https://", "ada:x@", "hooks.slack.com/services/x", "/hook", "?key=", "&sig=", "#",
            "password", "=", ":", " ", '"', "'", "Bearer ", "abcdefghijklmnop", "xoxb-1234567890",
            "eyJhbGciOiJI", ".", "a1B2" * 50, "-----BEGIN PRIVATE KEY-----", "-----END X KEY-----",
            "(secret)", "(webhook)", "\n", "x", "sessionToken", ",",
        ]
    ),
    max_size=12,
).map("".join)  # fmt: skip


@given(JSON | PIECES | st.dictionaries(PIECES, PIECES))
@settings(max_examples=600, deadline=None)
def test_redacting_again_changes_nothing(document):
    once = redacted(plain(document))
    assert redacted(once) == once
    assert not has_secret(once)


@given(JSON)
@settings(max_examples=200, deadline=None)
def test_json_is_plain_and_comes_back_from_text(document):
    found = plain(document)
    assert repr(json.loads(json.dumps(found, allow_nan=False))) == repr(found)
    assert plain(found) == found


@given(st.text(alphabet="eyJ.-htps:/ @?=&key BEGINPRIVAT\n", min_size=0, max_size=400))
@settings(max_examples=300, deadline=None)
def test_no_text_makes_it_fail(text):
    assert isinstance(redacted(text), str)


@pytest.mark.parametrize(
    "part", ["http://", "https://a@", "-----BEGIN PRIVATE KEY-----", "eyJ", "-eyJa.", "password=",
             "Bearer ", "xoxb-", "?key=", "A1b/", "hooks.slack.com/", "basic  "],
)  # fmt: skip
def test_no_text_takes_long(part):
    """A hundred thousand characters, the largest evidence, of what begins like a secret."""
    text = part * (100_000 // len(part))
    begun = time.process_time()
    redacted(text)
    assert time.process_time() - begun < 5


def test_what_json_does_not_have_becomes_text():
    class Colour(StrEnum):
        RED = "red"

    @dataclass
    class Thing:
        n: int

    found = plain(
        {
            1: Colour.RED,
            "ip": ip_address("10.0.0.1"),
            "at": datetime(2026, 11, 23, tzinfo=UTC),
            "inf": [float("inf"), float("-inf"), float("nan")],
            "set": {"b", "a"},
            "bytes": b"x",
            "thing": Thing(1),
            "lone": "\ud800",
        }
    )
    assert found == {
        "1": "red",
        "ip": "10.0.0.1",
        "at": "2026-11-23 00:00:00+00:00",
        "inf": ["inf", "-inf", "nan"],
        "set": ["a", "b"],
        "bytes": "b'x'",
        "thing": plain(repr(Thing(1))),
        "lone": "?",
    }


def test_what_is_nested_too_deep_is_left_out():
    deep: list[object] = []
    for _ in range(50_000):
        deep = [deep]
    found = plain({"deep": deep, "flat": 1})
    assert found["flat"] == 1
    assert json.dumps(found).count("[") == DEEPEST - 1
    assert TOO_DEEP in json.dumps(redacted(found))
