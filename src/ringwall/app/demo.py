"""The story of one network: planned, deployed, proven, attacked, defended, broken, repaired.

The demo runs the very commands that it prints, against a lab on the loopback interface, with fixed,
fake credentials. It leaves its files, so that each command can be repeated by hand.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from shlex import join
from urllib.parse import urlsplit

from ringwall.app.workspace import CloudSettings, connect_for, observe, read_blueprint
from ringwall.errors import InputError
from ringwall.shell.files import write_text

BLUEPRINT = "fortress.yaml"
SCANNER = "scanner.yaml"  # the scanner of one's own is no attack
SUPPRESSIONS = """\
suppress:
  - {detection: "*", entity: 10.0.100.0/24, reason: our own scanner, expires: 2099-12-31}
"""
# Not a secret: no account has these, and the lab asks for none.
CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
    "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    "AWS_REGION": "us-east-1",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_CONFIG_FILE": "/dev/null",
    "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
}
# What would lead past them, or elsewhere.
FORBIDDEN = ("AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_SESSION_TOKEN", "AWS_ROLE_ARN")
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})

Run = Callable[[Sequence[str]], int]
Talk = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Scene:
    """A command of the story: what it is for, and the exit code that it must end with."""

    title: str
    command: tuple[str, ...]
    exit_code: int = 0
    names_all: bool = False  # the command says which network it is about


BEFORE = (
    Scene("Prove, before anything exists, that the blueprint means what it should", ("check",)),
    Scene("See what would be built", ("plan", "--summary", "-o", "fortress.plan")),
    Scene("Build it, in the order that opens nothing on the way", ("apply", "--yes", "-q")),
    Scene("Ask the account itself", ("explain", "production/web", "production/app", "8080")),
    Scene("Compare what is there with what was meant", ("drift",)),
)
# Attacks that are told apart: the ports of a host are tried, a machine sends out many times what
# it does on other days, and two machines speak that the blueprint keeps apart.
ATTACKS = ("vertical-scan:middle", "exfiltration:easy", "impossible-flow:middle")
READ_AGAINST = ("--network", BLUEPRINT, "--interfaces", "day/interfaces.json")
TRAFFIC = (
    Scene(
        "A day of traffic crosses it, and three attacks with it",
        (
            *(
                "lab",
                "traffic",
                BLUEPRINT,
                "-o",
                "day",
                "--seed",
                "7",
                "--scale",
                "0.1",
                "--force",
                "-q",
            ),
            *(word for attack in ATTACKS for word in ("--attack", attack)),
        ),
        names_all=True,
    ),
    Scene(
        "Its logs are read, as AWS would have written them",
        ("traffic", "ingest", "day/logs", "--store", "logs", "-q"),
        names_all=True,
    ),
    Scene(
        "The attacks are told apart from what looks like one",
        ("traffic", "detect", "--store", "logs", *READ_AGAINST, "--suppress", SCANNER),
        names_all=True,
    ),
)
ATTACKER = "22.38.252.182"  # what the seed makes of it
ASKED = (ATTACKER, "production/alb", "443")
RESPONSE = (
    Scene(
        "What to do about the one who tries ports is worked out on the account, and proven",
        (
            *("respond", "report", BLUEPRINT, "--source", ATTACKER, "--kind", "RW505"),
            *("--reason", "it tries ports", "--store", "logs", "--by", "demo"),
        ),
        names_all=True,
    ),
    Scene(
        "Somebody says yes: it is done, read back, and proven",
        ("respond", "approve", ATTACKER, BLUEPRINT, "--reason", "go", "--by", "demo"),
        names_all=True,
    ),
    Scene("It gets nowhere any more", ("explain", *ASKED)),
    Scene(
        "It was our own scanner: undone, and proven to be as before",
        ("respond", "undo", ATTACKER, BLUEPRINT, "--reason", "our own", "--by", "demo"),
        names_all=True,
    ),
    Scene("Customers, and it among them, reach the shop", ("explain", *ASKED)),
)
AFTER = (
    Scene("The next look finds it, and what it breaks", ("drift",), 1),
    Scene("The path that it opened", ("explain", "production/web", "production/db", "3306")),
    Scene("Repair", ("apply", "--yes")),
    Scene("Look again", ("drift",)),
    Scene("Take it all down", ("destroy", "--yes", "-q", "--delete-logs")),
    Scene("Nothing is left", ("output",)),
)


def refuse_beyond_loopback(endpoint: str) -> None:
    """Raise InputError unless an endpoint is on the loopback interface of this machine."""
    host = urlsplit(endpoint).hostname or ""
    if host not in LOOPBACK:
        msg = f"the demo refuses {endpoint!r}: it is not on the loopback interface"
        raise InputError(msg, hint="leave --endpoint-url out, or start `ringwall lab`")


def environment(endpoint: str) -> dict[str, str]:
    """Return the environment of the demo's commands: the lab, and credentials of nobody."""
    refuse_beyond_loopback(endpoint)
    return CREDENTIALS | {"AWS_ENDPOINT_URL": endpoint}


