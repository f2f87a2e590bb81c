"""A question about a network → its explanation."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from ringwall.app.sources import open_network
from ringwall.app.workspace import CloudSettings
from ringwall.model.ports import parse_ports
from ringwall.reach.explain import Explanation, explain
from ringwall.reach.remedies import Question, remedies


def explain_network(
    network: str,
    source: str,
    destination: str,
    port: str,
    *,
    blueprint: str,
    settings: CloudSettings,
    parameters: Mapping[str, str] | None = None,
    absent: Sequence[str] = (),
) -> Explanation:
    """Explain on any network, with the changes that would close or open the way.

    Raises QuestionError for names and ports that are none.
    """
    asked = parse_ports(port)
    found = open_network(
        network, settings, blueprint=blueprint, parameters=parameters, absent=absent
    )
    engine = found.engine()
    explanation = explain(engine, source, destination, asked)
    question = Question(source, destination, asked)
    return replace(explanation, remedies=remedies(engine, explanation, question))
