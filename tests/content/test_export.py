"""Content as files: complete, readable, the same each time, and the way back."""

import re
from datetime import date

import pytest
from django.core.management import CommandError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from wagtail.models import Locale, Page, PageViewRestriction, Revision, Site

from content.changes import changes
from content.interchange.kinds import key_fields, kinds
from content.interchange.nodes import Node
from content.interchange.references import References
from content.interchange.rich_text import canonical, cleaned, from_markdown, to_markdown
from content.models.article import ArticleCorrection, ArticlePage, ArticleTopic
from content.models.fact import Fact, FactState
from content.models.home import HomePage
from content.models.tool import ToolAlternative, ToolPage
from content.models.topic import Topic
from content.values import DataType
from tests.content.interchange import clean_storage, files, passing, put, take_in, write_out  # noqa: F401
from tests.factories import (
    ArticlePageFactory,
    AttributeFactory,
    CategoryFactory,
    ComparisonPageFactory,
    CustomImageFactory,
    FactFactory,
    PersonFactory,
    SourceFactory,
    ToolPageFactory,
    TopicFactory,
    every_block,
    remove_tree,
    tree,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clean_storage")]


def publication():
    """Something of everything, each referring to others."""
    tree()
    hero = CustomImageFactory(title="Hero", file__filename="hero.jpg", file__color="red")
    topic = TopicFactory(name="Web", slug="web", description="Everything:\nservers and *browsers*.")
    flask = ToolPageFactory(title="Flask", slug="flask", categories=[CategoryFactory(name="Framework")], logo=hero)
    django = ToolPageFactory(title="Django", slug="django", body=every_block())
    for tool, other in ((django, flask), (flask, django)):
        tool.alternatives = [ToolAlternative(tool=other, relation="competes", why="It is: another # kind.")]
        with changes():
            tool.save_revision().publish()
    version = AttributeFactory(key="minimum-python", label="Minimum Python", data_type=DataType.VERSION, ttl_days=90)
    typed = AttributeFactory(key="typed", label="Typed")
    source = SourceFactory(title="PyPI: “Django”", url="https://pypi.org/project/django/")
    FactFactory(tool=django, attribute=version, value="3.10", sources=[source], verified_on=date(2026, 1, 31))
    FactFactory(tool=django, attribute=typed, state=FactState.NO, qualifier="Core: with a colon", sources=[source])
    article = ArticlePageFactory(
        title="A: first",
        slug="first",
        question="no",
        hero=hero,
        authors=[PersonFactory(name="Zoe", slug="zoe"), PersonFactory(name="Ada", slug="ada", photo=hero)],
        topics=[topic],
        tools=[django],
        body=[
            ("heading", {"text": "1. What # it `is` *not*", "level": "3"}),
            ("rich_text", {"content": f'<p>See <a linktype="page" id="{django.pk}">Django</a> &amp; <b>co</b>.</p>'}),
            ("rich_text", {"content": "<ul><li>one<ol><li>two</li></ol></li></ul><blockquote>three</blockquote>"}),
            ("code", {"language": "python", "file_name": "a b.py", "code": "  if x:\n\n    ```\n"}),
            ("image", {"image": hero, "caption": 'The "row"', "credit": ""}),
            *every_block(),
        ],
    )
    article.corrections = [ArticleCorrection(on=date(2026, 2, 1), text="It was: wrong.")]
    with changes():
        article.save_revision().publish()
    ComparisonPageFactory(title="Both", slug="both", tools=[flask, django], attributes=[version, typed], topics=[topic])


@pytest.mark.parametrize("target", ["out", "out/content.json"])
def test_export_and_import_into_an_empty_database_give_the_same_files(tmp_path, target):
    remove_tree()
    with passing():
        publication()
        write_out(tmp_path / target)
    assert not ArticlePage.objects.exists()

    assert "articles: 1 new" in take_in(tmp_path / target, "--publish")
    again = tmp_path / "again" / target
    write_out(again)

    first, second = (files(path if path.is_dir() else path.parent) for path in (tmp_path / target, again))
    assert list(first) == list(second)
    assert first == second
    assert Fact.objects.get(attribute__key="minimum-python").verified_on == date(2026, 1, 31)


@pytest.fixture
def german(settings):
    settings.WAGTAIL_CONTENT_LANGUAGES = settings.LANGUAGES = [("en", "English"), ("de", "German")]
    return Locale.objects.create(language_code="de")


def translated(original, locale, **values):
    with changes():
        copy = original.copy_for_translation(locale, **({"copy_parents": True} if isinstance(original, Page) else {}))
        copy.save()
        for name, value in values.items():
            setattr(copy, name, value)
        copy.save_revision().publish()
    return copy


@pytest.mark.parametrize("target", ["out", "out/content.json"])
def test_another_language_and_another_site_come_back_as_they_were(tmp_path, german, target):
    remove_tree()
    with passing():
        topic, tool = TopicFactory(name="Data", slug="data"), ToolPageFactory(title="Django", slug="django")
        article = ArticlePageFactory(title="One", slug="one", topics=[topic], tools=[tool])
        daten = translated(topic, german, name="Daten", slug="daten")
        eins = translated(article, german, title="Eins", slug="eins", article_topics=[ArticleTopic(topic=daten)])
        elsewhere = ArticlePageFactory(title="Elsewhere", slug="one", parent=tree("other.example").articles)
        translated(elsewhere, german, title="Woanders", slug="eins", article_topics=[ArticleTopic(topic=daten)])
        write_out(tmp_path / target)
    welcome = Site.objects.get(is_default_site=True).root_page
    Site.objects.create(hostname="other.example", port=443, root_page=welcome)

    take_in(tmp_path / target, "--publish")
    again = tmp_path / "again" / target
    write_out(again)

    first, second = (files(path if path.is_dir() else path.parent) for path in (tmp_path / target, again))
    assert list(first) == list(second)
    assert first == second
    assert {page.full_url for page in ArticlePage.objects.all()} == {
        "http://127.0.0.1:4321/articles/one/",
        "http://127.0.0.1:4321/de/articles/eins/",
        "https://other.example/articles/one/",
        "https://other.example/de/articles/eins/",
    }
    one, eins = ArticlePage.objects.filter(title__in=["One", "Eins"]).order_by("locale_id")
    assert one.translation_key == eins.translation_key
    assert eins.article_topics.get().topic.name == "Daten"
    assert len(set(HomePage.objects.values_list("translation_key", flat=True))) == 2
    assert eins.get_parent().alias_of.slug == "articles", "a translation's parents follow until they are translated"
    output = take_in(tmp_path / target, "--publish")
    assert not re.findall(r"\b(?:new|changed|published|waiting)\b", output), output


def test_what_was_a_draft_first_is_the_same_when_published(tmp_path):
    remove_tree()
    with passing():
        ArticlePageFactory(title="One", slug="one", parent=tree().articles)
        write_out(tmp_path)
    take_in(tmp_path)
    take_in(tmp_path, "--publish")
    output = take_in(tmp_path, "--publish")
    assert not re.findall(r"\b(?:new|changed|published|waiting)\b", output), output


def test_an_alias_stays_one_wherever_its_original_lies(tmp_path):
    out, name = tmp_path / "out", "pages/articles/another.md"
    remove_tree()
    with passing():
        section = tree().articles
        original = ArticlePageFactory(title="One", slug="one", parent=section)
        with changes():
            twin = ArticlePage.objects.get(pk=original.pk).create_alias(update_slug="another")
        write_out(out)
        write_out(tmp_path / "drafts", "--drafts")
    assert files(out) == files(tmp_path / "drafts")
    assert files(out)[name].decode() == "---\ntype: article\nalias_of: /articles/one/\n---\n"
    assert twin.translation_key != original.translation_key

    assert "articles: 2 new" in take_in(out)
    another, one = ArticlePage.objects.order_by("slug")
    assert (another.alias_of_id, another.live, one.live) == (one.pk, False, False)
    take_in(out, "--publish")
    assert [page.live for page in ArticlePage.objects.all()] == [True, True]
    with changes():
        another.delete()
    assert "1 new" in take_in(out), "its original is published"
    another = ArticlePage.objects.get(slug="another")
    assert not another.live
    assert (another.title, another.translation_key == one.translation_key) == ("One", False)
    assert "articles: 1 published as it is, 1 unchanged" in take_in(out, "--publish")
    another.refresh_from_db()
    assert another.live


@pytest.mark.parametrize(
    ("name", "text", "problem"),
    [
        ("another", "type: article\nalias_of: /articles/one/\ntitle: Mine", "4: An alias shows what its original does and has no “title” of its own."),
        ("alias", "type: article\nalias_of: /articles/one/\n---\n\nMine.", "1: An alias shows what its original does and has no “body” of its own."),
        ("another", "type: article\nalias_of: /articles/two/", "3: There is no article “/articles/two/”. Did you mean “/articles/one/”?"),
        ("another", "type: tool\nalias_of: /articles/one/", "3: “/articles/one/” is no tool."),
        ("below/another", "type: article\nalias_of: /articles/one/", "1: There is no page “/articles/below/” for this one to lie below."),
        ("alias", "type: article\ntitle: Mine\ndek: Short.", "1: “One” is an alias and shows what its original does."),
    ],
)  # fmt: skip
def test_what_cannot_be_made_of_an_alias_is_refused(tmp_path, name, text, problem):
    one = ArticlePageFactory(title="One", slug="one")
    with changes():
        ArticlePage.objects.get(pk=one.pk).create_alias(update_slug="alias")
    put(tmp_path, f"pages/articles/{name}.md", f"---\n{text}\n---\n")
    with pytest.raises(CommandError) as raised:
        take_in(tmp_path)
    assert f"pages/articles/{name}.md:{problem}" in str(raised.value)
    assert ArticlePage.objects.count() == 2


def test_a_page_of_its_own_is_made_no_alias(tmp_path):
    for slug in ("one", "two"):
        ArticlePageFactory(title=slug, slug=slug)
    put(tmp_path, "pages/articles/two.md", "---\ntype: article\nalias_of: /articles/one\n---\n")
    assert "two.md: left as it is: it is a page of its own here." in take_in(tmp_path, "--publish")
    assert ArticlePage.objects.get(slug="two").alias_of is None


@pytest.mark.parametrize("target", ["out", "out/content.json"])
def test_importing_what_was_exported_changes_nothing(tmp_path, target):
    publication()
    write_out(tmp_path / target)
    before = Revision.objects.count()

    output = take_in(tmp_path / target, "--publish")

    assert not re.findall(r"\b(?:new|changed|published|waiting)\b", output), output
    assert Revision.objects.count() == before


def test_files_are_written_as_people_write(tmp_path):
    publication()
    out = files(write_out(tmp_path / "out"))

    article = out["pages/articles/first.md"].decode()
    assert article.startswith(
        "---\ntype: article\ntitle: 'A: first'\nquestion: 'no'\ndek: The answer in one sentence.\nhero: hero.jpg\n"
        "authors:\n- zoe\n- ada\ntopics:\n- web\ntools:\n- /tools/django/\n"
    )
    assert (
        "\n### 1. What # it \\`is\\` \\*not\\*\n\nSee [Django](/tools/django/) & **co**.\n\n<!-- next -->\n\n"
        "- one\n  1. two\n\n> three\n\n````python a b.py\n  if x:\n\n    ```\n\n````\n"
    ) in article
    assert "\n```yaml block: callout\ntone: tip\nheading: Start with one process\ncontent: A job queue" in article
    assert '\n![A terminal, all tests green](../../images/hero.jpg "The \\"row\\"")\n' in article
    assert b"- tool: /tools/django/\n  attribute: minimum-python\n" in out["facts/django.yaml"]
    assert b"verified_on: 2026-01-31" in out["facts/django.yaml"]


def test_drafts_are_left_out_unless_asked_for(tmp_path):
    article = ArticlePageFactory(title="Public", slug="public")
    article.title = "Changed"
    article.save_revision()
    ArticlePageFactory(title="Secret", slug="secret", live=False)
    TopicFactory(name="Secret topic", slug="secret", live=False)

    published = files(write_out(tmp_path / "published"))
    drafts = files(write_out(tmp_path / "drafts", "--drafts"))

    assert "pages/articles/secret.md" not in published
    assert "topics/secret.md" not in published
    assert b"title: Public" in published["pages/articles/public.md"]
    assert b"draft:" not in published["pages/articles/public.md"]
    assert b"title: Changed" in drafts["pages/articles/public.md"]
    assert b"draft: true" in drafts["pages/articles/public.md"]
    assert "topics/secret.md" in drafts


def test_a_draft_stays_one_when_the_rest_is_published(tmp_path):
    with passing():
        ArticlePageFactory(title="Secret", slug="secret", live=False)
        ArticlePageFactory(title="Public", slug="public")
        write_out(tmp_path / "out", "--drafts")
    take_in(tmp_path / "out", "--publish")
    assert list(ArticlePage.objects.order_by("slug").values_list("slug", "live")) == [
        ("public", True),
        ("secret", False),
    ]


def test_a_private_page_is_not_published_where_it_would_be_public(tmp_path):
    with passing():
        section = tree().articles
        with changes():
            PageViewRestriction.objects.create(page=section, restriction_type=PageViewRestriction.LOGIN)
        ArticlePageFactory(title="Members only", slug="members")
        write_out(tmp_path / "out")
    output = take_in(tmp_path / "out", "--publish")
    assert "pages/articles/members.md: left as a draft: the page was private" in output
    assert not ArticlePage.objects.get().live


def test_chosen_types_take_their_images_along_and_no_others(tmp_path):
    publication()
    CustomImageFactory(title="Unused", file__filename="unused.jpg", file__color="green")
    out = files(write_out(tmp_path / "out", "--type", "person"))
    assert set(out) == {"people/ada.md", "people/zoe.md", "images/hero.jpg", "images/hero.jpg.md"}


def test_a_folder_with_something_in_it_is_refused_and_replaced_on_demand(tmp_path):
    topic = TopicFactory(name="Web", slug="web")
    write_out(tmp_path)
    put(tmp_path, "notes/mine.md", "keep")
    with pytest.raises(CommandError, match="is not empty"):
        write_out(tmp_path)
    with changes():
        topic.delete()
    TopicFactory(name="New", slug="new")
    write_out(tmp_path, "--replace")
    assert {name for name in files(tmp_path) if "/" in name} >= {"notes/mine.md", "topics/new.md"}
    assert "topics/web.md" not in files(tmp_path)


def test_menu_order_survives(tmp_path):
    remove_tree()
    with passing():
        home = tree().home
        for section in (tree().comparisons, tree().articles, tree().tools):
            section.refresh_from_db()
            section.show_in_menus = True
            with changes():
                section.save_revision().publish()
                section.move(home, pos="first-child")
            home.refresh_from_db()
        expected = [page.slug for page in Page.objects.child_of(home).order_by("path")]
        write_out(tmp_path / "out")
    take_in(tmp_path / "out", "--publish")
    home = Page.objects.get(slug="toolshelf")
    assert [page.slug for page in home.get_children()] == expected == ["tools", "articles", "comparisons"]


def test_every_kind_has_a_name_a_folder_and_a_key_of_its_own():
    names = [kind.name for kind in kinds()]
    folders = [kind.folder for kind in kinds() if not kind.is_page]
    assert len(set(names)) == len(names)
    assert len(set(folders)) == len(folders)
    assert {Fact, Topic, ArticlePage, ToolPage} <= {kind.model for kind in kinds()}
    assert [kind.model for kind in kinds() if not (kind.is_page or kind.is_image or key_fields(kind.model))] == []


TEXT = (
    st.text(alphabet=st.sampled_from("ab 1._-*#>[]()!`~&<\\|:=+äß😀\"'"), min_size=1, max_size=24)
    .map(lambda text: " ".join(text.split()))
    .filter(bool)
)
INLINE = TEXT.map(lambda text: text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;"))
MARKED = st.one_of(
    INLINE,
    st.tuples(st.sampled_from(["b", "i", "code"]), INLINE).map(lambda pair: f"<{pair[0]}>{pair[1]}</{pair[0]}>"),
    INLINE.map(lambda text: f'<a href="https://example.org/?a=(1)">{text}</a>'),
)
PARAGRAPH = st.lists(MARKED, min_size=1, max_size=4).map("".join)
ELEMENT = st.one_of(
    PARAGRAPH.map(lambda html: f"<p>{html}</p>"),
    PARAGRAPH.map(lambda html: f"<blockquote>{html}</blockquote>"),
    st.tuples(st.sampled_from(["ul", "ol"]), st.lists(PARAGRAPH, min_size=1, max_size=3)).map(
        lambda pair: f"<{pair[0]}>{''.join(f'<li>{item}</li>' for item in pair[1])}</{pair[0]}>"
    ),
)
FEATURES = ["bold", "italic", "code", "link", "ol", "ul", "blockquote"]


@settings(max_examples=60, deadline=None, database=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(ELEMENT, min_size=1, max_size=3).map("".join))
def test_rich_text_comes_back_as_it_was(html):
    references = References()
    stored = cleaned(html, FEATURES)
    again = from_markdown(Node(to_markdown(stored, references)), FEATURES, references)
    assert canonical(again) == canonical(stored)
