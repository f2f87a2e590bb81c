"""The options that commands share."""

from collections.abc import Callable
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])

json_option = click.option(
    "--json", "as_json", is_flag=True, help="Print JSON with a versioned schema."
)
quiet_option = click.option("-q", "--quiet", is_flag=True, help="Show no progress.")
yes_option = click.option("--yes", is_flag=True, help="Do not ask; for machines.")


class _Assignment(click.ParamType[tuple[str, str]]):
    """NAME=VALUE."""

    name = "NAME=VALUE"

    def __init__(self, name: str = "NAME=VALUE") -> None:
        self.name = name

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, str]:
        """Take the two apart."""
        name, sign, text = str(value).partition("=")
        if not sign or not name:
            self.fail(f"{value!r} is not {self.name}", param, ctx)
        return name, text


def assignments(name: str) -> click.ParamType[tuple[str, str]]:
    """Return the type of options that are written as `name` says, with one `=`."""
    return _Assignment(name)


parameter_option = click.option(
    "--parameter",
    "parameters",
    multiple=True,
    type=_Assignment(),
    help="A parameter of a CloudFormation template, as NAME=VALUE; may be repeated.",
)


absent_option = click.option(
    "--assume-absent",
    "absent",
    multiple=True,
    metavar="TYPES",
    help="There is nothing of these types where NETWORK has no answer about them; the result "
    "says so. As VPNGateway,ServiceNetworkVpcAssociation; may be repeated.",
)


ledger_option = click.option(
    "--ledger",
    default="",
    metavar="PLACE",
    help="Where responses are kept: a file, or dynamodb:TABLE; by default beside the journal.",
)


def aws_options(command: F) -> F:
    """Add how AWS is found; the environment's AWS_PROFILE, AWS_REGION and so on count too."""
    for option in (
        click.option("--endpoint-url", help="AWS endpoint; AWS_ENDPOINT_URL counts too."),
        click.option("--profile", help="AWS profile; AWS_PROFILE counts too."),
    ):
        command = option(command)
    return command


def blueprint_argument(command: F) -> F:
    """Add the blueprint's path, by default `blueprint.yaml` here."""
    return click.argument("file", default="blueprint.yaml", required=False)(command)
