import re

import pytest
from django.core.exceptions import ImproperlyConfigured

from cms.env import BASE_DIR, flag, text, texts


def variables_read():
    return re.findall(r'\b(?:texts?|pairs|flag)\("(\w+)"', (BASE_DIR / "cms" / "env.py").read_text())


def variables_explained():
    return re.findall(r"^(\w+)=", (BASE_DIR / ".env.example").read_text(), re.MULTILINE)


def test_example_explains_every_variable_once():
    read_by_compose_alone = ["POSTGRES_PASSWORD"]
    assert sorted(variables_explained()) == sorted(variables_read() + read_by_compose_alone)


def test_every_variable_has_words_before_it():
    blocks = (BASE_DIR / ".env.example").read_text().split("\n\n")
    assert [block for block in blocks if not block.startswith("#")] == []


def test_empty_variable_is_as_good_as_none(monkeypatch):
    monkeypatch.setenv("MEDIA_ROOT", "")
    monkeypatch.setenv("ALLOWED_HOSTS", "")
    assert text("MEDIA_ROOT", "somewhere") == "somewhere"
    assert texts("ALLOWED_HOSTS") == []


@pytest.mark.parametrize(
    ("value", "expected"), [("", False), ("off", False), ("0", False), ("on", True), ("True", True)]
)
def test_a_flag_is_on_or_off(monkeypatch, value, expected):
    monkeypatch.setenv("TRUSTED_DOCUMENTS_ONLY", value)
    assert flag("TRUSTED_DOCUMENTS_ONLY") == expected


@pytest.mark.parametrize("value", ["2", "onn", "enabled"])
def test_a_flag_that_is_neither_stops_the_start(monkeypatch, value):
    monkeypatch.setenv("TRUSTED_DOCUMENTS_ONLY", value)
    with pytest.raises(ImproperlyConfigured, match=f"^TRUSTED_DOCUMENTS_ONLY is on or off, not '{value}'.$"):
        flag("TRUSTED_DOCUMENTS_ONLY")


def test_nobody_else_reads_the_environment():
    own = {"cms/env.py", "cms/bootstrap.py", "cms/supervisor.py"}
    readers = [
        path.relative_to(BASE_DIR).as_posix()
        for room in ("cms", "api", "content")
        for path in (BASE_DIR / room).rglob("*.py")
        if re.search(r"os\.environ\[|os\.environ\.get|os\.getenv|environ\.Env", path.read_text())
    ]
    assert sorted(set(readers) - own) == []
