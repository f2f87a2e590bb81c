"""Files of the person at the keyboard: read as text, written whole or not at all."""

import hashlib
import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

from ringwall.errors import InputError, OutsideError
from ringwall.shell.journal import FILE_NAME

LARGEST = 16 * 1024 * 1024  # bytes; a blueprint of 200 VPCs has less than one megabyte
LARGEST_FOLDER = 4 * 1024 * 1024 * 1024  # bytes of all JSON files of a folder
TEXT_ENDINGS = (".json", ".yaml", ".yml", ".template")
JSON_ENDINGS = (".json", ".json.gz", ".jsonl", ".jsonl.gz")
STATE_FOLDER = ".ringwall"

Stamp = tuple[tuple[str, int, int], ...]


def read_text(path: Path | str, *, hint: str = "`ringwall init` writes a first blueprint") -> str:
    """Return a file's text; raises InputError when it is missing, too large or not UTF-8.

    `hint` is what is said where there is no such file.
    """
    path = Path(path)
    try:
        if path.is_file() and path.stat().st_size > LARGEST:
            message = f"'{path}' is larger than {LARGEST // 1024 // 1024} MB"
            raise InputError(message, hint="is this the right file?")
        data = path.read_bytes()
    except FileNotFoundError:
        message = f"there is no file '{path}'"
        raise InputError(message, hint=hint) from None
    except IsADirectoryError:
        message = f"'{path}' is a folder"
        raise InputError(message, hint="name the file inside it") from None
    except (OSError, ValueError) as failure:
        message = f"cannot read '{path}': {_reason(failure)}"
        raise InputError(message) from None
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as failure:
        line = data.count(b"\n", 0, failure.start) + 1
        column = failure.start - (data.rfind(b"\n", 0, failure.start) + 1) + 1
        message = f"{path}:{line}:{column}: byte 0x{data[failure.start]:02x} is not UTF-8 text"
        raise InputError(message, hint="save the file as UTF-8") from None


def read_content(path: Path | str, sha256: str) -> bytes:
    """Return a file's bytes; raises InputError when they cannot be read or are not these."""
    try:
        data = Path(path).read_bytes()
    except (OSError, ValueError) as failure:
        message = f"cannot read '{path}': {_reason(failure)}"
        raise InputError(message) from None
    found = hashlib.sha256(data).hexdigest()
    if found != sha256.lower():
        message = f"'{path}' is another file than the blueprint names: its SHA-256 is {found}"
        raise InputError(message, hint="write that under `response.package.sha256` if it is meant")
    return data


def is_folder(path: Path | str) -> bool:
    """Tell whether a path is a folder's."""
    try:
        return Path(path).is_dir()
    except (OSError, ValueError):
        return False


def is_there(path: Path | str) -> bool:
    """Tell whether a path leads to anything that may be seen."""
    try:
        return Path(path).exists()
    except (OSError, ValueError):
        return False


def read_files(folder: Path | str) -> dict[str, bytes]:
    """Return the JSON files in a folder and below, by relative path; raises InputError."""
    root, found, size = Path(folder), {}, 0
    try:
        for path in sorted(root.rglob("*")):
            if not path.is_file() or not path.name.endswith(JSON_ENDINGS):
                continue
            size += path.stat().st_size
            if size > LARGEST_FOLDER:
                message = f"'{folder}' holds more than {LARGEST_FOLDER // 1024 // 1024} MB of JSON"
                raise InputError(message, hint="is this the right folder?")
            found[path.relative_to(root).as_posix()] = path.read_bytes()
    except OSError as failure:
        message = f"cannot read '{folder}': {_reason(failure)}"
        raise InputError(message) from None
    return found


