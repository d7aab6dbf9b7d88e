"""Searching what is public."""

import json
import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from wagtail.models import Locale

from api.documents import retention
from api.search import finding, unfound, words
from api.search.models import SearchText, UnfoundSearch
from content.changes import changes
from tests import factories
from tests.api.sql import queries
from tests.api.test_languages import translated, tree_in
from tests.api.test_preview import edited

pytestmark = pytest.mark.django_db

SEARCH = """query ($query: String!, $types: [String!], $topic: ID, $first: Int, $after: String, $locale: String) {
  search(query: $query, types: $types, topic: $topic, first: $first, after: $after, locale: $locale) {
    totalCount match correction pageInfo { hasNextPage hasPreviousPage endCursor }
    nodes { page { __typename title } highlights score } types { type count } topics { topic { name } count } } }"""


@pytest.fixture
def search(graphql):
    return lambda query, token="", **variables: graphql(SEARCH, {"query": query, **variables}, token=token)["data"][
        "search"
    ]


def titles(found):
    return [each["page"]["title"] for each in found["nodes"]]


def text(*paragraphs):
    return [("rich_text", {"content": "".join(f"<p>{each}</p>" for each in paragraphs)})]


def article(title, *paragraphs, **values):
    return factories.ArticlePageFactory(title=title, body=text(*paragraphs), **values)


def test_what_is_found_holds_every_word_in_any_form(search):
    article("Testing servers", "Nothing to see.")
    article("Elsewhere", "We tested one server.")
    article("Half", "A test.")
    assert titles(search("test server")) == ["Testing servers", "Elsewhere"]
    assert titles(search("SERVERS, tests!")) == ["Testing servers", "Elsewhere"]
    found = search("test server")
    assert (found["totalCount"], found["match"], found["correction"]) == (2, "EVERY_WORD", None)


def test_words_count_more_in_a_title_than_in_a_heading_than_in_the_text_than_in_a_listing(search):
    listing = ("code", {"language": "python", "code": "queue = 1", "file_name": "", "highlighted_lines": ""})
    factories.ArticlePageFactory(title="Four", body=[listing])
    factories.ArticlePageFactory(title="Three", body=text("A queue is here."))
    factories.ArticlePageFactory(title="Two", body=[("heading", {"text": "A queue", "level": "2"})])
    factories.ArticlePageFactory(title="A queue and more of it", body=[])
    factories.ToolPageFactory(title="Queue", body=[])
    found = search("queue")
    assert titles(found) == ["Queue", "A queue and more of it", "Two", "Three", "Four"]
    scores = [each["score"] for each in found["nodes"]]
    assert scores == sorted(scores, reverse=True)
    assert len(set(scores)) == 5


def test_words_side_by_side_and_words_that_must_not_be_there(search):
    article("One", "The event loop turns.")
    article("Two", "A loop without an event.")
    assert titles(search('"event loop"')) == ["One"]
    assert titles(search("loop -without")) == ["One"]
    assert titles(search('loop -"event loop"')) == ["Two"]
    assert titles(search("-loop")) == titles(search("")) == titles(search('"" - !?')) == []


@pytest.mark.parametrize(
    "query", ["C++", "c++ compiler", "c# language", ".NET", "node.js", "Ångström", "angstrom", "ÅNGSTRÖM"]
)
def test_names_with_signs_and_accents_are_found(search, query):
    article("Names", "A C++ compiler, the C# language, .NET, Node.js and Ångström.")
    article("Others", "The C language and a net.")
    assert titles(search(query)) == ["Names"]


def test_a_language_without_spaces_is_found_by_pairs(search):
    article("Japanese", "非同期処理とデータベース")
    article("Other", "同期")
    assert titles(search("データベース")) == ["Japanese"]
    assert titles(search("非同期")) == ["Japanese"]
    assert "<mark>" in search("データベース")["nodes"][0]["highlights"][0]


