"""Which types of resources an argument names by their ids."""

from collections.abc import Mapping

_VPC = frozenset({"aws_vpc", "aws_default_vpc"})
_SUBNET = frozenset({"aws_subnet", "aws_default_subnet"})
_GROUP = frozenset({"aws_security_group", "aws_default_security_group"})
_TABLE = frozenset({"aws_route_table", "aws_default_route_table"})
_ACL = frozenset({"aws_network_acl", "aws_default_network_acl"})
_GATEWAY = frozenset({"aws_internet_gateway", "aws_vpn_gateway"})
_TRANSIT = frozenset({"aws_ec2_transit_gateway"})
_ATTACHMENT = frozenset(
    {
        "aws_ec2_transit_gateway_vpc_attachment",
        "aws_ec2_transit_gateway_vpc_attachment_accepter",
        "aws_ec2_transit_gateway_peering_attachment",
        "aws_ec2_transit_gateway_peering_attachment_accepter",
        "aws_ec2_transit_gateway_connect",
        "aws_vpn_connection",
        "aws_dx_gateway_association",
    }
)
_TRANSIT_TABLE = frozenset({"aws_ec2_transit_gateway_route_table"})
_INTERFACE = frozenset({"aws_network_interface"})
_BALANCER = frozenset({"aws_lb", "aws_alb"})
_TARGETS = frozenset({"aws_lb_target_group", "aws_alb_target_group"})
_LISTENER = frozenset({"aws_lb_listener", "aws_alb_listener"})
_PREFIXES = frozenset({"aws_ec2_managed_prefix_list"})
_PEERING = frozenset({"aws_vpc_peering_connection", "aws_vpc_peering_connection_accepter"})
_ENDPOINT = frozenset({"aws_vpc_endpoint"})
_EIP = frozenset({"aws_eip"})

WANTED: Mapping[str, frozenset[str]] = {
    "vpc_id": _VPC,
    "peer_vpc_id": _VPC,
    "vpc": _VPC,
    "subnet_id": _SUBNET,
    "subnet_ids": _SUBNET,
    "subnets": _SUBNET,
    "route_table_id": _TABLE,
    "route_table_ids": _TABLE,
    "default_route_table_id": _TABLE,
    "network_acl_id": _ACL,
    "default_network_acl_id": _ACL,
    "security_group_id": _GROUP,
    "source_security_group_id": _GROUP,
    "referenced_security_group_id": _GROUP,
    "security_groups": _GROUP,
    "security_group_ids": _GROUP,
    "vpc_security_group_ids": _GROUP,
    "gateway_id": _GATEWAY,
    "internet_gateway_id": frozenset({"aws_internet_gateway"}),
    "vpn_gateway_id": frozenset({"aws_vpn_gateway"}),
    "propagating_vgws": frozenset({"aws_vpn_gateway"}),
    "nat_gateway_id": frozenset({"aws_nat_gateway"}),
    "egress_only_gateway_id": frozenset({"aws_egress_only_internet_gateway"}),
    "customer_gateway_id": frozenset({"aws_customer_gateway"}),
    "transit_gateway_id": _TRANSIT,
    "peer_transit_gateway_id": _TRANSIT,
    "transit_gateway_attachment_id": _ATTACHMENT,
    "transit_gateway_route_table_id": _TRANSIT_TABLE,
    "vpn_connection_id": frozenset({"aws_vpn_connection"}),
    "vpc_endpoint_id": _ENDPOINT,
    "vpc_peering_connection_id": _PEERING,
    "network_interface_id": _INTERFACE,
    "network_interface": _INTERFACE,
    "primary_network_interface_id": _INTERFACE,
    "instance_id": frozenset({"aws_instance"}),
    "instance": frozenset({"aws_instance"}),
    "allocation_id": _EIP,
    "prefix_list_id": _PREFIXES,
    "prefix_list_ids": _PREFIXES,
    "destination_prefix_list_id": _PREFIXES,
    "load_balancer_arn": _BALANCER,
    "network_load_balancer_arns": _BALANCER,
    "gateway_load_balancer_arns": _BALANCER,
    "listener_arn": _LISTENER,
    "target_group_arn": _TARGETS,
    # Of the target groups of a listener's `forward`, and of the IP set of a web ACL's rule.
    "arn": _TARGETS | {"aws_wafv2_ip_set"},
    "resource_arn": _BALANCER | {"aws_wafv2_web_acl", "aws_networkfirewall_rule_group"},
    "web_acl_arn": frozenset({"aws_wafv2_web_acl"}),
    "target_id": frozenset({"aws_instance", "aws_lb", "aws_alb", "aws_lambda_function"}),
    "firewall_policy_arn": frozenset({"aws_networkfirewall_firewall_policy"}),
    "zone_id": frozenset({"aws_route53_zone"}),
    "iam_role_arn": frozenset({"aws_iam_role"}),
    "log_destination": frozenset({"aws_cloudwatch_log_group", "aws_s3_bucket"}),
    "firewall_rule_group_id": frozenset({"aws_route53_resolver_firewall_rule_group"}),
    "firewall_domain_list_id": frozenset({"aws_route53_resolver_firewall_domain_list"}),
    "resolver_query_log_config_id": frozenset({"aws_route53_resolver_query_log_config"}),
    "destination_arn": frozenset({"aws_cloudwatch_log_group", "aws_s3_bucket"}),
    "resource_id": _VPC,
    "dx_gateway_id": frozenset({"aws_dx_gateway"}),
    "associated_gateway_id": frozenset({"aws_vpn_gateway", "aws_ec2_transit_gateway"}),
    "bucket": frozenset({"aws_s3_bucket"}),
}
# Arguments that hold several.
_LISTS_WORDS = """
subnet_ids subnets route_table_ids security_groups security_group_ids vpc_security_group_ids
prefix_list_ids propagating_vgws network_load_balancer_arns gateway_load_balancer_arns
"""
LISTS = frozenset(_LISTS_WORDS.split())
