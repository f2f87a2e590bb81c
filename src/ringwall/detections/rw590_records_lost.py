"""RW590: windows of which AWS lost records."""

from ringwall.detections.detection import Detection, Parameter
from ringwall.model.finding import Severity

DETECTIONS = (
    Detection(
        id="RW590",
        name="records-lost",
        title="AWS lost records of an interface (SKIPDATA): nothing can be ruled out there",
        severity=Severity.LOW,
        confidence="high",
        parameters=(
            Parameter(
                "windows", 10, "a few are in every large log, and stand in the coverage anyway"
            ),
        ),
        sql="""
            SELECT
              interface,
              COUNT(*) AS windows,
              SUM(last - first) AS seconds,
              MIN(first) AS first,
              MAX(last) AS last
            FROM quiet
            WHERE status = 'SKIPDATA' AND interface IS NOT NULL
            GROUP BY interface
            HAVING COUNT(*) >= $windows
            ORDER BY interface
        """,
        entities=("interface",),
        says="AWS lost records of {interface} in {windows} windows",
        counts={
            "windows": "windows without all their records",
            "seconds": "how long they are together",
        },
        why="One such line may stand for many flows. That nothing was found there means nothing.",
        instead="A shorter aggregation interval helps where an interface has very many flows.",
        blind="What was lost.",
        hits=("quiet eni-9 SKIPDATA every=60 times=20",),
        misses=("quiet eni-9 NODATA every=60 times=20", "quiet eni-9 SKIPDATA"),
    ),
)
