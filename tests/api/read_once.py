"""Asks `/graphql` for the title at a path, once, in a process of its own."""

import sys

import django

django.setup()

from django.test import Client  # noqa: E402

response = Client(HTTP_HOST="127.0.0.1").post(
    "/graphql",
    {"query": "query ($path: String!) { page(path: $path) { title } }", "variables": {"path": sys.argv[1]}},
    content_type="application/json",
)
print(response.status_code, response.json()["data"]["page"]["title"])
