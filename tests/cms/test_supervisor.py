import os
import signal
import subprocess
import sys
import time

import pytest

from cms.bootstrap import ROOT, Failed
from cms.supervisor import Supervisor, ignore_signals, stop_on_signals

SLEEP = [sys.executable, "-c", "import time; time.sleep(60)"]
# Starts a child of its own, tells its number and never listens to SIGTERM.
STUBBORN = [
    sys.executable,
    "-c",
    "import signal, subprocess, sys, time\n"
    "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
    f"child = subprocess.Popen({SLEEP!r})\n"
    "print(child.pid, flush=True)\n"
    "time.sleep(60)",
]


@pytest.fixture(autouse=True)
def usual_signals():
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.getsignal(number) for number in numbers}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def is_running(pid):
    try:
        with open(f"/proc/{pid}/stat") as stat:
            return stat.read().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def wait_until(claim, seconds=60):
    deadline = time.monotonic() + seconds
    while not claim():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_end_stops_every_child(tmp_path):
    with Supervisor(tmp_path) as supervisor:
        children = [supervisor.start(name, SLEEP, log=f"{name}.log") for name in ("one", "two")]
    assert [child.is_running() for child in children] == [False, False]


def test_end_stops_a_child_that_will_not_and_its_children(tmp_path, monkeypatch):
    monkeypatch.setattr("cms.supervisor.GRACE", 0.3)
    with Supervisor(tmp_path) as supervisor:
        child = supervisor.start("stubborn", STUBBORN, log="stubborn.log")
        wait_until(lambda: child.output().strip())
        grandchild = int(child.output())
        assert is_running(grandchild)
    assert not is_running(child.process.pid)
    wait_until(lambda: not is_running(grandchild))


def test_child_that_dies_ends_all_with_its_last_words(tmp_path):
    with Supervisor(tmp_path) as supervisor:
        other = supervisor.start("other", SLEEP, log="other.log")
        supervisor.start("server", [sys.executable, "-c", "raise SystemExit('no port for me')"], log="server.log")
        with pytest.raises(Failed) as failure:
            supervisor.watch()
    assert str(failure.value).startswith("The server ended with exit code 1; its log is ")
    assert "no port for me" in str(failure.value)
    assert not other.is_running()


def test_last_words_are_of_this_run(tmp_path):
    (tmp_path / "server.log").write_text("yesterday\n")
    with Supervisor(tmp_path) as supervisor:
        child = supervisor.start("server", [sys.executable, "-c", "print('today')"], log="server.log")
        child.process.wait()
    assert child.output() == "today\n"


def test_server_that_dies_while_waited_for_is_told(tmp_path):
    with Supervisor(tmp_path) as supervisor:
        child = supervisor.start("server", [sys.executable, "-c", ""], log="server.log")
        with pytest.raises(Failed, match="The server ended with exit code 0"):
            child.wait_until(lambda: False, seconds=20)


def test_killed_supervisor_leaves_no_child(tmp_path):
    code = (
        "from pathlib import Path; from cms.supervisor import Supervisor; import time\n"
        f"with Supervisor(Path({str(tmp_path)!r})) as supervisor:\n"
        f"    print(supervisor.start('child', {SLEEP!r}, log='child.log').process.pid, flush=True)\n"
        "    time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        child = int(process.stdout.readline())
        assert is_running(child)
        process.kill()
    wait_until(lambda: not is_running(child))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_signal_stops_once(number):
    from cms.supervisor import Stopped

    stop_on_signals()
    with pytest.raises(Stopped):
        os.kill(os.getpid(), number)
    os.kill(os.getpid(), number)
    ignore_signals()
