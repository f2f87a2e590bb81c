"""AWS::VpcLattice::ServiceNetworkVpcAssociation: read only; a way beside route tables."""

from collections.abc import Iterable
from typing import Any

from ringwall.model.graph import Node, Ref
from ringwall.resources.ec2 import ec2_node
from ringwall.resources.kind import Detail, Listing, Reads, ResourceType

# "Owned by or shared with this account": a VPC can be associated with no other network.
SERVICE_NETWORKS = Listing("vpc-lattice", "list_service_networks", "items")
# ListServiceNetworkVpcAssociations wants to be told a network, or a VPC.
ASSOCIATIONS = Detail(
    "vpc-lattice",
    "list_service_network_vpc_associations",
    of=SERVICE_NETWORKS.name,
    item_id=lambda item: str(item["id"]),
    request=lambda item: {"serviceNetworkIdentifier": item["id"]},
    items="items",
)
# Only this says which groups an association bears.
ASSOCIATION = Detail(
    "vpc-lattice",
    "get_service_network_vpc_association",
    of=ASSOCIATIONS.name,
    item_id=lambda item: str(item["id"]),
    request=lambda item: {"serviceNetworkVpcAssociationIdentifier": item["id"]},
    items="{id: id, securityGroupIds: securityGroupIds}",
)


def read(reads: Reads) -> Iterable[Node]:
    """Yield every association."""
    for item in reads.objects(ASSOCIATIONS.name):
        properties: dict[str, Any] = {"ServiceNetworkIdentifier": item.get("serviceNetworkId", "")}
        if item.get("vpcId"):
            properties["VpcIdentifier"] = Ref("AWS::EC2::VPC", item["vpcId"])
        said = reads.detail(ASSOCIATION, item["id"])
        if said is not None:
            properties["SecurityGroupIds"] = sorted(
                Ref("AWS::EC2::SecurityGroup", each) for each in said.get("securityGroupIds") or ()
            )
        observed = {
            "Status": item.get("status"),
            "ServiceNetworkArn": item.get("serviceNetworkArn"),
        }
        yield ec2_node(reads, RESOURCE.name, item["id"], properties, observed)


RESOURCE = ResourceType(
    name="AWS::VpcLattice::ServiceNetworkVpcAssociation",
    listings=(SERVICE_NETWORKS,),
    details=(ASSOCIATIONS, ASSOCIATION),
    survey=True,
    watched=True,
    read=read,
)
