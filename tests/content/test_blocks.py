"""Every block an editor can choose."""

import json

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from wagtail import hooks
from wagtail.admin.icons import get_icons
from wagtail.admin.rich_text.converters.contentstate import ContentstateConverter
from wagtail.blocks import StreamValue

from content.blocks import BodyBlock
from content.body_part import PROSE, SourceBlock, line_numbers
from content.embeds import provider_of
from content.models.article import ArticlePage
from tests.factories import (
    ArticlePageFactory,
    AttributeFactory,
    CustomImageFactory,
    FactFactory,
    ToolPageFactory,
    every_block,
)

BLOCKS = BodyBlock().child_blocks
every = pytest.mark.parametrize("block", BLOCKS.values(), ids=BLOCKS.keys())


@every
def test_an_editor_can_tell_what_it_is(block):
    assert block.meta.icon != "placeholder"
    assert f'id="icon-{block.meta.icon}"' in get_icons()
    assert block.label
    assert block.meta.description
    assert block.meta.group
    assert block.meta.preview_value
    assert block.is_previewable


@every
@pytest.mark.django_db
def test_the_chooser_shows_it(block, admin_client):
    every_block()
    address = reverse("wagtailadmin_block_preview")
    response = admin_client.get(address, {"id": block.definition_prefix})
    assert response.status_code == 200
    page = response.content.decode()
    assert f"<h1>{block.label}</h1>" in page
    assert page.count('class="field ') >= 1


@pytest.mark.django_db
def test_each_one_survives_publishing_with_its_preview_value():
    body = every_block()
    article = ArticlePageFactory(body=body)
    stored = ArticlePage.objects.get(pk=article.pk).body
    assert [block.block_type for block in stored] == list(BLOCKS)
    assert [dict(block.value)["image"].alt for block in stored if block.block_type == "image"] == [
        "A terminal, all tests green"
    ]
    assert isinstance(stored, StreamValue)
    stored.stream_block.clean(stored)


@pytest.mark.django_db
def test_a_preview_value_without_an_image_or_a_tool_is_empty_there():
    assert BLOCKS["image"].get_preview_value()["image"] is None
    assert BLOCKS["tool_card"].get_preview_value()["tool"] is None
    assert list(BLOCKS["tool_list"].get_preview_value()["tools"]) == []


def refusal(name, *, draft=False, **values):
    """The messages at the fields of a block that an editor filled in like this, joined; empty for none."""
    block = BLOCKS[name]
    value = block.to_python(values)
    try:
        block.clean_deferred(value) if draft else block.clean(value)
    except ValidationError as error:
        return dict(messages(error))
    return {}


def messages(error, path=""):
    for name, inner in getattr(error, "block_errors", {}).items():
        yield from messages(inner, f"{path}.{name}" if path else str(name))
    if not getattr(error, "block_errors", None):
        yield path, " ".join(error.messages)


def picture(**values):
    return {"image": CustomImageFactory(alt=values.pop("kept", "A terminal")).pk, **values}


NO_TEXT = "Say what the picture tells, or declare below that it only decorates."
TWO_TEXTS = "Leave this empty for a picture that only decorates, or take back “only decorates”."


@pytest.mark.django_db
def test_a_picture_has_a_text_or_only_decorates():
    assert refusal("image", **picture()) == {}
    assert refusal("image", **picture(kept="", alt="Own")) == {}
    assert refusal("image", **picture(kept="", decorative=True)) == {}
    assert refusal("image", **picture(kept="")) == {"alt": NO_TEXT}
    assert refusal("image", draft=True, **picture(kept="")) == {}
    assert refusal("image", **picture(alt="Own", decorative=True)) == {"alt": TWO_TEXTS}
    assert refusal("gallery", images=[picture(), picture(kept="")]) == {"images.1.alt": NO_TEXT}


@pytest.mark.parametrize("lines", ["0", "3-2", "a", "1;2", "1-2-3", "1--2", "-1", "123456"])
def test_lines_that_are_no_lines_are_refused(lines):
    message = "Write line numbers and ranges with commas between them: “3-5,8”."
    assert refusal("code", language="text", code="x\n" * 9, highlighted_lines=lines) == {"highlighted_lines": message}


def test_marked_lines_lie_inside_the_listing():
    assert refusal("code", language="text", code="a\nb\n", highlighted_lines=" 1, 2") == {}
    message = {"highlighted_lines": "The listing ends with line 2."}
    assert refusal("code", language="text", code="a\nb\n", highlighted_lines="1-3") == message
    assert line_numbers("3-5, 8,4") == [3, 4, 5, 8]


@pytest.mark.parametrize(
    "address",
    [
        "https://www.youtube.com/watch?v=1",
        "https://youtu.be/1",
        "https://vimeo.com/1",
        "https://media.ccc.de/v/1",
        "https://asciinema.org/a/1",
    ],
)
def test_embeds_of_listed_services_are_taken(address):
    assert refusal("embed", address=address, title="T", transcript="<p>T</p>") == {}


@pytest.mark.parametrize(
    "address",
    [
        "https://evil.example/https://youtube.com/",
        "https://youtube.com.evil.example/",
        "https://youtube.com@evil.example/",
        "https://evil.example#youtube.com",
        "http://youtube.com/watch?v=1",
        "https://youtube.com:8443/",
    ],
)
def test_embeds_of_other_hosts_are_refused(address):
    (name, message), *others = refusal("embed", address=address, title="T", transcript="<p>T</p>").items()
    assert (name, others) == ("address", [])
    assert message.startswith("Only https addresses at these hosts can be shown: www.youtube.com, vimeo.com")
    assert provider_of(address) is None


