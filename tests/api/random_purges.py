"""Edits at random, and before and after each of them the same questions: an answer that has changed must carry a tag that
the change names, or have come to its end. The same seed makes the same choices.

python -m tests.api.random_purges SEED COUNT QUESTIONS       exit code 1 and what was missed

At the end it says how many answers were purged for nothing.
"""

import json
import os
import sys
import time
from typing import Any

# Read by the settings, when these edits are imported.
os.environ |= {
    "RESPONSE_CACHE_MB": "0",
    "SHARED_CACHE_SECONDS": "86400",
    "CACHE_TAG_HEADER": "xkey",
    "MAX_QUERY_COST": "100000000",
    "MAX_QUERY_TOKENS": "1000000",
    "MAX_QUERY_LENGTH": "10000000",
    "MAX_BODY_BYTES": "10000000",
    "MAX_QUERY_SECONDS": "60",
}

from tests.api.random_editing import choose, edits, in_child, inside, perform, prepare  # isort: skip

from wagtail.models import Site

from api import limits
from api.documents import tags
from api.documents.models import Document, Event, Generation
from tests.api.asking import about_one, everything

limits.MAX_FIELDS = 1_000_000
EXTRA = [
    '{ search(query: "python -graphene") { match totalCount types { type count } topics { count topic { name } } nodes { score highlights } } }',
    '{ search(query: "pyhton") { match correction nodes { page { title } } } }',
    '{ suggestions(query: "dj") { title path } }',
    '{ tools(filter: {facts: [{attribute: "licence", display: "MIT"}, {attribute: "async", state: YES}]}) { totalCount nodes { name } } }',
    '{ tools(filter: {facts: [{attribute: "licence"}]}, order: UPDATED_DESC, first: 3) { pageInfo { hasNextPage } nodes { name updatedAt } } }',
    "{ tools(filter: {lifecycle: ACTIVE}) { totalCount nodes { name } } }",
    '{ compare(tools: ["django", "flask"]) { title path matrix { cells { fact { display state } } } } }',
    '{ resolve(path: "/articles/") { __typename ... on Page { children(first: 5) { title path } seo { alternates { hreflang url } } } } }',
    '{ resolve(path: "/a-page-that-never-was/") { __typename } page(path: "/articles/later/") { title } }',
    "{ site { name footerText navigation { label path children { label path } } footer { path } announcement } }",
    "{ articles(first: 3) { totalCount nodes { title related { reason page { title } } } } }",
]

Asked = list[tuple[str, dict[str, Any]]]


def questions(count: int) -> str:
    """Lists and sites of all kinds, and what can be asked about objects drawn at random, as JSON."""
    hosts = [None, *Site.objects.values_list("hostname", flat=True)]
    found: Asked = [(text, {}) for text in EXTRA]
    for question in everything():
        found.append((question.text, {"site": choose.choice(hosts), "locale": choose.choice([None, "en", "de"])}))
    documents = list(Document.objects.filter(layer=0, valid_to=None, tombstone=False).order_by("pk"))
    for row in choose.sample(documents, min(40, len(documents))):
        known = {
            "key": row.key,
            "slug": row.slug or "none",
            "path": row.path or "/none/",
            "marker": row.title or "none",
        }
        for question in about_one():
            found.append((question.text, question.variables(**known)))
    return json.dumps(choose.sample(found, min(count, len(found))) + [(text, {}) for text in EXTRA])


def answers(asked: Asked) -> dict[str, Any]:
    """Of each answer that a shared cache may keep: its digest, its tags, and the moment at which it ends."""
    from tests.api.random_editing import client

    found: dict[str, Any] = {}
    for number, (text, variables) in enumerate(asked):
        given = {name: value for name, value in variables.items() if value is not None}
        response = client.get("/graphql", {"query": text, "variables": json.dumps(given)})
        if "s-maxage" in response["Cache-Control"]:
            seconds = int(response["Cache-Control"].partition("s-maxage=")[2].partition(",")[0])
            found[str(number)] = [response["ETag"], response["xkey"].split(), time.time() + seconds]
        elif response["Cache-Control"] != "no-cache":
            raise RuntimeError(f"{text} {given}: {response.content.decode()[:1000]}")
    return found


def look(asked: Asked, generation: int) -> str:
    """What is answered now, and the tags named by the changes since a generation, as JSON."""
    events = Event.objects.filter(generation__gt=generation)
    named = set().union(*map(tags.named_by, events))
    now = Generation.objects.get().value
    return json.dumps({"answers": answers(asked), "named": sorted(named), "generation": now})


def looked(asked: Asked, generation: int) -> dict[str, Any]:
    code, told = in_child(lambda: look(asked, generation))
    if code:
        raise RuntimeError(told)
    found: dict[str, Any] = json.loads(told)
    return found


def main(count: int, ask: int) -> int:
    code, told = in_child(prepare)
    if code:
        raise RuntimeError(told)
    _, told = in_child(lambda: questions(ask))
    asked: Asked = json.loads(told)
    before = looked(asked, 10**9)
    done = changed = purged = kept = 0
    while done < count:
        act = choose.choice(edits)
        told_of = perform(act, inside, 0)
        if told_of is None:
            continue
        done += 1
        after = looked(asked, before["generation"])
        named = set(after["named"])
        for number, (digest, names, end) in before["answers"].items():
            is_purged = not named.isdisjoint(names)
            again = after["answers"].get(number)
            has_changed = again is None or again[0] != digest
            if has_changed and not is_purged and time.time() < end:
                text, variables = asked[int(number)]
                print(f"{text[:3000]} {variables}\nwas {digest}, is {again and again[0]}, with the tags {names}")
                print(f"{told_of} named {sorted(named)}\nwhich is none of the tags of this answer, which has changed")
                return 1
            purged += is_purged
            changed += is_purged and has_changed
            kept += not is_purged
        before = after
    print(f"{done} edits, {len(asked)} questions: {changed} answers changed, each was purged")
    print(
        f"purged for nothing: {purged - changed} of {purged} ({(purged - changed) / max(purged, 1):.0%}); kept: {kept}"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[2]), int(sys.argv[3])))
