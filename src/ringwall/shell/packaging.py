"""The installed Ringwall and what it needs → a zip for AWS Lambda, the same bytes each time.

Rules:
- Files are in the order of their names, with one time and one mode, so that equal contents give
  equal zips, and a function is only updated when something changed.
- boto3 is left to the runtime, which has it (Lambda developer guide, "Runtime-included SDK").
- Left out: what only a command line or a lab needs, tests, headers, stubs, caches. Modules are
  compiled beforehand, by the hash of their source: /var/task cannot be written to, so that every
  cold start would compile them again.
"""

import hashlib
import importlib.metadata
import importlib.util
import marshal
import platform
import re
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import Final

from ringwall.errors import InputError, OutsideError

WHEN: Final = (1980, 1, 1, 0, 0, 0)  # the earliest that a zip can say
MODE: Final = 0o100644 << 16
SECONDS: Final = 600  # that pip or a compiler may take
RUNTIME: Final = frozenset(
    {"boto3", "botocore", "s3transfer", "jmespath", "python-dateutil", "six", "urllib3"}
)
_NOT_SERVED: Final = frozenset({"click"})
_OURS_LEFT_OUT: Final = ("cli", "lab")
_FASTER: Final = ("isal",)  # inflates logs four times as fast as Python's zlib, if it is installed
_ZIG: Final = "linux-gnu.2.17"  # the glibc of manylinux2014, older than any of Lambda's
_LIBRARIES: Final = ("_lines", "_queries")  # the compiled parsers of logs
_LEFT_OUT: Final = frozenset({"tests", "test", "__pycache__", "include", "f2py", "distutils"})
_SUFFIXES: Final = frozenset({".pyi", ".pyc", ".h", ".c", ".pxd", ".pyx", ".a", ".lib", ".typed"})
_METADATA: Final = re.compile(r"[^/]+\.dist-info/(METADATA|licenses/.*|LICEN[CS]E.*)")
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
PLATFORMS: Final[Mapping[str, tuple[str, ...]]] = {
    "x86_64": ("manylinux2014_x86_64", "manylinux_2_27_x86_64", "manylinux_2_28_x86_64"),
    "arm64": ("manylinux2014_aarch64", "manylinux_2_27_aarch64", "manylinux_2_28_aarch64"),
}


@dataclass(frozen=True, slots=True)
class Target:
    """The runtime: a platform of PLATFORMS and a version as 3.13, or "" for this machine's."""

    platform: str = ""
    python: str = ""

    @property
    def is_here(self) -> bool:
        """Tell whether what is installed here runs there."""
        return not self.platform

    @property
    def machine(self) -> str:
        """Return the machine type as Linux calls it."""
        return {"arm64": "aarch64", "": platform.machine()}.get(self.platform, self.platform)

    @property
    def is_alike(self) -> bool:
        """Tell whether a library of the stable interface that is compiled here runs there."""
        return self.machine == platform.machine() and sys.platform == "linux"

    @property
    def version(self) -> str:
        """Return the version of Python, as 3.13."""
        return self.python or f"{sys.version_info.major}.{sys.version_info.minor}"

    @property
    def tag(self) -> str:
        """Return how compiled modules are named, as cpython-313."""
        return f"cpython-{self.version.replace('.', '')}"


@dataclass(frozen=True, slots=True)
class Package:
    """What was written: bytes, zipped and not; distributions with versions; the parser of logs.

    `digest` is the SHA-256 of the zip, `boto3` the version that was tested with.
    """

    path: Path
    zipped: int
    unzipped: int
    files: int
    distributions: Mapping[str, str]
    parser: str
    boto3: str
    digest: str


