"""What is delivered becomes events with the parties, the window and the id that it should."""

import json
import re
from dataclasses import replace

import botocore.session
import pytest
from botocore.validate import ParamValidator

from ringwall.app.responding.events import Passed, Task, arrivals, of_text, reported
from ringwall.detections import registry
from ringwall.detections.detection import Entity, Sighting
from ringwall.detections.ocsf import detection_finding
from ringwall.errors import InputError, QuestionError
from ringwall.model.finding import Severity
from ringwall.playbooks import answering
from ringwall.playbooks.records import Event, Party, Source
from tests.app.responding import deliveries as given

SCANNER, INSIDE = "198.51.100.7", "10.0.1.5"
SSH = "UnauthorizedAccess:EC2/SSHBruteForce"
OWN = (Party("instance", INSIDE, "i-0abc"), Party("interface", INSIDE, "eni-0abc"))


def one(document):
    found = list(arrivals(document))
    assert len(found) == 1, found
    assert isinstance(found[0], Event), found
    return found[0]


# Words of Python's, which nobody who sends JSON knows.
PYTHON = re.compile(r"NoneType|\b(dict|int|str|float)\b|codec|recursion|sys\.")


def wrong(document):
    found = list(arrivals(document))
    assert len(found) == 1, found
    assert isinstance(found[0], InputError), found
    return found[0].message


def test_an_alarm_names_nobody_and_is_about_its_periods_and_what_comes_late():
    event = one(given.sns(given.alarm()))
    assert (event.source, event.kind, event.parties) == (
        Source.ALARM,
        "prod-suspicious-traffic",
        (),
    )
    assert event.last == 1_795_682_496
    assert event.last - event.first == 300 * 2 + 900
    assert event.evidence["dimensions"] == {"VpcId": "vpc-1"}
    assert [each.id for each in answering(event.kind)] == ["block-source"]


def test_the_same_change_of_an_alarm_is_the_same_event_whichever_way_it_comes():
    by_topic = one(given.sns(given.alarm()))
    by_queue = one(given.sqs(given.sns(given.alarm())["Records"][0]["Sns"]))
    by_bus = one(given.alarm_change())
    assert by_topic.id == by_queue.id == by_bus.id
    later = given.alarm(StateChangeTime="2026-11-26T08:41:36.124+0000")
    assert one(given.sns(later)).id != by_topic.id


@pytest.mark.parametrize("state", ["OK", "INSUFFICIENT_DATA"])
def test_an_alarm_that_goes_anywhere_but_to_alarm_is_passed_over(state):
    found = list(arrivals(given.sns(given.alarm(NewStateValue=state))))
    assert found == [Passed(f"alarm 'prod-suspicious-traffic' went to {state}")]


def test_the_window_of_an_alarm_is_bounded_whatever_its_periods_are():
    trigger = {"Period": 86400, "EvaluationPeriods": 30}
    event = one(given.sns(given.alarm(Trigger=trigger)))
    assert event.last - event.first == 6 * 3600
    composite = given.alarm(Trigger=None, AlarmRule="ALARM(a) AND ALARM(b)")
    event = one(given.sns(composite))
    assert event.last - event.first == 300 + 900


def test_the_periods_of_metric_math_count():
    metrics = [{"Id": "e1", "Expression": "m1 / m2"}, {"MetricStat": {"Period": 600}}]
    event = one(given.sns(given.alarm(Trigger={"Metrics": metrics, "EvaluationPeriods": 3})))
    assert event.last - event.first == 600 * 3 + 900


def test_each_of_several_messages_is_read_whatever_stands_beside_it():
    found = list(arrivals(given.sns(given.alarm(), "{", given.alarm(AlarmName="b"))))
    assert [type(each) for each in found] == [Event, InputError, Event]
    assert str(found[1]).startswith("event.Records[1].Sns.Message: it is no JSON")


