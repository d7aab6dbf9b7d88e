"""How gunicorn serves Toolshelf in production: `gunicorn cms.wsgi --config python:cms.gunicorn`."""

import gc
import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

from prometheus_client import multiprocess, values

from cms import env, logs

MEMORY = Path("/dev/shm")

bind = f"0.0.0.0:{env.PORT}"
workers = env.WORKERS
threads = env.THREADS
worker_class = "gthread"
# A worker shows that it is alive by touching a file; on a slow disk that would stop it.
worker_tmp_dir = str(MEMORY)
# Memory that a library loses is given back before it matters; not by all workers at once.
max_requests = 10_000
max_requests_jitter = 1_000
# Our own lines tell more (cms/observing.py).
accesslog = None
logconfig_dict = logs.config(is_json=True, of_gunicorn=True)
control_socket_disable = True
# Who asks from this machine could else say by headers where the site begins, and that it came by https. What proxies
# say Django reads (PROXY_COUNT).
forwarder_headers = ""
secure_scheme_headers: dict[str, str] = {}


def on_starting(server: Any) -> None:
    """Make the folder where the processes leave their figures for /metrics, named after the one that leads them.

    With `--daemon` that is another process than the one that has read this file, and whoever starts next to it takes
    the folder of a process that has ended for one that a killed gunicorn left.
    """
    for left in MEMORY.glob("toolshelf-figures-*-*"):
        if not Path("/proc", left.name.split("-")[2]).exists():
            shutil.rmtree(left, ignore_errors=True)
    server.figures = tempfile.mkdtemp(prefix=f"toolshelf-figures-{os.getpid()}-", dir=MEMORY)
    os.environ.update(PROMETHEUS_MULTIPROC_DIR=server.figures)


def post_worker_init(worker: Any) -> None:
    """What is loaded now stays: looking for garbage in it, every 700 new objects as Python does by itself, took a fifth
    of the time of a comparison.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 5, 5)


def pre_fork(server: Any, worker: Any) -> None:
    """A worker goes on with the files of one that has ended: with files of its own each, there would soon be thousands
    to read.
    """
    # systemd may have emptied /dev/shm when the user signed out (RemoveIPC).
    os.makedirs(server.figures, exist_ok=True)
    taken = {each.slot for each in server.WORKERS.values()}
    worker.slot = min(set(range(len(taken) + 1)) - taken)


def post_fork(server: Any, worker: Any) -> None:
    values.ValueClass = values.MultiProcessValue(lambda: worker.slot)


def child_exit(server: Any, worker: Any) -> None:
    multiprocess.mark_process_dead(worker.slot)


def on_exit(server: Any) -> None:
    shutil.rmtree(server.figures, ignore_errors=True)
