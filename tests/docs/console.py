"""Markdown → the files it writes and the commands it shows, run one after the other.

Rules:
- A ```yaml block after `<!-- file: NAME -->` writes the file; after `<!-- NAME: after TEXT -->`
  it is put below the one line of the file that is TEXT, with `instead of TEXT` in its place.
- In a ```console block `$ ringwall …` is run. Lines below it are its output: `...` alone stands for
  any lines, `...` inside a line for any text. Without lines below, the output is not compared.
- `$ echo $?` after a command tells the exit code that it must have; otherwise it is 0.
- `NAME=$(ringwall output FILE --id TYPE KEY)` sets a variable for `aws ec2 …`.
- With RINGWALL_GOLDEN=write, `brought_up_to_date` puts what is printed in the place of what is
  shown; lines with `...` stay where they still match.
- A block after `<!-- demo -->` is what `make demo` prints, less what make itself says.
- Other commands set up what the test has set up already (export, make, pip, …).
"""

import io
import os
import re
import shlex
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path

import boto3

from ringwall.cli.main import run

BLOCK = re.compile(
    r"(?:<!-- (?P<note>[^\n]*?) -->\n)?```(?P<kind>yaml|console)\n(?P<text>.*?)```", re.DOTALL
)
# What differs from run to run, or with every rule more: ids, and the classes of a proof.
CHANGING = re.compile(r"(?<=-)[0-9a-f]{17}\b|[0-9,]+(?= classes)")
SET_UP = ("export ", "make ", "pip ", "python", "cd ", "mkdir ", "git ", "aws configure")
SET = re.compile(r"(?P<name>\w+)=\$\((?P<command>ringwall output(?: [\w.-]+)? --id \w+ [\w/-]+)\)")


@dataclass(frozen=True, slots=True)
class Shown:
    """A command, the lines shown below it, and the exit code that it must have."""

    command: str
    lines: tuple[str, ...] = ()
    code: int = 0


@dataclass(frozen=True, slots=True)
class Written:
    """Text for a file: all of it, or what is put below the line `after`, or in its place."""

    name: str
    text: str
    after: str = ""
    instead: bool = False


def steps(page: str) -> list[Shown | Written]:
    """Return what a page writes and runs, in order."""
    found: list[Shown | Written] = []
    for block in BLOCK.finditer(page):
        note, kind, text = block["note"] or "", block["kind"], block["text"]
        if kind == "console":
            if note not in {"not run", "demo"}:
                found += commands(text)
        elif note.startswith("file: "):
            found.append(Written(note.removeprefix("file: "), text))
        elif ": after " in note:
            name, after = note.split(": after ", 1)
            found.append(Written(name, text, after))
        elif ": instead of " in note:
            name, after = note.split(": instead of ", 1)
            found.append(Written(name, text, after, instead=True))
    return found


def commands(text: str) -> list[Shown]:
    """Return the commands of a console block."""
    found: list[Shown] = []
    for line in text.rstrip("\n").split("\n"):
        if line.startswith("$ "):
            found.append(Shown(line[2:]))
        elif found:
            last = found.pop()
            found.append(Shown(last.command, (*last.lines, line), last.code))
    told: list[Shown] = []
    for shown in found:
        if shown.command == "echo $?":
            last = told.pop()
            told.append(Shown(last.command, last.lines, int(shown.lines[0])))
        else:
            told.append(shown)
    return told


def matches(shown: tuple[str, ...], printed: str) -> bool:
    """Tell whether what was printed is what is shown."""
    wanted = [line.rstrip() for line in shown]
    while wanted and not wanted[-1]:
        wanted.pop()
    pattern = ""
    for line in wanted:
        if line == "...":
            pattern += r"(?:[^\n]*\n)*?"
        else:
            parts = [re.escape(part) for part in line.split("...")]
            pattern += "[^\n]*?".join(parts) + r"[ ]*\n"
    return re.fullmatch(pattern, printed.rstrip("\n") + "\n") is not None


