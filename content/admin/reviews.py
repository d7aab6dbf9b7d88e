"""What an editor is told who publishes a page whose review is due."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest
from django.utils.formats import date_format
from wagtail import hooks


@hooks.register("after_publish_page")
def tell_of_due_review(request: HttpRequest, page: Any) -> None:
    """It may be published all the same: a mistake can be mended before the whole page is read again."""
    if getattr(page, "is_review_due", False):
        day = date_format(page.review_due_on)
        messages.warning(request, f"The review has been due since {day}. Read it again and set the next day.")
