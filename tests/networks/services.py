"""Services in a drawn network: endpoints, load balancers, firewalls, Lattice."""

from tests.builders import ref
from tests.networks.balancers import draw_application, draw_classic, draw_network
from tests.networks.features import Feature
from tests.networks.inspection import draw_firewall, draw_inspection
from tests.networks.plans import Drawing, Tier, VpcPlan

S3 = ["52.216.0.0/15", "3.5.0.0/19"]


def draw_services(d: Drawing) -> None:
    """Draw the services that the network's features name, each in some VPC."""
    for vpc in d.vpcs.values():
        if d.has(Feature.GATEWAY_ENDPOINTS) and vpc.tables() and d.chance(0.7):
            cidrs = S3 if not (d.has(Feature.MISSING) and d.chance(0.3)) else ()
            tables = [table for table in vpc.tables() if d.chance(0.7)]
            d.builder.endpoint(f"{vpc.key}/s3", tables=tables, cidrs=cidrs)
            if d.chance(0.5):  # IAM's, which says nothing about packets (F19)
                nobody = {"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*"}
                policy = {"Version": "2012-10-17", "Statement": [nobody]}
                d.change("VPCEndpoint", f"{vpc.key}/s3", PolicyDocument=policy)
        if d.has(Feature.INTERFACE_ENDPOINTS) and d.chance(0.7):
            _interface_endpoint(d, vpc)
    for feature, draw in SERVICES.items():
        if d.has(feature):
            draw(d, d.rng.choice(list(d.vpcs.values())))


def _interface_endpoint(d: Drawing, vpc: VpcPlan) -> None:
    tier = d.rng.choice(list(vpc.tiers.values()))
    group = f"{vpc.key}/g-endpoints"
    d.builder.group(group, "")
    for cidr in vpc.cidrs:
        d.builder.rule(group, "in", "tcp/443", cidr)
    key = f"{vpc.key}/ssm"
    subnets = [subnet.key for subnet in tier.subnets]
    d.builder.endpoint(key, subnets=subnets, groups=[group])
    d.give_id("VPCEndpoint", key, d.new_id("vpce"))


def _tier(d: Drawing, vpc: VpcPlan) -> Tier:
    return d.rng.choice([tier for tier in vpc.tiers.values() if tier.groups])


def _lattice(d: Drawing, vpc: VpcPlan) -> None:
    d.builder.add(
        "AWS::VpcLattice::ServiceNetworkVpcAssociation",
        f"{vpc.key}/lattice",
        {
            "ServiceNetworkIdentifier": "sn-00000001",
            "VpcIdentifier": ref("VPC", vpc.key),
            "SecurityGroupIds": [ref("SecurityGroup", _tier(d, vpc).groups[0])],
        },
        observed={"Status": "ACTIVE"},
    )


SERVICES = {
    Feature.INSPECTION_ENDPOINTS: draw_inspection,
    Feature.NETWORK_FIREWALL: draw_firewall,
    Feature.APPLICATION_BALANCERS: draw_application,
    Feature.NETWORK_BALANCERS: draw_network,
    Feature.CLASSIC_BALANCERS: draw_classic,
    Feature.LATTICE: _lattice,
}
