import os
import subprocess
import sys

import pytest

from cms.env import BASE_DIR

COMPLETE = {
    "SECRET_KEY": "only-for-these-tests-" * 3,
    "DATABASE_URL": "sqlite:////tmp/never-opened.sqlite3",
    "ALLOWED_HOSTS": "cms.example.com",
    "CMS_URL": "https://cms.example.com",
    "FRONTEND_URL": "https://www.example.com",
}


def start_production(command, environment):
    # An empty variable wins over a developer's `.env`, and is as good as none.
    base = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ} | dict.fromkeys(COMPLETE, "")
    base["DJANGO_SETTINGS_MODULE"] = "cms.settings.production"
    return subprocess.run(
        [sys.executable, *command], cwd=BASE_DIR, env=base | environment, capture_output=True, text=True
    )


@pytest.mark.parametrize("name", COMPLETE)
def test_production_refuses_to_start_without(name):
    environment = {key: value for key, value in COMPLETE.items() if key != name}
    done = start_production(["-c", "import cms.settings.production"], environment)
    assert done.returncode == 1
    assert done.stderr.endswith(f"ImproperlyConfigured: Set {name} in the environment; .env.example explains each.\n")


@pytest.mark.parametrize(("count", "believed"), [("0", "None"), ("1", "('HTTP_X_FORWARDED_PROTO', 'https')")])
def test_a_forwarded_scheme_is_believed_behind_a_proxy_only(count, believed):
    code = "from cms.settings import production; print(production.SECURE_PROXY_SSL_HEADER)"
    assert start_production(["-c", code], COMPLETE | {"PROXY_COUNT": count}).stdout == f"{believed}\n"


def test_up_refuses_to_run_with_production_settings():
    done = start_production(["manage.py", "up"], COMPLETE)
    assert done.returncode == 1
    assert done.stderr.startswith("`up` makes a login that everybody knows")
