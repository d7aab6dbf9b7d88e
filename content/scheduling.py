"""What has its day: going live and expiring, of pages and of everything else that has drafts.

Each object changes in a transaction of its own, in which it is read again: an editor may have taken the day back, and
one that cannot be published keeps no other from it. Wagtail's `publish_scheduled` knows neither.
"""

import logging
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from django.apps import apps
from django.db import models
from django.utils import timezone
from wagtail.models import DraftStateMixin, Page, Revision

from content.changes import changes

logger = logging.getLogger(__name__)


def publish_due() -> int:
    """Unpublish what has expired, then publish what is due; return how many objects changed.

    What fails is logged and stays due. With nothing to do it costs one query for each model that has drafts, and one.
    """
    return sum(_tried(change) for change in [*_expiring(), *_going_live()])


def _tried(change: Callable[[], bool]) -> bool:
    try:
        return change()
    except Exception:
        logger.exception("Something due could not be published or unpublished; the next round tries again")
        return False


def _models() -> Iterator[type[models.Model]]:
    yield Page
    for model in apps.get_models():
        if issubclass(model, DraftStateMixin) and not issubclass(model, Page):
            yield model


def _expired(model: type[models.Model]) -> Any:
    return model._base_manager.filter(live=True, expire_at__lte=timezone.now()).order_by("expire_at", "pk")


def _due() -> Any:
    return Revision.objects.filter(approved_go_live_at__lte=timezone.now()).order_by("approved_go_live_at", "pk")


def _expiring() -> Iterator[Callable[[], bool]]:
    for model in _models():
        for pk in _expired(model).values_list("pk", flat=True):
            yield partial(_expire, model, pk)


def _going_live() -> Iterator[Callable[[], bool]]:
    for pk in _due().values_list("pk", flat=True):
        yield partial(_go_live, pk)


def _expire(model: type[models.Model], pk: Any) -> bool:
    with changes():
        instance: Any = _expired(model).select_for_update().filter(pk=pk).first()
        if instance is None:
            return False
        instance.unpublish(set_expired=True, log_action="wagtail.unpublish.scheduled")
        return True


def _go_live(pk: int) -> bool:
    with changes():
        # The object first, as an editor's saving takes them, or the two could wait for each other.
        revision = _due().select_related("base_content_type").filter(pk=pk).first()
        if revision is None or not _locked(revision):
            return False
        revision = _due().select_for_update().filter(pk=pk).first()
        if revision is None:
            return False
        revision.publish(log_action="wagtail.publish.scheduled")
        return True


def _locked(revision: Revision) -> bool:
    """Keep the revision's object from others until the end of the transaction; False if it is gone."""
    objects = revision.base_content_type.model_class()._base_manager
    return objects.select_for_update().order_by().filter(pk=revision.object_id).first() is not None
