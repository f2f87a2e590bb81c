"""A question about a network → its explanation."""

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
) -> Explanation:
    """Explain on any network; raises QuestionError for names and ports that are none."""
    asked = parse_ports(port)
    found = open_network(network, settings, blueprint=blueprint)
    return explain(found.engine(), source, destination, asked)
