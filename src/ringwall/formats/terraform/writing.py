"""A compiled graph → a Terraform configuration in JSON, and what it cannot say.

Rules:
- One root module: `providers.tf.json`, `main.tf.json` with what VPCs share, a file a VPC,
  `across.tf.json` with what joins VPCs, variables and outputs where there are any, `README.md`.
- A resource's name is made of its key alone, so that it stays when the network around it changes.
- AWS's own prefix lists are data sources; its DNS Firewall lists, which none finds, are variables.
- Texts are no templates: `${version}` of a log's format is written `$${version}`.

Source: https://developer.hashicorp.com/terraform/language/syntax/json
"""

import hashlib
import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from ringwall.formats.cloudformation.stacking import ACROSS, SHARED, stack_up
from ringwall.formats.export import Export
from ringwall.formats.terraform.forms import EC2
from ringwall.formats.terraform.kinds import DOMAIN_LIST, DOMAIN_LIST_VARIABLE
from ringwall.formats.terraform.renaming import TYPES
from ringwall.formats.terraform.watching import WRITERS
from ringwall.formats.terraform.written import resources
from ringwall.model.graph import Address, Node, Ref, ResourceGraph, references
from ringwall.resources import resource_type
from ringwall.resources.ownership import DEPLOYMENT_TAG

MANAGED_BY_TAG = "ringwall:managed-by"
MANAGER = "terraform"
PROVIDER = {"source": "hashicorp/aws", "version": ">= 5.80, < 7.0"}
TERRAFORM = ">= 1.5"
# The provider of this version takes no tags of a dashboard.
UNTAGGED = frozenset(
    {
        f"{EC2}VPCBlockPublicAccessOptions",
        "AWS::CloudWatch::Dashboard",
        "AWS::Logs::QueryDefinition",
    }
)
# The argument that is meant by an attribute of a reference.
_ATTRIBUTES: Mapping[tuple[str, str], str] = {
    ("AWS::Logs::LogGroup", "id"): "name",
    ("AWS::Events::Rule", "id"): "name",
    ("AWS::KMS::Key", "id"): "key_id",
    ("AWS::Lambda::Function", "id"): "function_name",
    ("AWS::SNS::Topic", "id"): "arn",
    ("AWS::EC2::VPCEndpoint", "DnsName"): "dns_entry[0].dns_name",
    ("AWS::EC2::VPCEndpoint", "HostedZoneId"): "dns_entry[0].hosted_zone_id",
}
_FURTHER = {
    "Ringwall::EC2::DefaultSecurityGroup": "aws_default_security_group",
    "Ringwall::EC2::DefaultNetworkAcl": "aws_default_network_acl",
}
IPV6_BLOCK = f"{EC2}VPCCidrBlock"
PREFIX_LIST = f"{EC2}PrefixList"
OUTPUTS = {f"{EC2}VPC": "vpcs", f"{EC2}Subnet": "subnets", f"{EC2}SecurityGroup": "groups"}
OUTPUTS |= {f"{EC2}TransitGateway": "transit_gateways"}
_WORD = re.compile(r"[A-Za-z0-9]+")
_PLAIN_KEY = re.compile(r"[a-z][a-z0-9-]*(?:/[a-z0-9-]+)*")
Block = dict[str, Any]


def write(graph: ResourceGraph) -> Export:
    """Write a graph that was compiled from a blueprint."""
    return _Writer(graph).export()


def name_of(key: str) -> str:
    """Return the name of a resource: its key, and what tells it apart where the key has marks."""
    if _PLAIN_KEY.fullmatch(key):
        return key.replace("/", "_")
    text = "_".join(_WORD.findall(key))
    digest = hashlib.sha256(key.encode()).hexdigest()[:6]
    return f"{text if text[:1].isalpha() else f'r_{text}'}_{digest}"