@dataclass
class Session:
    """A folder in which a page is followed, with the lab's endpoint in the environment."""

    folder: Path
    values: dict[str, str] = field(default_factory=dict)

    def follow(self, step: Shown | Written) -> None:
        """Write the file or run the command; AssertionError if it is not as shown."""
        if isinstance(step, Written):
            self._write(step)
        elif found := SET.fullmatch(step.command):
            code, printed = self._run(shlex.split(found["command"])[1:])
            assert code == 0, printed
            self.values[found["name"]] = printed.strip()
        elif step.command.startswith("ringwall lab"):
            return
        elif step.command.startswith("ringwall "):
            words = [w for w in shlex.split(step.command, comments=True)[1:] if w != "&"]
            code, printed = self._run(words)
            assert code == step.code, f"$ {step.command}\nexit code {code}\n{printed}"
            shown = not step.lines or matches(step.lines, printed)
            assert shown, f"$ {step.command}\nprinted:\n{printed}"
        elif step.command.startswith("cp "):
            _, source, target = step.command.split()
            (self.folder / target).write_bytes((self.folder / source).read_bytes())
        elif step.command.startswith("aws ec2 "):
            self._aws(step.command)
        else:
            assert step.command.startswith(SET_UP), f"do not know how to run: {step.command}"

    def now(self, shown: Shown) -> list[str]:
        """Run a command; return its lines with the output that it has now."""
        lines = [f"$ {shown.command}", *shown.lines]
        if not shown.command.startswith("ringwall ") or shown.command.startswith("ringwall lab"):
            self.follow(shown)
            return lines
        words = [w for w in shlex.split(shown.command, comments=True)[1:] if w != "&"]
        code, printed = self._run(words)
        if shown.lines and not matches(shown.lines, printed):
            elided = CHANGING.sub("...", printed)
            fresh = [line.rstrip() for line in elided.rstrip("\n").split("\n")]
            lines = [lines[0], *kept(shown.lines, fresh)]
        return [*lines, "$ echo $?", str(code)] if code else lines

    def _run(self, words: list[str]) -> tuple[int, str]:
        out = io.StringIO()
        both = io.StringIO()
        with redirect_stdout(out if words[0] == "output" else both), redirect_stderr(both):
            code = run(words)
        return code, out.getvalue() or both.getvalue()

    def _write(self, step: Written) -> None:
        path = self.folder / step.name
        if not step.after:
            path.write_text(step.text)
            return
        lines = path.read_text().splitlines(keepends=True)
        places = [n for n, line in enumerate(lines) if line.strip() == step.after.strip()]
        assert len(places) == 1, f"{step.name}: {step.after!r} stands at {places}"
        lines[places[0] + (not step.instead) : places[0] + 1] = [step.text]
        path.write_text("".join(lines))

    def _aws(self, command: str) -> None:
        """Do what the AWS CLI does for `aws ec2 OPERATION --option value …`."""
        for name, value in self.values.items():
            command = command.replace(f"${name}", value)
        words = shlex.split(command)
        names = {"protocol": "IpProtocol", "cidr": "CidrIp"}
        request: dict[str, object] = {}
        for option, value in zip(words[3::2], words[4::2], strict=True):
            bare = option.removeprefix("--")
            if bare == "ip-permissions":
                request["IpPermissions"] = [_permission(value)]
            elif bare == "port":
                request |= {"FromPort": int(value), "ToPort": int(value)}
            else:
                name = names.get(bare) or "".join(part.title() for part in bare.split("-"))
                request[name] = value
        client = boto3.client("ec2", endpoint_url=os.environ["AWS_ENDPOINT_URL"])
        getattr(client, words[2].replace("-", "_"))(**request)


def _permission(shorthand: str) -> dict[str, object]:
    """Read `IpProtocol=tcp,FromPort=1,ToPort=2,UserIdGroupPairs=[{GroupId=sg-1}]`."""
    found = re.fullmatch(
        r"IpProtocol=(\w+),FromPort=(\d+),ToPort=(\d+),UserIdGroupPairs=\[\{GroupId=(\S+)\}\]",
        shorthand,
    )
    assert found, shorthand
    protocol, first, last, group = found.groups()
    pairs = [{"GroupId": group}]
    return {
        "IpProtocol": protocol,
        "FromPort": int(first),
        "ToPort": int(last),
        "UserIdGroupPairs": pairs,
    }


def brought_up_to_date(page: str, session: Session) -> str:
    """Follow a page, and return it with the outputs that its commands have now."""
    parts: list[str] = []
    position = 0
    for block in BLOCK.finditer(page):
        if block["kind"] != "console" or block["note"] in {"not run", "demo"}:
            for step in steps(block.group(0)):
                session.follow(step)
            continue
        parts.append(page[position : block.start("text")])
        position = block.end("text")
        parts += [f"{line}\n" for shown in commands(block["text"]) for line in session.now(shown)]
    return "".join([*parts, page[position:]])


def kept(shown: tuple[str, ...], printed: list[str]) -> list[str]:
    """Return the printed lines, those with gaps where a shown line with gaps matches."""
    gaps = [line for line in shown if "..." in line]
    return [next((g for g in gaps if matches((g,), line)), line) for line in printed]
