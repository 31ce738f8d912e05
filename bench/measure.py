"""Runs a command and writes what it cost, as JSON, to a file: measure.py FILE COMMAND ...

Seconds of wall clock; seconds of processor of the command and of all that it waited for; KiB of the largest of those processes.
"""

import json
import resource
import subprocess
import sys
import time

start = time.monotonic()
code = subprocess.run(sys.argv[2:], stdin=subprocess.DEVNULL).returncode
wall = time.monotonic() - start
used = resource.getrusage(resource.RUSAGE_CHILDREN)
with open(sys.argv[1], "w") as file:
    json.dump({"wall": wall, "cpu": used.ru_utime + used.ru_stime, "memory": used.ru_maxrss}, file)
sys.exit(code if code >= 0 else 128 - code)
