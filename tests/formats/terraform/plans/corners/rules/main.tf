variable "group_id" {}
variable "peers" {}

resource "aws_vpc_security_group_ingress_rule" "peer" {
  for_each                     = var.peers
  security_group_id            = var.group_id
  referenced_security_group_id = each.value
  ip_protocol                  = "tcp"
  from_port                    = 443
  to_port                      = 443
}
