"""Questions to CloudWatch Logs: kept definitions, and answers to what is asked.

Rule: a question is answered at once, from the events of its groups within its time.
"""

import uuid
from dataclasses import dataclass, field
from typing import Any

from moto.logs.responses import LogsResponse

from ringwall.lab import world
from ringwall.lab.actions import Call, Described, add_json, refuse
from ringwall.lab.insights import QueryError, rows
from ringwall.lab.world import Moto


@dataclass(slots=True)
class Questions:
    """What is kept in one account and region; `answers` are by the query's id."""

    definitions: dict[str, dict[str, Any]] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    answers: dict[str, Described] = field(default_factory=dict)


def _home(backend: Moto) -> Questions:
    return world.store(backend, Questions)


def put_query_definition(call: Call) -> Described:
    """PutQueryDefinition: with an id "updates", without "creates"; one token makes one."""
    home = _home(call.backend)
    given, token = call.get("queryDefinitionId"), call.get("clientToken", "")
    if given and given not in home.definitions:
        refuse("ResourceNotFoundException", f"{given} does not exist")
    one = given or home.tokens.get(token) or str(uuid.uuid4())
    if token:
        home.tokens[token] = one
    home.definitions[one] = {
        "queryDefinitionId": one,
        "name": call.need("name"),
        "queryString": call.need("queryString"),
        "logGroupNames": list(call.get("logGroupNames", [])),
        "lastModified": int(world.clock().utc().timestamp() * 1000),
    }
    return {"queryDefinitionId": one}


def describe_query_definitions(call: Call) -> Described:
    """DescribeQueryDefinitions, by the prefix of the name."""
    prefix = call.get("queryDefinitionNamePrefix", "")
    kept = _home(call.backend).definitions.values()
    return {"queryDefinitions": [one for one in kept if one["name"].startswith(prefix)]}


def delete_query_definition(call: Call) -> Described:
    """DeleteQueryDefinition."""
    one = call.need("queryDefinitionId")
    if _home(call.backend).definitions.pop(one, None) is None:
        refuse("ResourceNotFoundException", f"{one} does not exist")
    return {"success": True}


def start_query(call: Call) -> Described:
    """StartQuery: answered from the events within its time, in seconds since the epoch."""
    names = [call.get("logGroupName"), *call.get("logGroupNames", [])]
    names += [name.rpartition(":log-group:")[2] for name in call.get("logGroupIdentifiers", [])]
    first, last = int(call.need("startTime")) * 1000, int(call.need("endTime")) * 1000 + 999
    events = []
    for name in filter(None, names):
        group = call.backend.groups.get(name)
        if group is None:
            refuse("ResourceNotFoundException", f"the log group {name} does not exist")
        for stream in group.streams.values():
            events += [
                {"timestamp": event.timestamp, "message": event.message}
                for event in stream.events
                if first <= event.timestamp <= last
            ]
    try:
        found = rows(call.need("queryString"), events)
    except QueryError as bad:
        refuse("MalformedQueryException", str(bad))
    limit = call.get("limit")
    kept = found[: int(limit)] if limit else found
    query_id = str(uuid.uuid4())
    _home(call.backend).answers[query_id] = {
        "status": "Complete",
        "results": [
            [{"field": name, "value": value} for name, value in row.items()] for row in kept
        ],
        "statistics": {
            "recordsMatched": float(len(found)),
            "recordsScanned": float(len(events)),
            "bytesScanned": float(sum(len(event["message"]) for event in events)),
        },
    }
    return {"queryId": query_id}


def get_query_results(call: Call) -> Described:
    """GetQueryResults."""
    answers = _home(call.backend).answers
    if call.need("queryId") not in answers:
        refuse("ResourceNotFoundException", f"the query {call.get('queryId')} does not exist")
    return answers[call.need("queryId")]


def stop_query(call: Call) -> Described:
    """StopQuery: every question here is answered already."""
    if call.need("queryId") not in _home(call.backend).answers:
        refuse("ResourceNotFoundException", f"the query {call.get('queryId')} does not exist")
    refuse("InvalidParameterException", "The query has already ended with status Complete")


def install() -> None:
    """Answer questions, and keep definitions."""
    add_json(
        LogsResponse,
        lambda self: self.logs_backend,
        {
            "PutQueryDefinition": put_query_definition,
            "DescribeQueryDefinitions": describe_query_definitions,
            "DeleteQueryDefinition": delete_query_definition,
            "StartQuery": start_query,
            "GetQueryResults": get_query_results,
            "StopQuery": stop_query,
        },
    )
