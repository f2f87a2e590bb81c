"""File layouts <-> ResourceGraph: one package a format."""
