"""`ringwall map`."""

import click

from ringwall.cli.options import absent_option, aws_options, json_option, parameter_option
from ringwall.cli.screen import say, show_json, show_text


@click.command("map")
@click.argument("network", default="blueprint.yaml", required=False)
@click.option("-o", "output", default="", metavar="FILE", help="Write the SVG here.")
@click.option("--table", is_flag=True, help="Print the same as tables, in Markdown.")
@click.option(
    "--select",
    "selection",
    default="",
    metavar="NAME",
    help="Show what NAME reaches and who reaches it; names are those of `explain`.",
)
@click.option(
    "--expect", "file", default="", metavar="FILE", help="Judge the expectations of this file, too."
)
@click.option(
    "--blueprint", default="", help="With NETWORK `aws`: the blueprint whose names are used."
)
@absent_option
@parameter_option
@json_option
@aws_options
def command(
    network: str,
    output: str,
    table: bool,
    selection: str,
    file: str,
    blueprint: str,
    absent: tuple[str, ...],
    parameters: tuple[tuple[str, str], ...],
    as_json: bool,
    profile: str | None,
    endpoint_url: str | None,
) -> int:
    """Draw NETWORK (default: blueprint.yaml): its VPCs and every flow that the engine finds.

    The picture is one SVG that needs nothing else; without -o it is printed. Expectations of the
    blueprint, and of --expect FILE, that do not hold are numbered in it. More than eight VPCs are
    drawn as an overview; --select then draws a VPC with those that it has traffic with.
    """
    from ringwall.app.mapping import map_network, write_map
    from ringwall.app.proving import read_expectations
    from ringwall.app.sources import open_network
    from ringwall.app.workspace import CloudSettings
    from ringwall.picture.document import document
    from ringwall.picture.draw import draw
    from ringwall.picture.table import tables

    settings = CloudSettings(profile or "", endpoint_url or "")
    asked = read_expectations(file)
    source = open_network(
        network,
        settings,
        blueprint=blueprint or asked.blueprint,
        parameters=dict(parameters),
        absent=absent,
    )
    scene = map_network(source, expect=asked, selection=selection)
    if output:
        write_map(scene, output)
        say(f"wrote {output}")
    if as_json:
        show_json(document(scene))
    elif table:
        show_text("\n".join(tables(scene)))
    elif not output:
        show_text(draw(scene), nl=False)
    return 0
