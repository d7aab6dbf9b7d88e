"""A worker that is killed while it tells a webhook, and another one that takes up what it has left:
python -m tests.api.killed_telling URL MOMENT
"""

import os
import signal
import sys

import django

django.setup()

from django.core.management import call_command  # noqa: E402
from django_tasks_db.models import DBTaskResult  # noqa: E402

from api.webhooks import delivering  # noqa: E402
from api.webhooks.models import DELIVERED, WAITING, Delivery  # noqa: E402
from content import jobs, outgoing  # noqa: E402
from content.models.worker import Worker  # noqa: E402
from tests import factories  # noqa: E402
from tests.api import receiving  # noqa: E402

URL, MOMENT = sys.argv[1:]


def die(*args, **kwargs):
    os.kill(os.getpid(), signal.SIGKILL)


def dying_worker():
    post, settle = outgoing.post, jobs.settle
    if MOMENT == "before the request":
        outgoing.post = die
    elif MOMENT == "after the request":
        outgoing.post = lambda *args: (post(*args), die())
    else:
        jobs.settle = lambda row, error: die() if row.queue_name == jobs.WEBHOOKS else settle(row, error)
    call_command("worker", once=True)


def main():
    receiving.allow_loopback()
    receiving.webhook(URL, types=["Topic"])
    factories.TopicFactory()
    child = os.fork()
    if child == 0:
        django.db.connections.close_all()
        dying_worker()
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
    left = DELIVERED if MOMENT == "after the note" else WAITING
    assert Delivery.objects.get().state == left
    Worker.objects.update(seen_at="2000-01-01T00:00Z")
    assert jobs.take_up() == 1
    DBTaskResult.objects.filter(task_path=delivering.deliver.module_path).update(run_after=jobs.get_date_max())
    call_command("worker", once=True)
    message = Delivery.objects.get()
    assert message.state == DELIVERED, (message.state, message.problem)


if __name__ == "__main__":
    main()
