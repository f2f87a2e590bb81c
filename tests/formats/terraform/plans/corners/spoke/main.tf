variable "cidr" {}
variable "transit_gateway_id" {}
variable "zones" {
  default = ["eu-west-1a", "eu-west-1b"]
}

resource "aws_vpc" "this" {
  cidr_block = var.cidr
}

resource "aws_subnet" "app" {
  count             = length(var.zones)
  vpc_id            = aws_vpc.this.id
  cidr_block        = cidrsubnet(var.cidr, 8, count.index)
  availability_zone = var.zones[count.index]
}

resource "aws_route_table" "app" {
  vpc_id = aws_vpc.this.id
}

resource "aws_main_route_table_association" "app" {
  vpc_id         = aws_vpc.this.id
  route_table_id = aws_route_table.app.id
}

resource "aws_route" "out" {
  route_table_id         = aws_route_table.app.id
  destination_cidr_block = "0.0.0.0/0"
  transit_gateway_id     = aws_ec2_transit_gateway_vpc_attachment.this.transit_gateway_id
}

resource "aws_ec2_transit_gateway_vpc_attachment" "this" {
  transit_gateway_id = var.transit_gateway_id
  vpc_id             = aws_vpc.this.id
  subnet_ids         = aws_subnet.app[*].id
}

resource "aws_security_group" "app" {
  vpc_id = aws_vpc.this.id
}

output "vpc_id" { value = aws_vpc.this.id }
output "subnet_ids" { value = aws_subnet.app[*].id }
output "group_id" { value = aws_security_group.app.id }
output "attachment_id" { value = aws_ec2_transit_gateway_vpc_attachment.this.id }
