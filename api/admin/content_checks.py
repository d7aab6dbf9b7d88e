"""What Wagtail's content checks look for in a preview, and whose messages they trust.

The checks run in two frames: the editor's and, in the preview panel, that of the front end. Front ends mark in previews
what no checker could see (`data-check="…"`, docs/content-checks.md); the rules here find the marks.
"""

from typing import Any
from urllib.parse import urlsplit

from django.http import HttpRequest
from wagtail import hooks
from wagtail.admin.userbar import ContentCheckerItem

from api.documents.models import Generation

MARKS = {
    "dead-link": (
        "Link to a page that readers cannot see",
        "It is not published, restricted or deleted: readers see plain text. Publish that page or take the link out.",
    ),
    "shows-nothing": (
        "Block that shows nothing",
        "What it shows is not chosen, not published or not public. Choose something else or take the block out.",
    ),
    "no-alt": (
        "Image without alternative text",
        "Say in the image's “alternative text” what it tells, for readers who cannot see it.",
    ),
    "no-source": (
        "Fact without a source",
        "Readers cannot look it up. Add the page that proves it to the fact's sources.",
    ),
    "stale": (
        "Fact that should be looked up again",
        "It was verified too long ago. Open its source, then verify or correct the fact.",
    ),
}
"""For each mark what an editor reads: the name of the issue, and what to do."""


def rule(mark: str) -> dict[str, Any]:
    """A rule of axe that every element with this mark breaks."""
    return {
        "id": mark,
        "impact": "serious",
        "selector": f'[data-check~="{mark}"]',
        "tags": ["toolshelf"],
        "none": ["is-marked"],
        "enabled": True,
    }


class ContentChecks(ContentCheckerItem):
    axe_run_only = [*ContentCheckerItem.axe_run_only, "image-alt", *MARKS]
    axe_custom_rules = [
        *ContentCheckerItem.axe_custom_rules,
        # Large and bold paragraphs elsewhere are the front end's design; an editor could not mend them.
        {"id": "p-as-heading", "selector": ".rich-text p", "enabled": True},
        *map(rule, MARKS),
    ]
    axe_custom_checks = [
        *ContentCheckerItem.axe_custom_checks,
        # One of axe's own functions, by name: code of ours would have to be built into Wagtail's two scripts.
        {
            "id": "is-marked",
            "evaluate": "matches-definition-evaluate",
            "options": {"matcher": {"attributes": {"data-check": "/./"}}},
        },
    ]
    axe_messages = {
        **ContentCheckerItem.axe_messages,
        "image-alt": MARKS["no-alt"][0],
        **{mark: {"error_name": name, "help_text": text} for mark, (name, text) in MARKS.items()},
    }

    def get_axe_spec(self, request: HttpRequest) -> dict[str, Any]:
        """Each frame takes messages from the other one; axe alone would speak with its own origin only."""
        others = front_ends() if self.in_editor else [f"{request.scheme}://{request.get_host()}"]
        return {**super().get_axe_spec(request), "allowedOrigins": others}


def front_ends() -> list[str]:
    """The origins of all sites' front ends: an object that is not saved yet does not know its site. One query."""
    sites = Generation.objects.values_list("sites", flat=True).first() or []
    return list(dict.fromkeys("{0.scheme}://{0.netloc}".format(urlsplit(site["url"])) for site in sites))


@hooks.register("construct_wagtail_userbar")
def use_content_checks(request: HttpRequest, items: list[Any], page: Any) -> None:
    for index, item in enumerate(items):
        if isinstance(item, ContentCheckerItem):
            items[index] = ContentChecks(in_editor=item.in_editor)
