"""Ledgers: what was told, what was done about it, and how to take it back."""
