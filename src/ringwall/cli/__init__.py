"""The command line: parses words, calls a use case, shows what it returns; no logic."""
