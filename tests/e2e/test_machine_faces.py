"""What programs get of the site: sitemap, robots.txt, feeds, and comparisons as files."""

import csv
import io
import json
import re
from urllib.parse import quote
from xml.etree import ElementTree

import pytest

MAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
XHTML = "{http://www.w3.org/1999/xhtml}"
ATOM = "{http://www.w3.org/2005/Atom}"
PAGES = """query ($after: String) { pages(first: 100, after: $after) {
    nodes { path updatedAt seo { noindex alternates { hreflang url } } } pageInfo { hasNextPage endCursor } } }"""
SUBJECTS = "{ topics(first: 100) { nodes { path } } people(first: 100) { nodes { path } } }"
MATRIX = """{ resolve(path: "/comparisons/web-frameworks/") { ... on Comparison {
    tools { name slug }
    matrix { attribute { label } cells {
        tool { name } override { text } fact { id state display verifiedOn sources { title url } } } }
} } }"""
NAMES = ["CSV", "JSON"]


def pages(site):
    after, found = None, []
    while True:
        answer = site.graphql(PAGES, {"after": after})["data"]["pages"]
        found += answer["nodes"]
        if not answer["pageInfo"]["hasNextPage"]:
            return found
        after = answer["pageInfo"]["endCursor"]


def matrix(site):
    return site.graphql(MATRIX)["data"]["resolve"]


def test_the_sitemap_has_every_public_page_and_nothing_else(site):
    site.shell(
        "from content.changes import changes; from content.models.home import HomePage; "
        "from content.models.standard_page import StandardPage; from wagtail.models import Page\n"
        "home = HomePage.objects.first()\n"
        "with changes():\n"
        "    for slug in ('left-out', 'hidden'):\n"
        "        page = home.add_child(instance=StandardPage(title=slug, slug=slug, noindex=slug == 'left-out'))\n"
        "        page.save_revision().publish()\n"
        "        slug == 'hidden' and page.unpublish()\n"
    )
    status, text = site.get("/sitemap.xml")
    assert status == 200
    urls = {url.find(f"{MAP}loc").text: url for url in ElementTree.fromstring(text.encode())}
    known = pages(site)
    subjects = [each["path"] for part in site.graphql(SUBJECTS)["data"].values() for each in part["nodes"]]
    assert [each["path"] for each in known if each["seo"]["noindex"]] == ["/left-out/"]
    listed = [each for each in known if not each["seo"]["noindex"]]
    assert sorted(urls) == sorted(f"{site.frontend}{quote(path)}" for path in [*(e["path"] for e in listed), *subjects])
    for page in listed:
        url = urls[f"{site.frontend}{page['path']}"]
        assert url.find(f"{MAP}lastmod").text == page["updatedAt"]
        assert [link.attrib for link in url.findall(f"{XHTML}link")] == [
            {"rel": "alternate", "hreflang": each["hreflang"], "href": each["url"]}
            for each in page["seo"]["alternates"]
        ]
    assert {site.get(address.removeprefix(site.frontend))[0] for address in urls} == {200}
    assert site.get("/sitemap-1.xml")[0] == 404


def test_robots_names_the_sitemap_and_closes_drafts_and_searches(site):
    status, text = site.get("/robots.txt")
    assert status == 200
    lines = text.splitlines()
    assert lines[0] == "User-agent: *"
    assert "Disallow: /preview$" in lines
    assert "Disallow: /search?" in lines
    assert lines[-1] == f"Sitemap: {site.frontend}/sitemap.xml"


def feed(site, path):
    status, text = site.get(path)
    assert status == 200
    root = ElementTree.fromstring(text.encode())
    assert root.tag == f"{ATOM}feed"
    for element in (root, *root.findall(f"{ATOM}entry")):
        for required in ("id", "title", "updated"):
            (found,) = element.findall(f"{ATOM}{required}")
            assert found.text
        assert element.find(f"{ATOM}link[@rel='alternate']").attrib["href"].startswith(f"{site.frontend}/")
    assert root.find(f"{ATOM}author/{ATOM}name").text
    assert root.find(f"{ATOM}link[@rel='self']").attrib["href"] == f"{site.frontend}{path}"
    entries = root.findall(f"{ATOM}entry")
    ids = [entry.find(f"{ATOM}id").text for entry in entries]
    assert len(set(ids)) == len(ids) > 0
    return entries


