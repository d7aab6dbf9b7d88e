"""What is typed while the editor saves by itself is saved too."""

from django.utils.html import format_html
from django.utils.safestring import SafeString
from wagtail import hooks
from wagtail.admin.staticfiles import versioned_static


@hooks.register("insert_editor_js")
def what_was_typed_meanwhile() -> SafeString:
    return format_html('<script src="{}" defer></script>', versioned_static("content/autosave.js"))