def test_passages_are_quoted_safely_with_what_was_searched_for_marked(search):
    before = "Something else is told first, at some length, before it comes to the point. " * 4
    article("One", f"{before} Then &lt;b&gt; Größe &amp; queues matter. {before}", "Queueing again.", dek="In short.")
    (found,) = search("queue grösse")["nodes"]
    first, second = found["highlights"]
    assert "&lt;b&gt; <mark>Größe</mark> &amp; <mark>queues</mark> matter." in first
    assert first.startswith("… ")
    assert first.endswith(" …")
    assert second == "<mark>Queueing</mark> again."
    assert len(first) < 260
    (found,) = search("One")["nodes"]
    assert found["highlights"] == ["In short."]


def test_counts_by_type_and_topic_say_what_else_there_is(search):
    data, web = factories.TopicFactory(name="Data"), factories.TopicFactory(name="Web")
    article("A", "A queue.", topics=[data, web])
    article("B", "A queue.", topics=[data])
    factories.ToolPageFactory(title="Queue", body=[])
    found = search("queue")
    assert found["types"] == [{"type": "Article", "count": 2}, {"type": "Tool", "count": 1}]
    assert found["topics"] == [{"topic": {"name": "Data"}, "count": 2}, {"topic": {"name": "Web"}, "count": 1}]
    tools = search("queue", types=["Tool"])
    assert (titles(tools), tools["totalCount"], tools["topics"]) == (["Queue"], 1, [])
    assert tools["types"] == found["types"]
    assert sorted(titles(search("queue", topic=f"topic:{web.pk}"))) == ["A"]
    assert search("queue", topic="topic:999")["totalCount"] == 0


def test_results_go_on_behind_a_cursor(search):
    for number in range(5):
        article(f"Page {number}", "A queue.")
    first = search("queue", first=3)
    second = search("queue", first=3, after=first["pageInfo"]["endCursor"])
    assert len({*titles(first), *titles(second)}) == 5
    assert (first["pageInfo"]["hasNextPage"], first["pageInfo"]["hasPreviousPage"]) == (True, False)
    assert (second["pageInfo"]["hasNextPage"], second["pageInfo"]["hasPreviousPage"]) == (False, True)
    assert second["totalCount"] == 5


def test_a_misspelt_word_is_taken_for_one_of_a_title(search):
    factories.ToolPageFactory(title="Django", body=[])
    article("Django, Django and Django", "It is easy, says Django.")
    for query in ("djnago", "dajngo", "djang", "djangoo", "djanga", "Djnago!"):
        found = search(query)
        assert (found["match"], found["correction"]) == ("CORRECTED", "django"), query
        assert titles(found) == ["Django", "Django, Django and Django"], query
    found = search('easy "djnago"')
    assert (titles(found), found["correction"]) == (["Django, Django and Django"], 'easy "django"')
    assert search("flask")["nodes"] == []


def test_where_nothing_holds_every_word_some_will_do(search):
    article("One", "A queue.")
    article("Two", "A shelf.")
    found = search("queue zeppelin")
    assert (titles(found), found["match"]) == (["One"], "SOME_WORDS")
    assert search("zeppelin airship")["totalCount"] == 0


def test_suggestions_are_titles_with_words_that_begin_so(graphql):
    for title in ("Queues in practice", "A queue for everyone", "Quiet", "Elsewhere"):
        article(title, "A queue.")
    ask = "query ($query: String!, $first: Int) { suggestions(query: $query, first: $first) { title path } }"

    def offered(query, **variables):
        return [each["title"] for each in graphql(ask, {"query": query, **variables})["data"]["suggestions"]]

    assert offered("que") == ["Queues in practice", "A queue for everyone"]
    assert offered("QU", first=2) == ["Queues in practice", "Quiet"]
    assert offered("everyone que") == ["A queue for everyone"]
    assert offered("q") == offered("") == offered("zz") == []