@pytest.mark.parametrize(
    ("document", "parties"),
    [
        (
            given.guardduty(SSH, given.connection()),
            (Party("source", SCANNER), Party("destination", INSIDE), *OWN),
        ),
        (
            given.guardduty("Recon:EC2/Portscan", given.connection("OUTBOUND"), role="ACTOR"),
            (Party("source", INSIDE), Party("destination", SCANNER), *OWN),
        ),
        (
            given.guardduty(SSH, given.connection("UNKNOWN"), role="TARGET"),
            (Party("source", SCANNER), Party("destination", INSIDE), *OWN),
        ),
        (
            given.guardduty(SSH, given.connection("UNKNOWN"), role="ACTOR"),
            (Party("source", INSIDE), Party("destination", SCANNER), *OWN),
        ),
        (
            given.guardduty(SSH, given.connection("UNKNOWN"), role=""),
            (Party("remote", SCANNER), *OWN),
        ),
        (
            given.guardduty(SSH, given.connection(ipAddressV4="", ipAddressV6="2001:DB8:0::7")),
            (Party("source", "2001:db8::7"), Party("destination", INSIDE), *OWN),
        ),
        (
            given.guardduty("Trojan:EC2/DNSDataExfiltration", given.DNS_REQUEST, role="ACTOR"),
            (Party("source", INSIDE), Party("domain", name="evil.example"), *OWN),
        ),
        (
            given.guardduty(
                "UnauthorizedAccess:IAMUser/InstanceCredentialExfiltration.OutsideAWS",
                given.API_CALL,
                given.ACCESS_KEY,
            ),
            (
                Party("remote", "198.51.100.9"),
                Party("role", name="web-role"),
                Party("access-key", name="ASIAEXAMPLE"),
            ),
        ),
        (given.guardduty("New:EC2/Unheard", {"actionType": "NEW", "newAction": {}}), OWN),
        (
            given.imported(given.asff()),
            (
                Party("source", SCANNER),
                Party("destination", INSIDE),
                Party("instance", INSIDE, "i-0abc"),
            ),
        ),
        (
            given.imported(
                given.asff(
                    Action=None,
                    Resources=[],
                    Network={
                        "Direction": "OUT",
                        "SourceIpV4": INSIDE,
                        "DestinationIpV6": "2001:db8::1",
                        "DestinationDomain": "evil.example",
                    },
                )
            ),
            (
                Party("source", INSIDE),
                Party("destination", "2001:db8::1"),
                Party("domain", name="evil.example"),
            ),
        ),
        (given.detected(), (Party("source", SCANNER, "scanner"),)),
    ],
)
def test_the_parties_are_those_that_a_finding_names(document, parties):
    assert one(document).parties == parties


def test_several_addresses_that_probe_are_an_event_each():
    document = given.guardduty("Recon:EC2/PortProbe", given.probe(SCANNER, "198.51.100.8"))
    found = [each for each in arrivals(document) if isinstance(each, Event)]
    assert [e.parties[0] for e in found] == [
        Party("source", SCANNER),
        Party("source", "198.51.100.8"),
    ]
    assert len({e.id for e in found}) == len({e.subject for e in found}) == 2
    assert [e.evidence["port"] for e in found] == [80, 80], "which close-exposure asks about"
    assert found == list(arrivals(json.loads(json.dumps(document))))


def test_a_finding_that_was_updated_is_another_event_about_the_same_subject():
    first = one(given.guardduty(SSH, given.connection()))
    again = one(given.guardduty(SSH, given.connection(), updatedAt="2026-11-26T08:50:00.200Z"))
    assert (first.id != again.id, first.subject == again.subject) == (True, True)
    assert (first.first, first.last) == (1_795_680_000, 1_795_681_800)


@pytest.mark.parametrize(("number", "level"), [(3.9, 1), (4, 2), (6.9, 2), (7, 3), (9, 4)])
def test_severities_of_guardduty_are_ours_by_its_levels(number, level):
    assert one(given.guardduty(SSH, given.connection(), severity=number)).severity == level


def test_guardduty_by_way_of_security_hub_is_of_the_same_kind():
    direct = one(given.guardduty(SSH, given.connection()))
    by_hub = one(given.imported(given.asff()))
    assert by_hub.kind == direct.kind == SSH


@pytest.mark.parametrize(
    "document",
    [
        given.imported(given.asff(RecordState="ARCHIVED")),
        given.imported(given.asff(Workflow={"Status": "RESOLVED"})),
        given.imported(given.asff(GeneratorId="ringwall-respond/block-source")),
        given.guardduty(SSH, given.connection(), service={"archived": True}),
        {"class_uid": 2003},
    ],
)
def test_what_is_over_or_our_own_notice_is_passed_over(document):
    (found,) = arrivals(document)
    assert isinstance(found, Passed)


