"""Every call that boto3 makes, with the tags that its objects bear at that moment."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from botocore import xform_name
from botocore.client import BaseClient


@dataclass(frozen=True)
class Made:
    """A call in botocore's spelling, its request, and whether AWS took it."""

    service: str
    operation: str
    request: dict[str, Any]
    context: dict[str, dict[str, str]]  # tags by the id of what the request names

    @property
    def name(self) -> str:
        return f"{self.service}:{self.operation}"


@dataclass
class Recording:
    """The calls that were made while it was on."""

    made: list[Made] = field(default_factory=list)

    @contextmanager
    def on(self) -> Iterator[None]:
        """Record; what is asked in here of the objects themselves is not recorded."""
        before = BaseClient._make_api_call
        own: list[str] = []

        def call(client, operation, request):
            if own:
                return before(client, operation, request)
            service, name = client._service_model.service_name, xform_name(operation)
            own.append(name)
            try:
                context = _tags(client, service, name, request)
            finally:
                own.pop()
            self.made.append(Made(service, name, dict(request), context))
            return before(client, operation, request)

        BaseClient._make_api_call = call
        try:
            yield
        finally:
            BaseClient._make_api_call = before


_IDS = ("NetworkAclId", "GroupId", "VpcId")


def _tags(client, service, name, request) -> dict[str, dict[str, str]]:
    """Ask for the tags of what a change names: EC2's by an id, others by an ARN."""
    if service == "ec2" and not name.startswith(("describe", "get", "search")):
        ids = [str(request[each]) for each in _IDS if request.get(each)]
        found = client.describe_tags(Filters=[{"Name": "resource-id", "Values": ids}])["Tags"]
        return {one: {t["Key"]: t["Value"] for t in found if t["ResourceId"] == one} for one in ids}
    if name == "update_ip_set":
        listed = client.list_ip_sets(Scope=request["Scope"])["IPSets"]
        [arn] = [each["ARN"] for each in listed if each["Id"] == request["Id"]]
        told = client.list_tags_for_resource(ResourceARN=arn)["TagInfoForResource"]["TagList"]
        return {arn: {t["Key"]: t["Value"] for t in told}}
    if name == "update_firewall_domains":
        own = request["FirewallDomainListId"]
        arn = client.get_firewall_domain_list(FirewallDomainListId=own)["FirewallDomainList"]["Arn"]
        told = client.list_tags_for_resource(ResourceArn=arn)["Tags"]
        return {arn: {t["Key"]: t["Value"] for t in told}}
    return {}