def test_only_what_is_public_is_found_counted_and_offered(search, graphql):
    secret = "zeppelin"
    shown = article("Shown", "A queue.")
    article(f"Draft {secret}", secret, live=False)
    expired = article(f"Expired {secret}", secret)
    with changes():
        expired.expire_at = timezone.now() + timedelta(hours=1)
        expired.save_revision().publish()
    assert search(secret)["totalCount"] == 1
    with changes():
        type(expired).objects.filter(pk=expired.pk).update(expire_at=timezone.now() - timedelta(seconds=1))
        from content.changes import touch

        touch([f"page:{expired.pk}"])
    with changes():
        shown.title = f"Newer draft {secret}"
        shown.save_revision()
    found = search(secret)
    assert (found["totalCount"], found["types"], found["topics"], found["correction"]) == (0, [], [], None)
    assert search("zepelin") == {**search("zzzepelin")}
    assert graphql(f'{{ suggestions(query: "{secret[:4]}") {{ title }} }}')["data"]["suggestions"] == []
    assert titles(search("queue")) == ["Shown"]


def test_what_other_documents_decide_about_is_not_found_here(search):
    tool = factories.ToolPageFactory(title="Secretive", body=[])
    link = f'<a linktype="page" id="{tool.pk}">read on</a>'
    article("One", f"A queue, {link}.", tools=[tool])
    with changes():
        tool.unpublish()
    assert search("secretive")["totalCount"] == 0
    assert titles(search("read on")) == ["One"]


def test_a_preview_finds_the_draft_in_the_published_world(search, admin_client, settings):
    settings.FRONTEND_URL, settings.ADMIN_ORIGINS = "https://reader.example", ["http://testserver"]
    tool = factories.ToolPageFactory(title="Hammer", tagline="For nails.", body=[])
    factories.ToolPageFactory(title="Nail gun", tagline="For many nails.", body=[])
    token = edited(admin_client, tool, tagline="For screws.")
    assert titles(search("screws", token=token)) == ["Hammer"]
    assert titles(search("nails", token=token)) == ["Nail gun"]
    assert titles(search("screws")) == []
    assert sorted(titles(search("nails"))) == ["Hammer", "Nail gun"]


def test_each_language_is_searched_by_itself(search, settings):
    settings.WAGTAIL_CONTENT_LANGUAGES = settings.LANGUAGES = [("en", "English"), ("de", "German")]
    german = Locale.objects.create(language_code="de")
    tree_in(german)
    page = article("Queues", "About queues.")
    translated(page, german, title="Warteschlangen", body=text("Über Warteschlangen in Häusern."))
    assert titles(search("haus", locale="de")) == ["Warteschlangen"]
    assert titles(search("warteschlange")) == titles(search("queue", locale="de")) == []


def test_bad_input_is_refused_in_words(graphql):
    def refused(arguments):
        error = graphql(f"{{ search({arguments}) {{ totalCount }} }}")["errors"][0]
        return error["extensions"]["code"], error["message"]

    assert refused(f'query: "{"x" * 201}"') == ("BAD_USER_INPUT", "`query` may have 200 characters at most, not 201.")
    assert refused('query: "x", types: ["Person"]')[0] == "BAD_USER_INPUT"
    assert refused('query: "x", first: 101')[0] == "BAD_USER_INPUT"
    for cursor in ("x", "WyJzY29yZSIsIC0xXQ==", "WyJzY29yZSIsIHRydWVd", "WyJzY29yZSIsIDEwMDFd"):
        assert refused(f'query: "x", after: "{cursor}"') == ("BAD_USER_INPUT", "`after` is not a cursor of a search.")


@pytest.mark.parametrize(
    "query", ["'", '"', "\\", "a' | 'b", "(", ":*", "a & b", "NEAR(a b)", "title:x", "*", "^a", "a OR", "{x}", "%", "é́" * 60, "🙂", "-", '-"', "a" * 200, " ".join("abcdefghijklmnopq")]
)  # fmt: skip
def test_signs_of_the_databases_mean_nothing(search, query):
    article("One", "a b x")
    assert isinstance(search(query)["nodes"], list)


