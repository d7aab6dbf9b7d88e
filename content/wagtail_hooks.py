"""Where Wagtail looks for our part of the admin; the screens themselves are in `content/admin/`."""

from django.templatetags.static import static
from django.utils.html import format_html
from wagtail import hooks

from content import admin


@hooks.register("register_icons")
def register_icons(icons: list[str]) -> list[str]:
    return [*icons, "content/icons/scales.svg", "content/icons/shelf.svg", "content/icons/wrench.svg"]


@hooks.register("insert_global_admin_css")
def admin_css() -> str:
    return format_html('<link rel="stylesheet" href="{}">', static("content/admin.css"))


admin.load()
