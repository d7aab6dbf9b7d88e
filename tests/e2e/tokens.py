"""Where tokens of previews and shared drafts may stand: in a fragment, in what the previewed page posts to its own server,
and in `Authorization`. In no address that reaches a server, no other header, no cookie, and no log.
"""

import re
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import BrowserContext, Request, Response


class Watch:
    """Over the browsers of one test: what they send, and the tokens that pass."""

    def __init__(self) -> None:
        self.tokens: set[str] = set()
        self.contexts: list[BrowserContext] = []
        self.sent: list[tuple[str, str]] = []

    def follow(self, context: BrowserContext) -> None:
        self.contexts.append(context)
        context.on("request", self._note)
        context.on("response", self._note_redirect)

    def leaks(self) -> list[str]:
        """Where a token stood that must not stand there."""
        cookies = [(f"cookie {each['name']}", each["value"]) for context in self.contexts for each in context.cookies()]
        return [place for place, text in self.sent + cookies if any(token in text for token in self.tokens)]

    def _note(self, request: Request) -> None:
        address, _, fragment = request.url.partition("#")
        body = (request.post_data_buffer or b"").decode(errors="replace")
        self._remember(fragment)
        if request.method == "POST" and urlsplit(address).path == "/preview":
            self._remember(body)
        else:
            self.sent.append((f"body sent to {address}", body))
        self.sent.append((f"address {address}", address))
        headers = request.headers.items()
        self.sent += [(f"{name} of {address}", value) for name, value in headers if name != "authorization"]

    def _note_redirect(self, response: Response) -> None:
        self._remember(urlsplit(response.headers.get("location", "")).fragment)

    def _remember(self, form: str) -> None:
        self.tokens |= {each for each in parse_qs(form).get("token", []) if re.fullmatch(r"[\w-]{43}", each)}


def logs_with(tokens: Iterable[str], logs: Iterable[Path]) -> list[str]:
    """The logs in which one of these tokens stands."""
    texts = {str(log): log.read_text(errors="replace") for log in logs}
    return [log for log, text in texts.items() if any(token in text for token in tokens)]
