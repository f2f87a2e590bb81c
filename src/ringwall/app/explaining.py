"""A question about a network → its explanation."""

from collections.abc import Mapping

from ringwall.app.sources import open_network
from ringwall.app.workspace import CloudSettings
from ringwall.model.ports import parse_ports
from ringwall.reach.explain import Explanation, explain


def explain_network(
    network: str,
    source: str,
    destination: str,
    port: str,
    *,
    blueprint: str,
    settings: CloudSettings,
    parameters: Mapping[str, str] | None = None,
) -> Explanation:
    """Explain on any network; raises QuestionError for names and ports that are none."""
    asked = parse_ports(port)
    found = open_network(network, settings, blueprint=blueprint, parameters=parameters)
    return explain(found.engine(), source, destination, asked)
