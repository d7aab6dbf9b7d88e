"""Choosers without the inline script in which Wagtail starts them; cms/static/cms/start.js starts them instead.

The templates in cms/templates/wagtailadmin/ do the same for panels and dates.
"""

import json
import re
from typing import Any

from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe
from wagtail.admin.widgets.chooser import BaseChooser

CALL = re.compile(r"(?:new )?(\w+)\((.*)\);", re.DOTALL)
"""What `render_js_init` writes; the arguments are JSON."""


def replace() -> None:
    BaseChooser.render = _render


def _render(self: Any, name: str, value: Any, attrs: dict[str, Any], renderer: Any = None) -> SafeString:
    value_data = self.get_value_data(value)
    html = self.render_html(name, value_data, attrs)
    call = CALL.fullmatch(self.render_js_init(attrs["id"], name, value_data))
    if call is None or not _is_json(f"[{call[2]}]"):
        raise TypeError(f"{type(self).__name__} is started by more than one call.")
    return mark_safe(html + render_to_string("cms/start.html", {"name": call[1], "json": call[2]}))


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True
