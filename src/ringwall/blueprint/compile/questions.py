"""Questions to the flow logs that are kept in CloudWatch, as Logs Insights writes them.

Rules:
- Insights knows the fields of AWS's default format by itself, and of no other: a question takes the
  fields of the format that is deployed out of the line, up to the last that it names. Their names
  have underscores where AWS's have hyphens.
- What is counted has a name, by which it is sorted: `sort count desc` sorts by a field that is not.
- What leaves is summed whole: a filter on large records misses whoever sends many small ones.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ringwall.blueprint.compile.counting import INTERNET_GATEWAY_PATH
from ringwall.blueprint.compile.draft import Draft, Scope
from ringwall.blueprint.compile.logs import KEY as FLOW_LOGS
from ringwall.blueprint.syntax import Blueprint
from ringwall.model.graph import Origin, Ref
from ringwall.resources.query_definition import TYPE, name_of


@dataclass(frozen=True, slots=True)
class Question:
    """A question: the fields that it names, and what is done with them."""

    fields: tuple[str, ...]
    steps: tuple[str, ...]


QUESTIONS: Mapping[str, Question] = {
    "suspicious-traffic": Question(
        ("srcaddr", "dstaddr", "action"),
        (
            'filter action = "REJECT"',
            "stats count(*) as rejected, count_distinct(dstaddr) as targets by srcaddr",
            "sort rejected desc",
            "limit 20",
        ),
    ),
    "port-scan": Question(
        ("srcaddr", "dstaddr", "dstport", "action"),
        (
            'filter action = "REJECT"',
            "stats count_distinct(dstport) as ports, count_distinct(dstaddr) as targets by srcaddr",
            "sort ports desc",
            "limit 10",
        ),
    ),
    "data-exfiltration": Question(
        ("srcaddr", "dstaddr", "bytes", "action", "flow-direction", "traffic-path"),
        (
            'filter action = "ACCEPT" and flow_direction = "egress"',
            f"filter traffic_path = {INTERNET_GATEWAY_PATH}",
            "stats sum(bytes) as total_bytes by srcaddr, dstaddr",
            "sort total_bytes desc",
            "limit 10",
        ),
    ),
}


def query(log_format: Iterable[str], question: Question) -> str:
    """Return a question's text over records of a format."""
    fields = list(log_format)
    last = max(fields.index(name) for name in question.fields)
    names = [name.replace("-", "_") for name in fields[: last + 1]]
    names += ["rest"] if last + 1 < len(fields) else []
    stars = " ".join("*" * len(names))
    return "\n| ".join((f'parse @message "{stars}" as {", ".join(names)}', *question.steps))


def possible(bp: Blueprint) -> dict[str, str]:
    """Return the questions that the flow logs can answer, by name."""
    logs = bp.flow_logs
    if logs is None or logs.destination != "cloudwatch":
        return {}
    return {
        name: query(logs.format, question)
        for name, question in QUESTIONS.items()
        if set(question.fields) <= set(logs.format)
    }


def compile_questions(draft: Draft, bp: Blueprint, origin: Origin | None) -> None:
    """Keep each question that can be answered."""
    for name, text in possible(bp).items():
        draft.add(
            TYPE,
            name,
            {
                "Name": name_of(draft.deployment, name),
                "QueryString": text,
                "LogGroupNames": [Ref("AWS::Logs::LogGroup", FLOW_LOGS)],
            },
            origin,
            own=Scope(),
        )
