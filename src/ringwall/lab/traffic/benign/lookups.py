"""What machines ask the resolver: few names often, many names seldom, some that do not exist."""

from random import Random

from ringwall.lab.traffic.names import Query
from ringwall.lab.traffic.scene import HOUR, Scene, rhythm

RATE = 30  # questions an hour of a machine, at the busiest hour
WORDS = (
    "acme",
    "bluebird",
    "copper",
    "delta",
    "ember",
    "falcon",
    "garnet",
    "harbor",
    "indigo",
    "juniper",
    "kestrel",
    "lumen",
    "maple",
    "nimbus",
    "orchid",
    "pioneer",
    "quartz",
    "ripple",
    "sierra",
    "tundra",
    "umber",
    "vertex",
    "willow",
    "xenon",
    "yonder",
    "zephyr",
)
KINDS = ("api", "www", "cdn", "auth", "static", "events", "hooks", "images", "status")
ENDINGS = ("com", "net", "io", "org", "dev")
SERVICES = ("ec2", "s3", "kms", "ssm", "logs", "monitoring", "sts", "sqs", "secretsmanager")
HEX = "0123456789abcdefghijklmnopqrstuvwxyz"


def lookups(scene: Scene, start: int, end: int, label: int) -> list[Query]:
    """Return the questions of an hour, in no order; each comes from a client port of its own."""
    known = scene.once("names", lambda: _names(scene))
    rng = scene.random("lookups", start)
    rate = RATE * rhythm((start + end) / 2) * (end - start) / HOUR
    found = []
    for machine in scene.instances:
        for _ in range(round(rate * rng.uniform(0.6, 1.4))):
            moment = rng.uniform(start, end)
            name, ttl = known[int(len(known) * rng.random() ** 2.5)]
            port = rng.randrange(1_024, 65_536)
            if rng.random() < 0.01:  # a search list tried first, a name mistyped
                missing = f"{name.split('.')[0]}-{rng.randrange(99)}.ec2.internal"
                found.append(Query(moment, machine, missing, "A", "NXDOMAIN", (), 60, label, port))
                continue
            address = f"{rng.choice((13, 18, 34, 52, 54))}.{'.'.join(_octets(rng))}"
            found.append(Query(moment, machine, name, "A", "NOERROR", (address,), ttl, label, port))
    return found


def _octets(rng: Random) -> list[str]:
    return [str(rng.randrange(1, 255)) for _ in range(3)]


def _names(scene: Scene) -> list[tuple[str, int]]:
    """Return names with how long they may be kept, the commonest first."""
    rng = scene.random("names")
    region = scene.estate.region
    found = [(f"{service}.{region}.amazonaws.com", 60) for service in SERVICES]
    owners = [f"{a}{b}.{rng.choice(ENDINGS)}" for a in WORDS for b in rng.sample(WORDS, 2)]
    found += [
        (f"{rng.choice(KINDS)}.{owner}", rng.choice((60, 300, 300, 3600))) for owner in owners
    ]
    # Content networks' names are drawn letters too.
    found += [
        (f"d{''.join(rng.choice(HEX) for _ in range(13))}.cloudfront.net", 60) for _ in range(25)
    ]
    return found