def read_texts(folder: Path | str) -> dict[str, str]:
    """Return the JSON and YAML files that stand in a folder itself, as far as they are text."""
    found = {}
    try:
        for path in sorted(Path(folder).iterdir()):
            if path.suffix in TEXT_ENDINGS and path.is_file() and path.stat().st_size <= LARGEST:
                found[path.name] = path.read_bytes().decode("utf-8-sig", "replace")
    except OSError as failure:
        message = f"cannot read '{folder}': {_reason(failure)}"
        raise InputError(message) from None
    return found


def stamp_of(path: Path | str) -> Stamp:
    """Return name, time (nanoseconds) and size of a file, or of each file under a folder, in order.

    What cannot be seen has none.
    """
    root = Path(path)
    try:
        found = sorted(each for each in root.rglob("*") if each.is_file()) or [root]
        stats = [(str(each), each.stat()) for each in found]
    except (OSError, ValueError):
        return ()
    return tuple((name, each.st_mtime_ns, each.st_size) for name, each in stats)


def write_files(folder: Path | str, files: Mapping[str, bytes], *, force: bool = False) -> None:
    """Write files under a folder, readable by their owner alone; raises InputError, OutsideError.

    A folder that holds anything is refused, unless `force`: then what it held under the names of
    the same first folders is replaced.
    """
    root = Path(folder)
    refuse_full_folder(folder, force=force)
    try:
        if root.exists():
            for first in {name.split("/", 1)[0] for name in files}:
                shutil.rmtree(root / first, ignore_errors=True)
        for name, data in files.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch(mode=0o600)
            path.chmod(0o600)
            path.write_bytes(data)
    except (OSError, ValueError) as failure:
        message = f"cannot write '{folder}': {_reason(failure)}"
        raise OutsideError(message) from None


def refuse_full_folder(folder: Path | str, *, force: bool = False) -> None:
    """Raise InputError for a folder that holds anything, unless `force`, and for what is none."""
    root = Path(folder)
    try:
        if root.exists() and not root.is_dir():
            message = f"'{folder}' is a file"
            raise InputError(message, hint="name a folder")
        if not force and root.is_dir() and any(root.iterdir()):
            message = f"'{folder}' is not empty"
            raise InputError(message, hint="name another folder, or --force to replace it")
    except (OSError, ValueError) as failure:
        message = f"cannot read '{folder}': {_reason(failure)}"
        raise OutsideError(message) from None


def write_text(path: Path | str, text: str) -> None:
    """Write a file so that it is either as before or complete; raises OutsideError.

    A link is followed. What is no file, such as a pipe or a device, is written to as it is.
    """
    asked, temporary = Path(path), ""
    try:
        if asked.exists() and not asked.is_file() and not asked.is_dir():
            asked.write_text(text, encoding="utf-8", newline="\n")
            return
        path = asked.resolve()
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).chmod(_mode(path))
        Path(temporary).replace(path)
    except (OSError, ValueError) as failure:
        if temporary:
            Path(temporary).unlink(missing_ok=True)
        message = f"cannot write '{asked}': {_reason(failure)}"
        raise OutsideError(message) from None


def remove_file(path: Path | str) -> None:
    """Remove a file, if it is there; raises OutsideError."""
    try:
        Path(path).unlink(missing_ok=True)
    except OSError as failure:
        message = f"cannot remove '{path}': {_reason(failure)}"
        raise OutsideError(message) from None


def state_folder(blueprint: Path | str, deployment: str) -> Path:
    """Return the folder beside a blueprint that keeps what speeds up the next run."""
    return Path(blueprint).resolve().parent / STATE_FOLDER / deployment


def journal_path(blueprint: Path | str, deployment: str) -> Path:
    """Return where the journal of a deployment stands."""
    return state_folder(blueprint, deployment) / FILE_NAME


def _mode(path: Path) -> int:
    try:
        return path.stat().st_mode & 0o777
    except OSError:
        mask = os.umask(0)
        os.umask(mask)
        return 0o666 & ~mask


def _reason(failure: Exception) -> str:
    return getattr(failure, "strerror", None) or str(failure)