def build(
    path: Path, target: Target, more: Mapping[str, bytes], run: Callable[..., object] | None = None
) -> Package:
    """Write the zip; `more` are further files by name. Raises InputError, OutsideError."""
    versions = _versions()
    with TemporaryDirectory(prefix="ringwall-package-") as folder:
        work = Path(folder)
        found = dict(more) | dict(_own(target, work))
        if target.is_here:
            for name in versions:
                found |= dict(_installed(name))
        else:
            found |= dict(_downloaded(versions, target, work / "libraries", run or _run))
    if target.tag == sys.implementation.cache_tag:
        found |= dict(_compiled(found))
    try:
        _write(path, found)
        zipped, digest = path.stat().st_size, hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as failure:
        msg = f"cannot write '{path}': {failure.strerror or failure}"
        raise OutsideError(msg) from None
    is_compiled = all(
        any(name.startswith(f"ringwall/traffic/{each}.") for name in found) for each in _LIBRARIES
    )
    return Package(
        path,
        zipped,
        sum(map(len, found.values())),
        len(found),
        {"ringwall": importlib.metadata.version("ringwall"), **versions},
        "compiled" if is_compiled else "python",
        importlib.metadata.version("boto3"),
        digest,
    )


def _versions() -> dict[str, str]:
    """Return what the handler needs, by name, with the installed versions."""
    found: dict[str, str] = {}
    waiting = list(_needs("ringwall"))
    waiting += [(name, "") for name in _FASTER if _version(name)]
    while waiting:
        name, marker = waiting.pop()
        if name in found or name in RUNTIME or name in _NOT_SERVED:
            continue
        version = _version(name)
        if not version and marker:  # not needed on this machine, by its marker
            continue
        if not version:
            msg = f"{name} is not installed, which Ringwall needs"
            raise OutsideError(msg, hint="pip install ringwall")
        found[name] = version
        waiting += _needs(name)
    return dict(sorted(found.items()))


def _needs(name: str) -> Iterator[tuple[str, str]]:
    """Yield the requirements of a distribution that no extra asks for, with their markers."""
    for each in importlib.metadata.requires(name) or ():
        text, _, marker = each.partition(";")
        match = _NAME.match(text)
        if match and "extra" not in marker:
            yield re.sub(r"[-_.]+", "-", match[0]).lower(), marker.strip()


def _version(name: str) -> str:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return ""


def _own(target: Target, work: Path) -> Iterator[tuple[str, bytes]]:
    """Yield Ringwall itself, from where it is imported."""
    root = Path(__file__).resolve().parents[1]
    for path in sorted(root.rglob("*")):
        name = path.relative_to(root).as_posix()
        is_library = path.suffix == ".so"
        if name.split("/")[0] in _OURS_LEFT_OUT or not path.is_file() or not _is_kept(name):
            continue
        if not is_library or target.is_alike:
            yield f"ringwall/{name}", path.read_bytes()
    metadata = importlib.metadata.distribution("ringwall").read_text("METADATA") or ""
    version = importlib.metadata.version("ringwall")
    yield f"ringwall-{version}.dist-info/METADATA", metadata.encode()
    for source in sorted((root / "traffic").glob("_*.c")):
        if not target.is_alike or not any(source.parent.glob(f"{source.stem}*.so")):
            yield from _library(source, target, work)


def _library(source: Path, target: Target, work: Path) -> Iterator[tuple[str, bytes]]:
    """Compile a parser of logs, where there is a compiler and its source (see setup.py)."""
    compiler = _compiler(target)
    if not compiler:
        return
    library = work / f"{source.stem}.abi3.so"
    include = sysconfig.get_path("include")
    words = [*compiler, "-O2", "-g0", "-shared", "-fPIC", "-DPy_LIMITED_API=0x030B0000"]
    try:
        _run([*words, f"-I{include}", str(source), "-o", str(library)])
    except OutsideError:
        return
    yield f"ringwall/traffic/{library.name}", library.read_bytes()


