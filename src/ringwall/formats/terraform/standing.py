"""Resources of other services that stand in subnets with interfaces: those interfaces.

They send and receive for themselves alone, so that their groups and subnets say all. What AWS
gives groups of its own (EKS), or places by itself, is not modelled.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ringwall.formats.cloudformation.values import is_unknown, reasons
from ringwall.formats.terraform.document import Instance
from ringwall.formats.terraform.forms import EC2
from ringwall.formats.terraform.plain import Item, listed, single
from ringwall.model.graph import Ref

if TYPE_CHECKING:
    from ringwall.formats.terraform.planned import Planned

INTERFACE = f"{EC2}NetworkInterface"
KEY = "(key)"  # the part of an item that ends its key


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a type says in which subnets it stands, and with which groups.

    `block` holds them, "" where they are arguments of the resource itself. `public` is the
    argument that gives public addresses. `through` is the argument that names a group of subnets,
    and the type of that group.
    """

    subnets: str
    groups: str
    block: str = ""
    public: str = ""
    through: tuple[str, str] = ("", "")


_RDS = Standing(
    "subnet_ids",
    "vpc_security_group_ids",
    public="publicly_accessible",
    through=("db_subnet_group_name", "aws_db_subnet_group"),
)
_CACHE = Standing(
    "subnet_ids",
    "security_group_ids",
    through=("subnet_group_name", "aws_elasticache_subnet_group"),
)
STANDING: Mapping[str, Standing] = {
    "aws_db_instance": _RDS,
    "aws_rds_cluster": _RDS,
    "aws_elasticache_cluster": _CACHE,
    "aws_elasticache_replication_group": _CACHE,
    "aws_redshift_cluster": Standing(
        "subnet_ids",
        "vpc_security_group_ids",
        public="publicly_accessible",
        through=("cluster_subnet_group_name", "aws_redshift_subnet_group"),
    ),
    "aws_lambda_function": Standing("subnet_ids", "security_group_ids", block="vpc_config"),
    "aws_ecs_service": Standing(
        "subnets", "security_groups", block="network_configuration", public="assign_public_ip"
    ),
    "aws_efs_mount_target": Standing("subnet_id", "security_groups"),
    "aws_mq_broker": Standing("subnet_ids", "security_groups", public="publicly_accessible"),
    "aws_msk_cluster": Standing(
        "client_subnets", "security_groups", block="broker_node_group_info"
    ),
    "aws_opensearch_domain": Standing("subnet_ids", "security_group_ids", block="vpc_options"),
}
# Instances of a cluster stand where their cluster says.
PARTS = frozenset({"aws_rds_cluster_instance"})


def interfaces(work: "Planned", instance: Instance) -> Iterator[Item]:
    """Yield an interface for each subnet that a resource stands in; none outside VPCs."""
    standing = STANDING[instance.type]

    def said(name: str) -> object:
        return work.arguments.get(instance, name)

    source = single(said(standing.block)) if standing.block else None
    if standing.block and source is None:
        return
    if is_unknown(source):
        work.lose(instance, *reasons(source))
        return

    def given(name: str) -> object:
        return source.get(name) if isinstance(source, Mapping) else said(name)

    subnets = listed(given(standing.subnets))
    argument, kind = standing.through
    if argument:
        named = said(argument)
        group = work.named_so(kind, instance, argument)
        if group is None:
            why = "it names no group of subnets" if named is None else f"{argument} is not known"
            work.lose(instance, f"the subnets it stands in: {why}")
            return
        subnets = listed(work.arguments.get(group, standing.subnets))
    groups = [group for group in listed(given(standing.groups)) if group != ""]
    public = given(standing.public) if standing.public else None
    if is_unknown(public):
        work.lose(instance, *reasons(public))
    for index, subnet in enumerate(subnets):
        last = subnet.key.rpartition("/")[2] if isinstance(subnet, Ref) else ""
        yield (
            INTERFACE,
            {
                "SubnetId": subnet,
                "GroupSet": groups,
                "AssociatePublicIpAddress": public is True or None,
                KEY: last if last and not is_unknown(subnet) else str(index),
            },
        )
