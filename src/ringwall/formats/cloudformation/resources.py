"""Resources of each type into nodes: one function a type that is more than its properties."""

from collections.abc import Callable, Mapping
from typing import Any

from ringwall.formats.cloudformation import filters
from ringwall.formats.cloudformation.draft import Draft, Properties, normal_type
from ringwall.formats.cloudformation.kinds import is_beside_packets
from ringwall.formats.cloudformation.stacks import NESTED, Resource
from ringwall.formats.cloudformation.values import is_unknown, reasons
from ringwall.model.graph import Ref
from ringwall.resources import registry
from ringwall.resources.ec2 import canonical_cidr

Reader = Callable[[Draft, Resource], None]
INTERFACE = "AWS::EC2::NetworkInterface"
ATTACHMENT = "AWS::EC2::TransitGatewayAttachment"
# A public address that AWS has yet to choose.
TO_BE_CHOSEN = "to be chosen"


def read_resource(draft: Draft, resource: Resource) -> None:
    """Add what a resource stands for."""
    kind = resource.type
    reader = READERS.get(kind)
    if reader is not None:
        reader(draft, resource)
        return
    known = registry().get(normal_type(resource))
    if known is None and is_beside_packets(kind):
        return
    properties = draft.properties(resource)
    tagged = known is None or known.key is None
    draft.add(resource, normal_type(resource), properties, tagged=tagged)


def _vpc(draft: Draft, resource: Resource) -> None:
    properties = draft.properties(resource)
    if "CidrBlock" not in properties:
        if "Ipv4IpamPoolId" not in properties:
            draft.fault(resource, resource.line, f"VPC '{resource.logical_id}' lacks CidrBlock")
            return
        draft.lose(f"VPC {resource.key}", "CidrBlock: an address pool gives it")
    draft.add(resource, "AWS::EC2::VPC", properties)
    ipv6 = draft.work.attributes.get(resource, "Ipv6CidrBlocks")
    filters.add_defaults(draft, resource, dual_stack=isinstance(ipv6, list))


def _cidr_block(draft: Draft, resource: Resource) -> None:
    properties = draft.properties(resource)
    named = [n for n in ("CidrBlock", "Ipv6CidrBlock") if n in properties]
    if not named and not properties.get("AmazonProvidedIpv6CidrBlock"):
        if properties:
            draft.lose(f"VPCCidrBlock {resource.key}", "an address pool gives it")
        return
    draft.add(resource, "AWS::EC2::VPCCidrBlock", properties, tagged=False)


def _group(draft: Draft, resource: Resource) -> None:
    filters.read_group(draft, resource)


def _gateway(draft: Draft, resource: Resource) -> None:
    properties = draft.properties(resource)
    options = properties.pop("Options", None)
    if isinstance(options, Mapping):
        properties |= options
    draft.add(resource, "AWS::EC2::TransitGateway", properties)


def _attachment(draft: Draft, resource: Resource) -> None:
    properties = draft.properties(resource)
    for name in ("AddSubnetIds", "RemoveSubnetIds"):
        properties.pop(name, None)
    if "VpcId" not in properties and properties:
        draft.fault(resource, resource.line, f"attachment '{resource.logical_id}' lacks VpcId")
    draft.add(resource, ATTACHMENT, properties)


def _peering_attachment(draft: Draft, resource: Resource) -> None:
    properties = draft.properties(resource)
    peer = {
        "TransitGatewayId": properties.get("PeerTransitGatewayId"),
        "OwnerId": properties.get("PeerAccountId"),
        "Region": properties.get("PeerRegion"),
    }
    observed = {"ResourceType": "peering", "AccepterTgwInfo": peer}
    own = (
        {"TransitGatewayId": properties["TransitGatewayId"]}
        if "TransitGatewayId" in properties
        else {}
    )
    draft.add(resource, ATTACHMENT, own, observed=observed)


