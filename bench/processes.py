"""What the operating system knows of processes: their CPU and their memory. Linux only."""

import os
import re
import time
from pathlib import Path


def cpu(root: int) -> float:
    """Seconds of CPU that this process and all below it have used, those that have ended included: the kernel adds a
    child's time to its parent's when the parent has taken notice. Exact to a hundredth for each process.
    """
    stats = _stats()
    ticks = sum(sum(map(int, stats[pid][11:15])) for pid in (root, *_below(root, stats)))
    return ticks / os.sysconf("SC_CLK_TCK")


def busy() -> float:
    """Seconds for which all cores together have worked since the machine started, for whomever."""
    user, nice, system, _idle, _waiting, *interrupts = Path("/proc/stat").read_text().splitlines()[0].split()[1:8]
    return sum(map(int, (user, nice, system, *interrupts))) / os.sysconf("SC_CLK_TCK")


class Others:
    """Watches what other programs use of this machine, from now on."""

    def __init__(self) -> None:
        self.began, self.all, self.ours = time.monotonic(), busy(), cpu(os.getpid())

    def share(self) -> float:
        """So far, 0 to 1."""
        used = (busy() - self.all) - (cpu(os.getpid()) - self.ours)
        return max(0.0, used / (time.monotonic() - self.began) / (os.cpu_count() or 1))


def workers(master: int) -> list[int]:
    stats = _stats()
    return sorted(pid for pid, fields in stats.items() if int(fields[1]) == master)


def parent(pid: int) -> int:
    return int(_stats()[pid][1])


def resident(pid: int) -> float:
    """Megabytes (2**20 bytes) of memory that the process has in use."""
    match = re.search(r"^VmRSS:\s+(\d+) kB$", Path(f"/proc/{pid}/status").read_text(), re.MULTILINE)
    assert match
    return int(match[1]) / 1024


def _below(root: int, stats: dict[int, list[str]]) -> list[int]:
    found, todo = [], [root]
    while todo:
        above = todo.pop()
        children = [pid for pid, fields in stats.items() if int(fields[1]) == above]
        found += children
        todo += children
    return found


def _stats() -> dict[int, list[str]]:
    """Of each process what stands behind its name: state, parent, …"""
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            found[int(folder.name)] = (folder / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue  # it has just ended
    return found
