"""How gunicorn serves Toolshelf in production: `gunicorn cms.wsgi --config python:cms.gunicorn`."""

from cms import env

bind = f"0.0.0.0:{env.PORT}"
workers = env.WORKERS
threads = env.THREADS
worker_class = "gthread"
# A worker shows that it is alive by touching a file; on a slow disk that would stop it.
worker_tmp_dir = "/dev/shm"
# Memory that a library loses is given back before it matters; not by all workers at once.
max_requests = 10_000
max_requests_jitter = 1_000
accesslog = "-"
control_socket_disable = True
