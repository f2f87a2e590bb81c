"""A scene → its picture: one SVG file that needs nothing else."""

from ringwall.picture.detail import detail
from ringwall.picture.overview import overview
from ringwall.picture.scene import Scene
from ringwall.picture.style import sheet
from ringwall.picture.svg import Canvas, escape, number


def draw(scene: Scene) -> str:
    """Return the text of the SVG."""
    canvas = Canvas()
    width, height = (overview if scene.matrix is not None else detail)(canvas, scene)
    size = f'width="{number(width)}" height="{number(height)}"'
    return "\n".join(
        (
            (
                f'<svg xmlns="http://www.w3.org/2000/svg" class="ringwall" {size} '
                f'viewBox="0 0 {number(width)} {number(height)}" role="img" '
                'aria-labelledby="ringwall-title ringwall-desc">'
            ),
            f'<title id="ringwall-title">{escape(scene.title)}</title>',
            f'<desc id="ringwall-desc">{escape(described(scene))}</desc>',
            f"<style>{sheet()}</style>",
            f'<rect class="page" width="{number(width)}" height="{number(height)}"/>',
            str(canvas),
            "</svg>",
            "",
        )
    )


def described(scene: Scene) -> str:
    """Return what the picture shows in a few sentences."""
    vpcs = len(scene.vpcs)
    told = [f"{vpcs} VPC{'' if vpcs == 1 else 's'}: {', '.join(v.name for v in scene.vpcs[:12])}"]
    if vpcs > 12:
        told[0] += f" and {vpcs - 12} more"
    told += [each for each in (scene.status, scene.basis) if each]
    told += [f"{violation.number}. {violation.title}" for violation in scene.violations[:12]]
    if scene.unknowns:
        told.append(f"{len(scene.unknowns)} things are not known")
    told.append("The same as tables: ringwall map --table")
    return ". ".join(told) + "."
