"""How long editors wait for what they type: in a real Chromium, in the real admin, until it stands in the preview."""

import json
import os
import random
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, expect, sync_playwright

from bench.site_servers import EDITOR, Site
from cms.bootstrap import node
from tests.chromium import FLAGS, chromium
from tests.e2e.editor import edit, field, sent, wait_until_saved

KEYSTROKES_EVERY = 60
"""Milliseconds: somebody who types fast."""
PAUSE = 100, 500
"""Milliseconds from a save to the next word; never the same, since Wagtail looks for changes by the clock."""
# A frame says which word stands in it, and when it had fetched what; the panel's page, when that frame was in the old
# one's place and drawn. All are milliseconds since 1970.
WATCH = """
(() => {
  const at = (time) => performance.timeOrigin + time;
  if (window === top) {
    const forms = [];
    window.shown = {};
    addEventListener('input', (event) => { if (event.isTrusted) window.typedAt = at(event.timeStamp) }, true);
    new PerformanceObserver((list) => {
      for (const { name, initiatorType, startTime } of list.getEntries()) {
        if (initiatorType === 'fetch' && /preview\\/(?!renew)/.test(name)) forms.push(at(startTime));
      }
    }).observe({ type: 'resource' });
    addEventListener('message', ({ data, source }) => {
      const drawn = () => {
        const sent = forms.find((time) => time > typedAt);
        shown[data.word] ??= [typedAt, sent, ...data.moments, at(performance.now())];
      };
      const look = () => {
        const isShown = document.querySelector('#w-preview-iframe')?.contentWindow === source;
        requestAnimationFrame(isShown ? () => setTimeout(drawn) : look);
      };
      if (data?.word) look();
    });
  } else {
    let told = '';
    new MutationObserver(() => {
      const [word] = /Draft \\d+/.exec(document.querySelector('main')?.textContent) ?? [];
      if (!word || word === told) return;
      const [opened] = performance.getEntriesByType('navigation');
      const asked = performance.getEntriesByType('resource').findLast(({ name }) => name === location.href);
      const moments = [opened.fetchStart, asked.startTime, asked.responseEnd].map(at);
      top.postMessage({ word: told = word, moments }, '*');
    }).observe(document, { childList: true, subtree: true });
  }
})()
"""


@dataclass
class Wait:
    """Where the time of one word went, in milliseconds."""

    wagtail: float
    """From the last keystroke until the form is sent."""
    cms: float
    """The form is taken, and the draft built: a POST, and a GET that redirects to the front end."""
    shell: float
    """The front end's empty page and its script."""
    draft: float
    """The front end asks the API and renders."""
    api: float
    """The part of `draft` that the CMS took to answer."""
    browser: float
    """The page takes the draft in, the panel swaps the frames."""

    @property
    def total(self) -> float:
        return self.wagtail + self.cms + self.shell + self.draft + self.browser


@contextmanager
def browser() -> Iterator[Browser]:
    program, variables = chromium()
    os.environ["PLAYWRIGHT_NODEJS_PATH"] = str(node())
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=program, args=FLAGS, env={**os.environ, **variables})
        yield launched
        launched.close()


def waits(site: Site, edited: Mapping[str, Mapping[str, str]], *, log: Path, times: int) -> dict[str, list[Wait]]:
    """Of each kind of object: of every word that was typed. `log`: that of the CMS."""
    found = {}
    expect.set_options(timeout=30_000)
    with browser() as launched:
        page = launched.new_page(viewport={"width": 1440, "height": 1000})
        page.add_init_script(WATCH)
        sign_in(page, site)
        for name, each in edited.items():
            edit(page, site.cms + each["address"])
            typed(page, each["field"], 0, log)  # the first is longer, for everybody
            found[name] = [typed(page, each["field"], number, log) for number in range(1, times + 1)]
            print(f"Typed into the {name} {times} times", flush=True)
    return found


def sign_in(page: Page, site: Site) -> None:
    page.goto(f"{site.cms}/admin/login/")
    page.fill("input[name=username]", EDITOR)
    page.fill("input[name=password]", EDITOR)
    page.click("button[type=submit]")
    page.wait_for_url(re.compile(r"/admin/$"))


def typed(page: Page, name: str, number: int, log: Path) -> Wait:
    """Type other words in place of those in a field, and wait until the preview shows them and they are saved."""
    word, logged = f"Draft {number:03}", log.stat().st_size
    with page.expect_response(lambda answer: word in sent(answer.request)):
        field(page, name).select_text()
        page.keyboard.type(word, delay=KEYSTROKES_EVERY)
        page.wait_for_function("word => shown[word]", arg=word, polling=50)
    last_key, form, shell, asked, answered, drawn = page.evaluate("word => shown[word]", word)
    wait_until_saved(page)
    page.wait_for_timeout(random.uniform(*PAUSE))
    return Wait(form - last_key, shell - form, asked - shell, answered - asked, api_ms(log, logged), drawn - answered)


def api_ms(log: Path, begin: int) -> float:
    """How long the CMS took for all questions to the API that stand in its log from there on."""
    lines = log.read_bytes()[begin:].decode(errors="replace").splitlines()
    said: list[dict[str, Any]] = [json.loads(line) for line in lines if line.startswith("{")]
    return sum(float(each["ms"]) for each in said if each.get("path") == "/graphql")
