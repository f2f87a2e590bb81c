"""Lambda functions: what moto lacks of them, and their calls, each in a process of its own.

Rules:
- A call that is waited for is made while no lock is held, so that the handler may ask the lab.
- One that is not (SNS, EventBridge, `Event`) is made in a thread: at most as many at a time as the
  function's reserved concurrency; one that fails is made twice more, and then goes to the queue of
  dead letters ("Error handling for asynchronous invocation"). There is no waiting in between.
- What is printed goes to the function's log group; calls and errors are counted.
"""

import json
import threading
import uuid
from dataclasses import dataclass, field
from typing import Any

from moto.awslambda.models import LambdaBackend, LambdaFunction
from moto.awslambda.utils import get_backend
from moto.cloudwatch.models import cloudwatch_backends
from moto.sqs.models import sqs_backends

from ringwall.lab import world
from ringwall.lab.actions import wrap
from ringwall.lab.processes import Ended, Program, run
from ringwall.lab.world import Moto

ATTEMPTS = 3
UNRESERVED = 10  # calls at a time of a function that reserves none
KEPT = ("DeadLetterConfig", "LoggingConfig")


@dataclass(frozen=True, slots=True)
class Invocation:
    """A call that was not waited for, and how each attempt at it ended."""

    function: str
    event: str
    ended: tuple[Ended, ...]


@dataclass(slots=True)
class Calls:
    """What is under way in one world, and what is done; when it is `over` nothing is begun."""

    done: list[Invocation] = field(default_factory=list)
    threads: list[threading.Thread] = field(default_factory=list)
    room: dict[str, threading.Semaphore] = field(default_factory=dict)
    over: bool = False


def calls() -> Calls:
    """Return the calls of the running lab."""
    shelf: Calls = world.current().shelf.setdefault("calls", Calls())
    return shelf


def under_way() -> int:
    """Return how many calls have begun that nobody waits for, and have not ended."""
    return sum(thread.is_alive() for thread in calls().threads)


def wait(seconds: float) -> None:
    """Wait until every call that was begun has ended; raises TimeoutError after `seconds` each."""
    threads = calls().threads
    while threads:
        threads[0].join(seconds)
        if threads[0].is_alive():
            text = "a function of the lab is still at work"
            raise TimeoutError(text)
        threads.pop(0)


def end(seconds: float) -> None:
    """Begin no call any more, and wait for those at work; raises TimeoutError as `wait`."""
    with world.LOCK:
        calls().over = True
    wait(seconds)


def _program(function: Moto, stream: str) -> Program:
    group = function.__dict__.get("LoggingConfig", {}).get("LogGroup") or function.logs_group_name
    return Program(
        function.function_name,
        function.function_arn,
        function.code_bytes,
        function.handler,
        function.environment_vars,
        int(function.timeout),
        int(function.memory_size),
        function.region,
        group,
        stream,
    )


def _call(function: Moto, event: str) -> Ended:
    """Make one call; the lock is held before and after, and not in between."""
    request_id = str(uuid.uuid4())
    stream = f"{world.clock().utc():%Y/%m/%d}/[$LATEST]{request_id.replace('-', '')}"
    program = _program(function, stream)
    endpoint = world.current().endpoint
    world.LOCK.release()
    try:
        ended = run(program, event, request_id, endpoint)
    finally:
        world.LOCK.acquire()
    _log(function, program, ended)
    _count(function, ended)
    return ended


def _log(function: Moto, program: Program, ended: Ended) -> None:
    logs = function.logs_backend
    logs.ensure_log_group(program.log_group)
    logs.create_log_stream(program.log_group, program.log_stream)
    stamp = int(world.clock().utc().timestamp() * 1000)
    lines = [line for line in ended.printed.splitlines() if line.strip()]
    if lines:
        events = [{"timestamp": stamp, "message": line} for line in lines]
        logs.groups[program.log_group].put_log_events(program.log_stream, events)


def _count(function: Moto, ended: Ended) -> None:
    backend = cloudwatch_backends[function.account_id][function.region]
    dimensions = [{"Name": "FunctionName", "Value": function.function_name}]
    when = world.clock().utc().replace(tzinfo=None)
    backend.put_metric_data(
        "AWS/Lambda",
        [
            {"MetricName": name, "Value": value, "Timestamp": when, "Dimensions": dimensions}
            for name, value in (("Invocations", 1.0), ("Errors", float(ended.failed)))
        ],
    )


def call_later(function: Moto, event: str) -> None:
    """Begin a call that nobody waits for."""
    here = calls()
    reserved = int(function.reserved_concurrency or UNRESERVED)
    room = here.room.setdefault(function.function_name, threading.Semaphore(reserved))
    thread = threading.Thread(
        target=_attempts, args=(here, room, function, event), name="ringwall-lab-call", daemon=True
    )
    here.threads.append(thread)
    thread.start()


