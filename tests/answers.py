"""What a site answers to every documented query, to every list with all that is in it, and to every path: one line each.

python -m tests.answers
"""

import json
import logging

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.test import Client  # noqa: E402

from api import limits  # noqa: E402
from api.documents.models import Document  # noqa: E402
from tests.api import asking  # noqa: E402
from tests.e2e import guide  # noqa: E402

RESOLVE = "query ($path: String!) { resolve(path: $path) { __typename ... on Page { id title path } } }"


def main() -> None:
    logging.disable(logging.INFO)
    for name in ("MAX_QUERY_COST", "MAX_QUERY_LENGTH", "MAX_QUERY_TOKENS", "MAX_BODY_BYTES", "MAX_ANSWER_LENGTH"):
        setattr(settings, name, 10**12)
    limits.MAX_FIELDS = 10**5
    client = Client(SERVER_NAME="localhost", raise_request_exception=False)
    questions = [(example.query, example.variables) for example in guide.examples()]
    questions += [(question.text, {}) for question in asking.everything()]
    paths = (
        Document.objects.filter(layer=0, valid_to=None).exclude(path="").order_by("path").values_list("path", flat=True)
    )
    questions += [(RESOLVE, {"path": path}) for path in dict.fromkeys(paths)]
    for query, variables in questions:
        answer = client.post("/graphql", {"query": query, "variables": variables}, content_type="application/json")
        print(answer.status_code, json.dumps(answer.content.decode()))


if __name__ == "__main__":
    main()
