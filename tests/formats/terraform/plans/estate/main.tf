terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

provider "aws" {
  region                      = "eu-west-1"
  access_key                  = "test"
  secret_key                  = "test"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
}

locals {
  zones = ["eu-west-1a", "eu-west-1b"]
}

resource "aws_vpc" "hub" {
  cidr_block                       = "10.0.0.0/16"
  assign_generated_ipv6_cidr_block = true
  tags                             = { "ringwall:segment" = "shared" }
}

resource "aws_vpc_ipv4_cidr_block_association" "more" {
  vpc_id     = aws_vpc.hub.id
  cidr_block = "10.8.0.0/16"
}

resource "aws_subnet" "public" {
  count                   = 2
  vpc_id                  = aws_vpc.hub.id
  cidr_block              = cidrsubnet(aws_vpc.hub.cidr_block, 8, count.index)
  ipv6_cidr_block         = cidrsubnet(aws_vpc.hub.ipv6_cidr_block, 8, count.index)
  availability_zone       = local.zones[count.index]
  map_public_ip_on_launch = true
}

resource "aws_subnet" "private" {
  count             = 2
  vpc_id            = aws_vpc.hub.id
  cidr_block        = cidrsubnet("10.0.0.0/16", 8, 10 + count.index)
  availability_zone = local.zones[count.index]
}

resource "aws_internet_gateway" "hub" {
  vpc_id = aws_vpc.hub.id
}

resource "aws_egress_only_internet_gateway" "hub" {
  vpc_id = aws_vpc.hub.id
}

resource "aws_eip" "nat" {
  count  = 2
  domain = "vpc"
}

resource "aws_nat_gateway" "nat" {
  count         = 2
  allocation_id = aws_eip.nat[count.index].id
  subnet_id     = aws_subnet.public[count.index].id
}

resource "aws_default_route_table" "hub" {
  default_route_table_id = aws_vpc.hub.default_route_table_id
}

resource "aws_route_table" "public" {
  vpc_id = aws_vpc.hub.id
  route {
    cidr_block = "0.0.0.0/0"
    gateway_id = aws_internet_gateway.hub.id
  }
}

resource "aws_route_table" "private" {
  count            = 2
  vpc_id           = aws_vpc.hub.id
  propagating_vgws = [aws_vpn_gateway.office.id]
}

resource "aws_route" "out" {
  count                  = 2
  route_table_id         = aws_route_table.private[count.index].id
  destination_cidr_block = "0.0.0.0/0"
  nat_gateway_id         = aws_nat_gateway.nat[count.index].id
}

resource "aws_route" "out6" {
  count                       = 2
  route_table_id              = element(aws_route_table.private[*].id, count.index)
  destination_ipv6_cidr_block = "::/0"
  egress_only_gateway_id      = aws_egress_only_internet_gateway.hub.id
}

resource "aws_route" "spoke" {
  route_table_id             = aws_vpc.spoke.main_route_table_id
  destination_prefix_list_id = aws_ec2_managed_prefix_list.inner.id
  transit_gateway_id         = aws_ec2_transit_gateway.core.id
  depends_on                 = [aws_ec2_transit_gateway_vpc_attachment.spoke]
}

resource "aws_route_table_association" "public" {
  count          = 2
  subnet_id      = aws_subnet.public[count.index].id
  route_table_id = aws_route_table.public.id
}

resource "aws_route_table_association" "private" {
  count          = 2
  subnet_id      = aws_subnet.private[count.index].id
  route_table_id = aws_route_table.private[count.index].id
}

resource "aws_default_security_group" "hub" {
  vpc_id = aws_vpc.hub.id
}

resource "aws_default_network_acl" "hub" {
  default_network_acl_id = aws_vpc.hub.default_network_acl_id
  ingress {
    rule_no    = 100
    action     = "allow"
    protocol   = "-1"
    from_port  = 0
    to_port    = 0
    cidr_block = "10.0.0.0/8"
  }
}

