"""The house keeps its order: layers, sizes, and what `--help` may import."""

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCES = sorted((ROOT / "src" / "ringwall").rglob("*.py"))
LONGEST = 450  # lines; about 400 is where a module wants to be two
HEAVY = ("boto3", "botocore", "pydantic", "numpy", "moto", "jinja2", "yaml", "rich")


def test_imports_point_down_only() -> None:
    program = "from importlinter.cli import lint_imports; raise SystemExit(lint_imports())"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: str(p.relative_to(ROOT / "src")))
def test_no_module_is_too_long(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= LONGEST


def test_every_module_says_what_it_is() -> None:
    silent = [
        str(path.relative_to(ROOT))
        for path in SOURCES
        if not path.read_text().lstrip().startswith(('"""', 'r"""'))
    ]
    assert silent == []


def test_no_module_is_called_by_what_it_is_not() -> None:
    vague = {"utils", "util", "helpers", "common", "manager", "base", "misc"}
    found = [str(path.relative_to(ROOT)) for path in SOURCES if path.stem in vague]
    assert found == []


def test_the_checker_of_certificates_shares_no_code_with_the_engine() -> None:
    """Its room, and all that it imports of ours, is the graph, the grammar, and itself."""
    program = (
        "import sys\nimport ringwall.verify.checking, ringwall.verify.certificate\n"
        "print([n for n in sys.modules if n.startswith('ringwall.')], file=sys.stderr)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    modules = done.stderr.strip().splitlines()[-1].strip("[]").replace("'", "").split(", ")
    # `resources` reads every type's file when it is imported; the checker uses tags and IPv6 of it.
    rooms = {name.split(".")[1] for name in modules}
    assert rooms == {"verify", "model", "resources", "errors"}
    assert "ringwall.verify.closing" not in modules


def imported_by(statements: str) -> list[str]:
    program = (
        f"import sys\n{statements}\n"
        f"print([n for n in {HEAVY!r} if n in sys.modules], file=sys.stderr)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    last = done.stderr.strip().splitlines()[-1]
    return [name for name in HEAVY if repr(name) in last]


def test_help_imports_nothing_heavy() -> None:
    assert imported_by("from ringwall.cli.main import run\nassert run(['--help']) == 0") == []


def test_nothing_asks_aws_before_it_must() -> None:
    use = "import ringwall.app.applying, ringwall.app.explaining, ringwall.shell.aws"
    assert {"boto3", "botocore", "moto"}.isdisjoint(imported_by(use))


def test_every_file_of_the_package_is_packed() -> None:
    """setuptools takes along what `package-data` names; the sources in C are built, not packed."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    patterns = project["tool"]["setuptools"]["package-data"]["*"]
    left = [
        str(path.relative_to(ROOT))
        for path in (ROOT / "src").rglob("*")
        if path.is_file() and path.suffix not in {".py", ".pyc", ".c", ".so", ".pyd"}
        if "egg-info" not in str(path)
        if not any(path.match(pattern) for pattern in patterns)
    ]
    assert left == []
