"""Run by response_time in a process of its own: one event to the handler of an unpacked package.

Arguments: the package's folder, a folder with what Lambda's runtime brings. The event comes by
stdin; figures go to stderr, in JSON. `waited` are the seconds in which a request had been
sent and its answer had not begun: the time of whoever answers.
"""

import json
import resource
import sys
import time
from importlib import import_module
from threading import Lock
from typing import Any

Figures = dict[str, Any]


def count_waiting(figures: Figures) -> None:
    """Note how many requests there are, and when at least one waits."""
    # Not before the handler is imported: what it imports is a part of its cold start.
    connection = import_module("http.client").HTTPConnection
    original = connection.getresponse
    lock, waiting = Lock(), [0, 0.0]  # how many, and since when

    def getresponse(self: object) -> object:
        with lock:
            if not waiting[0]:
                waiting[1] = time.perf_counter()
            waiting[0] += 1
        try:
            return original(self)
        finally:
            with lock:
                figures["requests"] += 1
                waiting[0] -= 1
                if not waiting[0]:
                    figures["waited"] += time.perf_counter() - waiting[1]

    connection.getresponse = getresponse


def call(package: str, libraries: str) -> None:
    """Import the handler from a package, and call it."""
    figures: Figures = {"requests": 0, "waited": 0.0}
    sys.path[:] = [package, *(each for each in sys.path if "site-packages" not in each), libraries]
    sys.dont_write_bytecode = True  # /var/task cannot be written to
    began, cpu = time.perf_counter(), time.process_time()
    handler = import_module("ringwall.function").handler
    figures["import_seconds"] = time.perf_counter() - began
    figures["import_cpu"] = time.process_time() - cpu
    count_waiting(figures)
    event = json.load(sys.stdin)
    began, cpu = time.perf_counter(), time.process_time()
    answer = handler(event)
    figures["seconds"] = time.perf_counter() - began
    figures["cpu"] = time.process_time() - cpu
    figures["peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    sys.stderr.write(json.dumps({**figures, "answer": answer}))


if __name__ == "__main__":
    call(*sys.argv[1:3])
