"""What the editors say once about a whole publication."""

from django.db import models
from modelcluster.fields import ParentalKey
from modelcluster.models import ClusterableModel
from wagtail.admin.panels import FieldPanel, FieldRowPanel, InlinePanel, MultiFieldPanel
from wagtail.contrib.settings.models import BaseSiteSetting, register_setting

from content.models.base import Child


@register_setting(icon="cog", order=100)
class PublicationSettings(BaseSiteSetting, ClusterableModel):
    """Of one site; public as soon as they are saved, as a part of the site."""

    publisher = models.CharField(
        max_length=120, blank=True, help_text="Who publishes this site, as search engines should name them."
    )
    corrections_email = models.EmailField(
        "address for corrections", blank=True, help_text="Where readers tell of mistakes. Everybody can see it."
    )
    footer_text = models.TextField(
        max_length=400, blank=True, help_text="One or two sentences at the foot of every page, without formatting."
    )
    social_image = models.ForeignKey(
        "content.CustomImage",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="social image",
        help_text="Shown when a page is shared that has no image of its own, best at 1200 × 630 pixels.",
    )

    panels = [
        MultiFieldPanel([FieldRowPanel(["publisher", "corrections_email"]), "footer_text"], heading="Who and where"),
        FieldPanel("social_image"),
        InlinePanel("profiles", label="Profile", heading="Profiles elsewhere", panels=[FieldRowPanel(["name", "url"])]),
    ]

    class Meta:
        verbose_name = "publication settings"
        verbose_name_plural = "publication settings"

    def touched_keys(self) -> set[str]:
        return {f"site:{self.site_id}"}


class SocialProfile(Child):
    settings = ParentalKey(PublicationSettings, on_delete=models.CASCADE, related_name="profiles")
    name = models.CharField(max_length=60, help_text="As readers know it: “Mastodon”.")
    url = models.URLField("address")

    def touched_keys(self) -> set[str]:
        return self.settings.touched_keys()
