"""Every behaviour that the lab adds to moto."""

import functools


@functools.cache
def install() -> None:
    """Add every behaviour to moto; once a process."""
    from ringwall.lab import (  # noqa: PLC0415
        interfaces,
        transit_gateway,
        transit_gateway_attachments,
        transit_gateway_routes,
    )

    for area in (
        interfaces,
        transit_gateway,
        transit_gateway_attachments,
        transit_gateway_routes,
    ):
        area.install()
