"""nginx: from files it gives the same bytes, which no program in between could do for less; and it stands before the
servers of a whole site, as it does in production.
"""

from pathlib import Path

from cms.bootstrap import Failed
from tests.debian import Program, program

SITE = """\
daemon off;
master_process off;
pid {folder}/nginx.pid;
error_log stderr;
events {{}}
http {{
  types {{
    image/avif avif;
    image/jpeg jpeg jpg;
    image/png png;
    image/webp webp;
  }}
  sendfile on;
  access_log off;
  client_body_temp_path {folder};
  client_max_body_size 10m;
  proxy_temp_path {folder};
  fastcgi_temp_path {folder};
  uwsgi_temp_path {folder};
  scgi_temp_path {folder};
  proxy_http_version 1.1;
  proxy_set_header Connection "";
  proxy_set_header Host $http_host;
  proxy_set_header X-Forwarded-Proto $scheme;
  gzip on;
  gzip_proxied any;
  gzip_types text/css text/javascript application/javascript application/json image/svg+xml;
  upstream gunicorn {{ server 127.0.0.1:{gunicorn}; }}
  upstream node {{ server 127.0.0.1:{node}; keepalive 8; }}
  server {{
    listen 127.0.0.1:{cms};
    location / {{ proxy_pass http://gunicorn; }}
    location /media/ {{
      alias {media}/;
      add_header Cross-Origin-Resource-Policy cross-origin;
      add_header Cache-Control "public, max-age=31536000, immutable";
    }}
  }}
  server {{
    listen 127.0.0.1:{site};
    location / {{
      proxy_pass http://node;
      proxy_hide_header xkey;
      # It says what browsers do anyway; with it the Chromium that the front end carries crashes under Lighthouse.
      proxy_hide_header Referrer-Policy;
    }}
  }}
}}
"""
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


def front_command(found: str, folder: Path, *, media: Path, **ports: int) -> list[str | Path]:
    """To stand in front of the servers `gunicorn` and `node`, at the ports `cms` and `site`."""
    folder.mkdir(parents=True, exist_ok=True)
    configuration = folder / "nginx.conf"
    configuration.write_text(SITE.format(folder=folder, media=media, **ports))
    return [found, "-c", configuration, "-p", folder]
