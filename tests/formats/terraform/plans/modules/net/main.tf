variable "cidr" {}
variable "azs" {}
variable "tags" {}
locals {
  vpc_id = try(aws_vpc.this[0].id, "")
}
resource "aws_vpc" "this" {
  count = 1
  cidr_block = var.cidr
  assign_generated_ipv6_cidr_block = true
}
resource "aws_internet_gateway" "this" {
  vpc_id = local.vpc_id
}
resource "aws_subnet" "private" {
  for_each = { for i, az in var.azs : az => i }
  vpc_id            = local.vpc_id
  cidr_block        = cidrsubnet(var.cidr, 8, each.value)
  ipv6_cidr_block   = cidrsubnet(aws_vpc.this[0].ipv6_cidr_block, 8, each.value)
  availability_zone = each.key
}
resource "aws_route_table" "private" {
  for_each = aws_subnet.private
  vpc_id = each.value.vpc_id
}
resource "aws_route_table_association" "private" {
  for_each = aws_subnet.private
  subnet_id = each.value.id
  route_table_id = aws_route_table.private[each.key].id
}
output "vpc_id" { value = local.vpc_id }
output "cidr" { value = aws_vpc.this[0].cidr_block }
output "igw" { value = aws_internet_gateway.this.id }
output "private_ids" { value = [for s in aws_subnet.private : s.id] }
output "private_map" { value = { for k, s in aws_subnet.private : k => s.id } }
