"""RW533: names asked of somebody else than the VPC's resolver."""

from ringwall.detections.detection import Detection, Parameter
from ringwall.model.finding import Severity

# Public resolvers that answer DNS over HTTPS, as their operators publish them.
RESOLVERS = (
    "1.1.1.1",
    "1.0.0.1",
    "2606:4700:4700::1111",
    "2606:4700:4700::1001",
    "8.8.8.8",
    "8.8.4.4",
    "2001:4860:4860::8888",
    "2001:4860:4860::8844",
    "9.9.9.9",
    "149.112.112.112",
    "2620:fe::fe",
    "2620:fe::9",
    "94.140.14.14",
    "94.140.15.15",
    "208.67.222.222",
    "208.67.220.220",
)

DETECTIONS = (
    Detection(
        id="RW533",
        name="dns-bypass",
        title="a host asks for names beside the resolver: DNS, DoT or DoH to the internet",
        severity=Severity.MEDIUM,
        confidence="medium",
        attacks=("T1071.004", "T1572"),
        parameters=(
            Parameter(
                "resolvers", RESOLVERS, "public resolvers; port 443 of these is DNS over HTTPS"
            ),
        ),
        sql="""
            WITH asked AS (
              SELECT
                family,
                source_high,
                source_low,
                destination_high,
                destination_low,
                port,
                protocol,
                SUM(records) AS records,
                SUM(rejected) AS rejected,
                SUM(bytes_out) AS bytes_out,
                SUM(bytes_back) AS bytes_back,
                MIN(first) AS first,
                MAX(last) AS last
              FROM conversation
              WHERE source_inside = 1 AND destination_inside = 0 AND records > 0
                AND protocol IN (6, 17)
                AND (
                  port IN (53, 853)
                  OR (
                    port = 443
                    AND among(family, destination_high, destination_low, $resolvers)
                  )
                )
              GROUP BY
                family, source_high, source_low, destination_high, destination_low, port, protocol
            ),
            ranked AS (
              SELECT
                family,
                source_high,
                source_low,
                destination_high,
                destination_low,
                port,
                protocol,
                records,
                rejected,
                bytes_out,
                bytes_back,
                first,
                last,
                ROW_NUMBER() OVER (
                  PARTITION BY family, source_high, source_low, port, protocol
                  ORDER BY records DESC, destination_high, destination_low
                ) AS number
              FROM asked
            )
            SELECT
              family,
              source_high,
              source_low,
              MAX(CASE WHEN number = 1 THEN destination_high ELSE NULL END) AS destination_high,
              MAX(CASE WHEN number = 1 THEN destination_low ELSE NULL END) AS destination_low,
              port,
              protocol,
              COUNT(*) AS resolvers,
              SUM(records) AS records,
              SUM(rejected) AS rejected,
              SUM(bytes_out) AS bytes_out,
              SUM(bytes_back) AS bytes_back,
              MIN(first) AS first,
              MAX(last) AS last,
              CASE WHEN SUM(bytes_out) > 0 THEN 2 ELSE 1 END AS grade
            FROM ranked
            GROUP BY family, source_high, source_low, port, protocol
            ORDER BY family, source_high, source_low, port, protocol
        """,
        entities=("source", "destination"),
        says="{source} asks {resolvers} on port {port} for names, {destination} most of all, "
        "beside the resolver",
        counts={
            "port": "53 is DNS, 853 DNS over TLS or QUIC, 443 DNS over HTTPS",
            "protocol": "6 is TCP, 17 UDP",
            "resolvers": "addresses that it asks; the destination is the one with most records",
            "records": "records of the source's, as logged",
            "rejected": "of them rejected",
            "bytes_out": "bytes sent, as logged",
            "bytes_back": "bytes received, as logged",
        },
        why="What does not go through the resolver, DNS Firewall does not see, and the log of "
        "queries neither.",
        instead="Close 53 and 853 to the internet in groups and ACLs; a resolver of your own that "
        "asks the internet is suppressed by its address (`--suppress`).",
        blind="DNS over HTTPS to an address that is on no list; resolvers inside.",
        hits=(
            "10.0.1.5 > 8.8.8.8:53 udp back=200",
            "10.0.1.5 > 203.0.113.7:853 back=2000",
            "10.0.1.5 > 1.1.1.1:443 back=2000",
            "10.0.1.5 > 8.8.8.8:53 udp reject",
            "fd00::5 > [2606:4700:4700::1111]:443 back=2000",
        ),
        misses=(
            "10.0.1.5 > 203.0.113.7:443 back=2000",
            "10.0.1.5 > 10.0.0.53:53 udp back=200",
            "203.0.113.7 > 10.0.1.5:53 udp reject",
        ),
    ),
)
