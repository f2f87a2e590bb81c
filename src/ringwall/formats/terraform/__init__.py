"""Terraform <-> ResourceGraph: plans read with all they imply, and configurations written."""

from ringwall.formats.terraform.reading import read

__all__ = ["read"]
