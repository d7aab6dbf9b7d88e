import os
import socket
import subprocess
import sys

import pytest

from cms import bootstrap
from cms.bootstrap import Failed


@pytest.fixture
def taken_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


@pytest.fixture
def environ(monkeypatch, tmp_path):
    """An environment that `settle_environment` may change, as bare as a machine can have it."""
    monkeypatch.setattr(os, "environ", environ := {"PATH": "/usr/bin", "HOME": str(tmp_path)})
    return environ


def test_taken_port_is_refused_before_any_work(taken_port, tmp_path):
    command = [sys.executable, bootstrap.__file__, "/bin/false", "up"]
    done = subprocess.run(command, env=os.environ | {"PORT": str(taken_port)}, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        f"Port {taken_port} is taken. Stop what listens there, "
        f"or choose another port: make up PORT={taken_port % 65535 + 1}\n"
    )


@pytest.mark.parametrize("port", ["eighty", "0", "70000", "-1"])
def test_what_is_no_port_is_refused(port, monkeypatch):
    monkeypatch.setenv("PORT", port)
    with pytest.raises(Failed, match="is not a port"):
        bootstrap.check_ports()


def test_one_port_for_both_is_refused(monkeypatch):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    monkeypatch.setenv("PORT", port)
    monkeypatch.setenv("FRONTEND_PORT", port)
    with pytest.raises(Failed, match="choose two different ports"):
        bootstrap.check_ports()


def test_old_python_is_told_what_to_do(monkeypatch):
    monkeypatch.setattr(sys, "version_info", (3, 9, 2))
    monkeypatch.setattr("shutil.which", lambda name: None)
    with pytest.raises(Failed, match=r"needs Python 3\.11 or newer, but .* is 3\.9\.2"):
        bootstrap.check_python()


def test_missing_venv_module_is_told_by_its_package(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(Failed, match="apt install python3-venv"):
        bootstrap.install_uv()


@pytest.mark.parametrize(
    ("output", "advice"),
    [
        ("error: dns error: failed to lookup address information", "a package registry could not be reached"),
        ("npm error code EAI_AGAIN", "a package registry could not be reached"),
        ("OSError: [Errno 28] No space left on device", "the disk is full"),
        ("one\nnpm error code EINTEGRITY\n\n", "“npm error code EINTEGRITY”"),
    ],
)
def test_failed_install_ends_in_one_line(output, advice, tmp_path, monkeypatch):
    monkeypatch.setattr(bootstrap, "LOG", tmp_path / "log")
    monkeypatch.setattr(bootstrap, "ROOT", tmp_path)
    with pytest.raises(Failed) as failure:
        bootstrap.run("Installing something", [sys.executable, "-c", f"print({output!r}); raise SystemExit(3)"])
    assert str(failure.value).startswith(f"Installing something failed: {advice}")
    assert "\n" not in str(failure.value)


def test_home_that_cannot_be_written_moves_the_caches_into_the_project(environ):
    environ["HOME"] = ""
    bootstrap.settle_environment()
    assert environ["HOME"] == str(bootstrap.TOOLS)
    assert environ["XDG_CACHE_HOME"] == environ["NPM_CONFIG_CACHE"] == str(bootstrap.TOOLS / "cache")


def test_usual_home_stays(environ, tmp_path):
    bootstrap.settle_environment()
    assert environ["HOME"] == str(tmp_path)
    assert "XDG_CACHE_HOME" not in environ


def test_settling_twice_changes_nothing_more(environ):
    bootstrap.settle_environment()
    once = dict(environ)
    bootstrap.settle_environment()
    assert environ == once


def test_own_certificates_win(environ, tmp_path):
    bundle = tmp_path / "company.crt"
    bundle.touch()
    environ["SSL_CERT_FILE"] = str(bundle)
    bootstrap.settle_environment()
    assert environ["PIP_CERT"] == environ["NODE_EXTRA_CA_CERTS"] == str(bundle)


def test_mirror_that_pip_knows_is_given_to_uv(monkeypatch):
    monkeypatch.delenv("UV_DEFAULT_INDEX", raising=False)
    monkeypatch.delenv("UV_INDEX_URL", raising=False)
    pip = {"index-url": "https://mirror.example/simple", "extra-index-url": "https://other.example/simple"}
    monkeypatch.setattr(bootstrap, "pip_settings", lambda: pip)
    assert bootstrap.uv_index() == [
        "--default-index", "https://mirror.example/simple", "--index-strategy", "unsafe-best-match",
        "--index", "https://other.example/simple",
    ]  # fmt: skip


def test_without_a_mirror_the_lock_file_decides(monkeypatch):
    monkeypatch.delenv("UV_DEFAULT_INDEX", raising=False)
    monkeypatch.delenv("UV_INDEX_URL", raising=False)
    monkeypatch.setattr(bootstrap, "pip_settings", lambda: {"find-links": "/somewhere"})
    assert bootstrap.uv_index() == []
