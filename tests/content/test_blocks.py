"""Every block an editor can choose."""

import pytest
from django.test import RequestFactory
from django.urls import reverse
from wagtail import hooks
from wagtail.admin.icons import get_icons
from wagtail.blocks import StreamValue

from content.blocks import BodyBlock, SourceBlock
from content.models.article import ArticlePage
from tests.factories import ArticlePageFactory, every_block

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


def test_source_code_keeps_its_indentation():
    assert SourceBlock().clean("    x = 1\n\n") == "    x = 1\n\n"


def test_our_icons_are_registered():
    request = RequestFactory().get("/")
    assert hooks.get_hooks("register_icons")
    assert all(f'id="icon-{name}"' in get_icons() for name in ("scales", "shelf", "wrench")), request
