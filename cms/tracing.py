"""A span of OpenTelemetry for each request and job, if OTEL_EXPORTER_OTLP_ENDPOINT says where they go: what their line
in the log says, in a trace with what others do for the same reader.

OpenTelemetry's own instrumentation would send addresses with their tokens, and statements; this sends what we name.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from cms import env
from cms.version import version

Told = Callable[[str, Mapping[str, Any], bool], None]
"""The span's name, its attributes, and whether it failed."""

_tracer: Any = None


def start() -> None:
    """Nothing without an endpoint. Raises ImportError if the packages are not there: `uv sync --extra opentelemetry`.

    Everything else is said by the variables that every program with OpenTelemetry knows, `OTEL_SERVICE_NAME` and
    `OTEL_TRACES_SAMPLER` among them.
    """
    global _tracer
    if not env.OTEL_EXPORTER_OTLP_ENDPOINT:
        return
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    resource = Resource.create({"service.name": env.OTEL_SERVICE_NAME, "service.version": version()})
    provider = TracerProvider(resource=resource)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    _tracer = provider.get_tracer("toolshelf")


@contextmanager
def span(traceparent: str | None = None) -> Iterator[Told]:
    """Around a request, which continues the trace that its header names (empty without one), or around a job."""
    if _tracer is None:
        yield _tell_nobody
        return
    from opentelemetry.propagate import extract
    from opentelemetry.trace import SpanKind, StatusCode

    parent = extract({"traceparent": traceparent}) if traceparent else None
    kind = SpanKind.CONSUMER if traceparent is None else SpanKind.SERVER
    with _tracer.start_as_current_span(
        "", context=parent, kind=kind, record_exception=False, set_status_on_exception=False
    ) as made:

        def tell(name: str, attributes: Mapping[str, Any], has_failed: bool) -> None:
            made.update_name(name)
            made.set_attributes({f"toolshelf.{key}": value for key, value in attributes.items() if value is not None})
            if has_failed:
                made.set_status(StatusCode.ERROR)

        yield tell


def _tell_nobody(name: str, attributes: Mapping[str, Any], has_failed: bool) -> None:
    pass