def test_the_newest_articles_are_a_feed(site):
    entries = feed(site, "/feed.xml")
    asked = "{ articles(first: 30) { nodes { title path dek shortAnswer authors { name } } } }"
    articles = site.graphql(asked)["data"]["articles"]["nodes"]
    for entry, article in zip(entries, articles, strict=True):
        assert entry.find(f"{ATOM}title").text == article["title"]
        assert entry.find(f"{ATOM}link").attrib["href"] == f"{site.frontend}{article['path']}"
        names = [each.text for each in entry.findall(f"{ATOM}author/{ATOM}name")]
        assert names == [each["name"] for each in article["authors"]]
        assert entry.find(f"{ATOM}summary").text == (article["shortAnswer"] or article["dek"])


def test_what_is_known_of_a_tool_and_a_comparison_is_a_feed(site):
    asked = '{ tool(slug: "django") { facts { verifiedOn attribute { label } } } }'
    facts = [each for each in site.graphql(asked)["data"]["tool"]["facts"] if each["verifiedOn"]]
    entries = feed(site, "/tools/django/feed.xml")
    assert len(entries) == min(len(facts), 50)
    days = [entry.find(f"{ATOM}updated").text for entry in entries]
    assert days == sorted((f"{each['verifiedOn']}T00:00:00Z" for each in facts), reverse=True)[:50]
    compared = feed(site, "/comparisons/web-frameworks/feed.xml")
    assert any(entry.find(f"{ATOM}title").text.startswith("Django: ") for entry in compared)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/about/feed.xml", 404),
        ("/tools/nothing/feed.xml", 404),
        ("/tools/django/facts.csv", 404),
        ("/de/feed.xml", 404),
    ],
)
def test_a_page_without_a_file_has_none(site, path, status):
    assert site.get(path)[0] == status


def test_a_comparison_is_a_table_with_every_cell(site):
    status, text = site.get("/comparisons/web-frameworks/facts.csv")
    assert status == 200
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    cells = [(row["attribute"], cell) for row in matrix(site)["matrix"] for cell in row["cells"]]
    assert [
        (
            row["attribute"],
            row["tool"],
            row["state"],
            row["value"],
            row["verified on"],
            row["source URLs"],
            row["override"],
        )
        for row in rows
    ] == [
        (
            attribute["label"],
            cell["tool"]["name"],
            cell["fact"]["state"],
            cell["fact"]["display"],
            cell["fact"]["verifiedOn"] or "",
            "\n".join(each["url"] for each in cell["fact"]["sources"]),
            cell["override"]["text"] if cell["override"] else "",
        )
        for attribute, cell in cells
    ]


def test_a_comparison_is_json_with_every_cell(site):
    known = matrix(site)
    status, text = site.get("/comparisons/web-frameworks/facts.json")
    assert status == 200
    found = json.loads(text)
    assert found["url"] == f"{site.frontend}/comparisons/web-frameworks/"
    assert [each["slug"] for each in found["tools"]] == [each["slug"] for each in known["tools"]]
    for row, expected in zip(found["rows"], known["matrix"], strict=True):
        assert row["attribute"]["label"] == expected["attribute"]["label"]
        assert [cell["sources"] for cell in row["cells"]] == [cell["fact"]["sources"] for cell in expected["cells"]]
        assert [cell["state"] for cell in row["cells"]] == [cell["fact"]["state"] for cell in expected["cells"]]


def test_pages_lead_to_their_feeds_and_files(site, new_page):
    page = new_page(java_script=False)
    for path, files in (
        ("/comparisons/web-frameworks/", "/comparisons/web-frameworks/facts"),
        ("/compare?tools=celery,rq", "/compare/facts"),
    ):
        page.goto(f"{site.frontend}{path}")
        links = {name: page.get_by_role("link", name=name, exact=True).get_attribute("href") for name in NAMES}
        assert {re.sub(r"\.\w+(\?.*)?$", "", link) for link in links.values()} == {files}
        assert [site.get(link)[0] for link in links.values()] == [200, 200]
    feeds = "all => all.map(one => one.getAttribute('href'))"
    page.goto(f"{site.frontend}/tools/django/")
    assert page.locator("link[type='application/atom+xml']").evaluate_all(feeds) == [
        "/feed.xml",
        "/tools/django/feed.xml",
    ]
