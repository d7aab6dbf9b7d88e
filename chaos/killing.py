"""Processes that end without warning, or are told to."""

import json
import os
import random
import signal
import time

from chaos.figures import Figure
from chaos.load import Editor, Readers, questions
from chaos.scale import Scale
from chaos.site import Site, Stage


def publishes(stage: Stage, scale: Scale) -> list[Figure]:
    """kill -9 in the middle of a publish."""
    ((article,),) = stage.sql("SELECT min(page_ptr_id) FROM content_articlepage")
    told = json.loads(stage.run("-m", "chaos.publishing", str(article), str(scale.publish_kills)))
    trouble = told["trouble"]
    return [
        Figure(
            "publish killed at a random statement",
            f"{scale.publish_kills} of {told['statements']} statements",
            f"{told['old']} × old, {told['new']} × new, {len(trouble)} × neither"
            + "".join(f"; {each}" for each in trouble[:3]),
            "old or new whole, one event",
            not trouble,
        )
    ]


def workers(stage: Stage, scale: Scale) -> list[Figure]:
    """kill -9 of a process that answers, and of the one that does jobs."""
    with (
        stage.site() as site,
        Editor(stage, site.origin) as editor,
        Readers(stage.port, questions(stage)) as readers,
    ):
        for _ in range(scale.worker_kills):
            time.sleep(random.uniform(0.5, 1.5))
            pid = random.choice(site.workers())
            os.kill(pid, signal.SIGKILL)
            site.kill_worker()
            site.wait_for_workers({pid})
        time.sleep(1)
    return [
        reading(readers, "gunicorn and worker killed, read", scale.worker_kills, scale.worker_kills),
        publishing(stage, editor, "gunicorn and worker killed, publish", scale.worker_kills, scale.worker_kills),
    ]


def graceful_restarts(stage: Stage, scale: Scale) -> list[Figure]:
    """SIGHUP: gunicorn loads the code and its settings anew."""
    with (
        stage.site() as site,
        Editor(stage, site.origin) as editor,
        Readers(stage.port, questions(stage)) as readers,
    ):
        for _ in range(scale.graceful_restarts):
            time.sleep(random.uniform(0.2, 0.8))
            reload(site)
        time.sleep(1)
    return [
        reading(readers, "graceful restart, read", scale.graceful_restarts, 0),
        publishing(stage, editor, "graceful restart, publish", scale.graceful_restarts, 0),
    ]


def reload(site: Site) -> None:
    before = set(site.workers())
    os.kill(site.gunicorn.process.pid, signal.SIGHUP)
    site.wait_for_workers(before)


def reading(readers: Readers, fault: str, times: object, allowed: int) -> Figure:
    failed = len(readers.failed)
    target = f"≤ {allowed} failed" if allowed else "none failed"
    slowest = max((each.seconds for each in readers.answers), default=0)
    figure = f"{failed} failed of {readers.summary()}; slowest {slowest:.1f} s"
    return Figure(fault, str(times), figure, target, failed <= allowed)


def publishing(stage: Stage, editor: Editor, fault: str, times: object, allowed: int) -> Figure:
    lost = editor.lost()
    failed = [each.status for each in editor.answers if not each.is_good]
    figure = f"{len(editor.acknowledged)} acknowledged, {len(lost)} lost, {len(failed)} failed {failed or ''}".rstrip()
    target = f"none lost, {f'≤ {allowed}' if allowed else 'none'} failed"
    return Figure(fault, str(times), figure, target, not lost and len(failed) <= allowed)
