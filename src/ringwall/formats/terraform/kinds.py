"""Which of Terraform's types matter to packets, and what is read with another resource.

Rules:
- A type of another provider is ignored.
- A type that begins with one of BESIDE says nothing about which packets pass, and is ignored.
- Every other type that is neither read nor joined to another is a node that is not modelled, so
  that the VPCs it stands in are unknown where it may carry packets.
"""

from collections.abc import Mapping

PROVIDER_SUFFIX = "/hashicorp/aws"
# What belongs to another resource: the argument that names it, and what it adds to it.
JOINED: Mapping[str, tuple[str, str]] = {
    "aws_network_interface_sg_attachment": ("network_interface_id", "security_groups"),
    "aws_vpc_endpoint_route_table_association": ("vpc_endpoint_id", "route_table_ids"),
    "aws_vpc_endpoint_subnet_association": ("vpc_endpoint_id", "subnet_ids"),
    "aws_vpc_endpoint_security_group_association": ("vpc_endpoint_id", "security_group_ids"),
    "aws_vpc_endpoint_policy": ("vpc_endpoint_id", "policy"),
    "aws_ec2_managed_prefix_list_entry": ("prefix_list_id", "entry"),
    "aws_lb_target_group_attachment": ("target_group_arn", "target"),
    "aws_alb_target_group_attachment": ("target_group_arn", "target"),
    "aws_vpn_connection_route": ("vpn_connection_id", "route"),
    "aws_vpc_peering_connection_accepter": ("vpc_peering_connection_id", "accepted"),
    "aws_iam_role_policy": ("role", "inline_policy"),
    "aws_s3_bucket_public_access_block": ("bucket", "bucket"),
    "aws_s3_bucket_server_side_encryption_configuration": ("bucket", "bucket"),
    "aws_s3_bucket_lifecycle_configuration": ("bucket", "bucket"),
    "aws_route53_zone_association": ("zone_id", "vpc"),
    "aws_route53_resolver_firewall_rule": ("firewall_rule_group_id", "rule"),
    "aws_vpc_peering_connection_options": ("vpc_peering_connection_id", "options"),
}
# The same resource seen from its other side: the argument that holds its id.
ALIASES: Mapping[str, str] = {
    "aws_ec2_transit_gateway_vpc_attachment_accepter": "transit_gateway_attachment_id",
    "aws_ec2_transit_gateway_peering_attachment_accepter": "transit_gateway_attachment_id",
    "aws_vpc_peering_connection_accepter": "vpc_peering_connection_id",
}
_BESIDE_WORDS = """
acm_ account_ ami amplify_ api_gateway_account api_gateway_api_key apigatewayv2_api
app_cookie_stickiness_policy appautoscaling_ applicationinsights_ appsync_ athena_ auditmanager_
autoscaling_attachment autoscaling_lifecycle_hook autoscaling_notification autoscaling_policy
autoscaling_schedule autoscalingplans_ backup_ bedrock_ budgets_ ce_ chatbot_ cloudcontrolapi_
cloudformation_ cloudfront_ cloudtrail cloudwatch_ codeartifact_ codecommit_ codedeploy_
codepipeline codestar cognito_ config_ controltower_ cur_ datapipeline_ db_cluster_snapshot
db_event_subscription db_option_group db_parameter_group db_snapshot db_subnet_group
detective_ devicefarm_ dlm_ docdb_subnet_group docdb_cluster_parameter_group dynamodb_ ebs_
ec2_availability_zone_group ec2_capacity_ ec2_host ec2_image_ ec2_instance_metadata_
ec2_network_insights_ ec2_serial_ ec2_subnet_cidr_reservation ec2_tag ecr_ ecrpublic_ ecs_cluster
ecs_account_setting_default ecs_capacity_provider ecs_tag ecs_task_definition
efs_access_point efs_backup_policy efs_file_system efs_replication_configuration
eks_access_entry eks_access_policy_association eks_addon eks_identity_provider_config
eks_pod_identity_association elasticache_parameter_group elasticache_subnet_group
elasticache_user fms_ glacier_ glue_catalog_ glue_crawler glue_job glue_registry glue_schema
glue_trigger glue_workflow guardduty_ iam_ identitystore_ imagebuilder_ inspector inspector2_
key_pair kinesis_ kms_ lambda_alias lambda_event_source_mapping lambda_invocation
lambda_layer_version lambda_permission lambda_provisioned_concurrency_config launch_configuration
launch_template lb_cookie_stickiness_policy lb_listener_certificate lb_ssl_negotiation_policy
lb_trust_store macie2_ neptune_subnet_group neptune_parameter_group network_interface_permission
networkfirewall_logging_configuration networkfirewall_resource_policy networkmanager_device
networkmanager_global_network networkmanager_link networkmanager_site notifications organizations_
placement_group proxy_protocol_policy quicksight_ ram_ rds_cluster_parameter_group
redshift_parameter_group redshift_subnet_group resourceexplorer2_ resourcegroups_ route53_cidr_
route53_delegation_set route53_health_check route53_hosted_zone_dnssec route53_key_signing_key
route53_query_log route53_record route53_resolver_config route53_resolver_dnssec_config
route53_resolver_firewall_ route53_resolver_query_log_ route53_resolver_rule route53_traffic_policy
route53_vpc_association_authorization route53_zone route53domains_ s3_ s3control_ s3tables_
schemas_ secretsmanager_ securityhub_ securitylake_ service_discovery_ servicecatalog
servicequotas_ ses_ sesv2_ sfn_ shield_ signer_ simpledb_ snapshot_create_volume_permission sns_
spot_datafeed_subscription sqs_ ssm_ ssmcontacts_ ssmincidents_ ssoadmin_ synthetics_group
timestreamwrite_ volume_attachment vpc_dhcp_options vpc_dhcp_options_association
vpc_endpoint_connection_notification vpc_endpoint_private_dns
vpc_endpoint_service_allowed_principal vpc_endpoint_service_private_dns_verification vpc_ipam
vpc_network_performance_metric_subscription waf_ wafregional_ wafv2_ xray_
default_vpc_dhcp_options eip_domain_name flow_log internetmonitor_ networkmonitor_
"""
BESIDE = tuple(f"aws_{word}" for word in _BESIDE_WORDS.split())
DOMAIN_LIST = "AWS::Route53Resolver::FirewallDomainList"
# The variables that hold the ids of AWS's domain lists, which no data source finds by name.
DOMAIN_LIST_VARIABLE = "domain_list_"
# A prefix list of AWS's own is named, as its id differs between regions.
AWS_LISTS = frozenset({"aws_ec2_managed_prefix_list", "aws_prefix_list"})
AWS_LIST_NAMES = ("com.amazonaws.", "com.aws.")


def is_beside_packets(type_name: str) -> bool:
    """Tell whether a type says nothing about which packets pass."""
    return type_name.startswith(BESIDE)