def _attempts(here: Calls, room: threading.Semaphore, function: Moto, event: str) -> None:
    with room:
        ended: list[Ended] = []
        with world.LOCK:
            for _ in range(ATTEMPTS):
                if here.over:
                    return
                ended.append(_call(function, event))
                if here is not calls():  # the lab was emptied meanwhile: its queues are gone
                    return
                if not ended[-1].failed:
                    break
            here.done.append(Invocation(function.function_name, event, tuple(ended)))
            if ended[-1].failed:
                _bury(function, event, ended[-1])


def _bury(function: Moto, event: str, ended: Ended) -> None:
    arn = function.__dict__.get("DeadLetterConfig", {}).get("TargetArn", "")
    if arn.split(":")[2:3] != ["sqs"]:
        return
    name = arn.rpartition(":")[2]
    backend = sqs_backends[function.account_id][function.region]
    message = json.loads(ended.answer).get("errorMessage", "")
    attributes = {
        "ErrorCode": {"DataType": "Number", "StringValue": "200"},
        "ErrorMessage": {"DataType": "String", "StringValue": message[:1000] or "-"},
    }
    backend.send_message(name, event, message_attributes=attributes)
    when = world.clock().utc().replace(tzinfo=None)
    cloudwatch_backends[function.account_id][function.region].put_metric_data(
        "AWS/SQS",
        [
            {
                "MetricName": "ApproximateNumberOfMessagesVisible",
                "Value": float(len(backend.queues[name].messages)),
                "Timestamp": when,
                "Dimensions": [{"Name": "QueueName", "Value": name}],
            }
        ],
    )


def _sns_event(topic_arn: str, subscription_arn: str, message: str, subject: str | None) -> str:
    """Return what SNS gives a function ("Invoking Lambda functions with Amazon SNS")."""
    now = world.clock().utc()
    notification: dict[str, Any] = {
        "Type": "Notification",
        "MessageId": str(uuid.uuid4()),
        "TopicArn": topic_arn,
        "Subject": subject,
        "Message": message,
        "Timestamp": f"{now:%Y-%m-%dT%H:%M:%S}.{now.microsecond // 1000:03d}Z",
        "SignatureVersion": "1",
        "Signature": "made-by-a-lab",
        "SigningCertUrl": "https://sns.invalid/certificate.pem",
        "UnsubscribeUrl": "https://sns.invalid/unsubscribe",
        "MessageAttributes": {},
    }
    record = {
        "EventSource": "aws:sns",
        "EventVersion": "1.0",
        "EventSubscriptionArn": subscription_arn,
        "Sns": notification,
    }
    return json.dumps({"Records": [record]})


def sns_to_function(subscription: Moto, message: str, subject: str | None) -> None:
    """Deliver a message of a topic to the function that is subscribed."""
    region, name = subscription.endpoint.split(":")[3], subscription.endpoint.split(":")[6]
    function = get_backend(subscription.account_id, region).get_function(name)
    event = _sns_event(subscription.topic.arn, subscription.arn, message, subject)
    call_later(function, event)


def install() -> None:
    """Keep the whole configuration, and run handlers without Docker."""

    @wrap(LambdaFunction, "__init__")
    def make(original: Moto, self: Moto, *args: Moto, **given: Moto) -> None:
        original(self, *args, **given)
        spec = given["spec"] if "spec" in given else args[1]
        self.__dict__.update({name: spec[name] for name in KEPT if spec.get(name)})

    @wrap(LambdaFunction, "get_configuration")
    def configuration(original: Moto, self: Moto, **more: Moto) -> Moto:
        told = original(self, **more)
        told |= {name: self.__dict__[name] for name in KEPT if name in self.__dict__}
        return told

    @wrap(LambdaFunction, "update_configuration")
    def update(original: Moto, self: Moto, given: Moto) -> Moto:
        self.__dict__.update({name: given[name] for name in KEPT if name in given})
        return original(self, given)

    @wrap(LambdaBackend, "invoke")
    def invoke(
        _original: Moto,
        self: Moto,
        name: str,
        qualifier: Moto,
        body: Moto,
        headers: Moto,
        said: Moto,
    ) -> Moto:
        function = self.get_function(name, qualifier)
        event = body.decode() if isinstance(body, bytes) else (body or "{}")
        kind = next((v for k, v in headers.items() if k.lower() == "x-amz-invocation-type"), "")
        if kind == "DryRun":
            return b""
        if kind == "Event":
            call_later(function, event)
            return b""
        ended = _call(function, event)
        if ended.failed:
            said["x-amz-function-error"] = "Unhandled"
        return ended.answer.encode()
