"""Resolver query logging: what moto lacks of it, and the tags of everything of Resolver's."""

from moto.route53resolver.models import Route53ResolverBackend
from moto.route53resolver.responses import Route53ResolverResponse

from ringwall.lab import world
from ringwall.lab.actions import Call, Described, add_json, refuse, wrap
from ringwall.lab.dns_firewall import Firewall
from ringwall.lab.world import Moto


def _config(call: Call) -> Moto:
    config_id = call.need("ResolverQueryLogConfigId")
    found = call.backend.resolver_query_log_configs.get(config_id)
    if found is None:
        text = f"[RSLVR-01601] The specified query logging configuration {config_id} doesn't exist"
        refuse("ResourceNotFoundException", text)
    return found


def delete_resolver_query_log_config(call: Call) -> Described:
    """DeleteResolverQueryLogConfig: "you must first disassociate it from all VPCs"."""
    found = _config(call)
    associations = call.backend.resolver_query_log_config_associations.values()
    if any(one.resolver_query_log_config_id == found.id for one in associations):
        text = f"[RSLVR-01604] {found.id} is associated with VPCs; disassociate it first"
        refuse("InvalidRequestException", text)
    del call.backend.resolver_query_log_configs[found.id]
    found.status = "DELETING"
    return {"ResolverQueryLogConfig": found.description()}


def disassociate_resolver_query_log_config(call: Call) -> Described:
    """DisassociateResolverQueryLogConfig."""
    found, shelf = _config(call), call.backend.resolver_query_log_config_associations
    for one in shelf.values():
        if (one.resolver_query_log_config_id, one.resource_id) == (
            found.id,
            call.need("ResourceId"),
        ):
            break
    else:
        text = f"[RSLVR-01602] {found.id} is not associated with {call.get('ResourceId')}"
        return refuse("ResourceNotFoundException", text)

    def vanish() -> None:
        shelf.pop(one.id, None)
        found.association_count -= 1

    world.clock().pass_through(
        one, "DELETING", "DELETED", world.DELETION, attribute="status", and_then=vanish
    )
    return {"ResolverQueryLogConfigAssociation": one.description()}


def install() -> None:
    """Complete moto's query logging, and let everything of Resolver's be tagged."""
    add_json(
        Route53ResolverResponse,
        lambda self: self.route53resolver_backend,
        {
            "DeleteResolverQueryLogConfig": delete_resolver_query_log_config,
            "DisassociateResolverQueryLogConfig": disassociate_resolver_query_log_config,
        },
    )

    @wrap(Route53ResolverBackend, "associate_resolver_query_log_config")
    def associate(original: Moto, self: Moto, *args: Moto, **kwargs: Moto) -> Moto:
        made = original(self, *args, **kwargs)
        world.clock().pass_through(
            made, "CREATING", "ACTIVE", world.ASSOCIATION, attribute="status"
        )
        return made

    @wrap(Route53ResolverBackend, "create_resolver_query_log_config")
    def create(
        original: Moto, self: Moto, name: str, destination_arn: str, creator_request_id: str,
        **more: Moto,
    ) -> Moto:  # fmt: skip
        for one in self.resolver_query_log_configs.values():
            same = (one.name, one.destination_arn) == (name, destination_arn)
            if one.creator_request_id == creator_request_id and same:
                return one
        return original(self, name, destination_arn, creator_request_id, **more)

    @wrap(Route53ResolverBackend, "_matched_arn")
    def matched(original: Moto, self: Moto, resource_arn: str) -> None:
        home = world.store(self, Firewall)
        for shelf in (
            home.lists, home.groups, home.associations, self.resolver_query_log_configs,
        ):  # fmt: skip
            if any(one.arn == resource_arn for one in shelf.values()):
                return
        original(self, resource_arn)
