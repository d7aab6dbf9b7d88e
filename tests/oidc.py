"""An OpenID Connect provider behind a socket. It does as the standard says, unless a test lets it lie."""

import base64
import hashlib
import hmac
import json
import secrets
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT, SECRET = "toolshelf", "only-the-two-of-us-know"
KEY, OTHER_KEY = (RSAKey.generate_key(2048, {"kid": "first"}) for _ in range(2))


def signed(claims, key=KEY, alg="RS256"):
    return jwt.encode({"alg": alg, "kid": "first"}, claims, key, algorithms=[alg])


def encoded(value):
    return base64.urlsafe_b64encode(value).decode().rstrip("=")


def unsigned(claims, **header):
    """As no library would write it."""
    return ".".join(encoded(json.dumps(each).encode()) for each in ({"alg": "none", **header}, claims)) + "."


def signed_with_what_everybody_knows(claims):
    """The provider's public key, taken for a secret that both know."""
    token = unsigned(claims, alg="HS256", kid="first")
    return token + encoded(hmac.digest(KEY.as_pem(private=False), token.rstrip(".").encode(), "sha256"))


class Provider:
    """`user` are the claims of who signs in there. `token` overrides claims of the signed token (None leaves one out),
    `told` those of the address for users, and `sign` makes the token.
    """

    def __init__(self, server):
        self.issuer = f"http://127.0.0.1:{server.server_port}"
        self.user, self.token, self.told, self.sign = {}, {}, {}, signed
        self.algorithms, self.codes, self.asked = ["RS256"], {}, []

    @property
    def metadata(self):
        addresses = {
            "authorization_endpoint": "authorize",
            "token_endpoint": "token",
            "jwks_uri": "keys",
            "userinfo_endpoint": "user",
        }
        return {
            "issuer": self.issuer,
            "id_token_signing_alg_values_supported": self.algorithms,
            **{name: f"{self.issuer}/{path}" for name, path in addresses.items()},
        }

    def authorize(self, query):
        """Where the browser is sent: whoever it is has signed in before."""
        assert query["response_type"] == "code"
        assert query["client_id"] == CLIENT
        assert query["code_challenge_method"] == "S256"
        code = secrets.token_urlsafe()
        self.codes[code] = query
        return f"{query['redirect_uri']}?{urlencode({'code': code, 'state': query['state']})}"

    def exchange(self, form, credentials):
        query = self.codes.pop(form["code"])
        assert encoded(hashlib.sha256(form["code_verifier"].encode()).digest()) == query["code_challenge"]
        assert form["redirect_uri"] == query["redirect_uri"]
        if credentials != f"Basic {base64.b64encode(f'{CLIENT}:{SECRET}'.encode()).decode()}":
            return {"error": "invalid_client"}
        now = int(time.time())
        claims = {"iss": self.issuer, "aud": CLIENT, "sub": self.user["sub"], "iat": now, "exp": now + 60}
        claims |= {"nonce": query["nonce"], **self.token}
        answer = {"access_token": "may-read-the-user", "token_type": "Bearer"}
        if self.sign:
            answer["id_token"] = self.sign({name: value for name, value in claims.items() if value is not None})
        return answer


def handler(provider):
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            parts = urlsplit(self.path)
            provider.asked.append(parts.path)
            if parts.path == "/authorize":
                query = {name: values[0] for name, values in parse_qs(parts.query).items()}
                self.send_response(302)
                self.send_header("Location", provider.authorize(query))
                self.end_headers()
            elif parts.path == "/keys":
                self.answer({"keys": [KEY.as_dict(private=False)]})
            elif parts.path == "/user":
                assert self.headers["Authorization"] == "Bearer may-read-the-user"
                self.answer({**provider.user, **provider.told})
            else:
                assert parts.path == "/.well-known/openid-configuration"
                self.answer(provider.metadata)

        def do_POST(self):
            provider.asked.append(self.path)
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            form = {name: values[0] for name, values in parse_qs(body).items()}
            self.answer(provider.exchange(form, self.headers["Authorization"]))

        def answer(self, value):
            body = json.dumps(value).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args):
            pass

    return Handler


@contextmanager
def running_provider():
    server = ThreadingHTTPServer(("127.0.0.1", 0), None)
    provider = Provider(server)
    server.RequestHandlerClass = handler(provider)
    threading.Thread(target=server.serve_forever, args=[0.05], daemon=True).start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
