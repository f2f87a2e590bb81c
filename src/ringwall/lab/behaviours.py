"""Every behaviour that the lab adds to moto."""

import functools
from importlib import import_module

AREAS = (
    "dispatch",
    "interfaces",
    "transit_gateway",
    "transit_gateway_attachments",
    "transit_gateway_routes",
    "network_acl",
    "security_group",
    "nat_gateway",
    "prefix_list",
    "vpc_endpoint",
    "route",
    "deletion",
    "dns_firewall",
    "dns_firewall_rules",
    "query_logging",
    "flow_logs",
    "block_public_access",
    "hosted_zone",
    "subnet",
)


@functools.cache
def install() -> None:
    """Add every behaviour to moto; once a process."""
    for area in AREAS:
        import_module(f"ringwall.lab.{area}").install()
