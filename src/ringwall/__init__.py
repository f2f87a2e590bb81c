"""Build, prove and keep what an AWS network allows."""

__version__ = "0.1.0"
