"""Structured data as it is served: the vocabulary of schema.org, and what Google asks of the types it shows."""

import json
import re

import pytest

from tests.e2e.pages import ALL, PUBLIC
from tests.schema_org import misfits

BLOCK = re.compile(r'<script type="application/ld\+json">(.*?)</script>', re.DOTALL)
REQUIRED = {
    "Article": {"headline", "author", "datePublished", "dateModified", "image"},
    "BreadcrumbList": {"itemListElement"},
    "ItemList": {"itemListElement"},
    "ListItem": {"position", "name"},
    "Organization": {"name", "url"},
    "Person": {"name", "url"},
    "SoftwareApplication": {"name"},
    "WebSite": {"name", "url"},
}
"""By Google's "Structured data that Google Search supports": what it requires, and for articles, where it requires
nothing, what it recommends (developers.google.com/search/docs/appearance/structured-data/article, …/breadcrumb,
…/carousel, …/organization, …/software-app, and …/site-names). A tool has neither price nor rating here, so Google shows
it as a page like others; its type still has to be whole.
"""
ADDRESS = re.compile(r"https?://[^\s/]+/\S*")


def graphs(html):
    return [json.loads(block) for block in BLOCK.findall(html)]


def things(value):
    """Everything that has a type, however deep."""
    if isinstance(value, list):
        for each in value:
            yield from things(each)
    elif isinstance(value, dict):
        if "@type" in value:
            yield value
        yield from things(list(value.values()))


def lacks(graph):
    """What Google misses in a graph."""
    for thing in things(graph):
        kind = thing["@type"]
        for name in REQUIRED.get(kind, set()):
            if not thing.get(name):
                yield f"{kind} has no {name}"
        for name in {"url", "item", "image"} & thing.keys():
            if not ADDRESS.fullmatch(thing[name]):
                yield f"{kind}.{name} is no absolute address: {thing[name]}"
        if kind in ("BreadcrumbList", "ItemList"):
            items = thing.get("itemListElement", [])
            if [each["position"] for each in items] != list(range(1, len(items) + 1)):
                yield f"{kind} is not counted from 1"
            if any(not (each.get("item") or each.get("url")) for each in items):
                yield f"{kind} has an item without an address"
            if len(items) < 2:
                yield f"{kind} has less than two items"


@pytest.mark.parametrize("page_type", ALL, ids=str)
def test_page_gives_google_what_it_asks_for(served, page_type):
    found = graphs(served(page_type)[1])
    assert len(found) == 1 or not page_type.is_indexed
    assert [each for graph in found for each in lacks(graph)] == []


def test_what_is_served_fits_the_vocabulary(served, tmp_path):
    found = [graph for each in PUBLIC for graph in graphs(served(each)[1])]
    kinds = {thing["@type"] for thing in things(found)}
    assert REQUIRED.keys() <= kinds
    wrong = {"@context": "https://schema.org", "@graph": [{"@type": "Article", "headlines": "No such property."}]}
    complaints = misfits([*found, wrong], tmp_path)
    assert len(complaints) == 1, complaints
    assert "headlines" in complaints[0]


def test_what_google_would_miss_is_told():
    crumbs = {"@type": "BreadcrumbList", "itemListElement": [{"@type": "ListItem", "position": 2, "item": "/x"}]}
    assert sorted(lacks([{"@type": "Person", "name": "Ada"}, crumbs])) == [
        "BreadcrumbList has less than two items",
        "BreadcrumbList is not counted from 1",
        "ListItem has no name",
        "ListItem.item is no absolute address: /x",
        "Person has no url",
    ]