resource "aws_network_acl" "private" {
  vpc_id     = aws_vpc.hub.id
  subnet_ids = aws_subnet.private[*].id
}

resource "aws_network_acl_rule" "in" {
  network_acl_id = aws_network_acl.private.id
  rule_number    = 100
  rule_action    = "allow"
  protocol       = "tcp"
  from_port      = 0
  to_port        = 65535
  cidr_block     = "0.0.0.0/0"
}

resource "aws_network_acl_rule" "ping" {
  network_acl_id = aws_network_acl.private.id
  rule_number    = 110
  egress         = true
  rule_action    = "deny"
  protocol       = "icmp"
  icmp_type      = 8
  icmp_code      = -1
  cidr_block     = "0.0.0.0/0"
}

resource "aws_security_group" "balancer" {
  vpc_id = aws_vpc.hub.id
  ingress {
    from_port        = 443
    to_port          = 443
    protocol         = "tcp"
    cidr_blocks      = ["0.0.0.0/0"]
    ipv6_cidr_blocks = ["::/0"]
  }
}

resource "aws_security_group" "web" {
  vpc_id = aws_vpc.hub.id
  ingress {
    from_port       = 8080
    to_port         = 8080
    protocol        = "tcp"
    security_groups = [aws_security_group.balancer.id]
  }
  ingress {
    from_port = 0
    to_port   = 0
    protocol  = "-1"
    self      = true
  }
}

resource "aws_vpc_security_group_egress_rule" "balancer" {
  security_group_id            = aws_security_group.balancer.id
  ip_protocol                  = "tcp"
  from_port                    = 8080
  to_port                      = 8080
  referenced_security_group_id = aws_security_group.web.id
}

resource "aws_security_group_rule" "lists" {
  type              = "egress"
  protocol          = "tcp"
  from_port         = 443
  to_port           = 443
  security_group_id = aws_security_group.web.id
  prefix_list_ids   = [aws_ec2_managed_prefix_list.inner.id]
}

resource "aws_ec2_managed_prefix_list" "inner" {
  name           = "inner"
  address_family = "IPv4"
  max_entries    = 5
  entry {
    cidr = "10.0.0.0/16"
  }
}

resource "aws_ec2_managed_prefix_list_entry" "more" {
  prefix_list_id = aws_ec2_managed_prefix_list.inner.id
  cidr           = "10.8.0.0/16"
}

resource "aws_instance" "web" {
  count                  = 2
  ami                    = "ami-12345678"
  instance_type          = "t3.micro"
  subnet_id              = aws_subnet.private[count.index].id
  vpc_security_group_ids = [aws_security_group.web.id]
}

resource "aws_network_interface" "appliance" {
  subnet_id         = aws_subnet.public[0].id
  security_groups   = [aws_security_group.web.id]
  private_ips       = ["10.0.0.50"]
  source_dest_check = false
  attachment {
    instance     = aws_instance.web[0].id
    device_index = 1
  }
}

resource "aws_eip" "appliance" {
  domain            = "vpc"
  network_interface = aws_network_interface.appliance.id
}

resource "aws_lb" "front" {
  load_balancer_type = "application"
  subnets            = aws_subnet.public[*].id
  security_groups    = [aws_security_group.balancer.id]
}

resource "aws_lb_target_group" "web" {
  vpc_id   = aws_vpc.hub.id
  port     = 8080
  protocol = "HTTP"
}

resource "aws_lb_target_group_attachment" "web" {
  count            = 2
  target_group_arn = aws_lb_target_group.web.arn
  target_id        = aws_instance.web[count.index].id
}

resource "aws_lb_listener" "front" {
  load_balancer_arn = aws_lb.front.arn
  port              = 443
  protocol          = "HTTPS"
  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.web.arn
  }
}

resource "aws_vpc" "spoke" {
  cidr_block = "10.1.0.0/16"
}

