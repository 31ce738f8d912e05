"""Runs a command and writes what it cost, as JSON, to file descriptor 3: measure.py COMMAND ...

start: when it began, in seconds of the monotonic clock; wall: seconds until it ended; cpu: seconds of processor of the command and of all that
came of it, what it leaves running with it; machine: seconds for which the processors of the whole machine were busy meanwhile; memory: KiB of
all its processes at their peak, what they share counted once. One process alone is known exactly; several are looked at now and then.
"""

import ctypes
import json
import os
import resource
import subprocess
import sys
import threading
import time
from glob import glob

TICK = os.sysconf("SC_CLK_TCK")
PR_SET_CHILD_SUBREAPER = 36


def main():
    # What goes into the background stays below this process, as Ansible's connections do.
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    memory = Memory()
    # `python3` may be a script that started programs before it became this process.
    before = waited_for()
    busy = machine()
    start = time.monotonic()
    command = subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL)
    memory.start()
    code = command.wait()
    wall = time.monotonic() - start
    busy = machine() - busy
    memory.ended.set()
    memory.join()
    left = sum(cpu(pid) for pid in below(os.getpid()))
    cost = {
        "start": start,
        "wall": wall,
        "cpu": waited_for() - before + left,
        "machine": busy,
        "memory": max(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, memory.peak),
    }
    with open(3, "w") as file:
        json.dump(cost, file)
    return code if code >= 0 else 128 - code


class Memory(threading.Thread):
    """Adds up the memory of all processes, for no more than a twentieth of the time."""

    def __init__(self):
        super().__init__(daemon=True)
        self.ended = threading.Event()
        self.peak = 0

    def run(self):
        pause = 0.1
        while not self.ended.wait(pause):
            start = time.monotonic()
            processes = below(os.getpid())
            if len(processes) > 1:
                self.peak = max(self.peak, sum(share(pid) for pid in processes))
            pause = max(0.1, 20 * (time.monotonic() - start))


def waited_for():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def below(pid):
    found = []
    for children in glob(f"/proc/{pid}/task/*/children"):
        for child in words(children):
            found += [child, *below(child)]
    return found


def share(pid):
    """KiB; of a page that several processes have, each has its part."""
    lines = words(f"/proc/{pid}/smaps_rollup")
    return int(lines[lines.index("Pss:") + 1]) if "Pss:" in lines else 0


def cpu(pid):
    # The second field, a name in parentheses, may hold spaces.
    fields = " ".join(words(f"/proc/{pid}/stat")).rpartition(") ")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICK if fields else 0


def machine():
    user, nice, system, _idle, _wait, irq, soft = map(int, words("/proc/stat")[1:8])
    return (user + nice + system + irq + soft) / TICK


def words(path):
    try:
        with open(path) as file:
            return file.read().split()
    except (FileNotFoundError, ProcessLookupError):
        return []


sys.exit(main())