def test_a_search_takes_the_same_statements_however_much_is_found(graphql, monkeypatch):
    # The generation, the best ones with their words, what they refer to; then types, topics, their documents.
    ask = """{ search(query: "queue", first: 20) { totalCount nodes { score highlights page { title ... on Article { topics { name } hero { url } } } } } }"""
    more = """{ search(query: "queue") { totalCount nodes { page { title } } types { count } topics { count topic { name } } } }"""
    for count in (1, 5):
        for number in range(count):
            article(
                f"{count} {number}", "A queue.", topics=[factories.TopicFactory()], hero=factories.CustomImageFactory()
            )
        assert queries(graphql, ask) == 3
        assert queries(graphql, more) == 5
    assert queries(graphql, '{ suggestions(query: "on") { title path } }') == 2
    monkeypatch.setattr(finding, "MOST_RANKED", 3)
    # Once more for titles; the count of types is that of all.
    assert queries(graphql, ask) == 3 + 2
    assert queries(graphql, more) == 5 + 1


def test_of_very_many_pages_those_with_the_words_in_their_titles_are_ranked_first(search, monkeypatch):
    for number in range(9):
        article(f"Page {number}", "A queue of workers, a queue of jobs.")
    article("Queueing for a worker", "Nothing.")
    factories.ToolPageFactory(title="Worker queue", body=[])
    everything = search("worker queue")
    assert titles(everything)[0] == "Worker queue"
    monkeypatch.setattr(finding, "MOST_RANKED", 3)
    found = search("worker queue", first=100)
    assert titles(found)[:2] == ["Worker queue", "Queueing for a worker"]
    assert len(titles(found)) == 3 + 1 + 2
    assert (found["totalCount"], found["types"]) == (everything["totalCount"], everything["types"])
    assert found["totalCount"] == 11
    assert titles(search("worker queue", types=["Tool"])) == ["Worker queue"]
    for number in range(5):
        article(f"Other {number}", "Dying, dying, dying.")
    factories.ToolPageFactory(title="Dying", body=text("It dies: a queue."))
    # The stem of the word does not begin like it.
    assert titles(search("dying"))[0] == "Dying"


@pytest.mark.postgresql_only
@pytest.mark.parametrize("most", [1, 2_000])
def test_every_statement_looks_terms_up_in_an_index(graphql, monkeypatch, most):
    for number in range(3):
        article(f"Page {number}", "A queue.", topics=[factories.TopicFactory()])
    monkeypatch.setattr(finding, "MOST_RANKED", most)
    with CaptureQueriesContext(connection) as captured:
        for asked in ("queue", "queeu", "queue zeppelin"):
            graphql(SEARCH, {"query": asked})
        graphql('{ suggestions(query: "pag") { title } }')
    checked = 0
    for query in captured:
        settings, _, statement = query["sql"].rpartition(";")
        if "api_searchtext" in statement and statement.strip().startswith("SELECT"):
            with connection.cursor() as cursor:
                # What other statements have set lasts until the test ends.
                cursor.execute("SET LOCAL enable_seqscan = on; SET LOCAL enable_indexscan = on")
                cursor.execute(f"{settings}; EXPLAIN {statement}" if settings else f"EXPLAIN {statement}")
                while cursor.description is None:
                    cursor.nextset()
                plan = "\n".join(line for (line,) in cursor.fetchall())
            assert "Seq Scan on api_searchtext" not in plan, statement
            checked += 1
    assert checked >= 10


def test_versions_that_are_forgotten_leave_no_terms_behind(settings):
    page = article("One", "A queue.")
    with changes():
        page.title = "Two"
        page.save_revision().publish()
    from api.documents.models import Document

    past = timezone.now() - timedelta(days=40)
    Document.objects.filter(key=f"page:{page.pk}").exclude(valid_to=None).update(valid_to=past)
    settings.KEEP_VERSIONS_DAYS = 30
    stored = SearchText.objects.count()
    retention.prune()
    assert SearchText.objects.count() == stored - 1


