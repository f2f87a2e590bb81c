"""CloudFormation templates <-> ResourceGraph: templates read with all they imply, and written."""

from ringwall.formats.cloudformation.reading import read

__all__ = ["read"]
