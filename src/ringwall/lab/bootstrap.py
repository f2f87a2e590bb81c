"""What a function of the lab is started with, in a process of its own.

It is run as a file, with nothing of Ringwall's or of this environment's packages on its path: the
folder of the unpacked zip, a folder with what Lambda's Python runtime brings (boto3 and what it
needs), and Python's own library. Arguments: both folders, the handler, the file for the answer, the
deadline in seconds since the epoch. The event is read from standard input.
"""

import importlib
import json
import os
import sys
import time
import traceback


class Context:
    """What Lambda tells a handler of its call ("Using the Lambda context object")."""

    def __init__(self, deadline: float) -> None:
        self._deadline = deadline
        self.function_name = os.environ["AWS_LAMBDA_FUNCTION_NAME"]
        self.function_version = "$LATEST"
        self.memory_limit_in_mb = os.environ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"]
        self.log_group_name = os.environ["AWS_LAMBDA_LOG_GROUP_NAME"]
        self.log_stream_name = os.environ["AWS_LAMBDA_LOG_STREAM_NAME"]
        self.aws_request_id = os.environ["RINGWALL_LAB_REQUEST_ID"]
        self.invoked_function_arn = os.environ["RINGWALL_LAB_FUNCTION_ARN"]

    def get_remaining_time_in_millis(self) -> int:
        """Return how long the call may still take."""
        return max(0, int((self._deadline - time.time()) * 1000))


def main() -> int:
    """Call the handler, and write its answer or its failure as Lambda words it."""
    code, runtime, handler, answer, deadline = sys.argv[1:6]
    sys.path[:0] = [code, runtime]
    failed = True
    try:
        module_name, _, function_name = handler.rpartition(".")
        function = getattr(importlib.import_module(module_name), function_name)
        text = json.dumps(function(json.load(sys.stdin), Context(float(deadline))))
        failed = False
    except BaseException as failure:  # noqa: BLE001  (whatever it is, it is the handler's answer)
        traceback.print_exc()
        said = {"errorMessage": str(failure), "errorType": type(failure).__name__}
        text = json.dumps({**said, "stackTrace": traceback.format_tb(failure.__traceback__)})
    with open(answer, "w") as file:  # noqa: PTH123  (the less is imported, the sooner it starts)
        file.write(text)
    return int(failed)


if __name__ == "__main__":
    raise SystemExit(main())
