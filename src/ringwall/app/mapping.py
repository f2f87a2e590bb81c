"""A network of any source → the scene of its map, and its picture in a file."""

from ringwall.app.proving import NOTHING, Asked, prove_network
from ringwall.app.sources import Source
from ringwall.picture.draw import draw
from ringwall.picture.scene import Scene
from ringwall.picture.view import view
from ringwall.reach.relations import Board
from ringwall.shell.files import write_text


def map_network(source: Source, *, expect: Asked = NOTHING, selection: str = "") -> Scene:
    """Return what a map shows: with the expectations of the blueprint, and of a file, judged.

    Raises InputError and BlueprintError for faults of the file, QuestionError for a selection or an
    expectation that names nothing.
    """
    asked = expect is not NOTHING or (
        source.wanted is not None and bool(source.wanted.blueprint.expect)
    )
    proof = prove_network(source, expect) if asked else None
    wanted = source.wanted
    title = (
        wanted.blueprint.name if wanted is not None else source.name.rstrip("/").rsplit("/", 1)[-1]
    )
    results = proof.results if proof is not None else ()
    return view(Board(source.engine()), title, results, selection)


def write_map(scene: Scene, file: str) -> None:
    """Write the picture of a scene; raises OutsideError."""
    write_text(file, draw(scene))
