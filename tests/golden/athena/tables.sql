CREATE EXTERNAL TABLE stored_flow (
  `family` int,
  `account_id` string,
  `interface_id` string,
  `srcaddr_high` bigint,
  `srcaddr_low` bigint,
  `dstaddr_high` bigint,
  `dstaddr_low` bigint,
  `srcport` int,
  `dstport` int,
  `protocol` int,
  `packets` bigint,
  `bytes` bigint,
  `start` bigint,
  `seconds` int,
  `accepted` int,
  `vpc_id` string,
  `subnet_id` string,
  `instance_id` string,
  `tcp_flags` int,
  `type` string,
  `pkt_srcaddr_high` bigint,
  `pkt_srcaddr_low` bigint,
  `pkt_dstaddr_high` bigint,
  `pkt_dstaddr_low` bigint,
  `region` string,
  `az_id` string,
  `sublocation_type` string,
  `sublocation_id` string,
  `pkt_src_aws_service` string,
  `pkt_dst_aws_service` string,
  `flow_direction` string,
  `traffic_path` int,
  `ecs_cluster_arn` string,
  `ecs_cluster_name` string,
  `ecs_container_instance_arn` string,
  `ecs_container_instance_id` string,
  `ecs_container_id` string,
  `ecs_second_container_id` string,
  `ecs_service_name` string,
  `ecs_task_definition_arn` string,
  `ecs_task_arn` string,
  `ecs_task_id` string,
  `reject_reason` string,
  `resource_id` string,
  `encryption_status` int
)
PARTITIONED BY (`day` string, `hour` string)
STORED AS PARQUET
LOCATION 's3://bucket/logs/flow'
TBLPROPERTIES (
  'projection.enabled' = 'true',
  'projection.day.type' = 'date',
  'projection.day.format' = 'yyyy-MM-dd',
  'projection.day.range' = '2020-01-01,NOW',
  'projection.hour.type' = 'integer',
  'projection.hour.range' = '0,23',
  'projection.hour.digits' = '2',
  'storage.location.template' = 's3://bucket/logs/flow/day=${day}/hour=${hour}'
);

CREATE EXTERNAL TABLE stored_transit (
  `family` int,
  `resource_type` string,
  `account_id` string,
  `tgw_id` string,
  `tgw_attachment_id` string,
  `tgw_src_vpc_account_id` string,
  `tgw_dst_vpc_account_id` string,
  `tgw_src_vpc_id` string,
  `tgw_dst_vpc_id` string,
  `tgw_src_subnet_id` string,
  `tgw_dst_subnet_id` string,
  `tgw_src_eni` string,
  `tgw_dst_eni` string,
  `tgw_src_az_id` string,
  `tgw_dst_az_id` string,
  `tgw_pair_attachment_id` string,
  `srcaddr_high` bigint,
  `srcaddr_low` bigint,
  `dstaddr_high` bigint,
  `dstaddr_low` bigint,
  `srcport` int,
  `dstport` int,
  `protocol` int,
  `packets` bigint,
  `bytes` bigint,
  `start` bigint,
  `seconds` int,
  `type` string,
  `packets_lost_no_route` bigint,
  `packets_lost_blackhole` bigint,
  `packets_lost_mtu_exceeded` bigint,
  `packets_lost_ttl_expired` bigint,
  `tcp_flags` int,
  `region` string,
  `flow_direction` string,
  `pkt_src_aws_service` string,
  `pkt_dst_aws_service` string
)
PARTITIONED BY (`day` string, `hour` string)
STORED AS PARQUET
LOCATION 's3://bucket/logs/transit'
TBLPROPERTIES (
  'projection.enabled' = 'true',
  'projection.day.type' = 'date',
  'projection.day.format' = 'yyyy-MM-dd',
  'projection.day.range' = '2020-01-01,NOW',
  'projection.hour.type' = 'integer',
  'projection.hour.range' = '0,23',
  'projection.hour.digits' = '2',
  'storage.location.template' = 's3://bucket/logs/transit/day=${day}/hour=${hour}'
);

CREATE EXTERNAL TABLE stored_quiet (
  `account_id` string,
  `interface_id` string,
  `start` bigint,
  `seconds` int,
  `log_status` string,
  `vpc_id` string,
  `subnet_id` string
)
PARTITIONED BY (`day` string, `hour` string)
STORED AS PARQUET
LOCATION 's3://bucket/logs/quiet'
TBLPROPERTIES (
  'projection.enabled' = 'true',
  'projection.day.type' = 'date',
  'projection.day.format' = 'yyyy-MM-dd',
  'projection.day.range' = '2020-01-01,NOW',
  'projection.hour.type' = 'integer',
  'projection.hour.range' = '0,23',
  'projection.hour.digits' = '2',
  'storage.location.template' = 's3://bucket/logs/quiet/day=${day}/hour=${hour}'
);

CREATE EXTERNAL TABLE stored_dns (
  `family` int,
  `time` bigint,
  `account_id` string,
  `region` string,
  `vpc_id` string,
  `srcaddr_high` bigint,
  `srcaddr_low` bigint,
  `srcport` int,
  `transport` string,
  `query_name` string,
  `query_type` string,
  `query_class` string,
  `rcode` string,
  `answers` string,
  `instance` string,
  `resolver_endpoint` string,
  `resolver_network_interface` string,
  `firewall_rule_group_id` string,
  `firewall_rule_action` string,
  `firewall_domain_list_id` string,
  `firewall_protection` string
)
PARTITIONED BY (`day` string, `hour` string)
STORED AS PARQUET
LOCATION 's3://bucket/logs/dns'
TBLPROPERTIES (
  'projection.enabled' = 'true',
  'projection.day.type' = 'date',
  'projection.day.format' = 'yyyy-MM-dd',
  'projection.day.range' = '2020-01-01,NOW',
  'projection.hour.type' = 'integer',
  'projection.hour.range' = '0,23',
  'projection.hour.digits' = '2',
  'storage.location.template' = 's3://bucket/logs/dns/day=${day}/hour=${hour}'
);
