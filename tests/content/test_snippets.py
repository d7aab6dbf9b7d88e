"""People, topics and the other snippets of the library."""

import pytest
from django.conf import settings
from django.urls import reverse
from wagtail.test.utils.form_data import inline_formset, nested_form_data

from content.changes import changes, key_of
from content.models.person import Person, PersonLink
from content.models.topic import Topic
from tests.factories import (
    CustomImageFactory,
    DisclosureFactory,
    OrganizationFactory,
    PersonFactory,
    TopicFactory,
    UseCaseFactory,
)

pytestmark = pytest.mark.django_db

ADD = reverse("wagtailsnippets_content_person:add")


def form(*, links=(), publish=True, **fields):
    """What the editor's browser sends about a person."""
    data = nested_form_data({"slug": "", "bio": "", **fields, "links": inline_formset(list(links))})
    return data | ({"action-publish": "on"} if publish else {})


def test_the_slug_is_made_from_the_name(admin_client):
    response = admin_client.post(ADD, form(name="Ada Lind"))
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
    response = admin_client.post(ADD, form(name="Ada", slug="ada"))
    assert response.context["form"].errors == {"slug": ["Person with this Slug already exists."]}
    assert Person.objects.count() == 1


def test_without_a_name_nothing_is_published_and_nothing_lost(admin_client):
    response = admin_client.post(ADD, form(name="", bio="Writes."))
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


def test_a_person_links_to_what_readers_can_open(admin_client):
    links = [
        {"label": "Mail", "url": "mailto:ada@example.org"},
        {"label": "Files", "url": "ftp://example.org/ada"},
        {"label": "GitHub", "url": "https://github.com/ada"},
        {"label": "Code", "url": "https://github.com/ada"},
    ]
    response = admin_client.post(ADD, form(name="Ada", links=links, website="javascript:alert(1)"))
    assert response.context["form"].errors == {"website": ["Enter a valid URL."]}
    assert response.context["form"].formsets["links"].errors == [
        {"url": ["Enter a valid URL."]},
        {"url": ["Enter the whole address of a page, with https:// at its beginning."]},
        {},
        {"url": ["This address is listed above already."]},
    ]
    assert not Person.objects.exists()


def test_a_person_and_a_topic_can_be_found_and_shared(graphql):
    photo = CustomImageFactory(alt="Ada")
    ada = PersonFactory(name="Ada", job_title="Engineer", bio="Writes.", photo=photo, website="https://ada.example/")
    with changes():
        ada.organization = OrganizationFactory(name="Acme", website="https://acme.example/")
        ada.links = [PersonLink(label="GitHub", url="https://github.com/ada")]
        ada.save_revision().publish()
    TopicFactory(name="Data", seo_title="All about data", search_description="Data, explained.")
    ask = """{ person(slug: "ada") { path jobTitle website organization { name } links { label url }
      seo { title description canonicalUrl noindex image { alt } jsonLd } }
      topic(slug: "data") { path seo { title description canonicalUrl image { alt } jsonLd } } }"""
    found = graphql(ask)["data"]
    site = settings.FRONTEND_URL
    seo = found["person"].pop("seo")
    assert found["person"] == {
        "path": "/people/ada/",
        "jobTitle": "Engineer",
        "website": "https://ada.example/",
        "organization": {"name": "Acme"},
        "links": [{"label": "GitHub", "url": "https://github.com/ada"}],
    }
    assert seo.pop("jsonLd")["@graph"] == [
        {
            "@type": "Person",
            "name": "Ada",
            "description": "Writes.",
            "url": f"{site}/people/ada/",
            "jobTitle": "Engineer",
            "worksFor": {"@type": "Organization", "name": "Acme", "url": "https://acme.example/"},
            "image": f"{settings.CMS_URL}{photo.file.url}",
            "sameAs": ["https://ada.example/", "https://github.com/ada"],
        }
    ]
    assert seo == {
        "title": "Ada",
        "description": "Writes.",
        "canonicalUrl": f"{site}/people/ada/",
        "noindex": False,
        "image": {"alt": "Ada"},
    }
    assert found["topic"] == {
        "path": "/topics/data/",
        "seo": {
            "title": "All about data",
            "description": "Data, explained.",
            "canonicalUrl": f"{site}/topics/data/",
            "image": None,
            "jsonLd": {
                "@context": "https://schema.org",
                "@graph": [
                    {
                        "@type": "CollectionPage",
                        "name": "Data",
                        "description": "Data, explained.",
                        "url": f"{site}/topics/data/",
                    }
                ],
            },
        },
    }
