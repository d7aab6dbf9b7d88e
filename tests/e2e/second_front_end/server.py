"""The smallest front end: pages by a trusted document, drafts by the preview protocol (docs/preview-protocol.md).

CMS_URL=… FRONTEND_URL=… ADMIN_ORIGINS=…,… PORT=… python server.py
python server.py manifest > manifest.json     for `manage.py trust_documents`, before it is started
"""

import hashlib
import json
import os
import re
import sys
from collections.abc import Callable
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple
from urllib.error import HTTPError
from urllib.parse import parse_qs, quote, urlencode, urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

HERE = Path(__file__).parent
DOCUMENT = (HERE / "documents.graphql").read_text()
DOCUMENT_ID = f"sha256:{hashlib.sha256(DOCUMENT.encode()).hexdigest()}"
CMS = os.environ.get("CMS_URL", "http://127.0.0.1:8000")
FRONTEND = os.environ.get("FRONTEND_URL", "http://127.0.0.1:4321")
ADMINS = os.environ.get("ADMIN_ORIGINS", CMS).split(",")

PUBLIC = {"Content-Security-Policy": "default-src 'none'; base-uri 'none'; frame-ancestors 'none'"}
PREVIEW = {
    "Cache-Control": "private, no-store",
    "X-Robots-Tag": "noindex",
    "Referrer-Policy": "same-origin",
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self' {static}; style-src 'self' {admins}; font-src 'self' {admins}; "
        "img-src 'self' {admins}; connect-src 'self' {admins}; base-uri 'none'; form-action 'self'; "
        "frame-ancestors {admins}"
    ).format(static=" ".join(f"{admin}/static/" for admin in ADMINS), admins=" ".join(ADMINS)),
}
PROBLEMS = {
    "TOKEN_EXPIRED": (401, "This preview has ended", "Open it anew from the editor, or ask for another link."),
    "TOKEN_INVALID": (401, "This preview is not available", "The link is incomplete, or was withdrawn."),
    "ORIGIN_REFUSED": (403, "This preview was asked for from elsewhere", "Open it from the editor."),
    "CMS_UNAVAILABLE": (
        503,
        "The CMS gives no good answer",
        "Nothing that was written is lost. Try again in a moment.",
    ),
}


class Problem(Exception):
    """Its argument is one of the PROBLEMS."""


class Page(NamedTuple):
    title: str
    main: str = ""
    status: int = 200
    locale: str = "en"
    preview: dict[str, Any] | None = None
    cache: str = "no-store"
    location: str = ""


# Asking -------------------------------------------------------------------------------------------------------------


class NoRedirect(HTTPRedirectHandler):
    """A token follows nobody to another address."""

    def redirect_request(self, *_: Any) -> None:
        return None


