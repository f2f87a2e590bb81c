"""RW510: traffic that a Transit Gateway dropped because no route leads there."""

from ringwall.detections.detection import Detection, Parameter
from ringwall.model.finding import Severity

DETECTIONS = (
    Detection(
        id="RW510",
        name="segment-trespass",
        title="a segment tries what its Transit Gateway does not route",
        severity=Severity.HIGH,
        confidence="high",
        attacks=("T1021", "T1046"),
        parameters=(Parameter("packets", 1, "between segments a single packet is news"),),
        sql="""
            SELECT
              family,
              source_high,
              source_low,
              destination_high,
              destination_low,
              destination_port AS port,
              protocol,
              SUM(lost_no_route) AS no_route,
              SUM(lost_blackhole) AS blackhole,
              COUNT(*) AS records,
              MIN(first) AS first,
              MAX(last) AS last
            FROM transit
            WHERE lost_no_route + lost_blackhole > 0
            GROUP BY
              family, source_high, source_low, destination_high, destination_low,
              destination_port, protocol
            HAVING SUM(lost_no_route + lost_blackhole) >= $packets
            ORDER BY
              family, source_high, source_low, destination_high, destination_low, port, protocol
        """,
        entities=("source", "destination"),
        says="{source} tried port {port} of {destination}; the Transit Gateway dropped it",
        counts={
            "port": "destination port",
            "protocol": "IP protocol",
            "no_route": "packets without a route",
            "blackhole": "packets whose route was a blackhole",
            "records": "records of the gateway",
        },
        why="A Transit Gateway logs no REJECT. What its route tables keep apart shows as packets "
        "lost: a client with a wrong address, a route that went missing, or somebody who tries.",
        instead="`ringwall explain NETWORK SOURCE DESTINATION PORT` says what was meant. If it was "
        "meant, mend the route; if not, look at the source.",
        blind="Segments that are joined by peering, or by a route too many.",
        hits=(
            "transit 10.1.0.5 > 10.2.0.9:5432 lost=no-route",
            "transit 10.1.0.5 > 10.2.0.9:5432 lost=blackhole",
            "transit fd00:1::5 > [fd00:2::9]:5432 lost=no-route",
        ),
        misses=("transit 10.1.0.5 > 10.2.0.9:5432 times=20",),
    ),
)
