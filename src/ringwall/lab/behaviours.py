"""Every behaviour that the lab adds to moto."""


def install() -> None:
    """Add every behaviour to moto; once a process."""
