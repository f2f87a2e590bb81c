"""An estate as the calls of surveys report it: one object of each type, secrets included."""

from typing import Any

ACCOUNT, REGION = "111122223333", "us-east-1"
EC2, ELB, NFW = "AWS::EC2::", "AWS::ElasticLoadBalancingV2::", "AWS::NetworkFirewall::"
ELB_ARN = f"arn:aws:elasticloadbalancing:{REGION}:{ACCOUNT}"
BALANCER, LISTENER = f"{ELB_ARN}:loadbalancer/app/web/1", f"{ELB_ARN}:listener/app/web/1/2"
NETWORK = f"{ELB_ARN}:loadbalancer/net/nlb/8"
RULE, GROUP = f"{ELB_ARN}:listener-rule/app/web/1/2/3", f"{ELB_ARN}:targetgroup/t/4"
TO_ALB = f"{ELB_ARN}:targetgroup/alb/5"
NFW_ARN = f"arn:aws:network-firewall:{REGION}:{ACCOUNT}"
FIREWALL, POLICY, RULES = (
    f"{NFW_ARN}:{kind}/x" for kind in ("firewall", "firewall-policy", "stateful-rulegroup")
)
SECRET = "s3cr3t-do-not-keep"

LISTINGS: dict[str, list[Any]] = {
    "ec2:describe_instances": [
        {
            "InstanceId": "i-1",
            "State": {"Code": 16, "Name": "running"},
            "SubnetId": "subnet-1",
            "VpcId": "vpc-1",
            "SourceDestCheck": False,
            "SecurityGroups": [{"GroupId": "sg-2"}, {"GroupId": "sg-1"}],
            "NetworkInterfaces": [{"NetworkInterfaceId": "eni-1"}],
            "PrivateIpAddress": "10.0.0.4",
            "IamInstanceProfile": {"Arn": "arn:profile"},
            "UserData": SECRET,
        },
        {"InstanceId": "i-0", "State": {"Name": "terminated"}},
    ],
    "ec2:describe_vpn_gateways": [
        {
            "VpnGatewayId": "vgw-1",
            "Type": "ipsec.1",
            "State": "available",
            "AmazonSideAsn": 64512,
            "VpcAttachments": [
                {"VpcId": "vpc-1", "State": "attached"},
                {"VpcId": "vpc-0", "State": "detached"},
            ],
        },
        {"VpnGatewayId": "vgw-0", "State": "deleted"},
    ],
    "ec2:describe_customer_gateways": [
        {
            "CustomerGatewayId": "cgw-1",
            "State": "available",
            "Type": "ipsec.1",
            "IpAddress": "203.0.113.9",
            "BgpAsn": "65000",
        }
    ],
    "ec2:describe_vpn_connections": [
        {
            "VpnConnectionId": "vpn-1",
            "State": "available",
            "Type": "ipsec.1",
            "VpnGatewayId": "vgw-1",
            "CustomerGatewayId": "cgw-1",
            "CustomerGatewayConfiguration": f"<key>{SECRET}</key>",
            "Options": {"StaticRoutesOnly": True, "TunnelOptions": [{"PreSharedKey": SECRET}]},
            "Routes": [
                {"DestinationCidrBlock": "172.16.0.0/16", "State": "available"},
                {"DestinationCidrBlock": "172.17.0.0/16", "State": "deleted"},
            ],
            "VgwTelemetry": [
                {"OutsideIpAddress": "203.0.113.1", "Status": "UP", "StatusMessage": "2 ROUTES"}
            ],
        }
    ],
    "ec2:describe_route_tables": [
        {
            "RouteTableId": "rtb-1",
            "VpcId": "vpc-1",
            "Routes": [],
            "PropagatingVgws": [{"GatewayId": "vgw-1"}],
            "Associations": [{"GatewayId": "vgw-1", "RouteTableAssociationId": "rtbassoc-1"}],
        }
    ],
    "ec2:describe_vpc_endpoint_service_configurations": [
        {
            "ServiceId": "vpce-svc-1",
            "ServiceName": "com.amazonaws.vpce.us-east-1.vpce-svc-1",
            "ServiceState": "Available",
            "AcceptanceRequired": True,
            "NetworkLoadBalancerArns": [NETWORK],
            "AvailabilityZones": ["us-east-1a"],
        }
    ],
    "ec2:describe_client_vpn_endpoints": [
        {"ClientVpnEndpointId": "cvpn-1", "VpcId": "vpc-1", "Status": {"Code": "available"}}
    ],
    "elbv2:describe_load_balancers": [
        {
            "LoadBalancerArn": BALANCER,
            "LoadBalancerName": "web",
            "Type": "application",
            "Scheme": "internet-facing",
            "VpcId": "vpc-1",
            "State": {"Code": "active"},
            "DNSName": "web.elb.amazonaws.com",
            "IpAddressType": "ipv4",
            "SecurityGroups": ["sg-1"],
            "AvailabilityZones": [{"ZoneName": "us-east-1a", "SubnetId": "subnet-1"}],
        },
        {"LoadBalancerArn": NETWORK, "LoadBalancerName": "nlb", "Type": "network"},
    ],
    "elbv2:describe_target_groups": [
        {
            "TargetGroupArn": GROUP,
            "TargetGroupName": "t",
            "Protocol": "HTTP",
            "Port": 8080,
            "TargetType": "instance",
            "VpcId": "vpc-1",
            "LoadBalancerArns": [BALANCER],
        },
        {"TargetGroupArn": TO_ALB, "TargetGroupName": "alb", "TargetType": "alb"},
    ],
    "elb:describe_load_balancers": [
        {
            "LoadBalancerName": "old",
            "Scheme": "internal",
            "VPCId": "vpc-1",
            "Subnets": ["subnet-1"],
            "SecurityGroups": ["sg-1"],
            "Instances": [{"InstanceId": "i-1"}],
            "ListenerDescriptions": [
                {
                    "Listener": {
                        "Protocol": "TCP",
                        "LoadBalancerPort": 80,
                        "InstanceProtocol": "TCP",
                        "InstancePort": 8080,
                        "SSLCertificateId": "arn:cert",
                    },
                    "PolicyNames": [],
                }
            ],
        }
    ],
    "network-firewall:list_firewalls": [{"FirewallName": "x", "FirewallArn": FIREWALL}],
    "network-firewall:list_firewall_policies": [{"Name": "x", "Arn": POLICY}],
    "network-firewall:list_rule_groups": [{"Name": "x", "Arn": RULES}],
    "vpc-lattice:list_service_networks": [{"id": "sn-1", "arn": "arn:sn", "name": "shared"}],
    "directconnect:describe_direct_connect_gateways": [
        {
            "directConnectGatewayId": "dx-1",
            "directConnectGatewayName": "line",
            "amazonSideAsn": 64600,
            "directConnectGatewayState": "available",
        }
    ],
    "ec2:describe_transit_gateway_attachments": [
        {
            "TransitGatewayAttachmentId": "tgw-attach-1",
            "TransitGatewayId": "tgw-1",
            "ResourceType": "peering",
            "ResourceId": "tgw-2",
            "State": "available",
        }
    ],
    "ec2:describe_transit_gateway_vpc_attachments": [],
    "ec2:describe_transit_gateway_peering_attachments": [
        {
            "TransitGatewayAttachmentId": "tgw-attach-1",
            "RequesterTgwInfo": {
                "TransitGatewayId": "tgw-1",
                "OwnerId": ACCOUNT,
                "Region": REGION,
                "CoreNetworkId": "",
            },
            "AccepterTgwInfo": {
                "TransitGatewayId": "tgw-2",
                "OwnerId": ACCOUNT,
                "Region": "eu-west-1",
            },
        }
    ],
}
DETAILS: dict[str, dict[str, Any]] = {
    "elbv2:describe_load_balancer_attributes": {
        BALANCER: [
            {"Key": "routing.http2.enabled", "Value": "false"},
            {"Key": "idle_timeout.timeout_seconds", "Value": "60"},
            {"Key": "load_balancing.cross_zone.enabled", "Value": "true"},
            {"Key": "deletion_protection.enabled", "Value": "true"},
        ],
        NETWORK: [],
    },
    "elbv2:describe_listeners": {
        BALANCER: [
            {
                "ListenerArn": LISTENER,
                "LoadBalancerArn": BALANCER,
                "Port": 443,
                "Protocol": "HTTPS",
                "SslPolicy": "ELBSecurityPolicy-2016-08",
                "Certificates": [{"CertificateArn": "arn:cert", "IsDefault": True}],
                "DefaultActions": [
                    {
                        "Type": "authenticate-oidc",
                        "Order": 1,
                        "AuthenticateOidcConfig": {"ClientSecret": SECRET},
                    },
                    {
                        "Type": "forward",
                        "Order": 2,
                        "TargetGroupArn": GROUP,
                        "ForwardConfig": {
                            "TargetGroups": [{"TargetGroupArn": GROUP, "Weight": 1}],
                            "TargetGroupStickinessConfig": {"Enabled": False},
                        },
                    },
                ],
            }
        ],
        NETWORK: [],
    },
    "elbv2:describe_rules": {
        LISTENER: [
            {
                "RuleArn": RULE,
                "Priority": "10",
                "IsDefault": False,
                "Conditions": [{"Field": "path-pattern", "Values": ["/a"]}],
                "Actions": [
                    {
                        "Type": "fixed-response",
                        "FixedResponseConfig": {"StatusCode": "404", "MessageBody": "none"},
                    }
                ],
            },
            {"RuleArn": f"{RULE}0", "Priority": "default", "IsDefault": True, "Actions": []},
        ]
    },
    "elbv2:describe_target_health": {
        GROUP: [
            {
                "Target": {"Id": "i-1", "Port": 8080},
                "TargetHealth": {"State": "unhealthy", "Reason": "Target.Timeout"},
            },
            {"Target": {"Id": "10.0.0.9", "Port": 1}, "TargetHealth": {"State": "healthy"}},
        ],
        TO_ALB: [{"Target": {"Id": BALANCER, "Port": 443}, "TargetHealth": {"State": "healthy"}}],
    },
    "elbv2:describe_target_group_attributes": {GROUP: [], TO_ALB: []},
    "elb:describe_instance_health": {"old": [{"InstanceId": "i-1", "State": "InService"}]},
    "elb:describe_load_balancer_attributes": {"old": {"CrossZoneLoadBalancing": {"Enabled": True}}},
    "network-firewall:describe_firewall": {
        FIREWALL: {
            "Firewall": {
                "FirewallName": "x",
                "FirewallArn": FIREWALL,
                "FirewallPolicyArn": POLICY,
                "VpcId": "vpc-1",
                "SubnetMappings": [{"SubnetId": "subnet-1", "IPAddressType": "IPV4"}],
            },
            "FirewallStatus": {
                "Status": "READY",
                "SyncStates": {
                    "us-east-1a": {
                        "Attachment": {
                            "SubnetId": "subnet-1",
                            "EndpointId": "vpce-1",
                            "Status": "READY",
                        },
                        "Config": {},
                    }
                },
            },
        }
    },
    "network-firewall:describe_firewall_policy": {
        POLICY: {
            "FirewallPolicyResponse": {"FirewallPolicyName": "x", "FirewallPolicyArn": POLICY},
            "FirewallPolicy": {
                "StatelessDefaultActions": ["aws:forward_to_sfe"],
                "StatefulRuleGroupReferences": [{"ResourceArn": RULES, "Priority": 1}],
            },
        }
    },
    "network-firewall:describe_rule_group": {
        RULES: {
            "RuleGroupResponse": {"RuleGroupName": "x", "Type": "STATEFUL", "Capacity": 10},
            "RuleGroup": {"RulesSource": {"RulesString": "pass ip any any -> any any (sid:1;)"}},
        }
    },
    "vpc-lattice:list_service_network_vpc_associations": {
        "sn-1": [{"id": "snva-1", "serviceNetworkId": "sn-1", "vpcId": "vpc-1", "status": "ACTIVE"}]
    },
    "vpc-lattice:get_service_network_vpc_association": {
        "snva-1": {"id": "snva-1", "securityGroupIds": ["sg-1"]}
    },
    "directconnect:describe_direct_connect_gateway_associations": {
        "dx-1": [
            {
                "associationState": "associated",
                "associatedGateway": {"id": "vgw-1", "type": "virtualPrivateGateway"},
                "allowedPrefixesToDirectConnectGateway": [{"cidr": "10.0.0.1/16"}],
            },
            {"associationState": "disassociated", "associatedGateway": {"id": "vgw-0"}},
        ]
    },
}
