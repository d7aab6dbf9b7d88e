"""Settings that production refuses, or of which it warns."""

import os
import re
import subprocess
import sys

import pytest
from django.conf import settings as project

from cms import checks, env
from cms.checks import settings_are_safe
from cms.env import BASE_DIR
from tests.ports import free_port

SAFE = {
    "IS_PRODUCTION": True,
    "SECRET_KEY": "p3Wk9oJ5vT0yH8nRk3bQx7LwZ-1pCq9sDfG2mUeAi4KtVzYhXNrBW6",
    "DEBUG": False,
    "ALLOWED_HOSTS": ["cms.example.com", ".internal.example.com"],
    "CMS_URL": "https://cms.example.com",
    "FRONTEND_URL": "https://www.example.com",
    "ADMIN_ORIGINS": ["https://cms.example.com"],
    "PROXY_COUNT": 1,
    "MEDIA_ROOT": "/srv/media",
    "STATIC_ROOT": "/srv/static",
    "PURGE_BACKEND": "",
    "PURGE_URLS": [],
    "PURGE_TOKEN": "",
    "CACHE_TAG_HEADER": "",
    "METRICS_TOKEN": "",
    **dict.fromkeys(["OIDC_ISSUER", "OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET"], ""),
    "OIDC_ONLY": False,
}
OIDC = {"OIDC_ISSUER": "https://id.example.com", "OIDC_CLIENT_ID": "toolshelf", "OIDC_CLIENT_SECRET": "secret"}
ONLY_IN_PRODUCTION = {"E001", "E002", "E003", "E005", "E006", "E011", "E017", "E021", "W001", "W002"}
CMS = "https://cms.example.com"


@pytest.fixture(autouse=True)
def postgresql(monkeypatch):
    monkeypatch.setitem(project.DATABASES["default"], "ENGINE", "django.db.backends.postgresql")


def found(settings, **changed):
    for name, value in (SAFE | changed).items():
        setattr(settings, name, value)
    messages = settings_are_safe()
    assert all(message.hint for message in messages)
    return [(message.id.removeprefix("toolshelf."), message.msg) for message in messages]


def test_nothing_is_wrong_with_safe_settings(settings):
    assert found(settings) == []
    assert found(settings, ADMIN_ORIGINS=[CMS, "https://cms.internal.example.com:8443"]) == []
    assert found(settings, PURGE_BACKEND="varnish", PURGE_URLS=["http://varnish"], CACHE_TAG_HEADER="xkey") == []
    assert found(settings, METRICS_TOKEN="9f86d081884c7d659a2feaa0c55ad015") == []
    assert found(settings, **OIDC) == found(settings, **OIDC, OIDC_ONLY=True) == []


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"SECRET_KEY": "x7" * 24}, ["E001"]),
        ({"SECRET_KEY": "x7Kq" * 20}, ["E001"]),
        ({"SECRET_KEY": f"django-insecure-{SAFE['SECRET_KEY']}"}, ["E001"]),
        ({"METRICS_TOKEN": "let-me-see"}, ["E017"]),
        ({"METRICS_TOKEN": "change-me" * 3}, ["E017"]),
        ({"METRICS_TOKEN": "secret" * 10}, ["E017"]),
        ({"DEBUG": True}, ["E002"]),
        ({"ALLOWED_HOSTS": ["cms.example.com", "*"]}, ["E003"]),
        ({"ALLOWED_HOSTS": ["cms.example.com", "."]}, ["E003"]),
        ({"CMS_URL": f"{CMS}/cms", "ADMIN_ORIGINS": []}, ["E004"]),
        ({"CMS_URL": "cms.example.com", "ADMIN_ORIGINS": []}, ["E004", "E005"]),
        ({"FRONTEND_URL": "https://user@www.example.com"}, ["E004"]),
        ({"FRONTEND_URL": "ftp://www.example.com"}, ["E004"]),
        ({"FRONTEND_URL": "https://www.example.com:99999"}, ["E004"]),
        ({"ADMIN_ORIGINS": [CMS, "https://elsewhere.example.com"]}, ["E005"]),
        ({"ALLOWED_HOSTS": ["www.example.com"]}, ["E005"]),
        ({"FRONTEND_URL": CMS}, ["E006"]),
        ({"FRONTEND_URL": f"{CMS}:8443"}, ["W001"]),
        ({"CMS_URL": "http://cms.example.com", "ADMIN_ORIGINS": []}, ["W002"]),
        ({"FRONTEND_URL": "http://www.example.com"}, ["W002"]),
        ({"PROXY_COUNT": 0}, ["E011"]),
        ({"PROXY_COUNT": -1}, ["E009"]),
        ({"MEDIA_ROOT": "/srv/static/media"}, ["E007"]),
        ({"STATIC_ROOT": "/srv/media/static"}, ["E007"]),
        ({"STATIC_ROOT": "/srv/media"}, ["E007"]),
        ({"PURGE_URLS": ["http://varnish"]}, ["W004"]),
        ({"PURGE_TOKEN": "secret"}, ["W004"]),
        ({"CACHE_TAG_HEADER": "xkey"}, ["W004"]),
        ({"MAX_QUERY_COST": 0}, ["E008"]),
        ({"MAX_BODY_BYTES": 10**9}, ["E008"]),
        ({"MAX_UPLOAD_MB": 501}, ["E008"]),
        ({"KEEP_EVENTS_DAYS": -1}, ["E009"]),
        ({"KEEP_PREVIEWS_HOURS": 0}, ["E009"]),
        *((OIDC | {name: ""}, ["E018"]) for name in OIDC),
        ({"OIDC_ISSUER": "https://id.example.com", "OIDC_ONLY": True}, ["E018", "E019"]),
        ({"OIDC_ONLY": True}, ["E019"]),
        (OIDC | {"OIDC_ISSUER": "http://id.example.com"}, ["E021"]),
    ],
)
def test_each_unsafe_setting_is_found(settings, changed, expected):
    assert [number for number, _ in found(settings, **changed)] == expected
    assert [number for number, _ in found(settings, **changed, IS_PRODUCTION=False)] == [
        number for number in expected if number not in ONLY_IN_PRODUCTION
    ]


