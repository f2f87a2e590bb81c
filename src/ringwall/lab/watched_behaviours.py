"""What the lab adds to moto's CloudWatch, Logs, SNS and Lambda, as rows of its table."""

Row = tuple[str, str, str]  # what, AWS's page, the probe in tests/lab/test_watching.py

ROWS: tuple[Row, ...] = (
    (
        "A topic tells the version of its signatures",
        "SNS API, GetTopicAttributes",
        "test_a_topic_tells_every_attribute",
    ),
    (
        "A metric filter takes the place of the one of its name",
        "CloudWatch Logs API, PutMetricFilter",
        "test_a_metric_filter_is_there_once",
    ),
)
