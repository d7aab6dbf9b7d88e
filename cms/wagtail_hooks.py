"""What the project itself adds to Wagtail's admin."""

from django.templatetags.static import static
from django.utils.html import format_html
from wagtail import hooks


@hooks.register("insert_global_admin_js")
def start_without_inline_scripts() -> str:
    return format_html('<script src="{}"></script>', static("cms/start.js"))
