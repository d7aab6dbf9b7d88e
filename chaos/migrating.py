"""Tables that change while a site serves."""

import os
import subprocess
import sys
import time

from chaos.figures import Figure
from chaos.killing import publishing, reading
from chaos.load import Editor, Readers, questions
from chaos.scale import Scale
from chaos.site import Stage
from cms.bootstrap import ROOT, Failed


def migrations(stage: Stage, scale: Scale) -> list[Figure]:
    """There and back, as a release does whose code is not running yet."""
    longest = 0.0
    with (
        stage.site() as site,
        Editor(stage, site.origin, pause=0.1) as editor,
        Readers(stage.port, questions(stage)) as readers,
    ):
        for _ in range(scale.migrations):
            for target in ("0001", "zero"):
                began = time.monotonic()
                migrate(stage, target)
                longest = max(longest, time.monotonic() - began)
        time.sleep(1)
    slowest = max(each.seconds for each in [*readers.answers, *editor.answers])
    found = [
        reading(readers, "migration there and back, read", scale.migrations, 0),
        publishing(stage, editor, "migration there and back, publish", scale.migrations, 0),
    ]
    return [
        *found,
        Figure("longest wait for a migration", str(scale.migrations), f"{slowest:.2f} s", "≤ 2 s", slowest <= 2),
    ]


def migrate(stage: Stage, target: str) -> None:
    done = subprocess.run(
        [sys.executable, "manage.py", "migrate", "chaos", target],
        cwd=ROOT,
        env={**os.environ, **stage.environment, "DJANGO_SETTINGS_MODULE": "chaos.settings"},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise Failed(f"migrate failed: {done.stderr[-1000:]}")
