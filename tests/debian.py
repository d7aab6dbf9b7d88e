"""Servers that tests and measurements want for real and a machine may lack: from Debian's packages, unpacked inside this project."""

import fcntl
import hashlib
import os
import re
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from cms.bootstrap import TOOLS, Failed
from tests.ports import free_port

FOLDERS = ("usr/lib/x86_64-linux-gnu", "usr/lib/aarch64-linux-gnu", "usr/lib")


Program = tuple[str, dict[str, str]]
"""Where it lies, and the variables it needs."""


def program(name: str, packages: Sequence[str]) -> Program:
    """An installed program, or else one of these packages of Debian's. Raises Failed where there is neither."""
    path = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"])
    installed = shutil.which(name, path=path)
    if installed:
        return installed, {}
    root = unpacked(packages)
    folders = [root / "usr/sbin", root / "usr/bin"]
    found = shutil.which(name, path=os.pathsep.join(map(str, folders)))
    if found is None:
        raise Failed(f"There is no {name} in {', '.join(packages)}: install it.")
    libraries = [root / folder / inner for folder in FOLDERS for inner in ("", "varnish")]
    return found, {
        "LD_LIBRARY_PATH": os.pathsep.join(str(each) for each in libraries if each.is_dir()),
        "PATH": os.pathsep.join([os.environ.get("PATH", ""), *map(str, folders)]),
    }


def unpacked(packages: Sequence[str]) -> Path:
    """A folder with these packages and what they need, as far as it is not installed; downloaded once."""
    TOOLS.mkdir(exist_ok=True)
    name = "-".join([packages[0], hashlib.sha256(" ".join(packages).encode()).hexdigest()[:8]])
    folder = TOOLS / name
    with open(TOOLS / f"{name}.lock", "w") as lock:
        # Two runs at once would download it twice.
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            with tempfile.TemporaryDirectory(dir=TOOLS) as temporary:
                work = Path(temporary)
                _download(packages, work)
                (work / "root").mkdir()
                for archive in sorted((work / "archives").glob("*.deb")):
                    _run("dpkg-deb", "--extract", archive, work / "root")
                (work / "root").rename(folder)
    return folder


def _download(packages: Sequence[str], work: Path) -> None:
    """Debian's own tool, with its state in a folder of ours, so that nothing of the machine changes."""
    for folder in ("lists/partial", "archives/partial"):
        (work / folder).mkdir(parents=True)
    # Whoever downloads gives up root for a user who may not enter this folder.
    options = [f"Dir::State::lists={work / 'lists'}", f"Dir::Cache={work}", f"Dir::Cache::archives={work / 'archives'}"]
    options += ["Debug::NoLocking=1", "APT::Sandbox::User=root", "APT::Install-Recommends=0", "Acquire::Retries=2"]
    flags = [part for option in options for part in ("-o", option)]
    _run("apt-get", *flags, "update")
    _run("apt-get", *flags, "install", "--yes", "--download-only", "--no-remove", *packages)


def _run(*command: str | Path) -> None:
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        raise Failed(f"There is no {command[0]} here: install Varnish, its modules and Redis yourself.") from None
    if done.returncode:
        raise Failed(f"{command[0]} failed: {(done.stderr or done.stdout).strip()[-500:]}")


@contextmanager
def serving(command: Sequence[str | Path], port: int, log: Path, variables: dict[str, str]) -> Iterator[None]:
    """A server, as soon as it takes connections, until the end."""
    with log.open("ab") as output:
        process = subprocess.Popen(
            command, env={**os.environ, **variables}, stdin=subprocess.DEVNULL, stdout=output, stderr=output
        )
    try:
        end = time.monotonic() + 60
        while not _listens(port):
            if process.poll() is not None or time.monotonic() > end:
                raise Failed(f"{command[0]} does not start: {log.read_text(errors='replace')[-2000:]}")
            time.sleep(0.05)
        yield
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _listens(port: int) -> bool:
    with closing(socket.socket()) as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@contextmanager
def redis(folder: Path) -> Iterator[int]:
    """A Redis that keeps nothing on disk; its port."""
    found, variables = program("redis-server", ["redis-server"])
    port = free_port()
    options = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", str(folder)]
    with serving([found, *options], port, folder / "redis.log", variables):
        yield port


def varnishd() -> tuple[list[str], dict[str, str]]:
    """How Varnish begins, with its modules, and the variables it needs. Raises Failed if it has no xkey."""
    found, variables = program("varnishd", ["varnish", "varnish-modules", "gcc", "libc6-dev"])
    roots = [root / each for root in (Path(found).parents[2], Path("/")) for each in FOLDERS]
    modules = [path.parent for root in roots for path in root.glob("varnish/vmods/libvmod_xkey.so")]
    if not modules:
        raise Failed("Varnish has no module xkey (Debian: varnish-modules).")
    return [found, "-p", f"vmod_path={':'.join(map(str, modules))}"], variables


@contextmanager
def varnish(folder: Path, backend: int, configuration: str = "default", **replaced: str) -> Iterator[int]:
    """Varnish with a configuration of this project, in front of a port; its own port. `replaced` are values that requests
    have first, such as `grace="1s"`, where a test cannot wait for that of the configuration.
    """
    command, variables = varnishd()
    source = Path(f"cms/varnish/{configuration}.vcl").read_text()
    lines = {r'\.host = "\w+";': '.host = "127.0.0.1";', r'\.port = "\d+";': f'.port = "{backend}";'}
    lines |= {rf"set req\.{name} = \w+;": f"set req.{name} = {value};" for name, value in replaced.items()}
    for pattern, line in lines.items():
        source, found_lines = re.subn(pattern, line, source, count=1)
        assert found_lines
    (folder / "test.vcl").write_text(source)
    port = free_port()
    options = ["-F", "-f", folder / "test.vcl", "-a", f"127.0.0.1:{port}", "-n", folder / "varnish", "-s", "malloc,64m"]
    with serving([*command, *options], port, folder / "varnish.log", variables):
        yield port
