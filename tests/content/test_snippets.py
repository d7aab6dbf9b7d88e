"""People, topics and the other snippets of the library."""

import pytest
from django.urls import reverse

from content.changes import key_of
from content.models.person import Person
from content.models.topic import Topic
from tests.factories import DisclosureFactory, OrganizationFactory, PersonFactory, TopicFactory, UseCaseFactory

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


@pytest.mark.parametrize(
    ("snippet", "fields", "expected"),
    [
        (
            lambda: OrganizationFactory(
                name="DSF", website="https://www.djangoproject.com/foundation/", description="Runs it."
            ),
            "... on Organization { name slug website description logo { alt } }",
            {
                "name": "DSF",
                "slug": "dsf",
                "website": "https://www.djangoproject.com/foundation/",
                "description": "Runs it.",
                "logo": None,
            },
        ),
        (
            lambda: UseCaseFactory(name="An API", description="For one team."),
            "... on UseCase { name slug description }",
            {"name": "An API", "slug": "an-api", "description": "For one team."},
        ),
        (
            lambda: DisclosureFactory(name="For editors", text="We were paid."),
            "... on Disclosure { text }",
            {"text": "We were paid."},
        ),
    ],
    ids=["organization", "use case", "disclosure"],
)
def test_what_front_ends_see_of_it(graphql, snippet, fields, expected):
    made = snippet()
    ask = f"query ($id: ID!) {{ node(id: $id) {{ {fields} }} }}"
    assert graphql(ask, {"id": key_of(made)})["data"] == {"node": expected}


def test_the_name_of_a_disclosure_is_for_editors_only(graphql):
    answer = graphql('{ node(id: "disclosure:1") { ... on Disclosure { name } } }', status=400)
    assert [error["message"] for error in answer["errors"]] == ["Cannot query field 'name' on type 'Disclosure'."]
