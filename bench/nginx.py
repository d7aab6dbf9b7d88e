"""nginx, which gives the same bytes from files: what no program in between could be cheaper than."""

from pathlib import Path

from cms.bootstrap import Failed
from tests.debian import Program, program

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


def nginx() -> Program | None:
    """The machine's own, or Debian's unpacked into this project; None where there is neither."""
    try:
        return program("nginx", ["nginx"])
    except Failed:
        return None


def command(found: str, *, port: int, files: Path, folder: Path) -> list[str | Path]:
    """To serve what lies in `files`; its configuration and logs go to `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    configuration = folder / "nginx.conf"
    configuration.write_text(CONFIGURATION.format(folder=folder, port=port, files=files))
    return [found, "-c", configuration, "-p", folder]
