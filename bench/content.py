"""Makes the content that is measured, and counts the SQL of answers: `python -m bench.content PLAN`, started by
`bench.databases` for each database.
"""

import argparse
import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import django

django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.test import Client, override_settings  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402

from api.documents.publishing import is_outdated  # noqa: E402
from api.trusted.releases import trust  # noqa: E402
from bench.client import HEADERS  # noqa: E402
from bench.questions import Question, questions  # noqa: E402
from content.models.tool import ToolPage  # noqa: E402


def fill(amounts: dict[str, int]) -> None:
    """Add what is missing, up to these amounts; after a change of the code, bring what is there up to date."""
    call_command("migrate", verbosity=0)
    if is_outdated():
        call_command("rebuild_documents")
    call_command("generate_content", **amounts)
    with connection.cursor() as cursor:
        # Now, and not by itself while something is measured.
        cursor.execute("VACUUM ANALYZE")


def statements(asked: Sequence[Question]) -> Iterator[tuple[int, int]]:
    for question in asked:
        path = question.paths()[0]
        with override_settings(RESPONSE_CACHE_MB=0):
            computed = fewest(path)
        yield computed, fewest(path)


def fewest(path: str) -> int:
    """The SQL of an answer that was given before; without the look-up of its trusted document, which comes every few
    seconds.
    """
    client, headers = Client(), {name.lower(): value for name, value in HEADERS.items()}
    counts = []
    for _ in range(3):
        with CaptureQueriesContext(connection) as captured:
            answer = client.get(path, headers=headers)
        assert answer.status_code == 200, answer.content
        counts.append(len(captured))
    return min(counts)


def main(plan: Path) -> None:
    """The plan is a JSON file; what came of it takes its place."""
    wanted = json.loads(plan.read_text())
    fill(wanted["amounts"])
    names = list(ToolPage.objects.order_by("pk").values_list("title", flat=True))
    asked = questions(wanted["front_end"], wanted["amounts"], names=names)
    trust({**wanted["front_end"], **{each.id: each.text for each in asked}}, label="bench", keep=2)
    plan.write_text(json.dumps({"names": names, "statements": list(statements(asked))}))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("plan", type=Path)
    main(parser.parse_args().plan)
