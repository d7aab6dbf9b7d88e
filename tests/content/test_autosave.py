"""The editor saves by itself while somebody types: half a row, a row in another place, a row taken away."""

from typing import Any

import pytest
from django import forms
from django.apps import apps
from django.urls import reverse
from wagtail.blocks.base import BlockField
from wagtail.models import Page, RevisionMixin
from wagtail.snippets.models import get_snippet_models
from wagtail.test.utils.form_data import nested_form_data, querydict_from_html, streamfield

from content.models.article import ArticlePage
from tests import factories
from tests.admin import page_address, snippet_address

pytestmark = pytest.mark.django_db

PAGES = [model for model in apps.get_app_config("content").get_models() if issubclass(model, Page)]
SNIPPETS = [model for model in get_snippet_models() if issubclass(model, RevisionMixin)]


class Editor:
    """The browser's side of an editing screen: it sends all fields, and takes over what the answer says of them."""

    def __init__(self, client: Any, address: str) -> None:
        self.client, self.address = client, address
        self.open()

    def open(self) -> None:
        response = self.client.get(self.address)
        self.form = response.context["form"]
        html = response.content.decode()
        form_id = "page-edit-form" if 'id="page-edit-form"' in html else "w-editor-form"
        sent = querydict_from_html(html, form_id=form_id)
        self.data: dict[str, Any] = {
            name: values if len(values) > 1 else values[0]
            for name, values in sent.lists()
            if "__prefix__" not in name and values != ["\n"]
        }
        for name, field in self.form.fields.items():
            if isinstance(field, BlockField):
                self.data |= nested_form_data({name: streamfield([])})

    @property
    def relations(self) -> list[str]:
        return [name for name in self.form.formsets if name != "comments"]

    def add_row(self, relation: str, typed: dict[str, Any]) -> int:
        position = int(self.data[f"{relation}-TOTAL_FORMS"])
        empty = self.form.formsets[relation].empty_form
        for name in empty.fields:
            value = empty[name].value()
            self.data[f"{relation}-{position}-{name}"] = value if value else ""
        self.data |= {f"{relation}-{position}-{name}": value for name, value in typed.items()}
        self.data |= {f"{relation}-TOTAL_FORMS": position + 1, f"{relation}-{position}-ORDER": position + 1}
        return position

    def autosave(self) -> int:
        response = self.client.post(self.address, self.data, headers={"accept": "application/json"})
        if response.status_code == 200:
            saved = response.json()
            self.data |= saved["field_updates"]
            self.data["overwrite_revision_id"] = saved["revision_id"]
            self.data["loaded_revision_created_at"] = saved["revision_created_at"]
            self.address = self.address if "/add/" not in self.address else edit_address(saved["pk"])
        return int(response.status_code)

    def save(self) -> int:
        """By the button."""
        return int(self.client.post(self.address, self.data).status_code)

    def rows(self, relation: str) -> list[list[str]]:
        """The texts and choices of each row."""
        found = self.form.formsets[relation].forms
        return [[str(row[name].value() or "") for name in typed_fields(row)] for row in found]


def edit_address(pk: int) -> str:
    return reverse("wagtailadmin_pages:edit", args=[pk])


def typed_fields(row: Any) -> list[str]:
    return [name for name in row.fields if name not in ("id", "ORDER", "DELETE")]


def an_answer(field: Any, number: int) -> Any:
    """What an editor might choose or type in a field of a row."""
    if isinstance(field, forms.ModelChoiceField):
        model = ArticlePage if field.queryset.model is Page else field.queryset.model
        return made(model).pk
    if isinstance(field, forms.DateField):
        return f"2026-01-0{number + 1}"
    if isinstance(field, forms.ChoiceField):
        return next(value for value, _ in field.choices if value)
    return f"https://example.org/{number}" if isinstance(field, forms.URLField) else f"Typed {number}"


def filled(form: Any, number: int) -> dict[str, Any]:
    """The first field and those that a row cannot do without."""
    names = typed_fields(form)
    wanted = [name for name in names if name == names[0] or form.fields[name].required]
    return {name: an_answer(form.fields[name], number) for name in wanted}