class _Writer:
    def __init__(self, graph: ResourceGraph) -> None:
        self.graph = graph
        tags = (node.tags.get(DEPLOYMENT_TAG) for node in graph)
        self._deployment = next((tag for tag in tags if tag), "network")
        self._data: Block = {}
        self._variables: Block = {}
        self._left_out: list[str] = []
        self._counts: dict[str, int] = {}

    def export(self) -> Export:
        """Return the files."""
        bodies: dict[str, Block] = {}
        for stack in stack_up(self.graph, most=None):
            name = {SHARED: "main", ACROSS: "across"}.get(stack.name, stack.name)
            body: Block = defaultdict(dict)
            for node in stack.nodes:
                self._add(body, node)
            if body:
                bodies[f"{name}.tf.json"] = {"resource": _sorted(body)}
                self._counts[f"{name}.tf.json"] = sum(map(len, body.values()))
        if self._data:
            main = bodies.setdefault("main.tf.json", {})
            bodies["main.tf.json"] = {"data": _sorted(self._data), **main}
        files = {"providers.tf.json": self._providers()}
        if self._variables:
            files["variables.tf.json"] = {"variable": _sorted(self._variables)}
        order = sorted(bodies, key=lambda n: (n != "main.tf.json", n == "across.tf.json", n))
        files |= {name: bodies[name] for name in order}
        outputs = self._outputs()
        if outputs:
            files["outputs.tf.json"] = {"output": outputs}
        texts = {name: json.dumps(body, indent=2) + "\n" for name, body in files.items()}
        texts["README.md"] = self._readme(texts)
        return Export(texts, tuple(self._left_out), self._holds(texts))

    def expression(self, value: object) -> object:
        """Return a value in Terraform's JSON."""
        if isinstance(value, Ref):
            return self._reference(value)
        if isinstance(value, str):
            return value.replace("${", "$${").replace("%{", "%%{")
        if isinstance(value, Mapping):
            return {self.expression(name): self.expression(item) for name, item in value.items()}
        if isinstance(value, (list, tuple)):
            return [self.expression(item) for item in value]
        return value

    def _add(self, body: Block, node: Node) -> None:
        written = resources(self, node, WRITERS)
        if not written and node.type != IPV6_BLOCK:
            self._left_out.append(f"{node.type} {node.key}: Terraform has no such type")
        for index, (kind, further, arguments) in enumerate(written):
            name = name_of(f"{node.key}/{further}" if further else node.key)
            if index == 0:
                if node.tags and node.type not in UNTAGGED:
                    arguments["tags"] = self.expression({**node.tags, MANAGED_BY_TAG: MANAGER})
                if node.protect:
                    arguments.setdefault("lifecycle", {})["prevent_destroy"] = True
                depends = self._depends(node)
                if depends:
                    arguments["depends_on"] = depends
            body[kind][name] = arguments

    def _depends(self, node: Node) -> list[str]:
        named = {(ref.type, ref.key) for ref in references(node.properties)}
        wanted = set(resource_type(node.type).depends(node, self.graph)) - named
        return sorted(address for a in wanted if (address := self._address(a)) is not None)

    def _address(self, address: Address) -> str | None:
        if address not in self.graph:
            return None
        node = self.graph[address]
        if node.type == IPV6_BLOCK and node.properties.get("AmazonProvidedIpv6CidrBlock"):
            vpc = node.properties["VpcId"]
            return self._address((vpc.type, vpc.key))
        kind = _FURTHER.get(node.type) or TYPES.get(node.type)
        if node.type == IPV6_BLOCK:
            is_ipv4 = "CidrBlock" in node.properties
            kind = f"aws_vpc_ipv{4 if is_ipv4 else 6}_cidr_block_association"
        if node.type == f"{EC2}VPCGatewayAttachment":
            kind = "aws_internet_gateway_attachment"
        return f"{kind}.{name_of(node.key)}" if kind is not None else None

    def _reference(self, ref: Ref) -> str:
        if ref.type == IPV6_BLOCK:
            return self._ipv6(ref)
        address = self._address((ref.type, ref.key))
        if address is not None:
            attribute = _ATTRIBUTES.get((ref.type, ref.attribute), ref.attribute.lower())
            return f"${{{address}.{attribute}}}"
        if ref.type == PREFIX_LIST and ref.key.startswith("aws:"):
            name = ref.key.removeprefix("aws:")
            label = "_".join(_WORD.findall(name))
            kind = "aws_ec2_managed_prefix_list"
            self._data.setdefault(kind, {})[label] = {"name": name}
            return f"${{data.{kind}.{label}.id}}"
        if ref.type == DOMAIN_LIST and ref.key.startswith("aws:"):
            name = ref.key.removeprefix("aws:")
            label = DOMAIN_LIST_VARIABLE + name
            command = "aws route53resolver list-firewall-domain-lists"
            self._variables[label] = {
                "type": "string",
                "description": f"Id of AWS's domain list {name} in this region: {command}",
            }
            return f"${{var.{label}}}"
        return ref.key

    def _ipv6(self, ref: Ref) -> str:
        """Return a part of a VPC's IPv6 block: `ipv6/<length>/<index>`."""
        vpc = self.graph[ref.type, ref.key].properties["VpcId"]
        whole = f"aws_vpc.{name_of(vpc.key)}.ipv6_cidr_block"
        _, length, index = ref.attribute.split("/")
        bits = int(length) - 56
        return f"${{cidrsubnet({whole}, {bits}, {index})}}" if bits else f"${{{whole}}}"

    def _providers(self) -> Block:
        regions = sorted({node.region for node in self.graph if node.region})
        accounts = sorted({node.account for node in self.graph if node.account})
        provider: Block = {"region": regions[0]} if regions else {}
        if accounts:
            provider["allowed_account_ids"] = accounts
        terraform = {"required_version": TERRAFORM, "required_providers": {"aws": PROVIDER}}
        return {"terraform": terraform, "provider": {"aws": provider}}

    def _outputs(self) -> Block:
        found: Block = {}
        for kind, name in OUTPUTS.items():
            nodes = self.graph.of_type(kind)
            if nodes:
                ids = {node.key: self._reference(node.ref) for node in nodes}
                found[name] = {"description": f"Ids of {name} by key", "value": ids}
        return found

    def _holds(self, files: Mapping[str, str]) -> dict[str, str]:
        fixed = {
            "providers.tf.json": "the provider, its region and account",
            "variables.tf.json": f"variables {', '.join(sorted(self._variables))}",
            "outputs.tf.json": "ids by key",
            "README.md": "how to use it, what is left out",
        }
        return {
            name: fixed.get(name) or _counted(self._counts.get(name, 0), "resource")
            for name in files
        }

    def _readme(self, files: Mapping[str, str]) -> str:
        return "\n".join(self._lines(files)) + "\n"

    def _lines(self, files: Mapping[str, str]) -> Iterator[str]:
        yield f"# {self._deployment}"
        yield ""
        yield "Written by `ringwall export --to terraform`; another export replaces these files."
        yield ""
        yield "```sh"
        yield "terraform init"
        yield "terraform plan -out=planned"
        yield "terraform show -json planned > plan.json"
        yield "ringwall check plan.json --expect expectations.yaml"
        yield "terraform apply planned"
        yield "```"
        yield ""
        yield "| file | holds |"
        yield "|---|---|"
        for name, holds in self._holds(files).items():
            yield f"| `{name}` | {holds} |"
        yield ""
        yield (
            f"Everything bears the tag `{MANAGED_BY_TAG}: {MANAGER}`: what Terraform manages,"
            " `ringwall apply` and `ringwall destroy` leave alone."
        )
        yield ""
        yield "## Left out"
        yield ""
        yield from (f"- {text}" for text in self._left_out or ("nothing",))


def _sorted(body: Mapping[str, Mapping[str, Any]]) -> Block:
    return {kind: dict(sorted(items.items())) for kind, items in sorted(body.items())}


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"
