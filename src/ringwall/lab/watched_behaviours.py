"""What the lab adds to moto's CloudWatch, Logs, SNS and Lambda, as rows of its table."""

Row = tuple[str, str, str]  # what, AWS's page, the probe in tests/lab/test_watching.py

ROWS: tuple[Row, ...] = (
    (
        "A topic tells the version of its signatures",
        "SNS API, GetTopicAttributes",
        "test_a_topic_tells_every_attribute",
    ),
    (
        "A metric filter takes the place of the one of its name; what is no pattern is refused",
        "CloudWatch Logs API, PutMetricFilter",
        "test_a_metric_filter_is_there_once",
    ),
    (
        "Metric filters count the fields of lines as they arrive",
        "CloudWatch Logs guide, filter pattern syntax for metric filters",
        "test_lines_are_counted_as_they_arrive",
    ),
    (
        "A filter's dimensions are fields of the line",
        "CloudWatch Logs guide, publishing dimensions with metrics",
        "test_a_dimension_is_a_field_of_the_line",
    ),
    (
        "A new alarm has insufficient data; it goes off, is over, and keeps its state in updates",
        "CloudWatch guide, alarm states",
        "test_an_alarm_goes_off_and_is_over",
    ),
    (
        "A period without data is what the alarm says it is",
        "CloudWatch guide, how alarms treat missing data",
        "test_missing_data_is_what_the_alarm_says",
    ),
    (
        "Some of several periods are enough for an alarm",
        "CloudWatch guide, evaluating an alarm",
        "test_some_of_several_periods_are_enough",
    ),
    (
        "An alarm may judge the sum of metrics",
        "CloudWatch guide, alarms on metric math",
        "test_a_sum_of_metrics_is_judged",
    ),
    (
        "A change of an alarm's state is told to its topics in CloudWatch's words",
        "CloudWatch guide, alarm actions",
        "test_an_alarm_tells_its_topic_as_cloudwatch_does",
    ),
    (
        "So is a state that is set",
        "CloudWatch API, SetAlarmState",
        "test_a_state_that_is_set_is_told",
    ),
    (
        "A function keeps its dead-letter queue and its log group",
        "Lambda API, CreateFunction",
        "test_a_function_keeps_its_whole_configuration",
    ),
    (
        "A handler runs from its zip in a process of its own, and asks the lab",
        "Lambda API, Invoke",
        "test_a_handler_runs_in_a_process_of_its_own_and_asks_the_lab",
    ),
    (
        "A handler finds its zip and what Lambda's runtime brings, and no other package",
        "Lambda guide, runtime-included packages",
        "test_a_handler_sees_its_zip_and_no_package_of_this_environment",
    ),
    (
        "A call ends after the function's timeout",
        "Lambda guide, function timeout",
        "test_a_handler_is_ended_after_its_timeout",
    ),
    (
        "A topic calls functions with what passes the subscription's filter",
        "Lambda guide, invoking functions with Amazon SNS",
        "test_a_topic_gives_its_messages_to_a_function",
    ),
    (
        "A call that nobody waits for is tried three times, then goes to the dead letters",
        "Lambda guide, error handling for asynchronous invocation",
        "test_what_fails_three_times_goes_to_the_dead_letters",
    ),
    (
        "A rule of EventBridge calls functions and tells topics",
        "EventBridge guide, targets",
        "test_an_event_that_matches_a_rule_is_given_to_its_function",
    ),
    (
        "A schedule runs when time is moved by hand",
        "EventBridge guide, schedule expressions",
        "test_a_schedule_runs_when_time_is_moved",
    ),
    (
        "A table's tag takes the place of the one of its key",
        "DynamoDB API, TagResource",
        "test_a_tables_tag_is_there_once",
    ),
    (
        "A dashboard bears tags",
        "CloudWatch API, PutDashboard",
        "test_a_dashboard_bears_tags",
    ),
    (
        "Definitions of queries are kept; a client token makes one",
        "CloudWatch Logs API, PutQueryDefinition",
        "test_a_definition_of_a_query_is_kept",
    ),
    (
        "Queries of Insights are answered, for the part of the language that Ringwall uses",
        "CloudWatch Logs guide, query syntax",
        "test_a_query_of_insights_is_answered",
    ),
    (
        "Findings of Security Hub are updated; an import leaves what was set, and needs the hub",
        "Security Hub API, BatchUpdateFindings and BatchImportFindings",
        "test_a_finding_keeps_what_was_set_on_it",
    ),
    (
        "What arrives bears the lab's time; a request too large, or of more than a day, is refused",
        "CloudWatch Logs API, PutLogEvents",
        "test_what_arrives_is_of_the_labs_time_and_not_too_much",
    ),
    (
        "Events are read in pages of 1 MB or 10,000, in the order of their time",
        "CloudWatch Logs API, FilterLogEvents",
        "test_events_are_read_in_pages_in_the_order_of_time",
    ),
)
