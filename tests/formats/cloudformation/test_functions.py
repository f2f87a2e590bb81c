# ruff: noqa: E501  (resources on a line each)
"""CloudFormation's intrinsic functions, seen through the properties that they make."""

from typing import Any

import pytest

from ringwall.errors import InputError
from ringwall.formats.cloudformation import read
from ringwall.formats.cloudformation.values import is_unknown
from ringwall.model.graph import Ref
from tests.formats.cloudformation.templates import ACCOUNT, REGION, reading, vpc

HEAD = """
Parameters:
  Word: {Type: String, Default: word}
  Words: {Type: CommaDelimitedList, Default: 'a, b,c'}
  Lost: {Type: String}
Mappings:
  Table: {us-east-1: {Name: found, List: [x, y]}}
Conditions:
  Yes: !Equals [!Ref Word, word]
  No: !Not [!Condition Yes]
  Maybe: !Equals [!Ref Lost, x]
  YesOrMaybe: !Or [!Condition Maybe, !Condition Yes]
  NoAndMaybe: !And [!Condition Maybe, !Condition No]
Resources:
  Main: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16}}
  Six: {Type: AWS::EC2::VPCCidrBlock, Properties: {VpcId: !Ref Main, AmazonProvidedIpv6CidrBlock: true}}
  It:
    Type: AWS::EC2::SecurityGroup
    Properties: {VpcId: !Ref Main, GroupDescription: EXPRESSION}
"""


def value_of(expression: str) -> Any:
    """Return what an expression comes to."""
    text = HEAD.replace("EXPRESSION", expression)
    graph = read({"t.yaml": text}, account=ACCOUNT, region=REGION)
    return graph["AWS::EC2::SecurityGroup", "It"].properties.get("GroupDescription")


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("!Ref Word", "word"),
        ("!Ref AWS::Region", REGION),
        ("!Ref AWS::AccountId", ACCOUNT),
        ("!Ref AWS::Partition", "aws"),
        ("!Ref AWS::StackName", "t"),
        ("!Ref AWS::NoValue", None),
        ("!Sub 'x-${Word}-${!Word}'", "x-word-${Word}"),
        ("!Sub ['${A}/${Word}', {A: !Ref AWS::Region}]", f"{REGION}/word"),
        ("!Join ['-', [a, 1, true]]", "a-1-true"),
        ("!Join ['', !Ref Words]", "abc"),
        ("!Select [1, !Ref Words]", "b"),
        ("!Select ['2', !Split ['.', a.b.c]]", "c"),
        ("!If [Yes, a, b]", "a"),
        ("!If [No, a, b]", "b"),
        ("!If [YesOrMaybe, a, b]", "a"),
        ("!If [NoAndMaybe, a, b]", "b"),
        ("!FindInMap [Table, !Ref AWS::Region, Name]", "found"),
        ("!Select [1, !FindInMap [Table, !Ref AWS::Region, List]]", "y"),
        ("!FindInMap [Table, nowhere, Name, {DefaultValue: other}]", "other"),
        ("!Base64 secret", ""),
        ("!GetAtt Main.CidrBlock", "10.0.0.0/16"),
        ("{'Fn::GetAtt': [Main, CidrBlock]}", "10.0.0.0/16"),
        ("!Select [3, !Cidr [10.0.0.0/16, 4, 8]]", "10.0.3.0/24"),
        ("!Select [255, !Cidr [!GetAtt Main.CidrBlock, 256, 8]]", "10.0.255.0/24"),
        ("!Select [1, !Cidr ['2001:db8::/56', 2]]", "2001:db8:0:1::/64"),
        ("!Select [1, !GetAZs '']", "us-east-1[1]"),
        ("012345678901", "012345678901"),
    ],
)
def test_a_function_gives(expression: str, expected: object) -> None:
    assert value_of(expression) == expected


@pytest.mark.parametrize(
    ("expression", "reason"),
    [
        ("!Ref Lost", "parameter Lost has no value"),
        ("!Sub 'x${Lost}'", "parameter Lost has no value"),
        ("!Join ['-', [a, !Ref Lost]]", "parameter Lost has no value"),
        ("!If [Maybe, a, b]", "parameter Lost has no value"),
        ("!Select [!Ref Lost, [a]]", "parameter Lost has no value"),
        ("!ImportValue nowhere", "'nowhere' is exported by no template given"),
        ("'{{resolve:ssm:/x}}'", "the dynamic reference 'ssm:/x' is resolved by AWS"),
        ("{'Fn::Transform': {Name: x}}", "Fn::Transform is not supported"),
    ],
)
def test_what_cannot_be_computed_is_unknown_by_its_name(expression: str, reason: str) -> None:
    value = value_of(expression)
    assert is_unknown(value)
    assert value.key == reason


@pytest.mark.parametrize(
    ("expression", "fault"),
    [
        ("!Ref Nobody", "there is no parameter or resource 'Nobody'"),
        ("!GetAtt Nobody.Arn", "there is no resource 'Nobody'"),
        ("!If [Nobody, a, b]", "there is no condition 'Nobody'"),
        ("!If [Yes, a]", "Fn::If takes a list of 3 values"),
        ("!Select [9, [a]]", "there is no element 9 to select"),
        ("!Select [0, !Cidr [10.0.0.0/30, 5, 1]]", "holds fewer than 5 blocks of 1 bits"),
        ("!Select [0, !Cidr [10.0.0.0/16, 257, 8]]", "takes a count of 1 to 256"),
        ("!Select [0, !Cidr [10.0.0.0/16, 1, 17]]", "holds no block of 17 bits"),
        ("!FindInMap [Table, nowhere, Name]", "no mapping holds 'Table.nowhere.Name'"),
        ("!Ref AWS::Nothing", "there is no pseudo parameter 'AWS::Nothing'"),
    ],
)
def test_what_cannot_be_is_told_with_its_line(expression: str, fault: str) -> None:
    with pytest.raises(InputError, match=r"t\.yaml:19: ") as caught:
        value_of(expression)
    assert fault in caught.value.message


def test_parts_of_an_ipv6_block_of_amazons_choosing_are_named_by_their_place() -> None:
    whole = "!Select [0, !GetAtt Main.Ipv6CidrBlocks]"
    block = ("AWS::EC2::VPCCidrBlock", "Main/ipv6")
    assert value_of(whole) == Ref(*block, "ipv6/56/0")
    assert value_of(f"!Select [3, !Cidr [{whole}, 4, 64]]") == Ref(*block, "ipv6/64/3")


def test_conditions_that_lead_to_each_other_are_a_fault() -> None:
    text = "Conditions: {A: !Condition B, B: !Condition A}\nResources: {V: {Type: T, Condition: A}}"
    with pytest.raises(InputError, match="depends on itself"):
        read({"t.yaml": text})


def test_an_attribute_of_a_vpc_is_what_aws_makes_with_it() -> None:
    graph = reading(
        "Rule: {Type: AWS::EC2::SecurityGroupIngress, Properties: {IpProtocol: tcp, FromPort: 1, "
        "ToPort: 2, CidrIp: 10.0.0.0/8, GroupId: !GetAtt Main.DefaultSecurityGroup}}",
    )
    group = graph["Ringwall::EC2::DefaultSecurityGroup", "Main"]
    assert group.properties["VpcId"] == vpc()
    own, added = group.properties["Ingress"]
    assert own["SourceSecurityGroupId"] == group.ref
    assert added == {"IpProtocol": "tcp", "FromPort": 1, "ToPort": 2, "CidrIp": "10.0.0.0/8"}