def _compiler(target: Target) -> list[str]:
    """Return the words that call a compiler for a machine, none where none is installed."""
    system = shutil.which("cc" if target.is_alike else f"{target.machine}-linux-gnu-gcc")
    if system is not None:
        return [system]
    if _version("ziglang"):
        return [sys.executable, "-m", "ziglang", "cc", "-target", f"{target.machine}-{_ZIG}"]
    return []


def _installed(name: str) -> Iterator[tuple[str, bytes]]:
    """Yield the files of an installed distribution."""
    distribution = importlib.metadata.distribution(name)
    for each in distribution.files or ():
        text = PurePosixPath(each).as_posix()
        path = Path(str(distribution.locate_file(each)))
        if not text.startswith("../") and _is_kept(text) and path.is_file():
            yield text, path.read_bytes()


def _downloaded(
    versions: Mapping[str, str], target: Target, folder: Path, run: Callable[..., object]
) -> Iterator[tuple[str, bytes]]:
    """Yield the files of the same versions for another platform, as pip finds them."""
    if target.platform not in PLATFORMS or not re.fullmatch(r"3\.\d{1,2}", target.python):
        msg = f"no runtime: Python {target.python!r} on {target.platform!r}"
        raise InputError(msg, hint=f"as 3.13 on {' or '.join(PLATFORMS)}")
    words = [sys.executable, "-m", "pip", "install", "--target", str(folder), "--no-deps"]
    words += ["--no-compile", "--only-binary=:all:", "--implementation", "cp", "--quiet"]
    words += ["--disable-pip-version-check", "--no-input", "--python-version", target.python]
    for each in PLATFORMS[target.platform]:
        words += ["--platform", each]
    run([*words, *(f"{name}=={version}" for name, version in versions.items())])
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_file() and not name.startswith("bin/") and _is_kept(name):
            yield name, path.read_bytes()


def _is_kept(name: str) -> bool:
    path = PurePosixPath(name)
    if path.parts[0].endswith(".dist-info"):
        return _METADATA.fullmatch(name) is not None
    is_left = not _LEFT_OUT.isdisjoint(path.parts[:-1]) or path.suffix in _SUFFIXES
    return not is_left


def _compiled(found: Mapping[str, bytes]) -> Iterator[tuple[str, bytes]]:
    """Yield the modules compiled, to be used without a look at their sources (PEP 552)."""
    for name, source in found.items():
        path = PurePosixPath(name)
        if path.suffix != ".py":
            continue
        try:
            code = compile(source, f"/var/task/{name}", "exec", dont_inherit=True, optimize=0)
        except (SyntaxError, ValueError):  # a template, or for another version of Python
            continue
        digest = importlib.util.source_hash(source)
        head = importlib.util.MAGIC_NUMBER + (0b01).to_bytes(4, "little") + digest
        cache = path.parent / "__pycache__" / f"{path.stem}.{sys.implementation.cache_tag}.pyc"
        # Later formats mark what is referred to twice, which depends on who else holds it.
        yield cache.as_posix(), head + marshal.dumps(code, 2)


def _write(path: Path, found: Mapping[str, bytes]) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for name in sorted(found):
            info = zipfile.ZipInfo(name, WHEN)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = MODE
            info.create_system = 3  # Unix, whatever it is written on
            archive.writestr(info, found[name])


def _run(words: Sequence[str]) -> None:
    """Run a command; raises OutsideError with the last line that it says."""
    try:
        ended = subprocess.run(  # noqa: S603  (words of our own, no shell)
            words, capture_output=True, text=True, timeout=SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as failure:
        msg = f"{words[0]}: {type(failure).__name__}"
        raise OutsideError(msg) from None
    if ended.returncode:
        said = _last(ended.stderr.splitlines() or ended.stdout.splitlines())
        msg = f"{' '.join(words[1:4])}: {said}"
        raise OutsideError(msg)


def _last(lines: Iterable[str]) -> str:
    told = [line.strip() for line in lines if line.strip()]
    return next((t for t in told if t.startswith("ERROR")), told[-1] if told else "it failed")
