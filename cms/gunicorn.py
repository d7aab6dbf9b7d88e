"""How gunicorn serves Toolshelf in production: `gunicorn cms.wsgi --config python:cms.gunicorn`."""

import gc
from typing import Any

from cms import env, logs

bind = f"0.0.0.0:{env.PORT}"
workers = env.WORKERS
threads = env.THREADS
worker_class = "gthread"
# A worker shows that it is alive by touching a file; on a slow disk that would stop it.
worker_tmp_dir = "/dev/shm"
# Memory that a library loses is given back before it matters; not by all workers at once.
max_requests = 10_000
max_requests_jitter = 1_000
# Our own lines tell more (cms/observing.py).
accesslog = None
logconfig_dict = logs.config(is_json=True, of_gunicorn=True)
control_socket_disable = True


def post_worker_init(worker: Any) -> None:
    """What is loaded now stays: looking for garbage in it, every 700 new objects as Python does by itself, took a fifth
    of the time of a comparison.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 5, 5)