def made(model: Any) -> Any:
    return getattr(factories, f"{model.__name__}Factory")()


def address_of(instance: Any) -> str:
    return page_address(instance) if isinstance(instance, Page) else snippet_address(instance)


def relations_of(model: Any) -> list[str]:
    form = model.get_edit_handler().get_form_class() if issubclass(model, Page) else _snippet_form(model)
    return [name for name in form.formsets if name != "comments"]


def _snippet_form(model: Any) -> Any:
    return model.snippet_viewset.get_edit_handler().get_form_class()


@pytest.fixture
def editor(admin_client):
    return lambda address: Editor(admin_client, address)


@pytest.mark.parametrize("model", PAGES, ids=lambda model: model.__name__)
def test_a_new_page_is_saved_while_it_is_typed_and_by_the_button_after(editor, model):
    parent = factories.HomePageFactory() if model.max_count_per_parent else made(model).get_parent()
    new = editor(reverse("wagtailadmin_pages:add", args=["content", model._meta.model_name, parent.pk]))
    new.data |= {"title": "Half a thought", "slug": "half-a-thought"}
    assert new.autosave() == 200
    new.data["title"] = "A whole thought"
    assert new.autosave() == 200
    assert new.save() == 302
    assert Page.objects.get(slug="half-a-thought").draft_title == "A whole thought"


def test_a_column_keeps_its_note_though_its_tool_is_not_chosen_yet(editor):
    page = factories.ComparisonPageFactory()
    open_page = editor(page_address(page))
    open_page.add_row("comparison_tools", {"note": "The free edition"})
    assert open_page.autosave() == 200
    assert open_page.autosave() == 200
    first, second = page.comparison_tools.all()
    open_page.open()
    assert open_page.rows("comparison_tools") == [
        [str(first.tool_id), ""],
        [str(second.tool_id), ""],
        ["", "The free edition"],
    ]
    assert open_page.client.post(open_page.address, {**open_page.data, "action-publish": "on"}).status_code == 200
    assert page.comparison_tools.count() == 2


WITH_ROWS = [model for model in [*PAGES, *SNIPPETS] if relations_of(model)]


@pytest.mark.parametrize("model", WITH_ROWS, ids=lambda model: model.__name__)
def test_rows_keep_what_was_typed_and_the_place_they_were_moved_to(editor, model):
    open_page = editor(address_of(made(model)))
    before = {relation: open_page.data[f"{relation}-TOTAL_FORMS"] for relation in open_page.relations}
    typed = {}
    for relation in open_page.relations:
        rows = [filled(open_page.form.formsets[relation].empty_form, number) for number in (0, 1)]
        typed[relation] = [(open_page.add_row(relation, row), row) for row in rows]
    assert open_page.autosave() == 200
    for relation, ((upper, _), (lower, _)) in typed.items():
        order = f"{relation}-{upper}-ORDER", f"{relation}-{lower}-ORDER"
        open_page.data |= dict(zip(order, (open_page.data[order[1]], open_page.data[order[0]]), strict=True))
    assert open_page.autosave() == 200
    open_page.open()
    for relation, ((_, first), (_, second)) in typed.items():
        now = open_page.rows(relation)[int(before[relation]) :]
        for row, said in zip((second, first), now, strict=True):
            assert set(map(str, row.values())) <= set(said), relation
    for relation in open_page.relations:
        open_page.data[f"{relation}-{before[relation]}-DELETE"] = "on"
    assert open_page.autosave() == 200
    assert open_page.autosave() == 200
    open_page.open()
    for relation in open_page.relations:
        assert len(open_page.rows(relation)) == int(before[relation]) + 1


@pytest.mark.parametrize(
    ("model", "relation"), [(model, relation) for model in WITH_ROWS for relation in relations_of(model)]
)
def test_a_row_added_and_left_empty_is_judged_as_by_the_button(editor, model, relation):
    open_page = editor(address_of(made(model)))
    open_page.add_row(relation, {})
    saved = open_page.autosave()
    assert saved in (200, 400)
    if saved == 200:
        assert open_page.autosave() == 200
    assert open_page.save() == (302 if saved == 200 else 200)
