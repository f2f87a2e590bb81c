"""The real Terraform, where this machine has one with a mirror of hashicorp/aws; no network."""

import functools
import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

# Where a mirror may be; the variable comes first.
MIRRORS = (
    os.environ.get("RINGWALL_TERRAFORM_MIRROR", ""),
    "/opt/tf-plugins",
    "~/.terraform.d/plugins",
    "/usr/local/share/terraform/plugins",
    "/usr/share/terraform/plugins",
)
PROGRAMS = "*/hashicorp/aws/*/*/terraform-provider-aws*"
LONGEST = 300  # seconds for one command
ABSENT = (
    "NO TERRAFORM: no `terraform` with a mirror of hashicorp/aws was found on this machine, so "
    "that nothing was held against the real one; RINGWALL_TERRAFORM_MIRROR names a mirror's folder"
)


@functools.cache
def plugin() -> Path | None:
    """Return the folder of the provider's program, None without it or without Terraform."""
    if shutil.which("terraform") is None:
        return None
    for name in MIRRORS:
        folder = Path(name).expanduser() if name else None
        programs = sorted(folder.glob(PROGRAMS)) if folder is not None else []
        if programs:
            return programs[-1].parent
    return None


def require() -> None:
    """Skip, and say so loudly, where there is no Terraform."""
    if plugin() is None:
        pytest.skip(ABSENT)


def run(folder: Path, *arguments: str) -> str:
    """Run Terraform in a folder and return what it says; fails with its error."""
    settings = folder / ".terraformrc"
    # An override needs no `init`, which would read all of the provider's 700 MB each time.
    path = json.dumps(str(plugin()))
    settings.write_text(
        f'provider_installation {{\n  dev_overrides {{\n    "hashicorp/aws" = {path}\n  }}\n}}\n'
    )
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "TF_CLI_CONFIG_FILE": str(settings),
        "TF_IN_AUTOMATION": "1",
        "CHECKPOINT_DISABLE": "1",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
    }
    done = subprocess.run(
        ["terraform", *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=LONGEST,
        check=False,
    )
    assert done.returncode == 0, f"terraform {' '.join(arguments)}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def plan(folder: Path, *arguments: str) -> str:
    """Return the plan of a folder's configuration as JSON text."""
    run(folder, "plan", "-no-color", "-input=false", "-out=planned", *arguments)
    return run(folder, "show", "-json", "planned")


def schema(folder: Path) -> dict[str, Any]:
    """Return the schemas of the provider's resources by type."""
    (folder / "main.tf.json").write_text(
        json.dumps({"terraform": {"required_providers": {"aws": {"source": "hashicorp/aws"}}}})
    )
    document = json.loads(run(folder, "providers", "schema", "-json"))
    (provider,) = document["provider_schemas"].values()
    found: dict[str, Any] = provider["resource_schemas"]
    return found
