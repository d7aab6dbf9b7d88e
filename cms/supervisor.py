"""Run several servers as one: started together, stopped together, and none left behind however the end comes.

Each child leads a process group of its own, so its own children end with it, and the kernel ends a child whose
supervisor was killed.
"""

import contextlib
import os
import signal
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

from cms.bootstrap import ROOT, Failed, end_with_parent

GRACE = 8
"""Seconds a child has to finish what it is doing."""

_no_proxy = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class Stopped(BaseException):
    """Somebody pressed Ctrl-C, closed the terminal or sent a signal. Like KeyboardInterrupt no `except Exception` may
    catch it.
    """


def stop_on_signals() -> None:
    def stop(number: int, frame: FrameType | None) -> NoReturn:
        # A terminal and `make` may each send one; the first is enough.
        ignore_signals()
        raise Stopped

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, stop)


def ignore_signals() -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)


class Child:
    """A running command whose output goes to a log file."""

    def __init__(
        self, name: str, command: Sequence[str | Path], *, log: Path, env: Mapping[str, str], cwd: Path = ROOT
    ) -> None:
        self.name = name
        self.log = log
        self.log_start = log.stat().st_size if log.exists() else 0
        with open(log, "ab") as output:
            self.process = subprocess.Popen(
                command,
                cwd=cwd,
                env={**os.environ, **env},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
                preexec_fn=_prepare,
            )

    def is_running(self) -> bool:
        return self.process.poll() is None

    def output(self) -> str:
        with open(self.log, "rb") as log:
            log.seek(self.log_start)
            return log.read().decode(errors="replace")

    def end(self) -> Failed:
        """The news that it has ended, with its last words."""
        code = self.process.wait()
        ended = f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}"
        words = "".join(f"\n    {line}" for line in self.output().splitlines()[-12:])
        return Failed(f"The {self.name} {ended}; its log is {self.log}:{words}")

    def wait_until(self, claim: Callable[[], bool], *, seconds: float) -> None:
        """Wait for what shows that it works."""
        deadline = time.monotonic() + seconds
        while not claim():
            if not self.is_running():
                raise self.end()
            if time.monotonic() > deadline:
                raise Failed(f"The {self.name} is not ready after {seconds:.0f} s; see {self.log}.")
            time.sleep(0.2)

    def signal_group(self, number: signal.Signals) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, number)


def _prepare() -> None:
    """In the child, before its program starts: signals as usual again, and an end when we end."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)
    end_with_parent()


def answers(url: str) -> bool:
    """Whether there is any answer below 500."""
    try:
        with _no_proxy.open(url, timeout=5):
            return True
    except urllib.error.HTTPError as error:
        return error.code < 500
    except OSError:
        return False


class Supervisor:
    """A context that stops, at its end, every child started in it."""

    def __init__(self, logs: Path) -> None:
        self.logs = logs
        self.children: list[Child] = []

    def __enter__(self) -> "Supervisor":
        self.logs.mkdir(parents=True, exist_ok=True)
        return self

    def __exit__(self, *exc_info: Any) -> None:
        ignore_signals()
        for child in self.children:
            child.signal_group(signal.SIGTERM)
        deadline = time.monotonic() + GRACE
        for child in self.children:
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.process.wait(max(0.1, deadline - time.monotonic()))
            # The leader's own children, too, and whoever would not stop.
            child.signal_group(signal.SIGKILL)
            child.process.wait()

    def start(
        self,
        name: str,
        command: Sequence[str | Path],
        *,
        log: str,
        env: Mapping[str, str] | None = None,
        cwd: Path = ROOT,
    ) -> Child:
        child = Child(name, command, log=self.logs / log, env=env or {}, cwd=cwd)
        self.children.append(child)
        return child

    def finish(self, child: Child) -> None:
        """Wait for a child that is meant to end."""
        if child.process.wait():
            raise child.end()
        self.children.remove(child)

    def watch(self) -> NoReturn:
        """Wait until a child ends, which ends everything."""
        while all(child.is_running() for child in self.children):
            time.sleep(0.3)
        raise next(child for child in self.children if not child.is_running()).end()