def test_an_embed_needs_a_transcript_or_the_address_of_one_before_it_is_published():
    embed = {"address": "https://vimeo.com/1", "title": "T"}
    message = {"transcript": "Write a transcript, or enter below where it can be read."}
    assert refusal("embed", **embed) == message
    assert refusal("embed", draft=True, **embed) == {}
    assert refusal("embed", **embed, transcript_url="https://a.example/") == {}


@pytest.mark.parametrize(
    "address", ["javascript:alert(1)", "data:text/html,x", "ftp://a.example/", "mailto:a@a.example"]
)
def test_links_take_web_addresses_only(address):
    (name, message) = next(iter(refusal("call_to_action", text="T", label="L", url=address).items()))
    assert name == "url"
    assert "https://" in message


@pytest.mark.django_db
def test_a_link_leads_to_a_page_or_an_address():
    page = ToolPageFactory().pk
    assert refusal("call_to_action", text="T", label="L", page=page) == {}
    assert refusal("call_to_action", text="T", label="L") == {"page": "Choose a page, or enter an address below."}
    assert refusal("call_to_action", draft=True, text="T", label="L") == {}
    both = {"page": page, "url": "https://a.example/"}
    message = "Choose a page or enter an address, not both."
    assert refusal("call_to_action", text="T", label="L", **both) == {"url": message}
    assert refusal("resources", resources=[{"title": "T", "kind": "book", **both}]) == {"resources.0.url": message}
    assert refusal("steps", steps=[{"title": "T"}]) == {}


@pytest.mark.django_db
def test_a_tool_list_is_chosen_or_filtered():
    tool = ToolPageFactory().pk
    assert refusal("tool_list", tools=[tool]) == {}
    assert refusal("tool_list", lifecycle="active") == {}
    both = "Choose tools above, or a category and lifecycle here, not both."
    assert refusal("tool_list", tools=[tool], lifecycle="active") == {"category": both}
    assert refusal("tool_list") == {"category": "Choose tools above, or a category or lifecycle here."}
    assert refusal("tool_list", draft=True) == {}


def test_no_two_headings_have_the_same_anchor():
    body = BodyBlock()
    rows = [
        {"type": "heading", "value": {"text": "T", "level": "2", "anchor": each}} for each in ("one", "", "", "one")
    ]
    with pytest.raises(ValidationError) as refused:
        body.clean(body.to_python(rows))
    assert dict(messages(refused.value)) == {"3.anchor": "Another heading of this page has this anchor already."}
    message = "Use small letters, digits and single hyphens: “first-steps”."
    assert refusal("heading", text="T", level="2", anchor="No good") == {"anchor": message}


@pytest.mark.django_db
def test_a_fact_in_a_sentence_survives_the_editor(admin_client):
    fact = FactFactory(tool=ToolPageFactory(title="Django"), attribute=AttributeFactory(label="Licence"))
    stored = f'<p data-block-key="a1">It is <a linktype="fact" id="{fact.pk}">MIT</a>, and <b>that</b> is it.</p>'
    converter = ContentstateConverter(features=PROSE)
    typed = converter.from_database_format(stored)
    entity = json.loads(typed)["entityMap"]["0"]
    address = f"/admin/snippets/content/fact/edit/{fact.pk}/"
    assert entity["data"] == {"id": str(fact.pk), "label": "Django: Licence", "url": address}
    assert (entity["type"], entity["mutability"]) == ("FACT", "IMMUTABLE")
    assert converter.to_database_format(typed) == stored


@pytest.mark.django_db
def test_facts_are_found_by_tool_question_and_answer(admin_client):
    attribute = AttributeFactory(label="Licence", data_type="text", source_required=False)
    facts = [
        FactFactory(tool=ToolPageFactory(title=name), attribute=attribute, value="MIT") for name in ("Flask", "Bottle")
    ]
    html = admin_client.get(
        reverse("wagtailsnippetchoosers_content_fact:choose_results"), {"q": "flask mit"}
    ).content.decode()
    assert "Flask: Licence" in html
    assert "Bottle: Licence" not in html
    chosen = admin_client.get(reverse("wagtailsnippetchoosers_content_fact:chosen", args=[facts[0].pk])).json()
    assert (chosen["result"]["string"], chosen["result"]["display"]) == ("Flask: Licence", "MIT")


@pytest.mark.django_db
def test_choosing_a_fact_costs_the_same_however_many_there_are(admin_client):
    address = reverse("wagtailsnippetchoosers_content_fact:choose_results")
    spent = []
    for count in (1, 6):
        for _ in range(count):
            FactFactory()
        with CaptureQueriesContext(connection) as captured:
            assert admin_client.get(address).status_code == 200
        spent.append(len(captured))
    assert spent[0] == spent[1]


def test_source_code_keeps_its_indentation():
    assert SourceBlock().clean("    x = 1\n\n") == "    x = 1\n\n"


def test_our_icons_are_registered():
    request = RequestFactory().get("/")
    assert hooks.get_hooks("register_icons")
    assert all(f'id="icon-{name}"' in get_icons() for name in ("scales", "shelf", "wrench")), request