resource "aws_subnet" "spoke" {
  for_each          = toset(local.zones)
  vpc_id            = aws_vpc.spoke.id
  cidr_block        = cidrsubnet("10.1.0.0/16", 8, index(local.zones, each.key))
  availability_zone = each.key
}

resource "aws_ec2_transit_gateway" "core" {}

resource "aws_ec2_transit_gateway_vpc_attachment" "hub" {
  transit_gateway_id                              = aws_ec2_transit_gateway.core.id
  vpc_id                                          = aws_vpc.hub.id
  subnet_ids                                      = aws_subnet.private[*].id
  transit_gateway_default_route_table_association = false
}

resource "aws_ec2_transit_gateway_vpc_attachment" "spoke" {
  transit_gateway_id = aws_ec2_transit_gateway.core.id
  vpc_id             = aws_vpc.spoke.id
  subnet_ids         = [for subnet in aws_subnet.spoke : subnet.id]
}

resource "aws_ec2_transit_gateway_route_table" "hub" {
  transit_gateway_id = aws_ec2_transit_gateway.core.id
}

resource "aws_ec2_transit_gateway_route_table_association" "hub" {
  transit_gateway_attachment_id  = aws_ec2_transit_gateway_vpc_attachment.hub.id
  transit_gateway_route_table_id = aws_ec2_transit_gateway_route_table.hub.id
}

resource "aws_ec2_transit_gateway_route" "default" {
  destination_cidr_block         = "0.0.0.0/0"
  transit_gateway_attachment_id  = aws_ec2_transit_gateway_vpc_attachment.hub.id
  transit_gateway_route_table_id = aws_ec2_transit_gateway.core.association_default_route_table_id
}

resource "aws_vpc_peering_connection" "direct" {
  vpc_id      = aws_vpc.hub.id
  peer_vpc_id = aws_vpc.spoke.id
  auto_accept = true
}

resource "aws_vpc_endpoint" "s3" {
  vpc_id       = aws_vpc.hub.id
  service_name = "com.amazonaws.eu-west-1.s3"
}

resource "aws_vpc_endpoint_route_table_association" "s3" {
  count           = 2
  vpc_endpoint_id = aws_vpc_endpoint.s3.id
  route_table_id  = aws_route_table.private[count.index].id
}

resource "aws_vpc_endpoint" "ssm" {
  vpc_id             = aws_vpc.hub.id
  service_name       = "com.amazonaws.eu-west-1.ssm"
  vpc_endpoint_type  = "Interface"
  subnet_ids         = aws_subnet.private[*].id
  security_group_ids = [aws_security_group.web.id]
}

resource "aws_vpn_gateway" "office" {
  vpc_id = aws_vpc.hub.id
}

resource "aws_customer_gateway" "office" {
  bgp_asn    = 65000
  ip_address = "203.0.113.10"
  type       = "ipsec.1"
}

resource "aws_vpn_connection" "office" {
  vpn_gateway_id        = aws_vpn_gateway.office.id
  customer_gateway_id   = aws_customer_gateway.office.id
  type                  = "ipsec.1"
  static_routes_only    = true
  tunnel1_preshared_key = "canary_of_a_secret_key"
}

resource "aws_vpn_connection_route" "office" {
  destination_cidr_block = "192.168.0.0/16"
  vpn_connection_id      = aws_vpn_connection.office.id
}

resource "aws_lambda_function" "job" {
  function_name = "job"
  role          = "arn:aws:iam::123456789012:role/job"
  image_uri     = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/job:1"
  package_type  = "Image"
  vpc_config {
    subnet_ids         = aws_subnet.private[*].id
    security_group_ids = [aws_security_group.web.id]
  }
}

resource "aws_vpclattice_service_network_vpc_association" "hub" {
  vpc_identifier             = aws_vpc.hub.id
  service_network_identifier = "sn-0123456789abcdef0"
}

resource "aws_s3_bucket" "logs" {
  bucket = "logs"
}
