"""Templates that are none: every fault with its place, nothing that takes long, no traceback."""

import time

import pytest

from ringwall.errors import InputError, RingwallError
from ringwall.formats.cloudformation import read, write
from ringwall.reach.engine import Engine
from ringwall.trace.network import Network
from tests.blueprint.compile.blueprints import ALL, compiled
from tests.formats.cloudformation.mutants import mutants
from tests.formats.cloudformation.templates import RICH, reading

LONGEST = 5.0  # seconds
ALIASES = """
a: &a [x]
b: &b [*a,*a,*a,*a,*a,*a,*a,*a]
c: &c [*b,*b,*b,*b,*b,*b,*b,*b]
d: &d [*c,*c,*c,*c,*c,*c,*c,*c]
e: &e [*d,*d,*d,*d,*d,*d,*d,*d]
f: &f [*e,*e,*e,*e,*e,*e,*e,*e]
g: &g [*f,*f,*f,*f,*f,*f,*f,*f]
Resources: {A: *g}
"""


def judge(text: str) -> str:
    """Read a text as the product does; whatever it is, it ends in a graph or in told faults."""
    start = time.monotonic()
    try:
        graph = read({"m.yaml": text}, account="1", region="us-east-1")
        Engine(graph)
        network = Network(graph)
        assert network.subnets is not None
        assert isinstance(network.unknowns_for("Main"), tuple)
        end = "unknown" if graph.unknowns else "read"
    except RingwallError as error:
        lines = error.message.splitlines()
        assert all(line.startswith(("m.yaml:", "…")) for line in lines), lines
        end = "fault"
    assert time.monotonic() - start < LONGEST
    return end


def sources() -> list[str]:
    exported = write(compiled(ALL["minimal"])).files["vpc-main.json"]
    return [RICH, RICH, RICH, exported]


def test_every_mutant_is_read_or_told() -> None:
    ends = {judge(text) for text in mutants(sources(), 400, seed=7)}
    assert ends == {"read", "unknown", "fault"}


@pytest.mark.campaign
@pytest.mark.parametrize("seed", range(10))
def test_thousands_of_mutants_are_read_or_told(seed: int) -> None:
    for text in mutants(sources(), 2000, seed=100 + seed):
        judge(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "a: b",
        "Resources: []",
        "Resources: {A: b}",
        "Resources: {A: {Type: [x]}}",
        "Resources: {A: {Type: T, Properties: [x]}}",
        "{" * 5000,
        "[" * 100_000,
        "Resources: " + "{a: " * 500,
        ALIASES,
        "x" * 3_000_000,
        "Resources: {A: &a {Type: *a}}",
        "Resources: {A: {Type: T}}\n---\nResources: {}",
        "Resources: {A: {Type: T}, A: {Type: T}}",
        "? [x]\n: y",
        "Resources:\n  <<: {A: {Type: T}}",
    ],
)
def test_a_text_that_is_no_template_is_told(text: str) -> None:
    assert judge(text) == "fault"


def test_texts_that_grow_by_imports_are_stopped() -> None:
    outputs = ["E0: {Value: " + "x" * 1000 + ", Export: {Name: e0}}"]
    for i in range(1, 60):
        one = f"!ImportValue e{i - 1}"
        outputs.append(f"E{i}: {{Value: !Join ['', [{one}, {one}]], Export: {{Name: e{i}}}}}")
    text = "Resources: {V: {Type: AWS::EC2::VPC, Properties: {CidrBlock: !ImportValue e59}}}\n"
    text += "Outputs:\n" + "".join(f"  {line}\n" for line in outputs)
    assert judge(text) == "fault"


def test_conditions_that_lead_far_are_stopped() -> None:
    chain = "".join(f"  C{i}: !Not [!Condition C{i + 1}]\n" for i in range(3000))
    text = (
        f"Conditions:\n{chain}  C3000: !Equals [a, a]\nResources: {{V: {{Type: T, Condition: C0}}}}"
    )
    assert judge(text) == "fault"


def test_all_faults_are_told_at_once_in_order() -> None:
    with pytest.raises(InputError) as caught:
        reading(
            "A: {Type: AWS::EC2::Subnet, Properties: {CidrBlock: 10.0.0.0/24}}",
            "B: {Type: AWS::EC2::RouteTable, Properties: {VpcId: !Ref Nobody}}",
            "C: {Type: AWS::EC2::Route, Properties: {RouteTableId: !Ref A}}",
        )
    assert caught.value.message.splitlines() == [
        "t.yaml:5: resource 'A' (AWS::EC2::Subnet) lacks VpcId",
        "t.yaml:6: there is no parameter or resource 'Nobody'",
        "t.yaml:7: resource 'C': RouteTableId names Subnet(A)",
    ]
