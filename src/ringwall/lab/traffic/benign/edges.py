"""Which machines ordinarily open connections to which."""

from ringwall.lab.traffic.benign.health_checks import checks
from ringwall.lab.traffic.benign.mesh import mesh_of
from ringwall.lab.traffic.benign.monitoring import scanner_of
from ringwall.lab.traffic.benign.resolver import service_of
from ringwall.lab.traffic.scene import Scene
from ringwall.lab.traffic.talks import pairs_between


def ordinary_edges(scene: Scene) -> set[tuple[str, str]]:
    """Return the names of both ends of every pair of machines with ordinary traffic."""
    pairs = [
        pair
        for flow in scene.meant
        if not flow.place
        for pair in pairs_between(scene, flow.sources, flow.destinations)
    ]
    pairs += [pair for several in checks(scene).values() for pair in several]
    found = {(pair.source.name, pair.destination.name) for pair in pairs}
    mesh, service, scanner = mesh_of(scene), service_of(scene), scanner_of(scene)
    if mesh is not None:
        found |= {(a.name, b.name) for a in mesh.sources for b in mesh.destinations}
    if service is not None:
        found |= {(client.name, service.server.name) for client in service.clients}
    if scanner is not None:
        found |= {(scanner.name, each.name) for each in scene.estate.machines}
    return found
