"""Plans of real Terraform, by the name of their folder."""

from pathlib import Path

from ringwall.formats.terraform import read
from ringwall.model.graph import Ref, ResourceGraph

FOLDER = Path(__file__).parent
NAMES = sorted(path.parent.name for path in FOLDER.glob("*/plan.json"))


def text(name: str) -> str:
    """Return the JSON of a plan."""
    return (FOLDER / name / "plan.json").read_text()


def graph(name: str) -> ResourceGraph:
    """Return what a plan reads as."""
    return read(text(name))


def ref(kind: str, key: str) -> Ref:
    """Return a reference to a resource of EC2."""
    return Ref(f"AWS::EC2::{kind}", key)
