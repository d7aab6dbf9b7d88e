"""People who write or review. Nothing here asks for a mail address: everything here is public."""

from django.db import models
from modelcluster.fields import ParentalKey
from modelcluster.models import ClusterableModel
from wagtail.admin.panels import FieldRowPanel, InlinePanel
from wagtail.search import index

from content.fields import web_address
from content.forms.person import PersonForm
from content.models.base import Child
from content.models.named import NAME_PANELS, Named
from content.models.subject import Subject, subject_tabs


class Person(Subject, ClusterableModel):
    """Somebody who writes or reviews."""

    section = "people"

    job_title = models.CharField(
        max_length=120, blank=True, help_text="What they do, as it should be printed: “Back-end developer”."
    )
    organization = models.ForeignKey(
        "content.Organization",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="people",
        help_text="For whom they work, if readers should know.",
    )
    bio = models.TextField(
        blank=True,
        help_text="Two or three sentences: what this person works on, and why readers can trust them with the subject.",
    )
    photo = models.ForeignKey("content.CustomImage", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    website = models.URLField(blank=True, validators=[web_address], help_text="Their own site.")

    base_form_class = PersonForm
    edit_handler = subject_tabs(
        *NAME_PANELS,
        FieldRowPanel(["job_title", "organization"]),
        "photo",
        "bio",
        "website",
        InlinePanel(
            "links",
            label="Profile",
            heading="Profiles",
            help_text="Where else readers can follow this person. Everything here is public.",
            panels=[FieldRowPanel(["label", "url"])],
        ),
    )
    search_fields = [*Named.search_fields, index.SearchField("bio"), index.SearchField("job_title")]

    class Meta(Named.Meta):
        verbose_name_plural = "people"


class PersonLink(Child):
    person = ParentalKey(Person, on_delete=models.CASCADE, related_name="links")
    label = models.CharField(max_length=60, help_text="What the link says: “GitHub”.")
    url = models.URLField("address", max_length=500, validators=[web_address])
