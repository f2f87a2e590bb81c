"""RW530 to RW532: what the resolver's log shows: blocked domains, generated ones, tunnels."""

from ringwall.detections.detection import Detection, Parameter
from ringwall.model.finding import Severity

BLOCKED = Detection(
    id="RW530",
    name="blocked-domains",
    title="a host asks for a domain that DNS Firewall blocks, or alerts of",
    severity=Severity.MEDIUM,
    confidence="high",
    attacks=("T1071.004", "T1568"),
    sql="""
        SELECT
          family,
          source_high,
          source_low,
          domain,
          SUM(CASE WHEN action = 'BLOCK' THEN 1 ELSE 0 END) AS blocked,
          SUM(CASE WHEN action = 'ALERT' THEN 1 ELSE 0 END) AS alerted,
          MIN(name) AS name,
          MAX(domain_list) AS domain_list,
          MAX(protection) AS protection,
          MIN(time) AS first,
          MAX(time) AS last
        FROM dns
        WHERE action IN ('BLOCK', 'ALERT')
        GROUP BY family, source_high, source_low, domain
        ORDER BY family, source_high, source_low, domain
    """,
    entities=("source", "domain"),
    says="{source} asked for {domain}: {blocked} times blocked, {alerted} times alerted",
    counts={
        "blocked": "queries that DNS Firewall blocked",
        "alerted": "queries of which it alerted, and which it let through",
        "name": "one of the names, the first in order of the alphabet",
        "domain_list": "the list that holds it",
        "protection": "what DNS Firewall Advanced took it for",
    },
    why="The block worked; the host that asked is the news: something on it wants to talk to a "
    "domain that somebody put on a list.",
    instead="Look at what runs on the host. If the domain is wanted, take it off the list.",
    blind="Domains on no list; names that the resolver had in its cache; other resolvers (RW533).",
    hits=(
        "dns 10.0.1.5 c2.example.com action=BLOCK rcode=NXDOMAIN",
        "dns 10.0.1.5 c2.example.com action=ALERT",
    ),
    misses=("dns 10.0.1.5 www.example.com", "dns 10.0.1.5 www.example.com action=ALLOW"),
)

GENERATED = Detection(
    id="RW531",
    name="generated-domains",
    title="a host asks for many domains that do not exist",
    severity=Severity.HIGH,
    confidence="medium",
    attacks=("T1568.002",),
    parameters=(
        Parameter(
            "domains",
            15,
            "different registered domains without an answer in an hour: typing errors make one "
            "or two, suffixes that clients try belong to one domain",
        ),
        Parameter("share", 0.5, "of all domains asked for: of generated ones most do not exist"),
    ),
    sql="""
        WITH hours AS (
          SELECT
            family,
            source_high,
            source_low,
            time - time % 3600 AS hour,
            domain,
            CASE WHEN rcode = 'NXDOMAIN' THEN 1 ELSE 0 END AS missing,
            name,
            time
          FROM dns
          WHERE action IS NULL OR action <> 'BLOCK'
        ),
        domains AS (
          SELECT
            family,
            source_high,
            source_low,
            hour,
            domain,
            MIN(missing) AS missing,
            COUNT(*) AS queries,
            MIN(time) AS first,
            MAX(time) AS last
          FROM hours
          GROUP BY family, source_high, source_low, hour, domain
        ),
        counted AS (
          SELECT
            family,
            source_high,
            source_low,
            hour,
            SUM(missing) AS missing,
            COUNT(*) AS domains,
            MIN(CASE WHEN missing = 1 THEN domain ELSE NULL END) AS sample,
            MIN(first) AS first,
            MAX(last) AS last
          FROM domains
          GROUP BY family, source_high, source_low, hour
          HAVING SUM(missing) >= $domains AND SUM(missing) >= $share * COUNT(*)
        )
        SELECT
          family,
          source_high,
          source_low,
          MAX(missing) AS missing,
          SUM(domains) AS domains,
          COUNT(*) AS hours,
          MIN(sample) AS sample,
          MIN(first) AS first,
          MAX(last) AS last
        FROM counted
        GROUP BY family, source_high, source_low
        ORDER BY missing DESC, family, source_high, source_low
    """,
    entities=("source",),
    says="{source} asked for {missing} domains in an hour that do not exist, as {sample}",
    counts={
        "missing": "registered domains without an answer, in the hour with most",
        "domains": "registered domains asked for, over the hours counted",
        "hours": "hours with as many",
        "sample": "one of them",
    },
    why="Malware that makes up its domains by the day asks for many until one exists.",
    instead="Look at what runs on the host; put the ones that exist on a blocked list.",
    blind="Words put together so that most exist; domains below one registered domain (RW532).",
    hits=(
        "dns 10.0.1.5 #.com rcode=NXDOMAIN every=18 times=200",
        "dns 10.0.1.5 #.com rcode=NXDOMAIN every=180 times=20",
        "dns 10.0.1.5 #.co.uk rcode=NXDOMAIN every=18 times=200",
    ),
    misses=(
        # a search suffix
        "dns 10.0.1.5 #.corp.example.com rcode=NXDOMAIN every=18 times=200",
        # a busy client of domains that exist
        """
        dns 10.0.1.5 #.com every=18 times=200
        dns 10.0.1.5 #.net rcode=NXDOMAIN every=9m times=6
        """,
    ),
)

