"""The compiled modules, as their sources are now, and under the sanitizers."""

import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CODE = ROOT / "src" / "ringwall" / "traffic"
COMPILER = shutil.which(os.environ.get("CC", "cc")) or shutil.which("gcc")
STRICT = ("-O1", "-Wall", "-Wextra", "-Werror", "-Wno-missing-field-initializers")


def build(name: str, folder: Path, *options: str) -> Path:
    """Compile a module of `ringwall.traffic`; skips the test where nothing compiles."""
    include = sysconfig.get_path("include")
    if not COMPILER or not (Path(include) / "Python.h").exists():
        pytest.skip("no C compiler, or no headers of Python")
    library = folder / f"{name}.abi3.so"
    command = [COMPILER, "-std=c11", "-shared", "-fPIC", "-DPy_LIMITED_API=0x030B0000", *options]
    done = subprocess.run(
        [*command, f"-I{include}", str(CODE / f"{name}.c"), "-o", str(library)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return library


def sanitized(
    name: str, twins: str, folder: Path, seed: int, rounds: int
) -> subprocess.CompletedProcess[str]:
    """Compare the twins with the compiled one under the sanitizers, in another process."""
    library = build(
        name, folder, "-O1", "-g", "-fsanitize=address,undefined", "-fno-sanitize-recover=all"
    )
    assert COMPILER
    runtime = subprocess.run(
        [COMPILER, "-print-file-name=libasan.so"], capture_output=True, text=True, check=True
    ).stdout.strip()
    if not Path(runtime).is_absolute():
        pytest.skip("no address sanitizer")
    environment = {
        **os.environ,
        "LD_PRELOAD": runtime,
        "ASAN_OPTIONS": "detect_leaks=0:abort_on_error=0",
        "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}",
        "PYTHONMALLOC": "malloc",  # so that the sanitizer sees the ends of Python's buffers too
    }
    command = [sys.executable, "-m", twins, str(library), str(seed), str(rounds)]
    return subprocess.run(
        command, capture_output=True, text=True, check=False, env=environment, cwd=ROOT
    )
