"""Load balancers that take time, stand in subnets by interfaces, and refuse what AWS refuses."""

import functools
import itertools

from moto.elbv2.exceptions import DuplicateListenerError
from moto.elbv2.models import ELBv2Backend, FakeListener, FakeLoadBalancer, FakeTargetGroup
from moto.s3.models import s3_backends

from ringwall.lab import interfaces, world
from ringwall.lab.actions import refuse, wrap
from ringwall.lab.world import Moto

# "Load balancer attributes" (Application Load Balancers guide).
ATTRIBUTES = {
    "access_logs.s3.enabled": "false",
    "access_logs.s3.bucket": "",
    "access_logs.s3.prefix": "",
    "client_keep_alive.seconds": "3600",
    "connection_logs.s3.enabled": "false",
    "connection_logs.s3.bucket": "",
    "connection_logs.s3.prefix": "",
    "deletion_protection.enabled": "false",
    "idle_timeout.timeout_seconds": "60",
    "load_balancing.cross_zone.enabled": "true",
    "routing.http.desync_mitigation_mode": "defensive",
    "routing.http.drop_invalid_header_fields.enabled": "false",
    "routing.http.preserve_host_header.enabled": "false",
    "routing.http.x_amzn_tls_version_and_cipher_suite.enabled": "false",
    "routing.http.xff_client_port.enabled": "false",
    "routing.http.xff_header_processing.mode": "append",
    "routing.http2.enabled": "true",
    "waf.fail_open.enabled": "false",
    "zonal_shift.config.enabled": "false",
}
# "Target group attributes" (the same).
OF_TARGETS = {
    "load_balancing.algorithm.anomaly_mitigation": "off",
    "stickiness.app_cookie.cookie_name": "",
    "stickiness.app_cookie.duration_seconds": "86400",
    "stickiness.lb_cookie.duration_seconds": "86400",
    "target_group_health.dns_failover.minimum_healthy_targets.count": "1",
    "target_group_health.dns_failover.minimum_healthy_targets.percentage": "off",
    "target_group_health.unhealthy_state_routing.minimum_healthy_targets.count": "1",
    "target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage": "off",
}
SECURE = frozenset({"HTTPS", "TLS"})
LEAST_ZONES = 2


def _interfaces(backend: Moto, balancer: Moto) -> list[Moto]:
    text = _description(balancer)
    return [one for one in backend.ec2_backend.enis.values() if one.description == text]


def _description(balancer: Moto) -> str:
    return f"ELB {balancer.arn.partition(':loadbalancer/')[2]}"


def _place(backend: Moto, balancer: Moto) -> None:
    """Give it an interface in each of its subnets, with its groups, and none elsewhere."""
    ec2, known = backend.ec2_backend, _interfaces(backend, balancer)
    wanted = {subnet.id for subnet in balancer.subnets}
    for one in known:
        if one.subnet.id not in wanted:
            interfaces.remove(ec2, one.id)
    for subnet in balancer.subnets:
        if all(one.subnet.id != subnet.id for one in known):
            text = _description(balancer)
            groups = list(balancer.security_groups)
            address = _free(ec2, subnet)
            made = interfaces.make(ec2, subnet.id, "interface", text, groups, address)
            if balancer.scheme == "internet-facing":
                made.public_ip = f"198.51.100.{len(ec2.enis) % 250 + 1}"
    for one in _interfaces(backend, balancer):
        groups = [ec2.get_security_group_from_id(each) for each in balancer.security_groups]
        one._group_set = groups  # noqa: SLF001  (moto offers no other way)


def _free(ec2: Moto, subnet: Moto) -> str:
    """Return the lowest address of a subnet that is free: AWS keeps the first four for itself."""
    taken = {one.private_ip_address for one in ec2.enis.values()}
    hosts = itertools.islice(subnet.cidr.hosts(), 3, None)
    return next(str(host) for host in hosts if str(host) not in taken)


def _is_same(balancer: Moto, asked: Moto) -> bool:
    return (
        sorted(balancer.security_groups) == sorted(asked["security_groups"] or [])
        and sorted(one.id for one in balancer.subnets) == sorted(asked["subnet_ids"])
        and balancer.scheme == (asked.get("scheme") or "internet-facing")
    )


def _check_places(backend: Moto, asked: Moto) -> None:
    """CreateLoadBalancer: "You must specify subnets from at least two Availability Zones"."""
    subnets = [backend.ec2_backend.get_subnet(one) for one in asked["subnet_ids"]]
    if (asked.get("loadbalancer_type") or "application") == "application":
        zones = {one.availability_zone for one in subnets}
        if len(zones) < max(LEAST_ZONES, len(subnets)):
            text = "At least two subnets in two different Availability Zones must be specified"
            refuse("ValidationError", text)
    if (asked.get("scheme") or "internet-facing") == "internet-facing" and subnets:
        gateways = backend.ec2_backend.internet_gateways.values()
        if not any(one.vpc is not None and one.vpc.id == subnets[0].vpc_id for one in gateways):
            refuse("InvalidSubnet", f"VPC {subnets[0].vpc_id} has no internet gateway")


