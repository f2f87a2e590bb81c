"""AWS::ElasticLoadBalancingV2::Listener: where a load balancer takes connections.

Rule: the listeners of a load balancer of ours are a set of ours, told apart by their ports: one
that nobody declared is drift.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from ringwall.model.calls import Call, Idempotence
from ringwall.model.graph import Address, Node, Ref, ResourceGraph
from ringwall.resources.balancing import (
    LISTENER,
    NOT_FOUND,
    TYPE,
    actions,
    may_be_ours,
    may_have_balancer,
    normal_actions,
    ports,
)
from ringwall.resources.ec2 import ec2_node
from ringwall.resources.kind import Detail, Reads, ResourceType, opens
from ringwall.resources.load_balancer import LOAD_BALANCERS

ASSOCIATION = "AWS::WAFv2::WebACLAssociation"
# DescribeListeners wants to be told a load balancer.
LISTENERS = Detail(
    "elbv2",
    "describe_listeners",
    of=LOAD_BALANCERS.name,
    item_id=lambda item: str(item["LoadBalancerArn"]),
    request=lambda item: {"LoadBalancerArn": item["LoadBalancerArn"]},
    items="Listeners",
    wanted=lambda item, deployment: may_be_ours(item.get("LoadBalancerName"), deployment),
    whole=True,
)


def key(properties: Mapping[str, Any]) -> str:
    """Return `load balancer:port`; a gateway load balancer's listener has no port."""
    return f"{properties['LoadBalancerArn'].key}:{properties.get('Port', 0)}"


def normalise(properties: Mapping[str, Any]) -> dict[str, Any]:
    """Bring the actions into normal form."""
    full = dict(properties)
    full["DefaultActions"] = normal_actions(full.get("DefaultActions", ()))
    return full


def read(reads: Reads) -> Iterable[Node]:
    """Yield every listener; one of a gateway load balancer has neither protocol nor port."""
    for item in reads.objects(LISTENERS.name):
        properties: dict[str, Any] = {
            "LoadBalancerArn": Ref(TYPE, item["LoadBalancerArn"]),
            "DefaultActions": actions(item.get("DefaultActions")),
        }
        properties |= ports(item, "Port")
        for name in ("Protocol", "SslPolicy"):
            if item.get(name):
                properties[name] = str(item[name])
        certificates = [
            {"CertificateArn": each["CertificateArn"]}
            for each in item.get("Certificates") or ()
            if each.get("CertificateArn")
        ]
        if certificates:
            properties["Certificates"] = certificates
        yield ec2_node(reads, RESOURCE.name, item["ListenerArn"], properties, {})


def create(node: Node) -> tuple[Call, ...]:
    """Create it; AWS takes one listener a port."""
    return (
        Call(
            "elbv2",
            "create_listener",
            dict(node.properties),
            extract={"id": "Listeners[0].ListenerArn"},
            # Found again by its place: the load balancer and the port.
            idempotent_by=Idempotence.TAG,
        ),
    )


def update(_before: Node, after: Node, _changed: frozenset[str]) -> tuple[Call, ...]:
    """Set everything at once: a protocol goes with its certificate and policy."""
    request = {n: v for n, v in after.properties.items() if n != "LoadBalancerArn"}
    return (Call("elbv2", "modify_listener", {"ListenerArn": after.ref, **request}),)


def delete(node: Node) -> tuple[Call, ...]:
    """Delete it with its rules."""
    return (Call("elbv2", "delete_listener", {"ListenerArn": node.ref}, ignore=NOT_FOUND),)


def depends(node: Node, graph: ResourceGraph) -> Iterable[Address]:
    """Yield the load balancer's web ACL: no request is taken before something judges it."""
    judged = (ASSOCIATION, node.properties["LoadBalancerArn"].key)
    if judged in graph:
        yield judged


RESOURCE = ResourceType(
    name=LISTENER,
    listings=(LOAD_BALANCERS,),
    details=(LISTENERS,),
    possible=may_have_balancer,
    read=read,
    key=key,
    parent="LoadBalancerArn",
    normalise=normalise,
    create=create,
    update=update,
    delete=delete,
    replace=frozenset({"LoadBalancerArn", "Port"}),
    dies_with_parent=lambda _node: True,
    depends=depends,
    exposure=opens,
    permissions={"apply": ("acm:DescribeCertificate",)},
)
