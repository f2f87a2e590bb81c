"""Every behaviour that the lab adds to moto: where AWS says it, and which test probes it."""

import functools
from importlib import import_module

from ringwall.lab.behaviour import rows
from ringwall.lab.behaviours_above import ABOVE
from ringwall.lab.watched_behaviours import ROWS

AREAS = (
    "dispatch",
    "interfaces",
    "instance",
    "images",
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
    "security_hub",
    "flow_logs",
    "block_public_access",
    "hosted_zone",
    "subnet",
    "topics",
    "log_groups",
    "metric_filters",
    "alarms",
    "functions",
    "rules",
    "tables",
    "dashboards",
    "queries",
    "surveys",
    "dynamodb",
    "load_balancer",
    "web_acl",
    "s3_bucket",
)


_TRANSIT = rows(
    "TGW",
    "test_transit_gateway",
    (
        "Without default association and propagation there is no default route table",
        "EC2 API, TransitGatewayRequestOptions",
        "test_without_defaults_a_gateway_has_no_route_table",
    ),
    (
        "With them, an attachment is associated and propagates once it is available",
        "EC2 API, TransitGatewayRequestOptions",
        "test_with_defaults_an_attachment_is_associated_and_propagates",
    ),
    (
        "Attachment options are kept; the association is listed only if there is one",
        "EC2 API, DescribeTransitGatewayAttachments",
        "test_an_attachment_keeps_its_options_and_tags",
    ),
    (
        "One subnet of each Availability Zone",
        "EC2 API, CreateTransitGatewayVpcAttachment",
        "test_an_attachment_takes_one_subnet_of_a_zone",
    ),
    (
        "An attachment has a requester-managed interface in each of its subnets",
        "Transit Gateway guide, VPC attachments",
        "test_an_attachment_has_interfaces_that_amazon_manages",
    ),
    (
        "A second association is refused; associating and disassociating take time",
        "Transit Gateway guide, route tables",
        "test_a_second_association_is_refused",
    ),
    (
        "Propagation installs every CIDR of the VPC, and is there once or not at all",
        "Transit Gateway guide, route propagation",
        "test_propagation_brings_every_block_of_the_vpc",
    ),
    (
        "Static routes keep their attachment and turn black with it; searches filter",
        "EC2 API, SearchTransitGatewayRoutes",
        "test_static_routes_keep_their_attachment",
    ),
    (
        "Prefix list references are routes",
        "EC2 API, CreateTransitGatewayPrefixListReference",
        "test_prefix_list_references_are_routes",
    ),
    (
        "A gateway with attachments or tables is not deleted; deleted things stay listed",
        "EC2 API, DeleteTransitGateway",
        "test_a_gateway_with_attachments_is_not_deleted",
    ),
    (
        "Options and CIDR blocks of a gateway are modified",
        "EC2 API, ModifyTransitGateway",
        "test_a_gateway_is_modified",
    ),
)
_ACL = rows(
    "ACL",
    "test_network_acl",
    (
        "The implicit denies 32767 and, with IPv6, 32768 are listed both ways",
        "VPC guide, network ACL rules",
        "test_a_new_acl_lists_the_implicit_denies",
    ),
    (
        "A default ACL gets rule 101 for IPv6 when the VPC does",
        "VPC guide, default network ACL",
        "test_a_default_acl_allows_both_families",
    ),
    (
        "Rule numbers end at 1 and 32766",
        "EC2 API, CreateNetworkAclEntry",
        "test_numbers_end_at_1_and_32766",
    ),
    ("CIDRs are made canonical", "EC2 API, CreateNetworkAclEntry", "test_host_bits_are_dropped"),
    (
        "ICMP type and code are kept",
        "EC2 API, CreateNetworkAclEntry",
        "test_icmp_and_ports_are_kept",
    ),
    (
        "Duplicates and absent entries are refused",
        "EC2 API, error codes",
        "test_entries_are_replaced_and_deleted_once",
    ),
    (
        "20 entries a direction and family",
        "VPC guide, quotas",
        "test_the_quota_holds_for_direction_and_family",
    ),
    (
        "An association is replaced; a used or default ACL is not deleted",
        "EC2 API, ReplaceNetworkAclAssociation",
        "test_an_association_is_replaced",
    ),
)
_GROUP = rows(
    "SG",
    "test_security_group",
    (
        "A new group lets everything out, IPv6 too in an IPv6 VPC",
        "VPC guide, security group rules",
        "test_a_new_group_lets_everything_out",
    ),
    (
        "All kinds of rule are described in full, CIDRs canonical, all permissions answered",
        "EC2 API, DescribeSecurityGroupRules",
        "test_rules_are_described_in_full",
    ),
    (
        "A call adds or revokes all of its rules or none; a description tells none apart",
        "EC2 API, AuthorizeSecurityGroupIngress",
        "test_a_rule_is_there_once",
    ),
    (
        "Rules are modified under their id, and described anew",
        "EC2 API, ModifySecurityGroupRules",
        "test_rules_are_modified_and_described_anew",
    ),
    (
        "A group that another references is not deleted",
        "EC2 API, DeleteSecurityGroup",
        "test_a_referenced_group_stays",
    ),
    (
        "A group that an interface bears is not deleted",
        "EC2 API, DeleteSecurityGroup",
        "test_a_used_group_stays",
    ),
    (
        "A default group is not deleted",
        "VPC guide, default security groups",
        "test_a_default_group_stays",
    ),
    (
        "60 rules a direction and family",
        "VPC guide, quotas",
        "test_sixty_rules_a_direction_and_family",
    ),
)
_VPC = rows(
    "VPC",
    "test_vpc",
    (
        "Tags given at creation are there, and every describe filters by them",
        "EC2 API, TagSpecification",
        "test_tags_are_there_from_the_start",
    ),
    (
        "A NAT gateway takes time, has an interface in its subnet, blocks what it uses",
        "VPC guide, NAT gateways",
        "test_a_nat_gateway_takes_time_and_stays_listed",
    ),
    (
        "A public NAT gateway fails in a VPC without an internet gateway",
        "VPC guide, troubleshoot NAT gateways",
        "test_a_public_nat_gateway_fails_without_an_internet_gateway",
    ),
    (
        "Routes are unique, replaced, and turn black when their target goes",
        "EC2 API, Route",
        "test_routes_are_replaced_and_turn_black",
    ),
    (
        "Route table associations are replaced, the main one too; a used table stays",
        "EC2 API, ReplaceRouteTableAssociation",
        "test_table_associations_are_replaced",
    ),
    (
        "A gateway endpoint is a prefix-list route in its tables",
        "PrivateLink guide, gateway endpoints",
        "test_a_gateway_endpoint_is_a_route",
    ),
    (
        "An interface endpoint takes time, and has names and interfaces",
        "PrivateLink guide, interface endpoints",
        "test_an_interface_endpoint_has_names_and_interfaces",
    ),
    (
        "Private DNS needs both DNS attributes of the VPC",
        "PrivateLink guide, private DNS",
        "test_private_names_need_both_dns_attributes",
    ),
    ("A VPC is deleted last", "EC2 API, DeleteVpc", "test_a_vpc_goes_last"),
    (
        "An instance's groups are replaced through it or its interface; it leaves its subnet",
        "EC2 API, ModifyInstanceAttribute",
        "test_an_instance_has_the_groups_of_its_interface",
    ),
    (
        "A prefix list has versions and a size, and stays while it is referenced",
        "EC2 API, ModifyManagedPrefixList",
        "test_a_prefix_list_has_versions",
    ),
)
_DNS = rows(
    "DNS",
    "test_dns_firewall",
    (
        "AWS's own domain lists are there",
        "Route 53 guide, managed domain lists",
        "test_aws_lists_are_there",
    ),
    (
        "A CreatorRequestId makes one thing",
        "Route 53 Resolver API, CreateFirewallRuleGroup",
        "test_a_creator_request_id_makes_one_thing",
    ),
    (
        "Domains are added, removed and replaced, in lower case with a final dot",
        "Route 53 Resolver API, UpdateFirewallDomains",
        "test_domains_are_added_removed_and_replaced",
    ),
    (
        "Rules have priorities of their own and consistent actions",
        "Route 53 Resolver API, CreateFirewallRule",
        "test_rules_have_priorities_of_their_own",
    ),
    (
        "An association's priority lies between 100 and 9900",
        "Route 53 Resolver API, AssociateFirewallRuleGroup",
        "test_an_association_ranks_between_aws_own",
    ),
    (
        "An association takes time, and may be protected",
        "Route 53 Resolver API, UpdateFirewallRuleGroupAssociation",
        "test_an_association_takes_time_and_may_be_protected",
    ),
    (
        "A VPC's firewall fails closed unless told otherwise",
        "Route 53 Resolver API, UpdateFirewallConfig",
        "test_a_firewall_fails_closed_unless_told",
    ),
    (
        "All of it bears tags",
        "Route 53 Resolver API, TagResource",
        "test_tags_are_kept",
    ),
    (
        "Query logging takes time, is retried safely, and is taken apart in order",
        "Route 53 Resolver API, DeleteResolverQueryLogConfig",
        "test_query_logging_takes_time",
    ),
)
_ACCOUNT = rows(
    "ACC",
    "test_account",
    (
        "Flow logs keep every field",
        "EC2 API, CreateFlowLogs",
        "test_flow_logs_keep_every_field",
    ),
    (
        "VPC Block Public Access with exclusions",
        "VPC guide, block public access",
        "test_public_access_is_blocked_with_exclusions",
    ),
    (
        "A ClientToken makes one thing, in every EC2 call that has one",
        "EC2 API, ensuring idempotency",
        "test_a_client_token_makes_one_thing",
    ),
    ("DryRun does nothing", "EC2 API, common parameters", "test_a_dry_run_does_nothing"),
    (
        "A private zone is private by its VPC, and conflicts are refused",
        "Route 53 API, AssociateVPCWithHostedZone",
        "test_a_private_zone_serves_several_vpcs",
    ),
    ("A bucket is created with its tags", "S3 API, CreateBucket", "test_a_bucket_gets_its_tags"),
    (
        "A subnet keeps its IPv6 state and DNS64",
        "EC2 API, ModifySubnetAttribute",
        "test_a_subnet_keeps_its_ipv6_and_dns64",
    ),
)
_SURVEYS = rows(
    "SUR",
    "test_surveys",
    (
        "Firewall policies, Direct Connect gateways and client VPNs are answered: there are none",
        "Network Firewall API, ListFirewallPolicies; Direct Connect API",
        "test_what_a_lab_cannot_have_is_answered_as_none",
    ),
    (
        "Among the peerings of Transit Gateways are no other attachments",
        "EC2 API, DescribeTransitGatewayPeeringAttachments",
        "test_peerings_are_listed_without_other_attachments",
    ),
    (
        "An association of a service network tells its groups",
        "VPC Lattice API, GetServiceNetworkVpcAssociation",
        "test_an_association_tells_its_groups",
    ),
)
_SERVER = rows(
    "LAB",
    "test_server",
    (
        "What is not supported is said plainly, as an AWS error",
        "(the lab's own)",
        "test_what_is_not_supported_is_said_plainly",
    ),
    (
        "Time passes with requests, or by hand",
        "(the lab's own)",
        "test_virtual_time_passes_with_requests_and_by_hand",
    ),
    (
        "Another process asks for the time, and moves it forward: `/_lab/time`",
        "(the lab's own)",
        "test_another_process_asks_for_the_time_and_moves_it_forward",
    ),
    ("Ids repeat after a reset", "(the lab's own)", "test_ids_repeat_after_a_reset"),
)
_NETWORK = (*_TRANSIT, *_ACL, *_GROUP, *_VPC, *_DNS)
_WATCHING = rows("WATCH", "test_watching", *ROWS)
BEHAVIOURS = (*_NETWORK, *_ACCOUNT, *_SURVEYS, *ABOVE, *_WATCHING, *_SERVER)


def as_markdown() -> str:
    """Return the table that docs/lab.md shows."""
    lines = ["| id | what the lab adds | source | probe |", "|---|---|---|---|"]
    lines += [f"| {one.id} | {one.what} | {one.source} | `{one.probe}` |" for one in BEHAVIOURS]
    return "\n".join(lines) + "\n"


@functools.cache
def install() -> None:
    """Add every behaviour to moto; once a process."""
    for area in AREAS:
        import_module(f"ringwall.lab.{area}").install()
