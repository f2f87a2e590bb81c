terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

variable "region" {
  default = "eu-west-1"
}

provider "aws" {
  region                      = var.region
  access_key                  = "test"
  secret_key                  = "test"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
}

provider "aws" {
  alias                       = "far"
  region                      = "us-east-1"
  access_key                  = "test"
  secret_key                  = "test"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
}

module "spoke" {
  source             = "./spoke"
  for_each           = { blue = "10.1.0.0/16", green = "10.2.0.0/16" }
  cidr               = each.value
  transit_gateway_id = aws_ec2_transit_gateway.core.id
}

module "rules" {
  source   = "./rules"
  group_id = module.spoke["blue"].group_id
  peers    = { green = module.spoke["green"].group_id }
}

resource "aws_vpc" "far" {
  provider   = aws.far
  cidr_block = "10.9.0.0/16"
}

resource "aws_ec2_transit_gateway" "core" {
  default_route_table_association = "disable"
  default_route_table_propagation = "disable"
}

resource "aws_ec2_transit_gateway" "far" {
  provider = aws.far
}

resource "aws_ec2_transit_gateway_peering_attachment" "far" {
  peer_region             = "us-east-1"
  peer_transit_gateway_id = aws_ec2_transit_gateway.far.id
  transit_gateway_id      = aws_ec2_transit_gateway.core.id
}

resource "aws_ec2_transit_gateway_peering_attachment_accepter" "far" {
  provider                      = aws.far
  transit_gateway_attachment_id = aws_ec2_transit_gateway_peering_attachment.far.id
}

resource "aws_ec2_transit_gateway_route_table" "spokes" {
  transit_gateway_id = aws_ec2_transit_gateway.core.id
}

resource "aws_ec2_transit_gateway_route_table_association" "spokes" {
  for_each                       = module.spoke
  transit_gateway_attachment_id  = each.value.attachment_id
  transit_gateway_route_table_id = aws_ec2_transit_gateway_route_table.spokes.id
}

resource "aws_ec2_transit_gateway_prefix_list_reference" "own" {
  prefix_list_id                 = aws_ec2_managed_prefix_list.own.id
  transit_gateway_attachment_id  = module.spoke["blue"].attachment_id
  transit_gateway_route_table_id = aws_ec2_transit_gateway_route_table.spokes.id
}

resource "aws_ec2_managed_prefix_list" "own" {
  name           = "own"
  address_family = "IPv4"
  max_entries    = 2
  entry {
    cidr = "10.1.0.0/16"
  }
}

resource "aws_vpc_peering_connection" "far" {
  vpc_id      = module.spoke["blue"].vpc_id
  peer_vpc_id = aws_vpc.far.id
  peer_region = "us-east-1"
}

resource "aws_vpc_peering_connection_accepter" "far" {
  provider                  = aws.far
  vpc_peering_connection_id = aws_vpc_peering_connection.far.id
  auto_accept               = true
}

resource "aws_route" "far" {
  provider                  = aws.far
  route_table_id            = aws_vpc.far.default_route_table_id
  destination_cidr_block    = "10.1.0.0/16"
  vpc_peering_connection_id = aws_vpc_peering_connection_accepter.far.id
}

resource "aws_vpc_peering_connection" "waiting" {
  vpc_id        = module.spoke["green"].vpc_id
  peer_vpc_id   = "vpc-0aaaaaaaaaaaaaaa0"
  peer_owner_id = "111122223333"
}

resource "aws_network_interface" "odd" {
  subnet_id       = module.spoke["blue"].subnet_ids[1]
  security_groups = [module.spoke["blue"].group_id]
}

resource "aws_network_interface_sg_attachment" "odd" {
  network_interface_id = aws_network_interface.odd.id
  security_group_id    = aws_security_group.more.id
}

resource "aws_security_group" "more" {
  vpc_id = module.spoke["blue"].vpc_id
}

resource "aws_eip" "odd" {}

resource "aws_eip_association" "odd" {
  allocation_id        = aws_eip.odd.id
  network_interface_id = aws_network_interface.odd.id
}

resource "aws_db_subnet_group" "data" {
  name       = "data"
  subnet_ids = module.spoke["blue"].subnet_ids
}

resource "aws_db_instance" "data" {
  allocated_storage      = 10
  engine                 = "postgres"
  instance_class         = "db.t3.micro"
  username               = "admin"
  password               = "canary_of_a_password"
  db_subnet_group_name   = aws_db_subnet_group.data.name
  vpc_security_group_ids = [aws_security_group.more.id]
  skip_final_snapshot    = true
}

resource "aws_vpc_block_public_access_options" "all" {
  internet_gateway_block_mode = "block-ingress"
}

resource "aws_vpc_endpoint" "s3" {
  vpc_id       = module.spoke["green"].vpc_id
  service_name = "com.amazonaws.eu-west-1.s3"
}
