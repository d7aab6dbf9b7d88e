"""Whether the pages that prove our facts are still there: asked by a job, told in a report."""

from collections.abc import Callable
from datetime import datetime, timedelta
from time import sleep

from django.conf import settings
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from content import jobs
from content.models.fact import Source
from content.outgoing import Refused, Unreachable, status_of

PATIENCE = timedelta(days=3)
"""So long a server may be away before its page counts as broken."""
PAUSE = 1.0
"""Seconds between two questions: many of our sources are pages of one server."""
GONE = {404, 410}
CLOSED = {401, 403, 405, 406, 429, 451, 999}
"""Answers to programs: a reader with a browser may well see the page, so they prove nothing."""


def sources_to_check(now: datetime | None = None) -> QuerySet[Source]:
    """Sources not asked for `SOURCE_CHECK_DAYS`, those never asked first; none when that is 0."""
    days = settings.SOURCE_CHECK_DAYS
    if not days:
        return Source.objects.none()
    before = (now or timezone.now()) - timedelta(days=days)
    due = Source.objects.filter(Q(checked_at=None) | Q(checked_at__lt=before))
    return due.order_by(F("checked_at").asc(nulls_first=True), "pk")


def broken_sources(now: datetime | None = None) -> QuerySet[Source]:
    """Sources whose page is gone, or has been out of reach for days."""
    long_ago = (now or timezone.now()) - PATIENCE
    return Source.objects.filter(Q(is_gone=True) | Q(failing_since__lt=long_ago))


def check_source(source: Source, ask: Callable[[str], int] = status_of) -> bool:
    """Ask once, note what came of it, and return whether the page is there. Nothing public changes."""
    is_gone, problem = False, ""
    try:
        status = ask(source.url)
        is_gone = status in GONE
        if status >= 400 and status not in CLOSED:
            problem = f"The server answers {status}"
    except (Refused, Unreachable) as error:
        problem = str(error).capitalize()
    now = timezone.now()
    since = (source.failing_since or now) if problem else None
    # Not through save(): that would publish every tool which cites it once more.
    Source.objects.filter(pk=source.pk, url=source.url).update(
        checked_at=now, is_gone=is_gone, problem=problem, failing_since=since
    )
    return not problem


def check_due_sources(is_stopped: Callable[[], bool]) -> int:
    """Ask every source that is due, one after the other with a pause between, until done or stopped; say how many."""
    count = 0
    for source in sources_to_check():
        if is_stopped():
            break
        check_source(source)
        count += 1
        sleep(PAUSE)
    return count


@jobs.job("Ask whether the pages behind sources are still there", queue=jobs.UPKEEP)
def check_due() -> None:
    """May run twice: what has been asked is not due any more. When its worker stops, the next hour does the rest."""
    check_due_sources(jobs.stopping.is_set)
