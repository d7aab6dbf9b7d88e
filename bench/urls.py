"""The addresses of production, and the constant view: what Django costs when a view costs nothing."""

import os
from functools import lru_cache
from pathlib import Path

from django.http import HttpRequest, HttpResponse
from django.urls import path

from cms.urls import urlpatterns as production

ANSWERS = Path(os.environ["BENCH_ANSWERS"])
"""Answers of the API, which the constant view and nginx give word for word."""


@lru_cache
def answer(name: str) -> bytes:
    return (ANSWERS / name).read_bytes()


def constant(request: HttpRequest, name: str) -> HttpResponse:
    return HttpResponse(answer(name), content_type="application/json")


urlpatterns = [path("constant/<str:name>", constant), *production]
