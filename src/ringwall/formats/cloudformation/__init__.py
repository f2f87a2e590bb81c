"""CloudFormation templates <-> ResourceGraph: templates read with all they imply, and written."""

from ringwall.formats.cloudformation.reading import read
from ringwall.formats.cloudformation.writing import write

__all__ = ["read", "write"]
