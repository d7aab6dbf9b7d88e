"""A receiver of webhooks on this machine, which only here may be told."""

import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from time import sleep
from types import SimpleNamespace

from standardwebhooks import Webhook as Verifier

from api.webhooks.delivering import new_secret
from api.webhooks.models import Webhook
from content import outgoing


@contextmanager
def receiver():
    """`got` has every message as (headers, body); it answers `status`, after `seconds`, with `headers` and `text`."""
    found = SimpleNamespace(got=[], status=204, seconds=0.0, headers={}, text="")

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            found.got.append(({name.lower(): value for name, value in self.headers.items()}, body))
            sleep(found.seconds)
            self.send_response(found.status)
            for name, value in found.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(found.text.encode())))
            self.end_headers()
            self.wfile.write(found.text.encode())

        def do_GET(self):
            found.got.append(("GET", self.path))
            self.send_error(400)

        def log_message(self, *args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=[0.02])
    thread.start()
    found.url = f"http://127.0.0.1:{server.server_port}/hook"
    try:
        yield found
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def allow_loopback(setattr=setattr):
    """As if 127.0.0.1 were in the public internet."""
    is_public = outgoing.is_public
    setattr(outgoing, "is_public", lambda address: address == "127.0.0.1" or is_public(address))
    setattr(outgoing, "is_allowed_port", lambda port: True)


def webhook(url, **values):
    """One that is connected, with its secret as an attribute."""
    made = Webhook.objects.create(**{"description": "Search", "url": url, **values})
    made.secret = new_secret(made)
    return made


def verified(secret, message):
    """What a message says, if it is genuine."""
    headers, body = message
    return Verifier(secret).verify(body, headers)


def changes_of(message):
    return json.loads(message[1])["data"]["changes"]
