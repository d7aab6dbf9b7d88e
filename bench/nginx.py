"""nginx, which gives the same bytes from files: what no program in between could be cheaper than."""

import shutil
import subprocess
from pathlib import Path

from cms.bootstrap import TOOLS

PACKAGE = TOOLS / "nginx"
CONFIGURATION = """\
daemon off;
master_process off;
pid {folder}/nginx.pid;
error_log stderr;
events {{}}
http {{
  default_type application/json;
  sendfile on;
  keepalive_requests 1000000;
  access_log {folder}/access.log;
  client_body_temp_path {folder};
  proxy_temp_path {folder};
  fastcgi_temp_path {folder};
  uwsgi_temp_path {folder};
  scgi_temp_path {folder};
  server {{
    listen 127.0.0.1:{port};
    root {files};
  }}
}}
"""


def nginx() -> Path | None:
    """The machine's own, or Debian's unpacked into this project; None where there is neither."""
    found = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if found:
        return Path(found)
    program = PACKAGE / "usr" / "sbin" / "nginx"
    if not program.exists():
        PACKAGE.mkdir(parents=True, exist_ok=True)
        try:
            subprocess.run(["apt-get", "download", "nginx"], cwd=PACKAGE, check=True, capture_output=True)
            for package in PACKAGE.glob("*.deb"):
                subprocess.run(["dpkg", "-x", package, PACKAGE], check=True, capture_output=True)
        except (OSError, subprocess.CalledProcessError):
            return None
    works = program.exists() and not subprocess.run([program, "-v"], capture_output=True, check=False).returncode
    return program if works else None


def command(program: Path, *, port: int, files: Path, folder: Path) -> list[str | Path]:
    """To serve what lies in `files`; its configuration and logs go to `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    configuration = folder / "nginx.conf"
    configuration.write_text(CONFIGURATION.format(folder=folder, port=port, files=files))
    return [program, "-c", configuration, "-p", folder]
