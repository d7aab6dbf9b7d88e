"""Makes a collection private and public again in child processes that are killed at one step after the other, and
prints what a worker leaves of it.

python -m tests.content.kill_moving COLLECTION PUBLIC PRIVATE
"""

import os
import signal
import sys
from functools import partial
from pathlib import Path

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.db import connection  # noqa: E402
from django.test import override_settings  # noqa: E402
from wagtail.models import Collection, CollectionViewRestriction  # noqa: E402

from content import files  # noqa: E402
from content.changes import changes  # noqa: E402
from content.models.images import CustomImage, Rendition  # noqa: E402
from tests.media import disk  # noqa: E402

COLLECTION, PUBLIC, PRIVATE = int(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3])


def turn_private():
    if not CollectionViewRestriction.objects.filter(collection_id=COLLECTION).exists():
        CollectionViewRestriction.objects.create(collection_id=COLLECTION, restriction_type="login")


def turn_public():
    for each in CollectionViewRestriction.objects.filter(collection_id=COLLECTION):
        each.delete()


def killed_at(number, act):
    """Where the child died, before its `number`-th step; "" when it had fewer. Steps are what is written, to the
    database and to the folders.
    """
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        count = 0

        def step(what):
            nonlocal count
            count += 1
            if count == number:
                os.write(writing, what.encode())
                os.kill(os.getpid(), signal.SIGKILL)

        def writes(execute, sql, params, many, context):
            if not sql.lstrip().upper().startswith("SELECT"):
                step(f"statement:{sql.split()[0]}")
            return execute(sql, params, many, context)

        def stepping(name):
            plain = getattr(os, name)

            def stepped(*args, **kwargs):
                step(name)
                return plain(*args, **kwargs)

            setattr(os, name, stepped)

        for name in ("link", "remove", "rmdir"):
            stepping(name)
        with connection.execute_wrapper(writes), changes():
            act()
        os._exit(0)
    os.close(writing)
    os.waitpid(child, 0)
    with os.fdopen(reading) as pipe:
        return pipe.read()


def in_a_child(act):
    """Connections are not shared with children."""
    child = os.fork()
    if child == 0:
        act()
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0


def made(act):
    with changes():
        act()


def swept():
    files.ORPHANED_AFTER *= 0
    files.sweep_files(everything=True)


def report(act, where):
    names = [*CustomImage.objects.values_list("file", flat=True), *Rendition.objects.values_list("file", flat=True)]
    on_disk = {each.relative_to(root).as_posix() for root in (PUBLIC, PRIVATE) for each in root.rglob("*.*")}
    is_private = Collection.objects.get(pk=COLLECTION).get_view_restrictions().exists()
    in_public = [each for each in PUBLIC.rglob("*.*") if is_private]
    print(
        "round", act.__name__, where, len(set(names) - on_disk), len(in_public), len(on_disk - set(names)), flush=True
    )


with override_settings(STORAGES=disk(PUBLIC, PRIVATE), MEDIA_ROOT=str(PUBLIC), PRIVATE_MEDIA_ROOT=str(PRIVATE)):
    assert str(PUBLIC) == settings.MEDIA_ROOT
    for act, back in ((turn_private, turn_public), (turn_public, turn_private)):
        number = 1
        while where := killed_at(number, act):
            in_a_child(swept)
            in_a_child(partial(report, act, where))
            in_a_child(partial(made, back))
            number += 1
