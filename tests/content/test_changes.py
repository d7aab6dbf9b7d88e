"""One transaction per change in the admin: refused, failed or rolled back, nothing of it stays."""

import pytest
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import include, path
from wagtail.admin import urls as wagtailadmin_urls
from wagtail.admin.auth import require_admin_access

from content.changes import changes, content_changed, in_changes, key_of, sweep, touch
from content.models.category import Category
from content.models.comparison import ComparisonAttribute
from content.models.pending import PendingChange
from content.models.topic import Topic
from tests import factories
from tests.factories import settle_language

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.urls("tests.content.test_changes")]


def write(request):
    Topic.objects.create(name="Written", slug="written")
    messages.success(request, "It has been published.")


@in_changes
@require_admin_access
def refuse(request):
    write(request)
    raise PermissionDenied


@in_changes
def fail(request):
    write(request)
    return HttpResponse("Not like this", status=400)


@in_changes
def succeed(request):
    write(request)
    return redirect("wagtailadmin_home")


urlpatterns = [
    path("refuse/", refuse),
    path("fail/", fail),
    path("succeed/", succeed),
    path("admin/", include(wagtailadmin_urls)),
]


def said(client):
    return [str(message).strip() for message in client.get("/admin/account/").context["messages"]]


@pytest.fixture(autouse=True)
def _language():
    settle_language()


@pytest.fixture
def told():
    """The keys of every signal that was sent."""
    received = []

    def listen(*, keys, **_):
        received.append(keys)

    content_changed.connect(listen)
    yield received
    content_changed.disconnect(listen)


def test_a_change_is_told_at_its_end(admin_client, told):
    assert admin_client.post("/succeed/").status_code == 302
    topic = Topic.objects.get()
    assert told == [frozenset({f"topic:{topic.pk}"})]
    assert said(admin_client) == ["It has been published."]


def test_an_answer_of_400_and_above_rolls_back(admin_client, told):
    response = admin_client.post("/fail/")
    assert (response.status_code, response.content) == (400, b"Not like this")
    assert not Topic.objects.exists()
    assert told == []
    assert said(admin_client) == []


def test_a_refusal_after_the_first_writes_rolls_back(admin_client, told):
    response = admin_client.post("/refuse/")
    assert response["Location"] == "/admin/"
    assert not Topic.objects.exists()
    assert told == []
    assert said(admin_client) == ["Sorry, you do not have permission to access this area."]


def test_changes_inside_changes_are_told_once(told):
    with changes():
        touch({"page:1"})
        with changes():
            touch({"page:2", "page:1"})
        assert told == []
    assert told == [frozenset({"page:1", "page:2"})]


def test_changes_cannot_begin_inside_another_transaction():
    with pytest.raises(RuntimeError, match="durable"), transaction.atomic(), changes():
        pass


def test_what_is_touched_outside_is_told_after_the_transaction(told):
    with transaction.atomic():
        touch({"page:1"})
        assert told == []
        assert [each.key for each in PendingChange.objects.all()] == ["page:1"]
    assert told == [frozenset({"page:1"})]
    assert not PendingChange.objects.exists()


def test_what_is_touched_outside_and_rolled_back_is_not_told(told):
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        touch({"page:1"})
        raise ZeroDivisionError
    assert told == []
    assert not PendingChange.objects.exists()


class Killed(BaseException):
    pass


def dying_after(statement):
    """A process that dies when it has written this, and before it writes anything else."""

    def execute(run, sql, *given):
        answer = run(sql, *given)
        if sql.startswith(statement):
            raise Killed
        return answer

    return connection.execute_wrapper(execute)


def a_fact_of_another_tool():
    before, after = factories.ToolPageFactory(slug="before"), factories.ToolPageFactory(slug="after")
    fact = factories.FactFactory(tool=before)
    fact.tool = after
    return fact, before


def an_attribute_of_another_group():
    before, after = factories.AttributeGroupFactory(), factories.AttributeGroupFactory()
    attribute = factories.AttributeFactory(group=before)
    comparison = factories.ComparisonPageFactory(slug="comparison")
    comparison.comparison_attributes = [ComparisonAttribute(group=before)]
    comparison.save_revision().publish()
    attribute.group = after
    return attribute, comparison


def a_category_of_another_one():
    category = factories.CategoryFactory(parent=factories.CategoryFactory())
    tool = factories.ToolPageFactory(slug="tool")
    tool.categories = [category]
    tool.save_revision().publish()
    category.parent = factories.CategoryFactory()
    return category, tool


@pytest.mark.parametrize("moving", [a_fact_of_another_tool, an_attribute_of_another_group, a_category_of_another_one])
def test_who_is_killed_when_it_has_moved_has_left_word_of_where_it_was(moving, told):
    moved, showing = moving()
    told.clear()
    with pytest.raises(Killed), dying_after(f'UPDATE "{type(moved)._meta.db_table}"'):
        moved.save()
    assert told == []
    sweep(everything=True)
    assert [{key_of(moved), key_of(showing)} <= keys for keys in told] == [True]


def test_what_showed_something_is_told_once_that_is_deleted(told):
    category, tool = a_category_of_another_one()
    was_there = []

    def look(*, keys, **_):
        was_there.extend(Category.objects.filter(pk=category.pk).exists() for key in keys if key == key_of(tool))

    content_changed.connect(look)
    try:
        Category.objects.get(pk=category.pk).delete()
    finally:
        content_changed.disconnect(look)
    assert was_there == [False]
