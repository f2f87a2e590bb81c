"""The command line: what it takes, says and ends with."""
