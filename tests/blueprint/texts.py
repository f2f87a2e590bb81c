"""Small blueprints as text, and what the tests ask of them."""

import textwrap

from ringwall.blueprint import Blueprint, load, render
from ringwall.errors import BlueprintError, Problem

HEAD = """\
name: test
region: us-east-1
zones: [us-east-1a, us-east-1b]
"""

VPC = """\
vpcs:
  main:
    cidr: 10.0.0.0/16
    tiers:
      public: {kind: public}
      private: {kind: private}
      isolated: {kind: isolated}
    groups:
      web: {tier: public}
      app: {tier: private}
      db: {tier: isolated}
"""

SMALL = HEAD + VPC


def text(body: str) -> str:
    """Return a blueprint that has the usual head and this body."""
    return HEAD + textwrap.dedent(body)


def problems_of(source: str) -> tuple[Problem, ...]:
    """Return all problems of a text, warnings of a good one included."""
    try:
        return load(source, "bp.yaml").warnings
    except BlueprintError as error:
        return error.problems


def shown(source: str, code: str) -> str:
    """Return the first problem with a code, as a terminal shows it."""
    found = [problem for problem in problems_of(source) if problem.code == code]
    assert found, [problem.code for problem in problems_of(source)]
    return render(found[0], source, "bp.yaml")


def loaded(source: str) -> Blueprint:
    """Return the blueprint of a text that has no errors."""
    return load(source, "bp.yaml")
