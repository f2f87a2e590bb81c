"""`ringwall respond package`."""

import click

from ringwall.cli.options import blueprint_argument, json_option
from ringwall.cli.screen import say, show, show_json


@click.command("package")
@click.option("-o", "--output", default="ringwall.zip", metavar="FILE", help="The zip to write.")
@click.option(
    "--policy", default="", metavar="FILE", help="What the function may do without a person."
)
@click.option(
    "--platform",
    type=click.Choice(["x86_64", "arm64"]),
    help="For this machine type, with libraries that pip downloads; by default what is here.",
)
@click.option("--python", default="", metavar="VERSION", help="With --platform: as 3.13.")
@blueprint_argument
@json_option
def command(
    file: str, output: str, policy: str, platform: str | None, python: str, as_json: bool
) -> int:
    """Write the package of the Lambda function that answers for a blueprint.

    The same input gives the same bytes. boto3 is not in it: Lambda's runtime has it.
    """
    from ringwall.app.responding.packing import pack
    from ringwall.shell.packaging import Target

    if bool(platform) != bool(python):
        msg = "--platform and --python go together"
        raise click.UsageError(msg)
    packed = pack(file, output, policy, Target(platform or "", python))
    if as_json:
        show_json(packed.to_dict())
        return 0
    package = packed.package
    if packed.other:
        say(f"note: this package is for a lab here, and the function of {file} runs another")
        say(f"hint: {packed.other} makes that one")
    show(
        f"{output}: {package.zipped / 1e6:.1f} MB, unzipped {package.unzipped / 1e6:.1f} MB,"
        f" for Python {packed.target.version} on {platform or 'machines like this one'}"
    )
    show(f"sha256 {package.digest}")
    show(f"the parser of logs is {package.parser}; boto3 is the runtime's, {package.boto3} or near")
    if package.parser != "compiled":
        say(
            "hint: `pip install ziglang` compiles it for any machine, and logs are read much faster"
        )
    return 0