def _endpoint(draft: Draft, resource: Resource) -> None:
    properties = draft.properties(resource)
    vpc = properties.get("VpcId")
    if (
        properties.get("VpcEndpointType") == "Interface"
        and "SecurityGroupIds" not in properties
        and isinstance(vpc, Ref)
        and not is_unknown(vpc)
    ):
        # "If you do not specify a security group, the default security group for the VPC is
        # associated" (CreateVpcEndpoint).
        properties["SecurityGroupIds"] = [Ref(filters.DEFAULT_GROUP, vpc.key)]
    draft.add(resource, "AWS::EC2::VPCEndpoint", properties)


def _interface(draft: Draft, resource: Resource) -> None:
    add_interface(draft, resource, resource.key, draft.properties(resource))


def add_interface(draft: Draft, resource: Resource, key: str, given: Properties) -> None:
    """Add an interface as it is written in its own resource or in an instance's."""
    subnet = given.get("SubnetId")
    groups = given.get("GroupSet")
    if not groups and isinstance(subnet, Ref):
        home = draft.nodes.get((subnet.type, subnet.key))
        vpc = home.properties.get("VpcId") if home else None
        groups = [Ref(filters.DEFAULT_GROUP, vpc.key)] if isinstance(vpc, Ref) else []
    properties = {"GroupSet": groups or [], "SourceDestCheck": given.get("SourceDestCheck", True)}
    if subnet is not None:
        properties["SubnetId"] = subnet
    observed: dict[str, Any] = {"InterfaceType": str(given.get("InterfaceType", "interface"))}
    addresses = given.get("PrivateIpAddress")
    listed = given.get("PrivateIpAddresses")
    texts = [addresses] if isinstance(addresses, str) else []
    texts += [
        item["PrivateIpAddress"]
        for item in (listed if isinstance(listed, list) else ())
        if isinstance(item, Mapping) and isinstance(item.get("PrivateIpAddress"), str)
    ]
    for text in texts:
        try:
            canonical_cidr(text)
        except ValueError:
            draft.fault(resource, resource.line, f"{text[:60]!r} is no address")
            return
    if texts:
        observed["PrivateIpAddress"] = texts[0]
        unique = dict.fromkeys(texts)
        observed["PrivateIpAddresses"] = [{"PrivateIpAddress": text} for text in unique]
    if given.get("AssociatePublicIpAddress") is True:
        observed["PublicIp"] = TO_BE_CHOSEN
    tagged = key == resource.key
    draft.add(resource, INTERFACE, properties, key=key, observed=observed, tagged=tagged)


def _instance(draft: Draft, resource: Resource) -> None:
    given = draft.properties(resource)
    written = given.pop("NetworkInterfaces", None)
    kept = ("SubnetId", "SecurityGroupIds", "SourceDestCheck")
    interfaces: list[Ref] = []
    if isinstance(written, Ref):
        draft.lose(f"Instance {resource.key}", *reasons(written))
    for index, item in enumerate(written if isinstance(written, list) else [given]):
        if not isinstance(item, Mapping):
            draft.fault(resource, resource.line, "an interface of an instance is no mapping")
            continue
        if "NetworkInterfaceId" in item:
            interfaces.append(item["NetworkInterfaceId"])
            continue
        if "SubnetId" not in item:
            draft.lose(f"Instance {resource.key}", "it names no subnet")
            continue
        key = f"{resource.key}/eth{item.get('DeviceIndex', index)}"
        own = dict(item)
        own["GroupSet"] = item.get("GroupSet", item.get("SecurityGroupIds"))
        if written is None:
            own["SourceDestCheck"] = given.get("SourceDestCheck", True)
        add_interface(draft, resource, key, own)
        interfaces.append(Ref(INTERFACE, key))
    properties = {name: given[name] for name in kept if name in given}
    observed = {"State": "running", "NetworkInterfaceIds": interfaces}
    draft.add(resource, "AWS::EC2::Instance", properties, observed=observed)


def _elastic_address(draft: Draft, resource: Resource) -> None:
    given = draft.properties(resource)
    draft.add(resource, "AWS::EC2::EIP", {"Domain": given.get("Domain", "vpc")})


