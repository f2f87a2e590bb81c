"""Whatever is delivered, each part becomes an event or a line that says what is wrong with it."""

import copy
import json

import pytest
from hypothesis import given as drawn
from hypothesis import settings
from hypothesis import strategies as st

from ringwall.app.responding.events import Passed, Task, arrivals, of_text
from ringwall.errors import InputError
from ringwall.playbooks.records import Event
from tests.app.responding import deliveries as given

KIND = "UnauthorizedAccess:EC2/SSHBruteForce"
SEEDS = (
    given.sns(given.alarm(), given.alarm(AlarmName="b")),
    given.sqs(given.alarm()),
    given.alarm_change(),
    given.guardduty(KIND, given.connection()),
    given.guardduty(KIND, given.probe("198.51.100.7", "198.51.100.8")),
    given.guardduty(KIND, given.API_CALL, given.ACCESS_KEY),
    given.guardduty(KIND, given.DNS_REQUEST),
    given.imported(given.asff(), given.asff(Network={"SourceIpV4": "198.51.100.7"})),
    given.detected(),
    given.eventbridge("Scheduled Event", {}),
    {
        "class_uid": 2004,
        "time": 1_795_680_000_000,
        "severity_id": 4,
        "finding_info": {"uid": "x", "title": "t", "types": ["k"], "analytic": {"name": "n"}},
        "evidences": [{"src_endpoint": {"ip": "198.51.100.7"}, "data": {"a": 1}}],
        "metadata": {"product": {"name": "Other"}},
    },
)
NASTY = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**400), 10**400),
    st.floats(),
    st.text(max_size=30),
    st.sampled_from(["\ud800", "fe80::1%e", "::ffff:10.0.0.1", "9999-12-31T23:59:59-14:00", "{"]),
    st.lists(st.none(), max_size=3),
    st.dictionaries(st.text(max_size=5), st.integers(), max_size=3),
    st.builds(lambda: [0] * 2000),
)


def places(value, path=()):
    """Yield the path of each value of a document."""
    yield path
    if isinstance(value, dict):
        for name, each in value.items():
            yield from places(each, (*path, name))
    elif isinstance(value, list):
        for number, each in enumerate(value):
            yield from places(each, (*path, number))


@st.composite
def mutants(draw):
    document = copy.deepcopy(draw(st.sampled_from(SEEDS)))
    for _ in range(draw(st.integers(1, 4))):
        path = draw(st.sampled_from(list(places(document))))
        if not path:
            return draw(NASTY)
        holder = document
        for step in path[:-1]:
            holder = holder[step]
        if draw(st.booleans()):
            del holder[path[-1]]
        else:
            holder[path[-1]] = draw(NASTY)
    return document


@pytest.mark.property
@settings(max_examples=250, deadline=None)
@drawn(mutants())
def test_a_changed_event_is_read_or_complained_of_in_one_line(document):
    first, second = (list(arrivals(document)) for _ in range(2))
    assert [each.id for each in first if isinstance(each, Event)] == [
        each.id for each in second if isinstance(each, Event)
    ]
    for each in first:
        match each:
            case Event():
                assert 0 <= each.first <= 4_102_444_800
                assert each.first <= each.last or each.source != "alarm"
                assert 1 <= int(each.severity) <= 4
                assert each.title.isprintable()
                json.dumps(dict(each.evidence), allow_nan=False).encode()
                repr(each.subject)
            case InputError():
                assert "\n" not in each.message
                assert each.message.isprintable(), each.message
                assert len(each.message) < 1000
                assert "a value of type" not in each.message
            case _:
                assert isinstance(each, Task | Passed)


def showing(**data):
    """A finding that shows these values."""
    evidence = {"src_endpoint": {"ip": "198.51.100.7"}, "data": data}
    return {**SEEDS[-1], "evidences": [evidence]}


def test_names_of_values_are_shown_and_kept_without_control_characters():
    [event] = arrivals(showing(**{"a\x1b[2J": 1, "b" * 5000: "c"}))
    assert isinstance(event, Event)
    assert event.evidence == {"finding": "x", "a [2J": 1, f"{'b' * 79}…": "c"}
    [wrong] = arrivals(showing(**{"\x1f\n": 10**18 + 1}))
    assert isinstance(wrong, InputError)
    assert wrong.message == "event.evidences[0].data.: a number is out of range"


@pytest.mark.property
@settings(max_examples=100, deadline=None)
@drawn(st.one_of(st.binary(max_size=200), mutants().map(lambda d: json.dumps(d).encode())))
def test_a_file_of_anything_is_read_or_complained_of(text):
    for each in of_text(text, "file"):
        assert isinstance(each, Event | Task | Passed | InputError)
