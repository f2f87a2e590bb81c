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
  skip_region_validation      = true
}
provider "aws" {
  alias                      = "other"
  region                      = "us-east-1"
  access_key                  = "test"
  secret_key                  = "test"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
}
variable "password" {
  sensitive = true
  default = "hunter2"
}
locals {
  azs = ["eu-west-1a", "eu-west-1b"]
  group = aws_security_group.lb.id
}
module "net" {
  source = "./net"
  cidr   = "10.0.0.0/16"
  azs    = local.azs
  tags   = { a = "b" }
}
resource "aws_security_group" "lb" {
  vpc_id = module.net.vpc_id
  name   = "lb"
  ingress {
    from_port   = 443
    to_port     = 443
    protocol    = "tcp"
    cidr_blocks = ["0.0.0.0/0"]
  }
  egress {
    from_port       = 0
    to_port         = 0
    protocol        = "-1"
    cidr_blocks     = ["0.0.0.0/0"]
  }
}
resource "aws_security_group" "web" {
  vpc_id = module.net.vpc_id
  name   = "web"
  ingress {
    from_port       = 8080
    to_port         = 8080
    protocol        = "tcp"
    security_groups = [aws_security_group.lb.id]
  }
  ingress {
    from_port       = 22
    to_port         = 22
    protocol        = "tcp"
    cidr_blocks = ["10.9.0.0/16"]
  }
  dynamic "ingress" {
    for_each = toset([1, 2])
    content {
      from_port       = ingress.value
      to_port         = ingress.value
      protocol        = "tcp"
      security_groups = [local.group]
    }
  }
}
resource "aws_security_group_rule" "x" {
  for_each = { a = 1, b = 2}
  type = "ingress"
  from_port = each.value
  to_port = each.value
  protocol = "tcp"
  security_group_id = aws_security_group.web.id
  source_security_group_id = local.group
}
resource "aws_instance" "web" {
  count = 2
  ami = "ami-12345678"
  instance_type = "t3.micro"
  subnet_id = module.net.private_ids[count.index]
  vpc_security_group_ids = [aws_security_group.web.id]
  user_data = var.password
}
resource "aws_network_acl" "a" {
  vpc_id = module.net.vpc_id
  subnet_ids = module.net.private_ids
  ingress {
    rule_no = 100
    action = "allow"
    protocol = "tcp"
    from_port = 0
    to_port = 65535
    cidr_block = module.net.cidr
  }
}
resource "aws_lb" "a" {
  subnets = values(module.net.private_map)
  security_groups = [aws_security_group.lb.id]
  internal = true
}
resource "aws_vpc" "b" {
  provider = aws.other
  cidr_block = "10.7.0.0/16"
}
resource "aws_eip" "one" {
  for_each = module.net.private_map
}
resource "aws_route_table" "inline" {
  vpc_id = module.net.vpc_id
  route {
    cidr_block = "0.0.0.0/0"
    gateway_id = module.net.igw
  }
  route {
    cidr_block = "10.9.0.0/16"
    nat_gateway_id = "nat-0123456789abcdef0"
  }
}
