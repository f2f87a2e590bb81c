"""What AWS publishes as its own, read as what is never blocked."""

import pytest

from ringwall.playbooks.aws_ranges import own_ranges

PUBLISHED = {
    "createDate": "2026-11-20-12-00-00",
    "prefixes": [
        {"ip_prefix": "3.0.0.0/24", "service": "AMAZON"},
        {"ip_prefix": "3.0.0.64/26", "service": "EC2"},
        {"ip_prefix": "3.0.0.128/25", "service": "CLOUDFRONT"},
        {"ip_prefix": "3.0.1.0/25", "service": "AMAZON"},
    ],
    "ipv6_prefixes": [
        {"ipv6_prefix": "2600:1f00::/24", "service": "AMAZON"},
        {"ipv6_prefix": "2600:1f80::/25", "service": "EC2"},
    ],
}


def test_without_services_it_is_what_nobody_else_can_stand_behind():
    found = own_ranges(PUBLISHED)
    assert list(found) == ["3.0.0.0/26", "3.0.0.128/25", "3.0.1.0/25", "2600:1f00::/25"]
    assert set(found.values()) == {"AWS's own (AWS's ranges of 2026-11-20)"}


def test_services_are_taken_by_their_names():
    assert own_ranges(PUBLISHED, ["CLOUDFRONT"]) == {
        "3.0.0.128/25": "CLOUDFRONT (AWS's ranges of 2026-11-20)"
    }


@pytest.mark.parametrize(
    ("document", "services", "said"),
    [
        ([], (), "no lists"),
        ({"prefixes": [], "ipv6_prefixes": None}, (), "no lists"),
        ({"prefixes": [3], "ipv6_prefixes": []}, (), "names no service"),
        ({"prefixes": [], "ipv6_prefixes": []}, (), "no service AMAZON"),
        (PUBLISHED, ("CLOUDFORNT",), "no service CLOUDFORNT; it has AMAZON, CLOUDFRONT, EC2"),
        (
            {**PUBLISHED, "prefixes": [{"ip_prefix": "x", "service": "EC2"}]},
            ("EC2",),
            "'x' does not appear to be",
        ),
        (
            {**PUBLISHED, "prefixes": [{"ip_prefix": "::/0", "service": "EC2"}]},
            ("EC2",),
            "of the other family",
        ),
    ],
)
def test_what_is_no_such_file_is_told(document, services, said):
    with pytest.raises(ValueError, match=said):
        own_ranges(document, services)