def create_load_balancer(original: Moto, self: Moto, name: str, **asked: Moto) -> Moto:
    """CreateLoadBalancer.

    "If you attempt to create multiple load balancers with the same settings, each call succeeds."
    """
    for one in self.load_balancers.values():
        if one.name == name:
            if not _is_same(one, asked):
                text = f"A load balancer with the same name '{name}' exists"
                refuse("DuplicateLoadBalancerName", text)
            return one
    _check_places(self, asked)
    asked["scheme"] = asked.get("scheme") or "internet-facing"
    made = original(self, name, **asked)
    if made.type == "application":
        made.attrs = dict(ATTRIBUTES)
        _place(self, made)
    world.clock().pass_through(made, "provisioning", "active", world.CREATION)
    return made


def modify_load_balancer_attributes(original: Moto, self: Moto, arn: str, attrs: Moto) -> Moto:
    """ModifyLoadBalancerAttributes: a bucket of logs must let them be written."""
    if arn in self.load_balancers and attrs.get("access_logs.s3.enabled") == "true":
        bucket = attrs.get("access_logs.s3.bucket", "")
        if not _takes_logs(self, bucket):
            refuse("InvalidConfigurationRequest", f"Access Denied for bucket: {bucket}")
    return original(self, arn, attrs)


def delete_load_balancer(original: Moto, self: Moto, arn: str) -> Moto:
    """DeleteLoadBalancer: not with deletion protection; its interfaces leave later."""
    found = self.load_balancers.get(arn)
    if found is not None:
        if found.attrs.get("deletion_protection.enabled") == "true":
            text = f"Load balancer '{arn}' cannot be deleted because deletion protection is on"
            refuse("OperationNotPermitted", text)
        for one in _interfaces(self, found):
            leave = functools.partial(interfaces.remove, self.ec2_backend, one.id)
            world.clock().after(world.DELETION, leave)
    return original(self, arn)


def _moved(original: Moto, self: Moto, arn: str, *args: Moto, **kwargs: Moto) -> Moto:
    answer = original(self, arn, *args, **kwargs)
    _place(self, self.load_balancers[arn])
    return answer


def install() -> None:
    """Complete moto's load balancers."""

    @wrap(FakeLoadBalancer, "activate")
    def activate(_original: Moto, _self: Moto) -> None:
        """Leave it to the clock."""

    wrap(ELBv2Backend, "create_load_balancer")(create_load_balancer)
    wrap(ELBv2Backend, "modify_load_balancer_attributes")(modify_load_balancer_attributes)
    wrap(ELBv2Backend, "delete_load_balancer")(delete_load_balancer)
    for name in ("set_subnets", "set_security_groups"):
        wrap(ELBv2Backend, name)(_moved)
    _install_listeners()


def _takes_logs(backend: Moto, bucket: str) -> bool:
    """Whether a bucket's policy lets the log delivery service write.

    "The bucket must … have a bucket policy that grants Elastic Load Balancing permission to write
    the access logs" (Application Load Balancers guide).
    """
    shelf = s3_backends[backend.account_id][backend.partition].buckets
    policy: Moto = shelf[bucket].policy if bucket in shelf else None
    text = policy.decode() if isinstance(policy, bytes) else str(policy)
    return "logdelivery.elasticloadbalancing.amazonaws.com" in text


def _install_listeners() -> None:
    @wrap(FakeListener, "__init__")
    def listener(original: Moto, self: Moto, *args: Moto, **kwargs: Moto) -> None:
        original(self, *args, **kwargs)
        if self.protocol not in SECURE:
            self.ssl_policy = None

    @wrap(ELBv2Backend, "create_listener")
    def create(
        original: Moto, self: Moto, load_balancer_arn: str, protocol: str, port: Moto, **more: Moto
    ) -> Moto:
        found = self.load_balancers.get(load_balancer_arn)
        if found is not None and any(str(o.port) == str(port) for o in found.listeners.values()):
            raise DuplicateListenerError
        certificate = more.get("certificate")
        if protocol in SECURE and not self._certificate_exists(certificate or ""):
            refuse("CertificateNotFound", f"Certificate '{certificate}' not found")
        return original(self, load_balancer_arn, protocol, port, **more)

    @wrap(ELBv2Backend, "modify_listener")
    def modify(original: Moto, self: Moto, *args: Moto, **kwargs: Moto) -> Moto:
        changed = original(self, *args, **kwargs)
        if changed.protocol not in SECURE:
            changed.ssl_policy, changed.certificate, changed.certificates = None, None, []
        return changed

    @wrap(FakeTargetGroup, "__init__")
    def targets(original: Moto, self: Moto, *args: Moto, **kwargs: Moto) -> None:
        original(self, *args, **kwargs)
        self.attributes.pop("waf.fail_open.enabled", None)
        own = {name: str(value) for name, value in self.attributes.items()}
        self.attributes = {**OF_TARGETS, **own} if self.protocol in {"HTTP", "HTTPS"} else own
