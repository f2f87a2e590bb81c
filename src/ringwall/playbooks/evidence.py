"""What is done to an instance before it is isolated, so that nothing of what it knows is lost.

Rules, in this order (AWS Security Incident Response Guide, "EC2 instance isolation"):
- Out of its Auto Scaling group, or that ends it as unhealthy; out of its target groups.
- It cannot be terminated, a shutdown stops it, and its disks outlive it.
- Its disks are copied, and it bears the incident's name.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from ringwall.model.grants import Grant, When, regional
from ringwall.model.graph import Node, Ref, Value
from ringwall.model.words import counted
from ringwall.playbooks.measures import Measure, Request
from ringwall.playbooks.parties import Host, addresses, physical
from ringwall.playbooks.playbook import Situation
from ringwall.playbooks.records import Incident

TAG: Final = "ringwall:incident"
_SCALING_GROUP: Final = "aws:autoscaling:groupName"
_TARGETS: Final = "AWS::ElasticLoadBalancingV2::TargetGroup"
_CLASSIC: Final = "AWS::ElasticLoadBalancing::LoadBalancer"
_NOT_THERE: Final = ("InvalidInstanceID.NotFound",)
# Instances, their disks and what balances and scales them are not the deployment's: none of them
# bears its tag, and IAM knows no VPC of an instance.
_INSTANCE, _VOLUME = regional("ec2", "instance/*", "volume/*")
_SNAPSHOT: Final = "arn:{partition}:ec2:{region}::snapshot/*"  # a snapshot's has no account
_TAGGED: Final[When] = ("Null", f"aws:RequestTag/{TAG}", "false")
GRANTS: Final = (
    Grant(("ec2:DescribeInstances", "ec2:DescribeInstanceAttribute")),
    Grant(
        ("autoscaling:DetachInstances",),
        regional("autoscaling", "autoScalingGroup:*:autoScalingGroupName/*"),
    ),
    Grant(
        ("elasticloadbalancing:DeregisterTargets", "elasticloadbalancing:RegisterTargets"),
        regional("elasticloadbalancing", "targetgroup/*"),
    ),
    Grant(
        (
            "elasticloadbalancing:DeregisterInstancesFromLoadBalancer",
            "elasticloadbalancing:RegisterInstancesWithLoadBalancer",
        ),
        regional("elasticloadbalancing", "loadbalancer/*"),
    ),
    Grant(("ec2:CreateSnapshots", "ec2:ModifyInstanceAttribute"), (_INSTANCE, _VOLUME)),
    Grant(("ec2:CreateSnapshots",), (_SNAPSHOT,), (_TAGGED,)),
    # "ec2:CreateAction": tags are given while something is made, and to nothing that is there
    # (EC2 user guide, "Grant permission to tag resources during creation").
    Grant(
        ("ec2:CreateTags",),
        (_SNAPSHOT,),
        (("StringEquals", "ec2:CreateAction", "CreateSnapshots"),),
    ),
    # Without a key DeleteTags takes all of them away, and "for all values" holds of none.
    Grant(
        ("ec2:CreateTags", "ec2:DeleteTags"),
        (_INSTANCE,),
        (("ForAllValues:StringEquals", "aws:TagKeys", TAG), ("Null", "aws:TagKeys", "false")),
    ),
)


def described(instance: str) -> Request:
    """Return the question what an instance is: its disks, profile and tags."""
    return Request("ec2", "describe_instances", {"InstanceIds": [instance]})


def attribute(instance: str, name: str) -> Request:
    """Return the question after an attribute, as in DescribeInstanceAttribute."""
    request = {"InstanceId": instance, "Attribute": name}
    return Request("ec2", "describe_instance_attribute", request)


def questions(instance: str) -> tuple[Request, ...]:
    """Return what must be known of an instance for its evidence to be kept."""
    return (
        described(instance),
        attribute(instance, "disableApiTermination"),
        attribute(instance, "instanceInitiatedShutdownBehavior"),
    )


def said(situation: Situation, instance: str) -> Mapping[str, Any]:
    """Return what AWS says of an instance, {} if it says nothing."""
    answer = situation.answer(described(instance)) or {}
    found = [i for r in answer.get("Reservations") or () for i in r.get("Instances") or ()]
    return found[0] if found else {}


def kept(incident: Incident, situation: Situation, host: Host) -> Iterator[Measure]:
    """Yield the measures that keep the evidence of an instance, in order."""
    instance = said(situation, host.instance)
    yield from _out_of_scaling(host, instance)
    yield from out_of_balancing(situation, host)
    yield from _protected(situation, host)
    yield from _disks_outlive(host, instance)
    yield from copied(incident, host, instance)
    yield _tagged(incident, host)


def _tags(host: Host, instance: Mapping[str, Any]) -> dict[str, str]:
    tags = dict(host.node.tags) if host.node is not None else {}
    return tags | {t["Key"]: t["Value"] for t in instance.get("Tags") or ()}


def _out_of_scaling(host: Host, instance: Mapping[str, Any]) -> Iterator[Measure]:
    group = _tags(host, instance).get(_SCALING_GROUP, "")
    if not group:
        return
    request = {
        "InstanceIds": [host.instance],
        "AutoScalingGroupName": group,
        "ShouldDecrementDesiredCapacity": False,  # another one serves in its place
    }
    # "The instance … is not part of Auto Scaling group …" is a ValidationError, too.
    yield Measure(
        f"detach {host.instance} from Auto Scaling group {group}, which starts another",
        host.instance,
        (Request("autoscaling", "detach_instances", request, ("ValidationError",)),),
        (),
    )


def out_of_balancing(situation: Situation, host: Host) -> Iterator[Measure]:
    """Yield the measures that take a host out of the target groups that it is in."""
    values = situation.engine.network.values
    bears = {text for node in host.interfaces for text in addresses(node)} - {""}
    names = {host.instance, host.node.key if host.node is not None else ""} - {""}

    def is_meant(target: Mapping[str, Any]) -> bool:
        own = target.get("Id")
        text = own.key if isinstance(own, Ref) else str(own)
        return text in bears or text in names or values.key(own) in names

    for node in values.of_type(_TARGETS):
        mine = [t for t in node.properties.get("Targets") or () if is_meant(t)]
        if mine:
            left = [t for t in node.properties["Targets"] if not is_meant(t)]
            health = node.observed.get("TargetHealth") or ()
            seen = [h for h in health if not is_meant(h["Target"])]
            after = replace(
                node,
                properties={**node.properties, "Targets": left},
                observed={**node.observed, "TargetHealth": seen},
            )
            yield _deregistered(host, node, mine, after)
    for node in values.of_type(_CLASSIC):
        listed = node.properties.get("Instances") or ()
        if any(values.key(each) in names for each in listed):
            left = [each for each in listed if values.key(each) not in names]
            yield _deregistered_classic(host, node, left)


def _deregistered(host: Host, group: Node, targets: list[Any], after: Node) -> Measure:
    named = [
        {"Id": t["Id"].key if isinstance(t["Id"], Ref) else t["Id"]}
        | {n: t[n] for n in ("Port", "AvailabilityZone") if n in t}
        for t in targets
    ]
    request = {"TargetGroupArn": physical(group), "Targets": named}
    name = group.properties.get("Name") or group.key
    return Measure(
        f"deregister {host.id} from target group {name}",
        physical(group),
        (Request("elbv2", "deregister_targets", request, ("InvalidTarget",)),),
        (Request("elbv2", "register_targets", request, ("TargetGroupNotFound",)),),
        (after,),
    )


def _deregistered_classic(host: Host, balancer: Node, left: list[Any]) -> Measure:
    name = balancer.properties["LoadBalancerName"]
    request = {"LoadBalancerName": name, "Instances": [{"InstanceId": host.instance}]}
    out, back = "deregister_instances_from_load_balancer", "register_instances_with_load_balancer"
    after = replace(balancer, properties={**balancer.properties, "Instances": left})
    return Measure(
        f"deregister {host.id} from load balancer {name}",
        physical(balancer),
        (Request("elb", out, request, ("InvalidInstance",)),),
        (Request("elb", back, request, ("LoadBalancerNotFound",)),),
        (after,),
    )


def _changed(host: Host, text: str, name: str, value: Value, before: Value) -> Measure:
    change = "modify_instance_attribute"
    return Measure(
        text,
        host.instance,
        (Request("ec2", change, {"InstanceId": host.instance, name: value}),),
        (Request("ec2", change, {"InstanceId": host.instance, name: before}, _NOT_THERE),),
    )


def _protected(situation: Situation, host: Host) -> Iterator[Measure]:
    """Yield protection from termination and stopping at shutdown, where they are not so yet."""
    answer = situation.answer(attribute(host.instance, "disableApiTermination")) or {}
    if (answer.get("DisableApiTermination") or {}).get("Value") is False:
        text = f"protect {host.instance} from termination"
        yield _changed(host, text, "DisableApiTermination", {"Value": True}, {"Value": False})
    answer = situation.answer(attribute(host.instance, "instanceInitiatedShutdownBehavior")) or {}
    name = "InstanceInitiatedShutdownBehavior"
    behaviour = (answer.get(name) or {}).get("Value")
    if behaviour == "terminate":
        text = f"let a shutdown of {host.instance} stop it, not end it"
        yield _changed(host, text, name, {"Value": "stop"}, {"Value": behaviour})


def _volumes(instance: Mapping[str, Any]) -> list[tuple[str, Mapping[str, Any]]]:
    mapped = instance.get("BlockDeviceMappings") or ()
    return [(m["DeviceName"], m["Ebs"]) for m in mapped if m.get("Ebs")]


def _disks_outlive(host: Host, instance: Mapping[str, Any]) -> Iterator[Measure]:
    devices = [name for name, disk in _volumes(instance) if disk.get("DeleteOnTermination")]
    if devices:
        after, before = (
            [{"DeviceName": name, "Ebs": {"DeleteOnTermination": value}} for name in devices]
            for value in (False, True)
        )
        text = f"keep the disks of {host.instance} if it is ended: {', '.join(devices)}"
        yield _changed(host, text, "BlockDeviceMappings", after, before)


def copied(incident: Incident, host: Host, instance: Mapping[str, Any]) -> Iterator[Measure]:
    """Yield the copy of an instance's disks, all at one moment; it is kept when all is undone."""
    disks = _volumes(instance)
    if not disks:
        return
    tags = [{"Key": TAG, "Value": incident.id}]
    request = {
        "InstanceSpecification": {"InstanceId": host.instance, "ExcludeBootVolume": False},
        "Description": f"ringwall incident {incident.id}",
        "TagSpecifications": [{"ResourceType": "snapshot", "Tags": tags}],
    }
    yield Measure(
        f"take a snapshot of {counted(len(disks), 'disk')} of {host.instance}",
        host.instance,
        (Request("ec2", "create_snapshots", request),),
        (),
        once=True,
    )


def _tagged(incident: Incident, host: Host) -> Measure:
    request = {"Resources": [host.instance], "Tags": [{"Key": TAG, "Value": incident.id}]}
    return Measure(
        f"tag {host.instance} with the incident",
        host.instance,
        (Request("ec2", "create_tags", request),),
        (Request("ec2", "delete_tags", request, _NOT_THERE),),
    )
