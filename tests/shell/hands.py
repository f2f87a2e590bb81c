"""A hand in the console: tags of anything written over or taken away, on any Cloud."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ringwall.model.graph import Node
from ringwall.shell.aws import Cloud
from tests.shell import watching_hands

RESOLVER = "AWS::Route53Resolver::"
BALANCING = "AWS::ElasticLoadBalancingV2::"
WAF = "AWS::WAFv2::"


def pairs(tags: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def mapping(found: Iterable[Mapping[str, str]]) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in found}


@dataclass(frozen=True)
class Hand:
    """Reads and writes tags by the calls of each service; the product has no part in it."""

    cloud: Cloud

    def ask(self, service: str, operation: str, **request: Any) -> Any:
        return self.cloud.call(service, operation, request)

    def tags(self, node: Node) -> dict[str, str]:
        one, arn = node.physical_id, node.observed.get("Arn")
        match node.type:
            case "AWS::IAM::Role":
                return mapping(self.ask("iam", "list_role_tags", RoleName=one)["Tags"])
            case "AWS::Logs::LogGroup":
                return dict(self.ask("logs", "list_tags_for_resource", resourceArn=arn)["tags"])
            case "AWS::Route53::HostedZone":
                of = {"ResourceType": "hostedzone", "ResourceId": one}
                said = self.ask("route53", "list_tags_for_resource", **of)
                return mapping(said["ResourceTagSet"]["Tags"])
            case "AWS::S3::Bucket":
                return mapping(self.ask("s3", "get_bucket_tagging", Bucket=one)["TagSet"])
            case name if name.startswith(RESOLVER):
                asked = self.ask("route53resolver", "list_tags_for_resource", ResourceArn=arn)
                return mapping(asked["Tags"])
            case name if name.startswith(BALANCING):
                [said] = self.ask("elbv2", "describe_tags", ResourceArns=[one])["TagDescriptions"]
                return mapping(said["Tags"])
            case name if name.startswith(WAF):
                said = self.ask("wafv2", "list_tags_for_resource", ResourceARN=one)
                return mapping(said["TagInfoForResource"]["TagList"])
            case name if name in watching_hands.TYPES:
                return watching_hands.tags(self.ask, node)
            case _:
                filters = [{"Name": "resource-id", "Values": [one]}]
                return mapping(self.ask("ec2", "describe_tags", Filters=filters)["Tags"])

    def write(self, node: Node, tags: Mapping[str, str]) -> None:
        one, arn = node.physical_id, node.observed.get("Arn")
        match node.type:
            case "AWS::IAM::Role":
                self.ask("iam", "tag_role", RoleName=one, Tags=pairs(tags))
            case "AWS::Logs::LogGroup":
                self.ask("logs", "tag_resource", resourceArn=arn, tags=dict(tags))
            case "AWS::Route53::HostedZone":
                of = {"ResourceType": "hostedzone", "ResourceId": one}
                self.ask("route53", "change_tags_for_resource", **of, AddTags=pairs(tags))
            case "AWS::S3::Bucket":
                whole = {"TagSet": pairs({**node.tags, **tags})}
                self.ask("s3", "put_bucket_tagging", Bucket=one, Tagging=whole)
            case name if name.startswith(RESOLVER):
                self.ask("route53resolver", "tag_resource", ResourceArn=arn, Tags=pairs(tags))
            case name if name.startswith(BALANCING):
                self.ask("elbv2", "add_tags", ResourceArns=[one], Tags=pairs(tags))
            case name if name.startswith(WAF):
                self.ask("wafv2", "tag_resource", ResourceARN=one, Tags=pairs(tags))
            case name if name in watching_hands.TYPES:
                watching_hands.write(self.ask, node, tags)
            case _:
                self.ask("ec2", "create_tags", Resources=[one], Tags=pairs(tags))

    def take(self, node: Node, names: Iterable[str]) -> None:
        one, arn, gone = node.physical_id, node.observed.get("Arn"), list(names)
        match node.type:
            case "AWS::IAM::Role":
                self.ask("iam", "untag_role", RoleName=one, TagKeys=gone)
            case "AWS::Logs::LogGroup":
                self.ask("logs", "untag_resource", resourceArn=arn, tagKeys=gone)
            case "AWS::Route53::HostedZone":
                of = {"ResourceType": "hostedzone", "ResourceId": one}
                self.ask("route53", "change_tags_for_resource", **of, RemoveTagKeys=gone)
            case "AWS::S3::Bucket":
                left = {name: value for name, value in node.tags.items() if name not in gone}
                if left:
                    whole = {"TagSet": pairs(left)}
                    self.ask("s3", "put_bucket_tagging", Bucket=one, Tagging=whole)
                else:
                    self.ask("s3", "delete_bucket_tagging", Bucket=one)
            case name if name.startswith(RESOLVER):
                self.ask("route53resolver", "untag_resource", ResourceArn=arn, TagKeys=gone)
            case name if name.startswith(BALANCING):
                self.ask("elbv2", "remove_tags", ResourceArns=[one], TagKeys=gone)
            case name if name.startswith(WAF):
                self.ask("wafv2", "untag_resource", ResourceARN=one, TagKeys=gone)
            case name if name in watching_hands.TYPES:
                watching_hands.take(self.ask, node, gone)
            case _:
                taken = [{"Key": name} for name in gone]
                self.ask("ec2", "delete_tags", Resources=[one], Tags=taken)