def test_sqlite_in_production_is_for_a_trial(settings, monkeypatch):
    monkeypatch.setitem(project.DATABASES["default"], "ENGINE", "django.db.backends.sqlite3")
    assert [number for number, _ in found(settings)] == ["W003"]
    assert found(settings, IS_PRODUCTION=False) == []


@pytest.mark.parametrize(
    ("primary", "replica", "expected"),
    [
        ("postgresql", "postgresql", []),
        ("postgresql", "sqlite3", ["E016"]),
        ("sqlite3", "postgresql", ["E016"]),
        ("sqlite3", "sqlite3", ["E016"]),
    ],
)
def test_a_replica_is_for_postgresql(settings, monkeypatch, primary, replica, expected):
    monkeypatch.setitem(project.DATABASES["default"], "ENGINE", f"django.db.backends.{primary}")
    monkeypatch.setitem(project.DATABASES, "replica", {"ENGINE": f"django.db.backends.{replica}"})
    assert [number for number, _ in found(settings, IS_PRODUCTION=False)] == expected


def test_single_sign_on_needs_its_package(settings, monkeypatch):
    monkeypatch.setattr(checks, "find_spec", lambda name: None)
    assert [number for number, _ in found(settings, **OIDC)] == ["E020"]


@pytest.mark.parametrize("name", ["WORKERS", "THREADS"])
def test_no_processes_or_too_many_are_found(settings, monkeypatch, name):
    for number in (0, 1000):
        monkeypatch.setattr(env, name, number)
        assert [number for number, _ in found(settings)] == ["E010"]


def test_messages_name_the_setting_that_is_wrong(settings):
    assert found(settings, ADMIN_ORIGINS=["https://elsewhere.example.com"], MAX_QUERY_SECONDS=0.5) == [
        ("E005", "ADMIN_ORIGINS has a host that ALLOWED_HOSTS lacks."),
        ("E008", "MAX_QUERY_SECONDS is 0.5: less than pages need."),
    ]


def run(environment, *command):
    base = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return subprocess.run(
        [sys.executable, *command],
        cwd=BASE_DIR,
        env=base | {"DJANGO_SETTINGS_MODULE": "cms.settings.production"} | environment,
        capture_output=True,
        text=True,
        timeout=120,
    )


def example():
    """The variables of `.env.example`, with its secret filled in."""
    lines = re.findall(r"^(\w+)=(.*)$", (BASE_DIR / ".env.example").read_text(), re.MULTILINE)
    return dict(lines) | {"SECRET_KEY": SAFE["SECRET_KEY"]}


def test_the_example_filled_in_passes_every_check_of_a_deployment():
    done = run(example(), "manage.py", "check", "--deploy", "--fail-level", "WARNING")
    assert (done.returncode, done.stdout) == (0, "System check identified no issues (0 silenced).\n"), done.stderr


def test_gunicorn_does_not_serve_with_unsafe_settings():
    unsafe = example() | {"SECRET_KEY": "secret", "PORT": str(free_port()), "WEB_CONCURRENCY": "1"}
    done = run(unsafe, "-m", "gunicorn", "cms.wsgi", "--config", "python:cms.gunicorn")
    assert done.returncode == 3
    assert "Toolshelf does not serve with these settings.\n" in done.stderr
    assert "?: (toolshelf.E001) SECRET_KEY can be guessed: whoever does signs in as anybody.\n\tHINT: " in done.stderr


def test_commands_are_refused_too():
    done = run(example() | {"ALLOWED_HOSTS": "*"}, "manage.py", "worker", "--once")
    assert done.returncode == 1
    assert "toolshelf.E003" in done.stderr
