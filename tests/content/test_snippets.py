"""People, topics and categories."""

import pytest
from django.urls import reverse

from content.models.person import Person
from content.models.topic import Topic
from tests.factories import PersonFactory, TopicFactory

pytestmark = pytest.mark.django_db

ADD = reverse("wagtailsnippets_content_person:add")


def test_the_slug_is_made_from_the_name(admin_client):
    response = admin_client.post(ADD, {"name": "Ada Lind", "slug": "", "bio": "", "action-publish": "on"})
    assert response.status_code == 302
    person = Person.objects.get()
    assert (person.slug, person.live) == ("ada-lind", True)


def test_a_slug_that_is_taken_gets_a_number():
    slugs = [TopicFactory(name=name).slug for name in ("Data", "Data", "Data jobs", "Data", "データ")]
    assert slugs == ["data", "data-2", "data-jobs", "data-3", "topic"]


def test_a_slug_an_editor_chose_is_kept(admin_client):
    person = PersonFactory(name="Ada Lind", slug="ada")
    person.name = "Ada Berg"
    person.save()
    assert Person.objects.get().slug == "ada"


def test_a_slug_that_is_taken_is_refused_at_its_field(admin_client):
    PersonFactory(slug="ada")
    response = admin_client.post(ADD, {"name": "Ada", "slug": "ada", "bio": "", "action-publish": "on"})
    assert response.context["form"].errors == {"slug": ["Person with this Slug already exists."]}
    assert Person.objects.count() == 1


def test_without_a_name_nothing_is_published_and_nothing_lost(admin_client):
    response = admin_client.post(ADD, {"name": "", "slug": "", "bio": "Writes.", "action-publish": "on"})
    assert response.context["form"].errors == {"name": ["This field is required."]}
    assert response.context["form"]["bio"].value() == "Writes."
    assert not Person.objects.exists()


def test_a_draft_changes_nothing_published(admin_client):
    topic = TopicFactory(name="Data", description="As it was.")
    edit = reverse("wagtailsnippets_content_topic:edit", args=[topic.pk])
    response = admin_client.post(edit, {"name": "Data", "slug": "data", "description": "As it will be."})
    assert response.status_code == 302
    assert Topic.objects.get().description == "As it was."
    assert Topic.objects.get().get_latest_revision_as_object().description == "As it will be."