def _prefix_list(draft: Draft, resource: Resource) -> None:
    given = draft.properties(resource)
    entries = given.pop("Entries", [])
    cidrs = (
        [item.get("Cidr") for item in entries if isinstance(item, Mapping)]
        if isinstance(entries, list)
        else None
    )
    observed: dict[str, Any] = {}
    if cidrs is not None and all(isinstance(cidr, str) for cidr in cidrs):
        try:
            observed["Cidrs"] = sorted(canonical_cidr(cidr) for cidr in cidrs)
        except ValueError as error:
            draft.fault(resource, resource.line, f"prefix list '{resource.logical_id}': {error}")
    if isinstance(given.get("PrefixListName"), str):
        observed["PrefixListName"] = given["PrefixListName"]
    draft.add(resource, "AWS::EC2::PrefixList", given, observed=observed)


def _peering(draft: Draft, resource: Resource) -> None:
    given = draft.properties(resource)
    owner = given.get("PeerOwnerId", draft.work.account)
    role = given.pop("PeerRoleArn", None)
    # "If you do not provide the PeerRoleArn, the peering stays pending-acceptance" for another
    # account; CloudFormation accepts one inside the account by itself.
    foreign = bool(owner) and owner != draft.work.account and role is None
    observed = {"Status": "pending-acceptance"} if foreign and "PeerOwnerId" in given else {}
    draft.add(resource, "AWS::EC2::VPCPeeringConnection", given, observed=observed)


def _balancer(draft: Draft, resource: Resource) -> None:
    given = {"Type": "application", "Scheme": "internet-facing", **draft.properties(resource)}
    mappings = given.pop("SubnetMappings", None)
    if isinstance(mappings, list):
        given["Subnets"] = [
            item.get("SubnetId", item) if isinstance(item, Mapping) else item for item in mappings
        ]
    draft.add(resource, resource.type, given)


def _zone(draft: Draft, resource: Resource) -> None:
    given = draft.properties(resource)
    vpcs = given.get("VPCs")
    if isinstance(vpcs, list):
        found = [item.get("VPCId") if isinstance(item, Mapping) else item for item in vpcs]
        given["VPCs"] = [vpc for vpc in found if isinstance(vpc, Ref)]
    draft.add(resource, resource.type, given)


def _nested(draft: Draft, resource: Resource) -> None:
    if resource.logical_id not in resource.stack.nested:
        draft.lose(f"Stack {resource.key}", "the template of this nested stack is not given")


def _nothing(_draft: Draft, _resource: Resource) -> None:
    return


READERS: Mapping[str, Reader] = {
    "AWS::EC2::VPC": _vpc,
    "AWS::EC2::VPCCidrBlock": _cidr_block,
    "AWS::EC2::SecurityGroup": _group,
    "AWS::EC2::SecurityGroupIngress": filters.read_rule,
    "AWS::EC2::SecurityGroupEgress": filters.read_rule,
    "AWS::EC2::NetworkAclEntry": filters.read_entry,
    "AWS::EC2::TransitGateway": _gateway,
    "AWS::EC2::TransitGatewayAttachment": _attachment,
    "AWS::EC2::TransitGatewayVpcAttachment": _attachment,
    "AWS::EC2::TransitGatewayPeeringAttachment": _peering_attachment,
    "AWS::EC2::VPCEndpoint": _endpoint,
    INTERFACE: _interface,
    "AWS::EC2::Instance": _instance,
    "AWS::EC2::EIP": _elastic_address,
    "AWS::EC2::EIPAssociation": _nothing,  # these three are read with what they join
    "AWS::EC2::NetworkInterfaceAttachment": _nothing,
    "AWS::EC2::PrefixList": _prefix_list,
    "AWS::EC2::VPCPeeringConnection": _peering,
    "AWS::ElasticLoadBalancingV2::LoadBalancer": _balancer,
    "AWS::Route53::HostedZone": _zone,
    NESTED: _nested,
}
