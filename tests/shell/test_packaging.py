"""The package for another machine holds what pip finds for it, and nothing of this one."""

import platform
import zipfile
from pathlib import Path

import pytest

from ringwall.errors import InputError, OutsideError
from ringwall.shell.packaging import PLATFORMS, Target, build

OTHER = "x86_64" if platform.machine() == "aarch64" else "arm64"


class Pip:
    """A pip that finds one distribution."""

    def __init__(self):
        self.words = []

    def __call__(self, words):
        self.words = words
        folder = Path(words[words.index("--target") + 1])
        for name in (
            "numpy/__init__.py",
            "numpy/core.so",
            "numpy/tests/test_all.py",
            "numpy/core.pyi",
            "numpy/__pycache__/core.pyc",
            "numpy-2.0.dist-info/METADATA",
            "numpy-2.0.dist-info/RECORD",
            "numpy-2.0.dist-info/licenses/LICENSE.txt",
            "bin/f2py",
        ):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(name)


def test_libraries_are_of_the_other_machine(tmp_path):
    pip = Pip()
    made = build(tmp_path / "a.zip", Target(OTHER, "3.99"), {"blueprint.yaml": b"x"}, pip)
    for each in PLATFORMS[OTHER]:
        assert each in pip.words
    assert pip.words[pip.words.index("--python-version") + 1] == "3.99"
    assert {"--only-binary=:all:", "--no-deps"} <= set(pip.words)
    assert f"numpy=={made.distributions['numpy']}" in pip.words
    assert not [word for word in pip.words if word.startswith(("boto", "click", "duckdb"))]
    with zipfile.ZipFile(made.path) as archive:
        names = set(archive.namelist())
        times = {info.date_time for info in archive.infolist()}
    assert {name for name in names if name.startswith(("numpy", "bin"))} == {
        "numpy/__init__.py",
        "numpy/core.so",
        "numpy-2.0.dist-info/METADATA",
        "numpy-2.0.dist-info/licenses/LICENSE.txt",
    }
    assert "ringwall/function.py" in names
    assert list(archive.namelist()) == sorted(names)
    assert times == {(1980, 1, 1, 0, 0, 0)}
    assert not [name for name in names if name.endswith(".pyc")], "they are of another version"


# What zig is called with, and a library in the place of what it would make.
ZIG = """
import sys
from pathlib import Path
Path(sys.argv[sys.argv.index("-o") + 1]).write_bytes(" ".join(sys.argv[1:4]).encode())
"""


def test_parsers_are_compiled_for_the_other_machine_where_zig_is_installed(tmp_path, monkeypatch):
    for name, text in (
        ("ziglang/__main__.py", ZIG),
        ("ziglang-1.dist-info/METADATA", "Version: 1"),
    ):
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).write_text(text)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setattr("shutil.which", lambda _: None)
    made = build(tmp_path / "a.zip", Target(OTHER, "3.99"), {}, Pip())
    assert made.parser == "compiled"
    machine = Target(OTHER).machine
    with zipfile.ZipFile(made.path) as archive:
        for each in ("_lines", "_queries"):
            said = archive.read(f"ringwall/traffic/{each}.abi3.so").decode()
            assert said == f"cc -target {machine}-linux-gnu.2.17"


@pytest.mark.parametrize("target", [Target("sparc", "3.13"), Target("arm64", "4"), Target("arm64")])
def test_a_runtime_that_is_none_is_told(tmp_path, target):
    with pytest.raises(InputError, match="no runtime"):
        build(tmp_path / "a.zip", target, {}, Pip())


def test_a_pip_that_fails_writes_nothing(tmp_path):
    def failing(_):
        msg = "no wheel of numpy"
        raise OutsideError(msg)

    with pytest.raises(OutsideError, match="no wheel"):
        build(tmp_path / "a.zip", Target(OTHER, "3.99"), {}, failing)
    assert list(tmp_path.iterdir()) == []