def test_our_own_finding_is_the_same_event_as_json_and_as_ocsf():
    sighting = Sighting(
        "RW505",
        Severity.HIGH,
        (Entity("source", SCANNER, "scanner"), Entity("destination", INSIDE)),
        1_795_680_000,
        1_795_683_599,
        "scanner tries 300 ports",
        {"ports": 300},
    )
    ocsf = detection_finding(sighting, registry()["RW505"], "1", 1_795_690_000)
    as_ocsf = one([ocsf])
    as_json = one(
        given.detected(
            id=sighting.id,
            detection="RW505",
            severity="high",
            entities=[each.to_dict() for each in sighting.entities],
            first="2026-11-26T08:00:00Z",
            last="2026-11-26T08:59:59Z",
            text=sighting.text,
            evidence={"ports": 300},
        )
    )
    assert as_ocsf == as_json
    assert one(given.eventbridge("Findings Imported V2", {"findings": [ocsf]})) == as_ocsf


def test_a_notice_that_a_topic_delivers_back_is_passed_over():
    document = given.sns("What happened: …")
    marked = {"MessageAttributes": {"ringwall": {"Type": "String", "Value": "notice"}}}
    document["Records"][0]["Sns"] |= marked
    assert list(arrivals(document)) == [Passed("a notice of our own")]


def test_a_schedule_is_something_to_do_and_no_event():
    assert list(arrivals(given.eventbridge("Scheduled Event", {}))) == [
        Task.SWEEP,
        Task.RECONCILE,
    ]
    assert list(arrivals({"ringwall": "reconcile"})) == [Task.RECONCILE]
    swept, passed = arrivals({"ringwall": "detections"})
    assert (swept, type(passed)) == (Task.SWEEP, Passed)
    assert list(arrivals({"ringwall": "drift"})) == [Task.RECONCILE, Task.DRIFT]
    assert list(arrivals({"ringwall": "check"})) == [Task.CHECK]
    assert wrong({"ringwall": "explode"}) == "event.ringwall: 'explode' is no task"


def test_a_report_of_a_person_is_an_event_of_its_own():
    words = ["source=198.51.100.7", "domain=Evil.Example."]
    said = {"by": "ana", "reason": "proxy log"}
    event = reported("RW501", words, **said, at=1_795_680_000, ticket="1")
    assert event.parties == (Party("source", SCANNER), Party("domain", name="evil.example"))
    again = reported("RW501", words, **said, at=1_795_680_059, ticket="1")
    assert replace(again, first=event.first, last=event.last) == event
    other = reported("RW501", words, **said, at=1_795_680_000, ticket="2")
    assert (other.id != event.id, other.subject) == (True, event.subject)


@pytest.mark.parametrize(
    ("words", "reason", "severity"),
    [
        ([], "x", "high"),
        (["source"], "x", "high"),
        (["planet=mars"], "x", "high"),
        (["source="], "x", "high"),
        (["source=198.51.100.7"], " ", "high"),
        (["source=198.51.100.7"], "x", "dire"),
    ],
)
def test_a_report_that_says_nothing_is_refused(words, reason, severity):
    with pytest.raises(QuestionError) as caught:
        reported("RW501", words, by="ana", reason=reason, at=1, ticket="1", severity=severity)
    assert caught.value.hint
    assert caught.value.hint.startswith(("--", "one of low"))


@pytest.mark.parametrize("who", ["8.8.8", "198.51.100.0/24", "evil.example"])
def test_a_report_of_what_is_no_address_is_answered_in_the_words_of_the_command(who):
    with pytest.raises(QuestionError, match=rf"^--source: '{who}' is no IP address") as caught:
        reported("RW501", [f"source={who}"], by="ana", reason="x", at=1, ticket="1")
    assert caught.value.hint == "one address, as 198.51.100.7 or 2001:db8::7"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "there is nothing in it"),
        (" \n ", "there is nothing in it"),
        ("{", "Expecting property name enclosed in double quotes"),
        (b'{"a": "\xff"}', "byte 7 is not UTF-8"),
        ("9" * 5000, "a number has too many digits"),
        ("[" * 100_000, "it is nested too deep"),
        ("null", "null is no event"),
        ("[null, true, 7, [], {}]", "null is no event"),
    ],
)
def test_a_text_of_no_events_is_complained_of_in_words_of_json(text, why):
    every = list(of_text(text, "stdin"))
    told = [each.message for each in every if isinstance(each, InputError)]
    assert len(told) == len(every)
    assert why in told[0]
    assert not [each for each in told if PYTHON.search(each)]


