"""AWS WAF as it refuses: what is in use stays, one web ACL a load balancer, logs by their names."""

from collections.abc import Iterator, Mapping

from moto.elbv2.models import ELBv2Backend, elbv2_backends
from moto.wafv2.models import WAFV2Backend, wafv2_backends

from ringwall.lab.actions import refuse, wrap
from ringwall.lab.world import Moto

LOGS = ":log-group:aws-waf-logs-"


def _in_use(what: str) -> None:
    refuse("WAFAssociatedItemException", f"AWS WAF cannot delete it: {what} uses it")


def _arns(value: object) -> Iterator[str]:
    if isinstance(value, Mapping):
        for name, item in value.items():
            if name == "ARN" and isinstance(item, str):
                yield item
            yield from _arns(item)
    elif isinstance(value, list):
        for item in value:
            yield from _arns(item)


def _check_rules(backend: Moto, rules: Moto) -> None:
    """CreateWebACL: what a rule names must be there, and priorities and names are unique."""
    for arn in _arns(rules):
        if ":regional/ipset/" in arn and arn not in backend.ip_sets:
            refuse("WAFNonexistentItemException", f"{arn} does not exist")
    for name in ("Priority", "Name"):
        values = [rule[name] for rule in rules or ()]
        if len(values) != len(set(values)):
            refuse("WAFInvalidParameterException", f"{name} stands twice")


def _named(shelf: Moto, name: str) -> bool:
    return any(one.name == name for one in shelf.values())


def create_web_acl(original: Moto, self: Moto, name: str, *args: Moto, **more: Moto) -> Moto:
    """CreateWebACL: a name is one web ACL's."""
    if _named(self.wacls, name):
        refuse("WAFDuplicateItemException", f"{name} exists")
    _check_rules(self, args[5] if len(args) > 5 else more.get("rules"))
    return original(self, name, *args, **more)


def update_web_acl(original: Moto, self: Moto, name: str, *args: Moto, **more: Moto) -> Moto:
    """UpdateWebACL: it replaces the rules, also by none."""
    rules = args[2] if len(args) > 2 else more.get("rules")
    _check_rules(self, rules)
    token = original(self, name, *args, **more)
    if rules == []:
        self.get_web_acl(None, name, args[0]).rules = []
    return token


def delete_web_acl(original: Moto, self: Moto, name: str, scope: str, _id: str, lock: str) -> None:
    """DeleteWebACL: "You can't delete a web ACL that is associated with a resource"."""
    found = self.get_web_acl(None, name, _id)
    if found.associated_resources:
        _in_use(found.associated_resources[0])
    original(self, name, scope, _id, lock)
    self.logging_configurations.pop(found.arn, None)


def create_ip_set(original: Moto, self: Moto, name: str, *args: Moto, **more: Moto) -> Moto:
    """CreateIPSet: a name is one IP set's."""
    if _named(self.ip_sets, name):
        refuse("WAFDuplicateItemException", f"{name} exists")
    return original(self, name, *args, **more)


def delete_ip_set(original: Moto, self: Moto, name: str, scope: str, _id: str, lock: str) -> None:
    """DeleteIPSet: "You can't delete an IP set that a rule names"."""
    found = self.get_ip_set(name, scope, _id)
    for one in self.wacls.values():
        if found.arn in set(_arns([rule.to_dict() for rule in one.rules])):
            _in_use(one.arn)
    original(self, name, scope, _id, lock)


def associate_web_acl(original: Moto, self: Moto, web_acl_arn: str, resource_arn: str) -> None:
    """AssociateWebACL: in the place of another; the load balancer must be there."""
    if ":loadbalancer/" in resource_arn:
        balancers = elbv2_backends[self.account_id][self.region_name].load_balancers
        if resource_arn not in balancers:
            refuse("WAFNonexistentItemException", f"{resource_arn} does not exist")
    if web_acl_arn in self.wacls:
        _let_go(self, resource_arn)
    original(self, web_acl_arn, resource_arn)


def _let_go(backend: Moto, resource_arn: str) -> None:
    for one in backend.wacls.values():
        if resource_arn in one.associated_resources:
            one.associated_resources.remove(resource_arn)


def put_logging_configuration(
    original: Moto, self: Moto, arn: str, destinations: Moto, *args: Moto, **more: Moto
) -> Moto:
    """PutLoggingConfiguration: log groups "must start with the prefix aws-waf-logs-"."""
    if arn not in self.wacls:
        refuse("WAFNonexistentItemException", f"{arn} does not exist")
    for one in destinations:
        if ":logs:" in one and LOGS not in one:
            refuse("WAFInvalidParameterException", f"{one} does not start with aws-waf-logs-")
    return original(self, arn, destinations, *args, **more)


def delete_load_balancer(original: Moto, self: Moto, arn: str) -> Moto:
    """DeleteLoadBalancer: its association goes with it."""
    answer = original(self, arn)
    if arn not in self.load_balancers:
        _let_go(wafv2_backends[self.account_id][self.region_name], arn)
    return answer


def install() -> None:
    """Complete moto's WAF."""
    for made in (
        create_web_acl,
        update_web_acl,
        delete_web_acl,
        create_ip_set,
        delete_ip_set,
        associate_web_acl,
        put_logging_configuration,
    ):
        wrap(WAFV2Backend, made.__name__)(made)
    wrap(ELBv2Backend, "delete_load_balancer")(delete_load_balancer)
