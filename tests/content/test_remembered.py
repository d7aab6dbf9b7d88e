"""A request that reads finds a thing out once; one that may change something asks each time."""

import pytest
from django.http import HttpResponse
from django.template import engines
from django.template.response import TemplateResponse

from content.remembered import once, remembering


@pytest.fixture
def asked():
    return []


@pytest.fixture
def view(asked):
    def find():
        asked.append("once")
        return len(asked)

    @remembering
    def show(request):
        once("key", find)
        context = {"found": lambda: once("key", find)}
        return TemplateResponse(request, engines["django"].from_string("{{ found }}"), context)

    return show


def test_a_reading_request_asks_once_while_it_is_rendered_too(view, asked, rf):
    assert view(rf.get("/")).content == b"1"
    assert asked == ["once"]


def test_the_next_request_asks_anew(view, asked, rf):
    view(rf.get("/"))
    assert view(rf.get("/")).content == b"2"


def test_a_request_that_may_change_something_asks_each_time(view, asked, rf):
    assert view(rf.post("/")).render().content == b"2"


def test_what_a_request_remembers_is_forgotten_when_it_fails(asked, rf):
    @remembering
    def fail(request):
        once("key", lambda: asked.append("once"))
        raise RuntimeError

    for _ in range(2):
        with pytest.raises(RuntimeError):
            fail(rf.get("/"))
    assert asked == ["once", "once"]


def test_an_answer_without_a_template_is_given_as_it_is(rf):
    assert remembering(lambda request: HttpResponse("plain"))(rf.get("/")).content == b"plain"
