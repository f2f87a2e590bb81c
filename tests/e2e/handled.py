"""Run by a test in a process of its own: events from stdin to the handler of an unpacked package.

Nothing is on the path but the package, boto3 and Python's own library, as in Lambda.
"""

import json
import sys
import time

package, libraries = sys.argv[1:3]
sys.path[:] = [package, *(each for each in sys.path if "site-packages" not in each), libraries]
sys.dont_write_bytecode = True  # /var/task cannot be written to

begun, cpu = time.perf_counter(), time.process_time()
from ringwall.function import handler  # noqa: E402  (what is measured)

imported = {"seconds": time.perf_counter() - begun, "cpu": time.process_time() - cpu}


class Context:
    aws_request_id = "r-1"

    def get_remaining_time_in_millis(self):
        return 300_000


answers = []
for event in json.load(sys.stdin):
    try:
        answers.append(handler(event, Context()))
    except Exception as error:  # noqa: BLE001  (Lambda tells it, whatever it is)
        answers.append({"error": type(error).__name__, "message": str(error)})
    if "first" not in imported:
        imported["first"] = time.perf_counter() - begun
        imported["first_cpu"] = time.process_time() - cpu
loaded = [name for name in ("duckdb", "sqlglot", "pyarrow", "click", "moto") if name in sys.modules]
where = sys.modules["ringwall"].__file__
result = {"answers": answers, "imported": imported, "loaded": loaded, "where": where}
sys.stderr.write(json.dumps(result))
