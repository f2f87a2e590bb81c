"""What exports write, as files."""

from ringwall.formats import terraform
from tests.blueprint.compile.blueprints import ALL, compiled
from tests.golden.golden import golden


def test_the_minimal_blueprint_in_terraform() -> None:
    for name, text in terraform.write(compiled(ALL["minimal"])).files.items():
        golden(f"terraform/{name}", text)
