"""Every address that the site names on itself and on its CMS is there, without a detour, and so is every place in a page."""

import urllib.parse
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from xml.etree import ElementTree

import pytest
import urllib3
from bs4 import BeautifulSoup

BEGINNINGS = ["/", "/sitemap.xml", "/robots.txt"]
NAMED_BY = {
    "a": "href",
    "area": "href",
    "link": "href",
    "img": "src",
    "source": "src",
    "form": "action",
    "object": "data",
    "iframe": "src",
}


@dataclass
class Found:
    status: int
    links: set[str] = field(default_factory=set)
    ids: set[str] = field(default_factory=set)


def named_in(text, media_type):
    """The addresses in a page, a feed or a sitemap, as they are written, and the places in it."""
    if media_type == "text/html":
        page = BeautifulSoup(text, "html.parser")
        links = {each[NAMED_BY[each.name]] for each in page.find_all(NAMED_BY) if each.has_attr(NAMED_BY[each.name])}
        for each in page.find_all(srcset=True):
            links |= {candidate.split()[0] for candidate in each["srcset"].split(",")}
        links |= {each["content"] for each in page.find_all("meta", property="og:image")}
        return links, {each["id"] for each in page.find_all(id=True)}
    if media_type in ("application/xml", "application/atom+xml"):
        elements = list(ElementTree.fromstring(text).iter())
        links = {each.attrib["href"] for each in elements if "href" in each.attrib}
        return links | {each.text for each in elements if each.tag.endswith(("}loc", "}uri"))}, set()
    return set(), set()


def crawl(origins, beginnings):
    """What is found at each address below the origins, and which pages name it. What was asked for by a query is looked
    at, but only the further pages of a list are followed from there.
    """
    pool = urllib3.PoolManager(maxsize=4, retries=False)

    def look(address):
        answer = pool.request("GET", address, redirect=False, timeout=30)
        found = Found(answer.status)
        query = urllib.parse.urlsplit(address).query
        if answer.status == 200 and (not query or query.startswith("after=")):
            media_type = answer.headers.get("Content-Type", "").partition(";")[0]
            links, found.ids = named_in(answer.data, media_type)
            found.links = {urllib.parse.urljoin(address, link) for link in links}
        elif answer.status == 200:
            found.ids = named_in(answer.data, "text/html")[1]
        return found

    seen, named_by, waiting = {}, defaultdict(set), set(beginnings)
    with ThreadPoolExecutor(4) as threads:
        while waiting:
            for address, found in zip(waiting, threads.map(look, waiting), strict=True):
                seen[address] = found
                for link in found.links:
                    if link.startswith(origins):
                        named_by[link].add(address)
            waiting = {urllib.parse.urldefrag(link).url for link in named_by} - seen.keys()
    return seen, named_by


@pytest.fixture(scope="module")
def crawled(reading_site, address):
    """`address` publishes something, and with that the addresses of this copy take the place of those it was made with."""
    origins = (f"{reading_site.frontend}/", f"{reading_site.cms}/")
    return crawl(origins, [f"{reading_site.frontend}{path}" for path in BEGINNINGS])


def test_every_address_is_there_without_a_detour(crawled):
    seen, named_by = crawled
    wrong = {address: found.status for address, found in seen.items() if found.status != 200}
    assert {address: (status, sorted(named_by[address])[:3]) for address, status in wrong.items()} == {}


def test_every_place_in_a_page_is_there(crawled):
    seen, named_by = crawled
    missing = {}
    for link, sources in named_by.items():
        address, fragment = urllib.parse.urldefrag(link)
        if fragment and urllib.parse.unquote(fragment) not in seen[address].ids:
            missing[link] = sorted(sources)[:3]
    assert missing == {}


def test_the_crawl_has_been_everywhere(crawled, reading_site):
    seen, named_by = crawled
    pages = "{ pages(first: 100) { nodes { path } } topics(first: 100) { nodes { path } } people { nodes { path } } }"
    answer = reading_site.graphql(pages)["data"]
    paths = {each["path"] for part in answer.values() for each in part["nodes"]}
    paths |= {"/feed.xml", "/tools/django/feed.xml", "/comparisons/web-frameworks/facts.csv", "/search", "/compare"}
    assert {f"{reading_site.frontend}{path}" for path in paths} - seen.keys() == set()
    assert any(address.startswith(f"{reading_site.cms}/media/") for address in seen)
    assert any("/_astro/" in address for address in seen)
    assert any("#" in link for link in named_by)