def words(scene: Scene) -> list[str]:
    """Return the command line of a scene, without `ringwall`."""
    name, *rest = scene.command
    if scene.names_all:
        return [name, *rest]
    if name == "explain":
        return ["explain", "aws", *rest, "--blueprint", BLUEPRINT]
    if name == "apply" and scene is BEFORE[2]:
        return ["apply", "fortress.plan", *rest]
    return [name, BLUEPRINT, *rest]


def lay_out(folder: str, endpoint: str) -> Path:
    """Write the blueprint and the environment into the folder; return it."""
    path = Path(folder)
    text = files("ringwall.app").joinpath(BLUEPRINT).read_text(encoding="utf-8")
    write_text(path / BLUEPRINT, text)
    write_text(path / SCANNER, SUPPRESSIONS)
    exports = "".join(f"export {name}='{v}'\n" for name, v in environment(endpoint).items())
    exports += f"unset {' '.join(FORBIDDEN)}\n"
    write_text(path / "lab.env", exports)
    return path


def tell(run: Run, talk: Talk) -> int:
    """Play the story in the present folder; return 1 at a scene that ends otherwise than meant."""
    if not all(_play(scenes, run, talk) for scenes in (BEFORE, TRAFFIC, RESPONSE)):
        return 1
    talk("")
    talk("# Somebody, late in the evening, opens the database to the web tier by hand")
    for line in break_by_hand():
        talk(f"$ {line}")
    return 0 if _play(AFTER, run, talk) else 1


def _play(scenes: Sequence[Scene], run: Run, talk: Talk) -> bool:
    for scene in scenes:
        talk("")
        talk(f"# {scene.title}")
        talk(f"$ ringwall {join(words(scene))}")
        code = run(words(scene))
        if code:
            talk(f"[exit code {code}]")
        if code != scene.exit_code:
            talk(f"error: the demo expected exit code {scene.exit_code}")
            return False
    return True


def break_by_hand() -> list[str]:
    """Open web -> db on 3306 past the blueprint; return what a person would have typed.

    Ids are asked for, not written out: in another lab they are others.
    """
    wanted = read_blueprint(BLUEPRINT)
    cloud = connect_for(wanted, CloudSettings())
    observed = observe(wanted, cloud)
    ids, typed = {}, []
    for name in ("web", "db"):
        group = observed["AWS::EC2::SecurityGroup", f"production/{name}"]
        ids[name.upper()] = group.physical_id
        asking = f"ringwall output {BLUEPRINT} --id SecurityGroup {group.key}"
        typed.append(f"{name.upper()}=$({asking})")
    for direction, group_name, peer in (("ingress", "DB", "WEB"), ("egress", "WEB", "DB")):
        permission = {
            "IpProtocol": "tcp",
            "FromPort": 3306,
            "ToPort": 3306,
            "UserIdGroupPairs": [{"GroupId": ids[peer]}],
        }
        operation = f"authorize_security_group_{direction}"
        cloud.call("ec2", operation, {"GroupId": ids[group_name], "IpPermissions": [permission]})
        pair = f"IpProtocol=tcp,FromPort=3306,ToPort=3306,UserIdGroupPairs=[{{GroupId=${peer}}}]"
        api = operation.replace("_", "-")
        typed.append(f'aws ec2 {api} --group-id "${group_name}" --ip-permissions "{pair}"')
    return typed