TUNNEL = Detection(
    id="RW532",
    name="dns-tunnel",
    title="a host sends data in the names that it asks for",
    severity=Severity.HIGH,
    confidence="medium",
    attacks=("T1071.004", "T1048.003", "T1572"),
    parameters=(
        Parameter("names", 100, "different names below one domain in an hour"),
        Parameter(
            "bytes",
            20_000,
            "of them in an hour, without the domain: a kilobyte a minute is sixty thousand; a "
            "reputation service asked a hundred times makes a few thousand",
        ),
        Parameter("length", 30, "of a name before its domain, on the average: data is long"),
    ),
    sql="""
        WITH hours AS (
          SELECT
            family,
            source_high,
            source_low,
            domain,
            time - time % 3600 AS hour,
            name,
            LENGTH(name) - LENGTH(domain) AS length,
            time
          FROM dns
          WHERE labels > 2
        ),
        names AS (
          SELECT
            family,
            source_high,
            source_low,
            domain,
            hour,
            name,
            MAX(length) AS length,
            COUNT(*) AS queries,
            MIN(time) AS first,
            MAX(time) AS last
          FROM hours
          GROUP BY family, source_high, source_low, domain, hour, name
        ),
        counted AS (
          SELECT
            family,
            source_high,
            source_low,
            domain,
            hour,
            COUNT(*) AS names,
            SUM(length) AS bytes,
            SUM(queries) AS queries,
            MIN(name) AS sample,
            MIN(first) AS first,
            MAX(last) AS last
          FROM names
          GROUP BY family, source_high, source_low, domain, hour
          HAVING COUNT(*) >= $names AND SUM(length) >= $bytes
            AND SUM(length) >= $length * COUNT(*)
        )
        SELECT
          family,
          source_high,
          source_low,
          domain,
          SUM(bytes) AS bytes,
          SUM(names) AS names,
          SUM(queries) AS queries,
          COUNT(*) AS hours,
          MIN(sample) AS sample,
          MIN(first) AS first,
          MAX(last) AS last
        FROM counted
        GROUP BY family, source_high, source_low, domain
        ORDER BY bytes DESC, family, source_high, source_low, domain
    """,
    entities=("source", "domain"),
    says="{source} sent {bytes} in {names} names below {domain}",
    counts={
        "bytes": "of different names, without the domain",
        "names": "different names",
        "queries": "queries that the resolver's cache did not answer",
        "hours": "hours with as much",
        "sample": "one of the names",
    },
    why="The VPC's resolver answers in every subnet, no filter stops it, and flow logs do not "
    "show it: names are the way out of an isolated tier.",
    instead="Block the domain by DNS Firewall; isolate the host.",
    blind="Less than the parameters say; answers that bring data in; a tunnel over many domains.",
    hits=(
        "dns 10.0.1.5 ##.t.example.com every=4 times=900",
        "dns 10.0.1.5 ##.t.example.com every=4 times=900 type=TXT",
    ),
    misses=(
        # names of a content network, short and many
        "dns 10.0.1.5 #.cdn.example.com every=4 times=900",
        # long names, the same again and again
        "dns 10.0.1.5 a-long-name-of-a-load-balancer-0123456789.elb.example.com times=900 every=4",
        "dns 10.0.1.5 ##.t.example.com every=4m times=15",
    ),
)

DETECTIONS = (BLOCKED, GENERATED, TUNNEL)