# Searches that found nothing ------------------------------------------------------------------------------------------


@pytest.fixture
def counted():
    unfound._counted.clear()
    yield unfound._counted
    unfound._counted.clear()


def test_searches_in_vain_are_counted_for_editors(search, counted, admin_client):
    article("One", "A queue.")
    for query in ("Zeppelin", "zeppelin!", "queue", "queue zeppelin"):
        search(query)
    for query in ("", "ada@example.org", "call 0123456", "https://example.org"):
        search(query)
    unfound.write()
    assert list(UnfoundSearch.objects.order_by("words").values_list("words", "count", "locale")) == [
        ("queue zeppelin", 1, "en"),
        ("zeppelin", 2, "en"),
    ]
    search("zeppelin")
    unfound.write()
    assert UnfoundSearch.objects.get(words="zeppelin").count == 3
    page = admin_client.get(reverse("api_unfound_searches")).content.decode()
    assert "queue zeppelin" in page
    assert admin_client.get(reverse("api_unfound_searches"), {"export": "csv"}).status_code == 200
    assert "Searches that found nothing" in admin_client.get(reverse("wagtailadmin_home")).content.decode()


def test_the_report_names_languages(admin_client, settings):
    settings.WAGTAIL_CONTENT_LANGUAGES = settings.LANGUAGES = [("en", "English"), ("de", "German")]
    now = timezone.now()
    for locale in ("de", "fr"):
        UnfoundSearch.objects.create(site="localhost", locale=locale, words="zeppelin", first_at=now, last_at=now)
    page = admin_client.get(reverse("api_unfound_searches")).content.decode()
    cells = {cell.strip() for cell in re.findall(r"<td[^>]*>([^<]*)</td>", page)}
    assert cells & {"German", "de", "fr"} == {"German", "fr"}


def test_the_report_is_for_editors_and_says_when_nothing_is_missing(admin_client, client, django_user_model):
    assert "found something for everything" in admin_client.get(reverse("api_unfound_searches")).content.decode()
    client.force_login(django_user_model.objects.create_user("reader"))
    assert client.get(reverse("api_unfound_searches")).status_code == 302


def test_searches_of_a_preview_are_not_counted(search, counted, admin_client, settings):
    settings.FRONTEND_URL, settings.ADMIN_ORIGINS = "https://reader.example", ["http://testserver"]
    search("zeppelin", token=edited(admin_client, factories.ToolPageFactory(title="Hammer"), tagline="Typed"))
    unfound.write()
    assert not UnfoundSearch.objects.exists()


def test_whoever_invents_words_makes_no_more_rows(counted, monkeypatch):
    monkeypatch.setattr(unfound, "MOST", 3)
    monkeypatch.setattr(unfound, "ROWS", 2)
    for number in range(10):
        unfound.note("localhost", "en", f"word{number}")
    assert len(counted) == 3
    unfound.write()
    assert UnfoundSearch.objects.count() == 2


def test_counts_are_written_after_an_answer_half_a_minute_after_the_last_time(search, counted, monkeypatch):
    unfound.write()
    search("zeppelin")
    assert UnfoundSearch.objects.count() == 0
    monkeypatch.setattr(unfound, "PAUSE", 0.0)
    search("airship")
    assert UnfoundSearch.objects.count() == 2


def test_passages_are_cut_between_words():
    marker = finding.Marker([("queue",)], "en")
    (passage,) = marker.passages("x" * 400 + " queue " + "y" * 400)[:1]
    assert passage == "… <mark>queue</mark> …"
    assert finding.Marker([], "en").passages("") == []
    assert json.dumps(words.asked('a "b c" -d', "en"))
