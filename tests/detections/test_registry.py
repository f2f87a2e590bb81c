"""What every detection must have."""

import re
from collections import Counter

from sqlglot import exp

from ringwall.detections import named, registry
from ringwall.detections.detection import CONFIDENCES
from ringwall.detections.techniques import TECHNIQUES
from ringwall.shell.engines.queries import parsed

DETECTIONS = list(registry().values())


def test_ids_and_names_are_unique_and_of_the_scheme():
    for values in ([each.id for each in DETECTIONS], [each.name for each in DETECTIONS]):
        assert [value for value, count in Counter(values).items() if count > 1] == []
    assert all(re.fullmatch(r"RW5\d\d", each.id) for each in DETECTIONS)
    assert all(re.fullmatch(r"[a-z-]+", each.name) for each in DETECTIONS)


def test_a_detection_is_found_by_id_and_name_in_any_case():
    for each in DETECTIONS:
        assert named(each.id.lower()) is each
        assert named(each.name.upper()) is each
    assert named("RW599") is None


def test_every_detection_has_examples_and_texts():
    for each in DETECTIONS:
        assert each.hits, each.id
        assert each.misses, each.id
        assert each.confidence in CONFIDENCES
        texts = (each.title, each.why, each.instead, each.blind, each.says)
        assert all(texts), each.id
        assert set(each.attacks) <= set(TECHNIQUES), each.id


def test_every_parameter_is_taken_by_the_sql_and_has_a_reason():
    for each in DETECTIONS:
        taken = set(re.findall(r"\$(\w+)", each.sql))
        assert taken == {parameter.name for parameter in each.parameters}, each.id
        assert all(parameter.reason for parameter in each.parameters)


def test_the_columns_are_the_entities_the_times_and_the_evidence():
    for each in DETECTIONS:
        if each.judge is not None:
            continue
        tree = parsed(each.sql)
        assert isinstance(tree, exp.Query)
        columns = set(tree.named_selects)
        ends = {f"{role}_{half}" for role in each.entities for half in ("high", "low")}
        told = columns - ends - {"family", "first", "last", "grade"} - set(each.entities)
        assert told == set(each.counts), each.id
        assert {"first", "last"} <= columns


def test_what_the_article_asks_stands_beside_its_corrected_form():
    written = [each.name for each in DETECTIONS if each.name.endswith("-as-written")]
    assert written == [
        "rejected-sources-as-written",
        "transfers-as-written",
        "port-scan-as-written",
    ]
    assert not any(each.by_default for each in DETECTIONS if each.name in written)
