"""A blueprint and a policy → the zip of the Lambda function that answers for them."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ringwall.app.responding.environment import BLUEPRINT, NAMES, POLICY
from ringwall.app.responding.policies import files_of, read_policy
from ringwall.app.workspace import read_blueprint
from ringwall.blueprint.compile.responding import RUNTIME
from ringwall.errors import InputError
from ringwall.shell.files import read_text
from ringwall.shell.packaging import Package, Target, build

HANDLER = "ringwall.function.handler"
PYTHON = RUNTIME.removeprefix("python")
MOST = 120_000_000  # bytes unzipped: half of what Lambda takes (250 MB with layers)


@dataclass(frozen=True, slots=True)
class Packed:
    """What was written, and what runs it.

    `other` are the options that make what the blueprint's function runs; "" if this is it.
    """

    package: Package
    target: Target
    other: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON document `ringwall/respond-package/1`."""
        package = self.package
        return {
            "schema": "ringwall/respond-package/1",
            "file": str(package.path),
            "handler": HANDLER,
            "platform": self.target.platform or "this machine's",
            "python": self.target.version,
            "bytes": package.zipped,
            "bytes_unzipped": package.unzipped,
            "files": package.files,
            "distributions": dict(package.distributions),
            "parser": package.parser,
            "sha256": package.digest,
            "needs_of_runtime": {"boto3": package.boto3},
        }


def pack(
    file: str,
    output: str,
    policy: str = "",
    target: Target | None = None,
    run: Callable[..., object] | None = None,
) -> Packed:
    """Write the zip; raises InputError for files that are wrong, OutsideError.

    The blueprint and the policy are read first, so that no function is shipped that cannot begin.
    """
    wanted = read_blueprint(file).blueprint.response
    read_policy(policy)
    more = {BLUEPRINT: read_text(file).encode()}
    if policy:
        more |= {name or POLICY: text.encode() for name, text in files_of(policy).items()}
    names = {"blueprint": typed(file), "policy": typed(policy)}
    more[NAMES] = json.dumps(names, sort_keys=True).encode()
    if not output.endswith(".zip"):
        msg = f"'{output}' does not end in .zip"
        raise InputError(msg, hint="as -o ringwall.zip")
    runtime = target or Target()
    package = build(Path(output), runtime, more, run)
    if package.unzipped > MOST:
        msg = f"{output} has {package.unzipped} bytes unzipped, more than {MOST}"
        raise InputError(msg)
    return Packed(package, runtime, _other(runtime, wanted.architecture) if wanted else "")


def typed(file: str) -> str:
    """Return a file as people call it beside the package; where it lies on one machine is left out.

    So the same files make the same package on every machine.
    """
    return Path(file).name if Path(file).is_absolute() else file


def _other(target: Target, architecture: str) -> str:
    """Return the options that make what a function runs, "" if a target is that."""
    machine = Target(architecture, PYTHON).machine
    if (target.machine, target.version) == (machine, PYTHON):
        return ""
    return f"--platform {architecture} --python {PYTHON}"
