"""Terraform <-> ResourceGraph: plans read with all they imply, and configurations written."""

from ringwall.formats.terraform.reading import read
from ringwall.formats.terraform.writing import write

__all__ = ["read", "write"]