@pytest.mark.parametrize(
    ("document", "message"),
    [
        (None, "event: null is no event that is known"),
        ({}, "event: an object is no event that is known"),
        ({"a": 1}, "event: an object with a is no event that is known"),
        ({"detail-type": "EC2 Spot"}, "event.detail-type: 'EC2 Spot' is not known"),
        ({"Records": 7}, "event.Records: a number is no list"),
        ({"Records": [{"Sns": {}}]}, "event.Records[0].Sns.Message is missing"),
        (
            given.sns(given.alarm(StateChangeTime="yesterday")),
            "event.Records[0].Sns.Message.StateChangeTime: 'yesterday' is no time",
        ),
        (
            given.guardduty(SSH, given.connection(ipAddressV4="198.51.100.7/8")),
            (
                "event.detail.service.action.networkConnectionAction.remoteIpDetails.ipAddressV4:"
                " '198.51.100.7/8' is no IP address"
            ),
        ),
        (
            given.guardduty(SSH, "boom"),
            "event.detail.service.action: 'boom' is no object",
        ),
        (given.detected(severity="dire"), "event.findings[0].severity: 'dire' is no severity"),
        (
            given.sns(given.sns(given.sns(given.sns({})))),
            (
                "event.Records[0].Sns.Message.Records[0].Sns.Message.Records[0]:"
                " an object lies in too many envelopes"
            ),
        ),
    ],
)
def test_what_is_wrong_is_said_in_one_line_with_its_place(document, message):
    assert wrong(document).startswith(message)
    assert "\n" not in wrong(document)


def test_text_of_strangers_is_on_one_line_and_cut():
    title = "a\x1b[31m\nb\u2028\ud800" + "x" * 9999
    event = one(given.guardduty(SSH, given.connection(), title=title))
    assert event.title.startswith("a [31m b")
    assert len(event.title) == 512
    assert event.title.isprintable()


def test_a_file_is_one_document_or_one_a_line():
    lines = "\n".join(json.dumps(each) for each in (given.alarm(), given.asff())) + "\n"
    assert [type(each) for each in of_text(lines, "f.json")] == [Event, Event]
    found = list(of_text(f"{lines}{{\n", "f.json"))
    assert [type(each) for each in found] == [Event, Event, InputError]
    assert str(found[2]).startswith("f.json:3: it is no JSON")
    assert [type(each) for each in of_text(json.dumps(given.detected()), "f")] == [Event]
    (deep,) = of_text("[" * 100_000, "f.json")
    assert isinstance(deep, InputError)


def names_of(shape, document, where):
    """Yield members of a document that the model of AWS does not know."""
    if shape.type_name == "structure":
        known = {m.serialization.get("name", n): m for n, m in shape.members.items()}
        for name, value in document.items():
            if name not in known:
                yield f"{where}.{name}"
            elif value is not None:
                yield from names_of(known[name], value, f"{where}.{name}")
    elif shape.type_name == "list":
        for each in document:
            yield from names_of(shape.member, each, where)


@pytest.mark.parametrize(
    "action", [given.connection(), given.probe(SCANNER), given.API_CALL, given.DNS_REQUEST]
)
@pytest.mark.parametrize("resource", [given.INSTANCE, given.ACCESS_KEY])
def test_the_findings_here_are_spelled_as_guardduty_spells_them(action, resource):
    model = botocore.session.get_session().get_service_model("guardduty")
    document = given.finding(SSH, action, resource)
    assert list(names_of(model.shape_for("Finding"), document, "finding")) == []


def test_the_findings_here_are_spelled_as_security_hub_spells_them():
    model = botocore.session.get_session().get_service_model("securityhub")
    shape = model.shape_for("AwsSecurityFinding")
    report = ParamValidator().validate(given.asff(), shape)
    assert not report.has_errors(), report.generate_report()