def ask(operation: str, variables: dict[str, str], token: str) -> tuple[dict[str, Any], str]:
    """The data, and how long it may be kept. Sends nothing of a reader's or an editor's request but what is given here."""
    asked = {"documentId": DOCUMENT_ID, "operationName": operation}
    headers = {"Accept": "application/graphql-response+json"}
    if token:
        headers |= {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        request = Request(f"{CMS}/graphql", json.dumps({**asked, "variables": variables}).encode(), headers)
    else:
        request = Request(f"{CMS}/graphql?{urlencode({**asked, 'variables': json.dumps(variables)})}", headers=headers)
    try:
        with build_opener(NoRedirect).open(request, timeout=5) as response:
            answer, cache = json.load(response), response.headers["Cache-Control"]
    except HTTPError as error:
        if error.code == 401:
            raise Problem("TOKEN_EXPIRED" if b"TOKEN_EXPIRED" in error.read() else "TOKEN_INVALID") from None
        raise Problem("CMS_UNAVAILABLE") from None
    except (OSError, ValueError):
        raise Problem("CMS_UNAVAILABLE") from None
    data = answer["data"]
    if answer.get("errors"):
        raise Problem("CMS_UNAVAILABLE")
    if token and not data["preview"]:
        raise Problem("TOKEN_INVALID")  # what is published must not pass for the draft
    return data, cache


def page_at(path: str, token: str = "") -> Page:
    """What stands at a path, in the world that a token opens."""
    if path == "/":
        data, cache = ask("Articles", {}, token)
        items = "".join(link_to(article) for article in data["articles"]["nodes"])
        return Page("Articles", f"<h1>Articles</h1><ul>{items}</ul>", preview=data["preview"], cache=cache)
    data, cache = ask("Page", {"path": path}, token)
    found, around = data["resolve"], {"preview": data["preview"], "cache": cache}
    if found is None:
        return Page("Page not found", "<h1>Page not found</h1>", 404, **around)
    if found["__typename"] == "Gone":
        return Page("No longer published", "<h1>No longer published</h1>", 410, **around)
    if found["__typename"] == "Redirect":
        return Page("Moved", status=301 if found["permanent"] else 302, location=found["to"], **around)
    if found["path"] != path:
        return Page("Moved", status=301, location=found["path"], **around)
    return shown(found, **around)


def draft(path: str, token: str) -> Page:
    """What a token opens, or the page that a link in it led to. Redirects are followed here."""
    if not path:
        preview = ask("Preview", {}, token)[0]["preview"]
        return shown(preview["object"], preview=preview)
    for _ in range(5):
        page = page_at(path, token)
        if not page.location:
            return page
        if not page.location.startswith("/"):
            break
        path = urlsplit(page.location).path
    return page._replace(title="Page not found", main="<h1>This leads to another site</h1>", status=404, location="")


# Showing ------------------------------------------------------------------------------------------------------------


def shown(found: dict[str, Any], **around: Any) -> Page:
    """By its `__typename`; what this front end has no template for is named, so that its editor is not left alone."""
    title = found.get("title", found["__typename"])
    dek = found.get("dek", f"There is no template for {found['__typename']} here.")
    body = "".join(map(block, found.get("body", [])))
    main = f"<h1>{escape(title)}</h1><p>{escape(dek)}</p>{body}"
    return Page(title, main, locale=found.get("locale", "en"), **around)


def block(each: dict[str, Any]) -> str:
    match each["__typename"]:
        case "HeadingBlock":
            return f'<h{each["level"]} id="{escape(each["anchor"])}">{escape(each["text"])}</h{each["level"]}>'
        case "LeadBlock":
            return f"<p>{escape(each['text'])}</p>"
        case "RichTextBlock":
            return f'<div class="rich-text">{each["content"]["html"]}</div>'  # sanitised by the API
        case _:
            return ""


def link_to(article: dict[str, str]) -> str:
    return f'<li><a href="{escape(article["path"])}">{escape(article["title"])}</a></li>'


def told(code: str) -> Page:
    status, title, text = PROBLEMS[code]
    return Page(title, f'<section data-code="{code}"><h1>{title}</h1><p>{text}</p></section>', status)


def made(page: Callable[[], Page]) -> Page:
    try:
        return page()
    except Problem as problem:
        return told(str(problem))


def html(page: Page, head: str = "") -> str:
    bar, userbar = "", ""
    if page.preview:
        bar = f'<p id="preview-bar">{page.preview["status"]}, until <time>{page.preview["expiresAt"]}</time></p>'
        userbar = f'<div id="userbar">{page.preview.get("userbar") or ""}</div>'
    return (
        f'<!doctype html><html lang="{page.locale}"><head><meta charset="utf-8"><title>{escape(page.title)}</title>'
        f'{head}</head><body><nav><a href="/">Articles</a></nav><div id="page">{bar}<main>{page.main}</main></div>'
        f"{userbar}</body></html>"
    )


# Answering ----------------------------------------------------------------------------------------------------------

SHELL = html(
    Page("Preview", "<h1>Fetching the draft</h1>"),
    f'<meta name="admins" content="{" ".join(ADMINS)}"><script src="/preview.js" defer></script>',
)


class Handler(BaseHTTPRequestHandler):
    """Writes the first line of each request to its log, and no more."""

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        if path == "/preview":
            self.answer(200, SHELL, PREVIEW)
        elif path == "/preview.js":
            self.answer(200, (HERE / "preview.js").read_text(), PUBLIC, "text/javascript")
        else:
            page = made(lambda: page_at(path))
            headers = {"Location": quote(page.location, safe="/:?#&=%")} if page.location else {}
            self.answer(page.status, html(page), {**PUBLIC, "Cache-Control": page.cache, **headers})

    def do_POST(self) -> None:
        asked = parse_qs(
            self.rfile.read(min(int(self.headers["Content-Length"] or 0), 10_000)).decode(errors="replace")
        )
        token, path = asked.get("token", [""])[0], asked.get("path", [""])[0]
        if self.path != "/preview" or self.headers["Origin"] != FRONTEND:
            page = told("ORIGIN_REFUSED")
        elif not re.fullmatch(r"[A-Za-z0-9._~+/-]+=*", token):
            page = told("TOKEN_INVALID")
        else:
            inside = urlsplit(path).path if re.match(r"/(?![/\\])", path) else ""
            page = made(lambda: draft(inside, token))
        self.answer(page.status, html(page), PREVIEW)

    def answer(self, status: int, text: str, headers: dict[str, str], kind: str = "text/html") -> None:
        self.send_response(status)
        for name, value in {**headers, "X-Content-Type-Options": "nosniff"}.items():
            self.send_header(name, value)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.end_headers()
        self.wfile.write(text.encode())


if __name__ == "__main__":
    if sys.argv[1:] == ["manifest"]:
        print(json.dumps({DOCUMENT_ID: DOCUMENT}))
    else:
        ThreadingHTTPServer(("127.0.0.1", int(os.environ.get("PORT", "4321"))), Handler).serve_forever()
