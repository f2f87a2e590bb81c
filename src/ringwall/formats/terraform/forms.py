"""Terraform's resource types and arguments under CloudFormation's names, read and written.

What is more than a renaming stands in `shapes.py` and its neighbours (read) and in `writing.py`
(written).

Source: the documentation and the schema of hashicorp/aws 5.100.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

EC2 = "AWS::EC2::"
ELB = "AWS::ElasticLoadBalancingV2::"


@dataclass(frozen=True, slots=True)
class Form:
    """A type, and its arguments by the names of properties."""

    type: str
    arguments: Mapping[str, str] = field(default_factory=dict)


def _form(type_name: str, text: str = "", /, **others: str) -> Form:
    """Return a form; arguments whose names differ only in their spelling stand in `text`."""
    plain = {name: camel(name) for name in text.split()}
    return Form(type_name, {**plain, **others})


def camel(name: str) -> str:
    """Return `vpc_id` as `VpcId`."""
    return "".join(word[:1].upper() + word[1:] for word in name.split("_"))


TARGETS = {
    "gateway_id": "GatewayId",
    "nat_gateway_id": "NatGatewayId",
    "transit_gateway_id": "TransitGatewayId",
    "vpc_endpoint_id": "VpcEndpointId",
    "vpc_peering_connection_id": "VpcPeeringConnectionId",
    "network_interface_id": "NetworkInterfaceId",
    "carrier_gateway_id": "CarrierGatewayId",
    "local_gateway_id": "LocalGatewayId",
    "core_network_arn": "CoreNetworkArn",
    "egress_only_gateway_id": "EgressOnlyInternetGatewayId",
}
_VPC = _form(f"{EC2}VPC", "cidr_block enable_dns_support enable_dns_hostnames instance_tenancy")
_SUBNET = _form(
    f"{EC2}Subnet",
    "vpc_id cidr_block ipv6_cidr_block availability_zone availability_zone_id enable_dns64 "
    "map_public_ip_on_launch ipv6_native",
    assign_ipv6_address_on_creation="AssignIpv6AddressOnCreation",
)
_BALANCER = _form(f"{ELB}LoadBalancer", "name security_groups ip_address_type")
_TARGETS = _form(
    f"{ELB}TargetGroup", "name port protocol protocol_version target_type vpc_id ip_address_type"
)
_LISTENER = _form(f"{ELB}Listener", "load_balancer_arn port protocol ssl_policy")
_LISTENER_RULE = _form(f"{ELB}ListenerRule", "listener_arn priority")
_TABLE = _form(f"{EC2}RouteTable", "vpc_id")

# What is written and not read: it says nothing about packets.
WATCHING: Mapping[str, Form] = {
    "aws_cloudwatch_log_metric_filter": _form(
        "AWS::Logs::MetricFilter", "log_group_name", name="FilterName", pattern="FilterPattern"
    ),
    "aws_cloudwatch_metric_alarm": _form(
        "AWS::CloudWatch::Alarm",
        "alarm_name alarm_description actions_enabled alarm_actions comparison_operator "
        "evaluation_periods threshold treat_missing_data namespace metric_name statistic period "
        "insufficient_data_actions",
        ok_actions="OKActions",
        datapoints_to_alarm="DatapointsToAlarm",
    ),
    "aws_cloudwatch_query_definition": _form(
        "AWS::Logs::QueryDefinition",
        "log_group_names query_string",
        name="Name",
    ),
    "aws_cloudwatch_dashboard": _form("AWS::CloudWatch::Dashboard", "dashboard_name"),
    "aws_kms_key": _form("AWS::KMS::Key", "description enable_key_rotation", policy="KeyPolicy"),
    "aws_kms_alias": _form("AWS::KMS::Alias", "target_key_id", name="AliasName"),
    "aws_sns_topic": _form("AWS::SNS::Topic", "display_name kms_master_key_id", name="TopicName"),
    "aws_sns_topic_policy": _form(
        "AWS::SNS::TopicInlinePolicy", arn="TopicArn", policy="PolicyDocument"
    ),
    "aws_sqs_queue": _form(
        "AWS::SQS::Queue",
        name="QueueName",
        message_retention_seconds="MessageRetentionPeriod",
        sqs_managed_sse_enabled="SqsManagedSseEnabled",
        visibility_timeout_seconds="VisibilityTimeout",
    ),
    "aws_dynamodb_table": _form(
        "AWS::DynamoDB::Table",
        "billing_mode deletion_protection_enabled",
        name="TableName",
    ),
    "aws_lambda_function": _form(
        "AWS::Lambda::Function",
        "function_name description runtime handler architectures memory_size timeout role",
        reserved_concurrent_executions="ReservedConcurrentExecutions",
        source_code_hash="CodeSha256",
    ),
    "aws_lambda_permission": _form(
        "AWS::Lambda::Permission",
        "function_name action principal source_arn source_account",
    ),
    "aws_cloudwatch_event_rule": _form(
        "AWS::Events::Rule", "name description schedule_expression state"
    ),
    "aws_sns_topic_subscription": _form("AWS::SNS::Subscription", "topic_arn protocol endpoint"),
}
FORMS: Mapping[str, Form] = {
    "aws_vpc": Form(_VPC.type, {**_VPC.arguments, "ipv4_ipam_pool_id": "Ipv4IpamPoolId"}),
    "aws_default_vpc": _VPC,
    "aws_vpc_ipv4_cidr_block_association": _form(
        f"{EC2}VPCCidrBlock", "vpc_id cidr_block ipv4_ipam_pool_id"
    ),
    "aws_vpc_ipv6_cidr_block_association": _form(
        f"{EC2}VPCCidrBlock", "vpc_id ipv6_cidr_block ipv6_ipam_pool_id"
    ),
    "aws_subnet": _SUBNET,
    "aws_default_subnet": _SUBNET,
    "aws_internet_gateway": _form(f"{EC2}InternetGateway"),
    "aws_internet_gateway_attachment": _form(
        f"{EC2}VPCGatewayAttachment", "vpc_id internet_gateway_id"
    ),
    "aws_egress_only_internet_gateway": _form(f"{EC2}EgressOnlyInternetGateway", "vpc_id"),
    "aws_eip": _form(f"{EC2}EIP", domain="Domain", instance="InstanceId"),
    "aws_eip_association": _form(
        f"{EC2}EIPAssociation", "instance_id network_interface_id allocation_id"
    ),
    "aws_nat_gateway": _form(f"{EC2}NatGateway", "subnet_id allocation_id connectivity_type"),
    "aws_route_table": _TABLE,
    "aws_default_route_table": _TABLE,
    "aws_route": _form(
        f"{EC2}Route",
        "route_table_id destination_cidr_block destination_ipv6_cidr_block "
        "destination_prefix_list_id",
        **TARGETS,
    ),
    "aws_route_table_association": _form(
        f"{EC2}SubnetRouteTableAssociation", "subnet_id route_table_id"
    ),
    "aws_main_route_table_association": _form(
        "Ringwall::EC2::MainRouteTableAssociation", "vpc_id route_table_id"
    ),
    "aws_network_acl": _form(f"{EC2}NetworkAcl", "vpc_id"),
    "aws_network_acl_rule": _form(
        f"{EC2}NetworkAclEntry",
        "network_acl_id egress rule_number rule_action cidr_block ipv6_cidr_block",
    ),
    "aws_network_acl_association": _form(
        f"{EC2}SubnetNetworkAclAssociation", "subnet_id network_acl_id"
    ),
    "aws_security_group": _form(
        f"{EC2}SecurityGroup", "vpc_id", name="GroupName", description="GroupDescription"
    ),
    "aws_vpc_security_group_ingress_rule": _form(
        f"{EC2}SecurityGroupIngress",
        "ip_protocol from_port to_port description",
        security_group_id="GroupId",
        cidr_ipv4="CidrIp",
        cidr_ipv6="CidrIpv6",
        prefix_list_id="SourcePrefixListId",
        referenced_security_group_id="SourceSecurityGroupId",
    ),
    "aws_vpc_security_group_egress_rule": _form(
        f"{EC2}SecurityGroupEgress",
        "ip_protocol from_port to_port description",
        security_group_id="GroupId",
        cidr_ipv4="CidrIp",
        cidr_ipv6="CidrIpv6",
        prefix_list_id="DestinationPrefixListId",
        referenced_security_group_id="DestinationSecurityGroupId",
    ),
    "aws_network_interface": _form(
        f"{EC2}NetworkInterface",
        "subnet_id source_dest_check interface_type",
        security_groups="GroupSet",
    ),
    "aws_network_interface_attachment": _form(
        f"{EC2}NetworkInterfaceAttachment", "instance_id network_interface_id"
    ),
    "aws_instance": _form(
        f"{EC2}Instance",
        "subnet_id source_dest_check associate_public_ip_address",
        vpc_security_group_ids="SecurityGroupIds",
        private_ip="PrivateIpAddress",
    ),
    "aws_ec2_transit_gateway": _form(
        f"{EC2}TransitGateway",
        "amazon_side_asn auto_accept_shared_attachments default_route_table_association "
        "default_route_table_propagation dns_support vpn_ecmp_support description "
        "security_group_referencing_support transit_gateway_cidr_blocks",
    ),
    "aws_ec2_transit_gateway_vpc_attachment": _form(
        f"{EC2}TransitGatewayAttachment", "transit_gateway_id vpc_id subnet_ids"
    ),
    "aws_ec2_transit_gateway_peering_attachment": _form(
        f"{EC2}TransitGatewayPeeringAttachment",
        "transit_gateway_id peer_transit_gateway_id peer_account_id peer_region",
    ),
    "aws_ec2_transit_gateway_route_table": _form(
        f"{EC2}TransitGatewayRouteTable", "transit_gateway_id"
    ),
    "aws_ec2_transit_gateway_route": _form(
        f"{EC2}TransitGatewayRoute",
        "transit_gateway_route_table_id destination_cidr_block transit_gateway_attachment_id "
        "blackhole",
    ),
    "aws_ec2_transit_gateway_route_table_association": _form(
        f"{EC2}TransitGatewayRouteTableAssociation",
        "transit_gateway_attachment_id transit_gateway_route_table_id",
    ),
    "aws_ec2_transit_gateway_route_table_propagation": _form(
        f"{EC2}TransitGatewayRouteTablePropagation",
        "transit_gateway_attachment_id transit_gateway_route_table_id",
    ),
    "aws_ec2_transit_gateway_prefix_list_reference": _form(
        "Ringwall::EC2::TransitGatewayPrefixListReference",
        "transit_gateway_route_table_id prefix_list_id transit_gateway_attachment_id blackhole",
    ),
    "aws_vpc_endpoint": _form(
        f"{EC2}VPCEndpoint",
        "vpc_id service_name vpc_endpoint_type route_table_ids subnet_ids security_group_ids "
        "private_dns_enabled",
        policy="PolicyDocument",
    ),
    "aws_vpc_endpoint_service": _form(
        f"{EC2}VPCEndpointService",
        "acceptance_required network_load_balancer_arns gateway_load_balancer_arns",
    ),
    "aws_vpc_peering_connection": _form(
        f"{EC2}VPCPeeringConnection", "vpc_id peer_vpc_id peer_owner_id peer_region"
    ),
    "aws_ec2_managed_prefix_list": _form(
        f"{EC2}PrefixList", "address_family max_entries", name="PrefixListName"
    ),
    "aws_vpn_gateway": _form(f"{EC2}VPNGateway", "amazon_side_asn"),
    "aws_vpn_gateway_attachment": _form(f"{EC2}VPCGatewayAttachment", "vpc_id vpn_gateway_id"),
    "aws_customer_gateway": _form(f"{EC2}CustomerGateway", "type ip_address bgp_asn"),
    "aws_vpn_connection": _form(
        f"{EC2}VPNConnection",
        "type static_routes_only customer_gateway_id vpn_gateway_id transit_gateway_id",
    ),
    "aws_lb": _BALANCER,
    "aws_alb": _BALANCER,
    "aws_lb_target_group": _TARGETS,
    "aws_alb_target_group": _TARGETS,
    "aws_lb_listener": _LISTENER,
    "aws_alb_listener": _LISTENER,
    "aws_lb_listener_rule": _LISTENER_RULE,
    "aws_alb_listener_rule": _LISTENER_RULE,
    "aws_wafv2_ip_set": _form(
        "AWS::WAFv2::IPSet", "name scope description", ip_address_version="IPAddressVersion"
    ),
    "aws_wafv2_web_acl": _form("AWS::WAFv2::WebACL", "name scope description"),
    "aws_wafv2_web_acl_association": _form(
        "AWS::WAFv2::WebACLAssociation", "resource_arn", web_acl_arn="WebACLArn"
    ),
    "aws_wafv2_web_acl_logging_configuration": _form(
        "AWS::WAFv2::LoggingConfiguration", "resource_arn log_destination_configs"
    ),
    "aws_networkfirewall_firewall": _form(
        "AWS::NetworkFirewall::Firewall", "firewall_policy_arn vpc_id", name="FirewallName"
    ),
    "aws_vpc_block_public_access_options": _form(
        f"{EC2}VPCBlockPublicAccessOptions", "internet_gateway_block_mode"
    ),
    "aws_vpc_block_public_access_exclusion": _form(
        f"{EC2}VPCBlockPublicAccessExclusion", "vpc_id subnet_id internet_gateway_exclusion_mode"
    ),
    "aws_flow_log": _form(
        f"{EC2}FlowLog",
        "log_destination_type log_destination log_format max_aggregation_interval traffic_type",
        iam_role_arn="DeliverLogsPermissionArn",
    ),
    "aws_cloudwatch_log_group": _form(
        "AWS::Logs::LogGroup", "retention_in_days", name="LogGroupName"
    ),
    "aws_iam_role": _form(
        "AWS::IAM::Role",
        "path",
        name="RoleName",
        assume_role_policy="AssumeRolePolicyDocument",
    ),
    "aws_s3_bucket": _form("AWS::S3::Bucket", bucket="BucketName"),
    "aws_s3_bucket_policy": _form("AWS::S3::BucketPolicy", "bucket", policy="PolicyDocument"),
    "aws_route53_zone": _form("AWS::Route53::HostedZone", "name"),
    "aws_route53_record": _form("AWS::Route53::RecordSet", "name type", zone_id="HostedZoneId"),
    "aws_route53_resolver_firewall_domain_list": _form(
        "AWS::Route53Resolver::FirewallDomainList", "name domains"
    ),
    "aws_route53_resolver_firewall_rule_group": _form(
        "AWS::Route53Resolver::FirewallRuleGroup", "name"
    ),
    "aws_route53_resolver_firewall_rule_group_association": _form(
        "AWS::Route53Resolver::FirewallRuleGroupAssociation",
        "name priority vpc_id firewall_rule_group_id mutation_protection",
    ),
    "aws_route53_resolver_firewall_config": _form(
        "Ringwall::Route53Resolver::FirewallConfig", "firewall_fail_open", resource_id="VpcId"
    ),
    "aws_route53_resolver_query_log_config": _form(
        "AWS::Route53Resolver::ResolverQueryLoggingConfig", "name destination_arn"
    ),
    "aws_route53_resolver_query_log_config_association": _form(
        "AWS::Route53Resolver::ResolverQueryLoggingConfigAssociation",
        "resource_id",
        resolver_query_log_config_id="ResolverQueryLogConfigId",
    ),
}
