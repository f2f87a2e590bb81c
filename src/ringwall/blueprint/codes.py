"""The problems of a blueprint: one stable code each, with a title and an explanation.

Rule: a code is never reused; what is no longer reported keeps its row.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Code:
    """A kind of problem: its id, its title, and what it means and what to do about it."""

    id: str
    title: str
    explanation: str


_TABLE = (
    # Reading the text.
    ("BP001", "not text", "The file is not UTF-8 text."),
    ("BP002", "character not allowed", "YAML allows no control characters and no lone surrogates."),
    ("BP003", "file too large", "A blueprint has a million characters at most; split the network."),
    ("BP004", "not YAML", "The text is not well-formed YAML. Indent with spaces, never with tabs."),
    ("BP005", "too deep or too many", "Nesting ends at 40 levels, and a file at 200,000 values."),
    ("BP006", "aliases expand too far", "Aliases and merges stand for more than 200,000 values."),
    ("BP007", "alias without anchor", "`*name` needs `&name` before it, and not around it."),
    ("BP008", "duplicate key", "A key stands once in a mapping; the second would hide the first."),
    ("BP009", "merge of no mapping", "`<<` takes a mapping or a list of mappings, by alias."),
    ("BP010", "more than one document", "A blueprint is one YAML document."),
    ("BP011", "nothing in it", "The file holds no mapping of keys."),
    # The shape of values.
    ("BP012", "unknown key", "The key means nothing here; a slip must not pass in silence."),
    ("BP013", "missing key", "A key that has no default is not there."),
    ("BP014", "wrong type", "The value is of another type than the key takes; nothing is guessed."),
    ("BP015", "not one of", "The key takes one of a few words."),
    ("BP016", "out of range", "The value is too small, too large, too short or too long."),
    ("BP017", "not a name", "Names are lower case letters, digits and hyphens, a letter first."),
    ("BP018", "reserved name", "The word has a meaning of its own where names are used."),
    ("BP019", "not an end of a flow", "The text has none of the forms of an end of traffic."),
    ("BP020", "tag not allowed", "YAML tags such as `!!python/object` are not taken."),
    # Addresses.
    ("BP030", "not a CIDR", "The text is not a block of addresses, or of the wrong family."),
    ("BP031", "host bits set", "The address lies inside a block; a CIDR is written by its start."),
    ("BP032", "size of a VPC", "EC2 takes /16 to /28 for a VPC (fixed quota)."),
    ("BP033", "VPCs overlap", "Two VPCs share addresses, so no route can tell them apart."),
    ("BP034", "tier outside its VPC", "A tier's block must lie inside its VPC's."),
    ("BP035", "tiers overlap", "Two tiers of a VPC share addresses."),
    ("BP036", "pool exhausted", "The pool has no free block of the length that is wanted."),
    ("BP037", "no room in the VPC", "The VPC has no free block for the tier."),
    ("BP038", "tier too small", "The tier's block has no /28 for each zone."),
    ("BP039", "addresses not for VPCs", ("EC2 takes no loopback, link-local or multicast block; "
     "public blocks that are not yours hide a part of the internet.")),
    ("BP029", "an allotted block moves", ("A given block lies where another would be allotted. "
     "If that one is deployed already, it would be replaced: write down its block.")),
    ("BP028", "too many tiers for IPv6", "A VPC's /56 has room for 16 tiers of one /60 each."),
    # Names and what they refer to.
    ("BP040", "unknown name", "No VPC, group, tier or network has that name."),
    ("BP041", "ambiguous name", "The name could mean two things here."),
    ("BP042", "unknown tier", "The VPC has no tier of that name."),
    ("BP043", "unknown segment", "The Transit Gateway has no segment of that name."),
    ("BP044", "unknown list", "`dns_firewall.lists` has no list of that name."),
    ("BP045", "unknown VPC", "No VPC has that name."),
    ("BP046", "names collide", "Two things that are named in the same way have the same name."),
    ("BP047", "expectation named twice", "Expectations are told apart by their names."),
    ("BP048", "not a service", "The service has no endpoint here, or the text names none."),
    ("BP049", "listed twice", "Something that may be listed once is listed twice."),
    ("BP050", "one account, one region", "One account and one region are deployed at a time."),
    ("BP051", "not a region", "The text is not the name of an AWS region."),
    ("BP052", "not a zone of the region", "The zone is of another region, or names and ids mix."),
    # What flows.
    ("BP060", "no route between VPCs", "The segments of the two VPCs do not route to each other."),
    ("BP061", "isolated tier and the internet", "Isolated tiers have no way to the internet."),
    ("BP062", "no NAT", "A private tier reaches the internet by NAT only, and the VPC has none."),
    ("BP063", "internet into a tier that is not public", ("Only public tiers can be reached from "
     "the internet; put a load balancer there.")),
    ("BP064", "central NAT without a hub", ("`nat: central` needs a VPC with NAT gateways whose "
     "segment and this one route to each other.")),
    ("BP065", "no Transit Gateway", "A segment, or what is shared across VPCs, needs one."),
    ("BP066", "service without endpoint", "No endpoint leads to the service from there."),
    ("BP067", "no interface endpoints", "The VPC has none, or none that are shared."),
    ("BP068", "everything from the internet", "Every port of a group is open to the internet."),
    ("BP069", "flow of nobody", ("A flow needs an end in this blueprint, and a source that opens "
     "connections.")),
    ("BP070", "route without target", "A static route leads to a VPC or is a blackhole."),
    ("BP071", "ports not understood", "Ports are 443, 443/udp, 8000-8080, 8/icmp, icmp or any."),
    ("BP072", "gateway brought along", "What is brought along keeps its own settings."),
    ("BP073", "route one way", ("A segment routes to another that does not route back, so no "
     "connection can be made.")),
    ("BP074", "routes collide", "A segment has two static routes to the same block."),
    ("BP075", "NAT without public tier", "NAT gateways live in a public tier."),
    ("BP076", "group in attachment tier", "Attachment tiers hold no workloads."),
    ("BP077", "public address without internet", "Only public tiers give public addresses."),
    ("BP078", "attachment not clear", "A VPC is attached by one tier, and only with a segment."),
    ("BP079", "addresses of nobody", ("The addresses are private and lie in no VPC of this "
     "blueprint, so no route to them is made.")),
    # Entries, quotas and tags.
    ("BP080", "entry number twice", "Two entries of one direction have the same number."),
    ("BP081", "entry not clear", "The ports and the protocol of an entry do not go together."),
    ("BP082", "beyond a quota", ("AWS's default quota is lower; raise it there, then say so under "
     "`quotas`.")),
    ("BP083", "beyond a fixed quota", "AWS does not raise this quota."),
    ("BP084", "tag not allowed", "The tag's key or value is reserved or too long."),
    # Services.
    ("BP090", "DNS rule not clear", "The parts of the rule do not go together."),
    ("BP091", "not a domain", "The text is not a domain that the DNS Firewall takes."),
    ("BP092", "bucket without S3", "A bucket is named, but logs go to CloudWatch."),
    ("BP093", "list never used", "No rule of the DNS Firewall names the list."),
    ("BP094", "account settings not owned", "Switches of the account change only when owned."),
    # Watching.
    ("BP120", "not an e-mail address", ("Alarms are told by e-mail; an address of the web may hold "
     "a secret, and a blueprint holds none.")),
    ("BP121", "alarm not clear", "The parts of the alarm do not go together."),
    ("BP122", "account not named", ("Policies of keys, topics and functions name the account that "
     "may use them, so that the blueprint must.")),
    ("BP124", "nothing to answer", "A response hears of alarms by the topic of `monitoring`."),
    ("BP125", "package not clear", "A package is a file, or an object of a bucket."),
    ("BP126", "no package", "Without its code a function cannot be deployed; all else is."),
    ("BP127", "no such playbook", "A response may use the playbooks that there are, by their ids."),
    ("BP128", "role too powerful", "IAM takes no longer policies in a role."),
    ("BP129", "no place of a webhook", ("A webhook's address is a secret: a blueprint names the "
     "parameter or the secret that keeps it.")),
    ("BP130", "another package", ("`plan` and `apply` read the file that would be sent, before "
     "anything is changed.")),
    ("BP131", "accepted too widely", ("Who may be hit beside an offender is named: of all that is "
     "wider than a /16 or a /48 nobody can tell who is in it.")),
    ("BP123", "not counted", "Nothing in this network counts the metric there."),
    ("BP097", "former name in use", "A former name is the name of something else."),
    # Load balancers and web ACLs.
    ("BP100", "load balancer in one zone", "An Application Load Balancer needs two zones."),
    ("BP101", "scheme and tier do not agree", ("A load balancer with public addresses stands in a "
     "public tier.")),
    ("BP102", "unknown target group", "The load balancer has no target group of that name."),
    ("BP103", "listener not clear", "The parts of a listener or a rule do not go together."),
    ("BP104", "target group never used", "No listener and no rule leads to the target group."),
    ("BP105", "targets out of reach", ("No flow lets the load balancer reach the targets on the "
     "port that they take, or that they are checked on.")),
    ("BP106", "old TLS", "The TLS policy lets clients speak TLS 1.0 or 1.1."),
    ("BP107", "tier too small for a load balancer", "Its subnets need a /27 each."),
    ("BP108", "not encrypted", "Clients from the internet send what they send in the clear."),
    ("BP109", "listener of nobody", "No flow leads to the port of a listener."),
    ("BP110", "unknown web ACL", "`web_acls` has no web ACL of that name."),
    ("BP111", "much capacity", ("AWS charges for what the rules of a web ACL take beyond 1,500 "
     "capacity units.")),
    ("BP112", "not a managed rule group", ("AWS has no managed rule group of that name, or it "
     "needs settings that a blueprint does not have.")),
    ("BP113", "web ACL never used", "No load balancer names the web ACL."),
)  # fmt: skip

CODES: dict[str, Code] = {row[0]: Code(*row) for row in _TABLE}


def title(code: str) -> str:
    """Return the title of a code."""
    return CODES[code].title
