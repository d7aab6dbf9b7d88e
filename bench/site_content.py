"""Makes the content of the site that is measured: `python -m bench.site_content PLAN`, started for each run of
`bench.site`.
"""

import argparse
import json
from pathlib import Path
from typing import Any

import django

django.setup()

from django.contrib.auth import get_user_model  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.urls import reverse  # noqa: E402

from api.trusted.releases import trust  # noqa: E402
from bench.content import fill  # noqa: E402
from bench.site_servers import EDITOR  # noqa: E402
from content.models.article import ArticlePage  # noqa: E402
from content.models.comparison import ComparisonPage  # noqa: E402
from content.models.person import Person  # noqa: E402
from content.models.tool import ToolPage  # noqa: E402

DEMO: dict[str, tuple[Any, str, str]] = {
    "article": (ArticlePage, "django-flask-or-fastapi", "title"),
    "tool": (ToolPage, "django", "tagline"),
    "comparison": (ComparisonPage, "web-frameworks", "intro"),
    "person": (Person, "mara-lindqvist", "name"),
}
"""What is edited: its model, its slug, and the field that is typed into."""


def edited(name: str) -> dict[str, str]:
    model, slug, field = DEMO[name]
    pk = model.objects.get(slug=slug).pk
    route = "wagtailsnippets_content_person:edit" if model is Person else "wagtailadmin_pages:edit"
    return {"address": reverse(route, args=[pk]), "field": field}


def main(plan: Path) -> None:
    """The plan is a JSON file; what came of it takes its place."""
    wanted = json.loads(plan.read_text())
    call_command("migrate", verbosity=0)
    call_command("load_demo")
    call_command("prepare_images")
    fill(wanted["amounts"])
    users = get_user_model()._default_manager
    if not users.filter(username=EDITOR).exists():
        users.create_superuser(EDITOR, "bench@example.com", EDITOR)
    trust(wanted["front_end"], label="bench", keep=2)
    plan.write_text(json.dumps({name: edited(name) for name in DEMO}))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("plan", type=Path)
    main(parser.parse_args().plan)
