"""A function's zip, unpacked, and its handler run in a process of its own.

Rules:
- The process sees the zip, Python's library and what Lambda's runtime brings; no package of this
  environment, so that a zip that lacks one fails here as it would there.
- It gets the function's environment, and the lab's address and credentials in place of AWS's.
- After the function's timeout it is killed.
"""

import hashlib
import importlib.util
import io
import os
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any

from ringwall.lab import bootstrap
from ringwall.lab.server_names import FAKE_CREDENTIALS

# What Lambda's Python runtimes bring ("Runtime-included packages" in the Lambda guide).
RUNTIME_PACKAGES = ("boto3", "botocore", "s3transfer", "jmespath", "dateutil", "urllib3", "six")


@dataclass(frozen=True, slots=True)
class Program:
    """What is run: the zip, which handler, with what environment, for how long in seconds."""

    name: str
    arn: str
    zipped: bytes
    handler: str
    environment: Mapping[str, str]
    timeout: int
    memory: int
    region: str
    log_group: str
    log_stream: str


@dataclass(frozen=True, slots=True)
class Ended:
    """How a call ended: the answer's JSON text, whether it failed, and what was printed."""

    answer: str
    failed: bool
    printed: str


# Calls are made side by side; folders are made by one of them.
_MAKING = Lock()


@cache
def _home() -> Path:
    """Return a folder that lives as long as this process."""
    folder = tempfile.TemporaryDirectory(prefix="ringwall-lab-")
    _KEPT.append(folder)
    return Path(folder.name)


_KEPT: list[Any] = []


@cache
def runtime() -> Path:
    """Return a folder with the packages of Lambda's runtime alone."""
    folder = _home() / "runtime"
    folder.mkdir()
    for name in RUNTIME_PACKAGES:
        found = importlib.util.find_spec(name)
        if found is None or found.origin is None:
            continue
        origin = Path(found.origin)
        source = origin.parent if origin.name == "__init__.py" else origin
        (folder / source.name).symlink_to(source)
    return folder


def unpacked(zipped: bytes) -> Path:
    """Return the folder of a zip's files, each zip unpacked once.

    Raises zipfile.BadZipFile for what is none.
    """
    folder = _home() / hashlib.sha256(zipped).hexdigest()[:16]
    if not folder.exists():
        with zipfile.ZipFile(io.BytesIO(zipped)) as archive:
            archive.extractall(folder)
    return folder


def run(program: Program, event: str, request_id: str, endpoint: str) -> Ended:
    """Run the handler with an event, given as JSON text."""
    try:
        with _MAKING:
            code, brought = unpacked(program.zipped), runtime()
    except zipfile.BadZipFile as failure:
        text = f'{{"errorMessage": "the code is no zip: {failure}", "errorType": "BadZipFile"}}'
        return Ended(text, failed=True, printed="")
    answer = _home() / f"{request_id}.json"
    words = [
        *(sys.executable, "-I", "-S", str(Path(bootstrap.__file__))),
        *(str(code), str(brought), program.handler, str(answer)),
        str(time.time() + program.timeout),
    ]
    try:
        done = subprocess.run(  # noqa: S603  (the person's own code, in the person's own lab)
            words,
            input=event.encode(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=_environment(program, request_id, endpoint),
            cwd=code,
            timeout=program.timeout,
            check=False,
        )
    except subprocess.TimeoutExpired as late:
        # Lambda's own words.
        message = f"{request_id} Task timed out after {program.timeout:.2f} seconds"
        printed = (late.stdout or b"").decode(errors="replace")
        text = f'{{"errorMessage": "{message}", "errorType": "Sandbox.Timedout"}}'
        return Ended(text, failed=True, printed=f"{printed}{message}\n")
    printed = done.stdout.decode(errors="replace")
    if not answer.exists():
        message = f"{request_id} exited with {done.returncode}"
        text = f'{{"errorMessage": "{message}", "errorType": "Runtime.ExitError"}}'
        return Ended(text, failed=True, printed=printed)
    text = answer.read_text()
    answer.unlink()
    return Ended(text, failed=done.returncode != 0, printed=printed)


def _environment(program: Program, request_id: str, endpoint: str) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
    return {
        **kept,
        "HOME": str(_home()),
        **program.environment,
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ACCESS_KEY_ID": FAKE_CREDENTIALS["aws_access_key_id"],
        "AWS_SECRET_ACCESS_KEY": FAKE_CREDENTIALS["aws_secret_access_key"],
        "AWS_REGION": program.region,
        "AWS_DEFAULT_REGION": program.region,
        "AWS_EXECUTION_ENV": "AWS_Lambda_python3.13",
        "AWS_LAMBDA_FUNCTION_NAME": program.name,
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(program.memory),
        "AWS_LAMBDA_LOG_GROUP_NAME": program.log_group,
        "AWS_LAMBDA_LOG_STREAM_NAME": program.log_stream,
        "RINGWALL_LAB_FUNCTION_ARN": program.arn,
        "RINGWALL_LAB_REQUEST_ID": request_id,
    }
