"""Makes a collection private and public again in child processes that are killed at one step after the other, and
prints what a worker leaves of it.

python -m tests.content.kill_moving COLLECTION STORAGES

STORAGES is the setting, "public" and "private", as JSON.
"""

import itertools
import json
import os
import signal
import sys
from functools import partial
from pathlib import Path

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.core.files.storage import storages  # noqa: E402
from django.db import connection  # noqa: E402
from django.test import override_settings  # noqa: E402
from wagtail.models import Collection, CollectionViewRestriction  # noqa: E402

from content import files  # noqa: E402
from content.changes import changes  # noqa: E402
from content.models.images import CustomImage, Rendition  # noqa: E402

COLLECTION, STORAGES = int(sys.argv[1]), json.loads(sys.argv[2])


def turn_private():
    if not CollectionViewRestriction.objects.filter(collection_id=COLLECTION).exists():
        CollectionViewRestriction.objects.create(collection_id=COLLECTION, restriction_type="login")


def turn_public():
    for each in CollectionViewRestriction.objects.filter(collection_id=COLLECTION):
        each.delete()


def killed_at(number, act):
    """Where the child died, before its `number`-th step; "" when it had fewer. Steps are what is written, to the
    database and to the folders, or only to the buckets: each takes a while.
    """
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        count = itertools.count(1)

        def step(what):
            if next(count) == number:
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

        def sent(model, **_):
            if model.name in ("CopyObject", "PutObject", "DeleteObject"):
                step(model.name)

        if is_in_buckets():
            for place in ("public", "private"):
                storages[place].client.meta.events.register("before-call.s3", sent)
            with changes():
                act()
            os._exit(0)
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


def afterwards(act, where, back):
    swept()
    report(act, where)
    with changes():
        back()


def swept():
    files.ORPHANED_AFTER *= 0
    files.sweep_files(everything=True)


def report(act, where):
    names = [*CustomImage.objects.values_list("file", flat=True), *Rendition.objects.values_list("file", flat=True)]
    public = stored("public")
    on_disk = public | stored("private")
    is_private = Collection.objects.get(pk=COLLECTION).get_view_restrictions().exists()
    in_public = public if is_private else ()
    print(
        "round", act.__name__, where, len(set(names) - on_disk), len(in_public), len(on_disk - set(names)), flush=True
    )


def is_in_buckets():
    return hasattr(storages["public"], "names")


def stored(place):
    if is_in_buckets():
        return set(storages[place].names(""))
    root = Path(storages[place].location)
    return {each.relative_to(root).as_posix() for each in root.rglob("*.*")}


with override_settings(STORAGES=settings.STORAGES | STORAGES):
    if is_in_buckets():
        # Takes long, and connects to nothing yet: children need not do it.
        assert all(storages[place].client for place in ("public", "private"))
    for act, back in ((turn_private, turn_public), (turn_public, turn_private)):
        number = 1
        while where := killed_at(number, act):
            in_a_child(partial(afterwards, act, where, back))
            number += 1
