"""What a request that only reads has found out already.

The rows of a list ask one by one for what is the same for all of them. Nothing remembered can be out of date: it is
forgotten with the request, and a request that may change something remembers nothing.
"""

from collections.abc import Callable, Hashable
from contextvars import ContextVar
from functools import wraps
from typing import Any, TypeVar

from django.http import HttpRequest, HttpResponse
from django.template.response import SimpleTemplateResponse

T = TypeVar("T")

_memory: ContextVar[dict[Hashable, Any] | None] = ContextVar("memory", default=None)


def once(key: Hashable, find: Callable[[], T]) -> T:
    """What `find` returns; inside one reading request it is called once for each key."""
    memory = _memory.get()
    if memory is None:
        return find()
    if key not in memory:
        memory[key] = find()
    found: T = memory[key]
    return found


def remembering(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Let a view remember while it reads, its rendering included."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method not in ("GET", "HEAD"):
            return view(request, *args, **kwargs)
        token = _memory.set({})
        try:
            response = view(request, *args, **kwargs)
            return response.render() if isinstance(response, SimpleTemplateResponse) else response
        finally:
            _memory.reset(token)

    return wrapped
