"""Both commands as somebody at a terminal uses them, and an empty database in the middle of a test."""

from contextlib import contextmanager
from io import StringIO

import pytest
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import transaction
from wagtail.models import Site


def take_in(path, *options):
    """What `import_content` prints; what it refuses is the text of the CommandError, the lines of errors included."""
    out, err = StringIO(), StringIO()
    try:
        call_command("import_content", path, *options, stdout=out, stderr=err)
    except CommandError as error:
        raise CommandError(f"{err.getvalue()}{error}") from None
    return out.getvalue()


def write_out(path, *options):
    call_command("export_content", path, *options, stdout=StringIO(), stderr=StringIO())
    return path


def files(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def write(folder, **texts):
    """Write files: the double underscore of a name stands for the slash, `md` is the ending."""
    for name, text in texts.items():
        put(folder, f"{name.replace('__', '/')}.md", text)


def put(folder, name, text):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text) if isinstance(text, bytes) else path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture
def clean_storage():
    """No picture of one test is there in the next."""
    before = stored()
    yield
    for name in stored() - before:
        default_storage.delete(name)


@contextmanager
def passing():
    """What is made inside is gone afterwards, from the database and the storage."""
    before = stored()
    savepoint = transaction.savepoint()
    yield
    transaction.savepoint_rollback(savepoint)
    for name in stored() - before:
        default_storage.delete(name)
    Site.clear_site_root_paths_cache()


def stored():
    top = "original_images"
    folders = default_storage.listdir(top)[0] if default_storage.exists(top) else []
    return {f"{top}/{each}/{name}" for each in folders for name in default_storage.listdir(f"{top}/{each}")[1]}
