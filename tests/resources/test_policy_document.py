"""IAM policy documents: AWS gives them back rewritten, and they must stay the same document."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from ringwall.resources.policy_document import allows_everything, normal_document, to_text

WORDS = st.sampled_from(["s3:GetObject", "s3:PutObject", "ec2:*", "*"])
ONE_OR_MANY = WORDS | st.lists(WORDS, min_size=1, max_size=4)
STATEMENTS = st.fixed_dictionaries(
    {
        "Effect": st.sampled_from(["Allow", "Deny"]),
        "Principal": st.just("*") | st.fixed_dictionaries({"AWS": ONE_OR_MANY}),
        "Action": ONE_OR_MANY,
        "Resource": ONE_OR_MANY,
        "Condition": st.fixed_dictionaries(
            {"Bool": st.fixed_dictionaries({"aws:SecureTransport": st.booleans()})}
        ),
    }
)
DOCUMENTS = st.fixed_dictionaries(
    {"Version": st.just("2012-10-17"), "Statement": st.lists(STATEMENTS, min_size=1, max_size=3)}
)


@given(DOCUMENTS)
def test_the_normal_form_is_its_own_normal_form(document: dict[str, Any]) -> None:
    normal = normal_document(document)
    assert normal_document(normal) == normal
    assert normal_document(to_text(normal)) == normal


@given(DOCUMENTS)
def test_the_order_of_a_set_and_a_list_of_one_do_not_matter(document: dict[str, Any]) -> None:
    turned = json.loads(json.dumps(document))
    for statement in turned["Statement"]:
        for name in ("Action", "Resource"):
            value = statement[name]
            statement[name] = value[::-1] if isinstance(value, list) else [value]
    assert normal_document(turned) == normal_document(document)


def test_statements_keep_their_order_and_effect() -> None:
    allow, deny = ({"Effect": e, "Action": "*", "Resource": "*"} for e in ("Allow", "Deny"))
    assert normal_document({"Statement": [deny, allow]}) != normal_document({"Statement": [allow]})
    assert normal_document({"Statement": allow})["Statement"] == [allow]


def test_full_access_is_known_however_it_is_written() -> None:
    full = {"Effect": "Allow", "Principal": {"AWS": ["*"]}, "Action": ["*"], "Resource": "*"}
    assert allows_everything(normal_document({"Version": "2008-10-17", "Statement": [full]}))
    assert not allows_everything(normal_document({"Statement": [{**full, "Effect": "Deny"}]}))
    narrowed = {**full, "Condition": {"Bool": {"aws:SecureTransport": True}}}
    assert not allows_everything(normal_document({"Statement": [narrowed]}))
    assert not allows_everything(normal_document({"Statement": [full, full]}))
