"""A question about a network → its explanation."""

from ringwall.app.workspace import (
    CloudSettings,
    connect_for,
    observe,
    observe_all,
    read_blueprint,
)
from ringwall.model.origins import with_origins
from ringwall.model.ports import parse_ports
from ringwall.reach.engine import Engine
from ringwall.reach.explain import Explanation, explain

LIVE = "aws"


def explain_network(
    network: str,
    source: str,
    destination: str,
    port: str,
    *,
    blueprint: str,
    settings: CloudSettings,
) -> Explanation:
    """Explain on a blueprint's graph, or on what is read back of its deployment.

    On the live account without a blueprint (`blueprint` is ""), AWS's ids are the names. Raises
    QuestionError for names and ports that cannot be understood.
    """
    asked = parse_ports(port)
    if network == LIVE and not blueprint:
        return explain(Engine(observe_all(settings)), source, destination, asked)
    wanted = read_blueprint(blueprint if network == LIVE else network)
    graph = wanted.graph
    if network == LIVE:
        graph = with_origins(observe(wanted, connect_for(wanted, settings)), wanted.graph)
    ranges = wanted.blueprint.networks
    return explain(Engine(graph, ranges), source, destination, asked)
