"""A web service in a lab with all that playbooks touch, and a responder that minds it.

Its state is read before and after: what a response changes, and what its way back must restore.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from ringwall.app.responding.loop import Responder
from ringwall.app.responding.reading import AccountReader
from ringwall.app.workspace import Wanted, blueprint_of
from ringwall.lab.server import Lab
from ringwall.playbooks.policy import Mode, Policy
from ringwall.playbooks.records import Event, Party, Source
from ringwall.shell.aws import BotoCloud, Cloud, connect
from ringwall.shell.measuring import Measures
from tests.fakes.clock import FakeClock
from tests.fakes.ledger import MemoryLedger
from tests.shell.estates import EXAMPLES, Estate

REGION = "us-east-1"
OFFENDER = "198.51.100.7"
ROLE, USER = "site-role", "ann"
AUTO = Policy(modes={"*": Mode.AUTO})
FIREWALL = """
dns_firewall:
  lists:
    malicious: {domains: [malware-domain.com]}
  rules:
    - {list: malicious, action: BLOCK, response: NXDOMAIN}
"""
TRUST = json.dumps({"Version": "2012-10-17", "Statement": []})


@dataclass
class Attacked:
    """The deployment, with an instance of the site that bears a role, and a user with a key."""

    lab: Lab
    cloud: BotoCloud
    wanted: Wanted
    instance: str = ""
    address: str = ""
    key: str = ""
    ledger: MemoryLedger = field(default_factory=MemoryLedger)
    clock: FakeClock = field(default_factory=FakeClock)

    @classmethod
    def of(cls, lab: Lab) -> "Attacked":
        cloud = connect(region=REGION, endpoint=lab.endpoint)
        asked = {"DomainName": "example.org"}
        arn = cloud.call("acm", "request_certificate", asked)["CertificateArn"]
        text = re.sub(r"arn:aws:acm:\S+", arn, (EXAMPLES / "web.yaml").read_text())
        wanted = blueprint_of(text.replace("\nvpcs:\n", f"{FIREWALL}\nvpcs:\n"), "web.yaml")
        estate = Estate(cloud, wanted.blueprint.name, wanted.graph, pace=None)
        estate.carry_out(estate.plan())
        made = cls(lab, cloud, wanted)
        made._populate()
        return made

    def _populate(self) -> None:
        call = self.cloud.call
        named = {"RoleName": ROLE, "AssumeRolePolicyDocument": TRUST}
        call("iam", "create_role", named)
        call("iam", "create_instance_profile", {"InstanceProfileName": "site"})
        added = {"InstanceProfileName": "site", "RoleName": ROLE}
        call("iam", "add_role_to_instance_profile", added)
        call("iam", "create_user", {"UserName": USER})
        made = call("iam", "create_access_key", {"UserName": USER})
        self.key = made["AccessKey"]["AccessKeyId"]
        [subnet, *_] = self._named("describe_subnets", "Subnets", "main/private")
        [group] = self._named("describe_security_groups", "SecurityGroups", "main/site")
        run = {
            "ImageId": "ami-12c6146b",
            "MinCount": 1,
            "MaxCount": 1,
            "SubnetId": subnet["SubnetId"],
            "SecurityGroupIds": [group["GroupId"]],
            "IamInstanceProfile": {"Name": "site"},
        }
        [made] = call("ec2", "run_instances", run)["Instances"]
        self.instance, self.address = made["InstanceId"], made["PrivateIpAddress"]
        groups = call("elbv2", "describe_target_groups", {})["TargetGroups"]
        site = next(g["TargetGroupArn"] for g in groups if g["Port"] == 8080)
        target = {"TargetGroupArn": site, "Targets": [{"Id": self.instance}]}
        call("elbv2", "register_targets", target)
        [edge] = self._named("describe_security_groups", "SecurityGroups", "main/edge")
        opened = {"IpProtocol": "tcp", "FromPort": 8443, "ToPort": 8443}
        ranges = [{"CidrIp": "0.0.0.0/0"}]
        permission = {"GroupId": edge["GroupId"], "IpPermissions": [opened | {"IpRanges": ranges}]}
        call("ec2", "authorize_security_group_ingress", permission)
        for acl in self._named("describe_network_acls", "NetworkAcls", "main/public"):
            for egress, ports in ((False, (8443, 8443)), (True, (1024, 65535))):
                entry = {
                    "NetworkAclId": acl["NetworkAclId"],
                    "RuleNumber": 150,
                    "Egress": egress,
                    "Protocol": "6",
                    "RuleAction": "allow",
                    "CidrBlock": "0.0.0.0/0",
                    "PortRange": dict(zip(("From", "To"), ports, strict=True)),
                }
                call("ec2", "create_network_acl_entry", entry)

    def _named(self, operation: str, items: str, name: str) -> list[dict[str, Any]]:
        found = self.cloud.call("ec2", operation, {})[items]
        return sorted(
            (
                each
                for each in found
                if any(
                    tag["Key"] == "ringwall:key" and tag["Value"].startswith(name)
                    for tag in each.get("Tags") or ()
                )
            ),
            key=str,
        )

    def responder(self, cloud: Cloud | None = None, policy: Policy = AUTO) -> Responder:
        on = cloud or self.cloud
        return Responder(
            ledger=self.ledger,
            read=AccountReader(self.wanted, on, policy),
            measures=Measures(on, self.clock),
            policy=policy,
            clock=self.clock,
        )

    def anew(self) -> "Attacked":
        """The same deployment, of which nobody was ever told anything."""
        return Attacked(self.lab, self.cloud, self.wanted, self.instance, self.address, self.key)

    @cached_property
    def groups(self) -> frozenset[str]:
        """The groups that were there before any response."""
        return frozenset(self._groups())

    def _groups(self) -> dict[str, Any]:
        found = self.cloud.call("ec2", "describe_security_groups", {})["SecurityGroups"]
        return {g["GroupId"]: (_sorted(g["IpPermissions"]), _sorted(g["IpPermissionsEgress"]))
                for g in found}  # fmt: skip

    def state(self) -> Mapping[str, Any]:
        """What playbooks change, as AWS has it."""
        call = self.cloud.call
        acls = call("ec2", "describe_network_acls", {})["NetworkAcls"]
        interfaces = call("ec2", "describe_network_interfaces", {})["NetworkInterfaces"]
        described = call("ec2", "describe_instances", {"InstanceIds": [self.instance]})
        [instance] = described["Reservations"][0]["Instances"]
        attributes = {
            name: call(
                "ec2",
                "describe_instance_attribute",
                {"InstanceId": self.instance, "Attribute": name},
            ).get(f"{name[0].upper()}{name[1:]}")
            for name in ("disableApiTermination", "instanceInitiatedShutdownBehavior")
        }
        targets = {
            group["TargetGroupName"]: _sorted(
                each["Target"]
                for each in call(
                    "elbv2", "describe_target_health", {"TargetGroupArn": group["TargetGroupArn"]}
                )["TargetHealthDescriptions"]
            )
            for group in call("elbv2", "describe_target_groups", {})["TargetGroups"]
        }
        sets = {}
        for each in call("wafv2", "list_ip_sets", {"Scope": "REGIONAL"})["IPSets"]:
            asked = {"Scope": "REGIONAL", "Id": each["Id"], "Name": each["Name"]}
            sets[each["Name"]] = _sorted(call("wafv2", "get_ip_set", asked)["IPSet"]["Addresses"])
        resolver = "route53resolver"
        lists = {
            each["Name"]: _sorted(
                call(resolver, "list_firewall_domains", {"FirewallDomainListId": each["Id"]})[
                    "Domains"
                ]
            )
            for each in call(resolver, "list_firewall_domain_lists", {})["FirewallDomainLists"]
            if not each.get("ManagedOwnerName")
        }
        keys = call("iam", "list_access_keys", {"UserName": USER})["AccessKeyMetadata"]
        return {
            "entries": {a["NetworkAclId"]: _sorted(a["Entries"]) for a in acls},
            "groups": {k: v for k, v in self._groups().items() if k in self.groups},
            "interfaces": {
                i["NetworkInterfaceId"]: sorted(g["GroupId"] for g in i["Groups"])
                for i in interfaces
            },
            "attributes": attributes,
            "disks": _sorted(
                (d["DeviceName"], d["Ebs"]["DeleteOnTermination"])
                for d in instance["BlockDeviceMappings"]
            ),
            "tags": _sorted(instance.get("Tags") or ()),
            "targets": targets,
            "sets": sets,
            "lists": lists,
            "policies": call("iam", "list_role_policies", {"RoleName": ROLE})["PolicyNames"],
            "keys": {k["AccessKeyId"]: k["Status"] for k in keys},
        }


def _sorted(items: Any) -> list[str]:
    return sorted(json.dumps(each, sort_keys=True, default=str) for each in items)


def stories(house: Attacked) -> dict[str, Event]:
    """An event for each playbook, and one for each layer at which a source is denied."""
    source, inside = Party("source", OFFENDER), Party("source", house.address)
    there, domain = Party("destination", OFFENDER), Party("domain", name="evil.example")
    instance = Party("instance", name=house.instance)
    key = Party("access-key", name=house.key)

    def event(kind: str, *parties: Party, **evidence: Any) -> Event:
        return Event("e1", Source.DETECTION, kind, kind, 3, parties, 100, 160, evidence)

    return {
        "block-source": event("RW501", source),
        "answer-port-scan": event("RW505", inside),
        "block-domain": event("RW530", domain, inside),
        "isolate-instance": event("RW544", instance),
        "revoke-credentials": event("CredentialAccess:IAMUser/X", instance, key),
        "stop-exfiltration": event("RW503", inside, there, domain),
        "close-exposure": event("RW520", source, Party("destination", name="main/edge"), port=8443),
    }
