"""Facts inside a sentence. The text stored with one is what an editor saw; readers get what is published by then."""

import re
from typing import Any

from django.db.models import Model
from django.urls import reverse, reverse_lazy
from draftjs_exporter import DOM
from wagtail import hooks
from wagtail.admin.rich_text.converters.html_to_contentstate import InlineEntityElementHandler
from wagtail.admin.rich_text.editors.draftail.features import EntityFeature
from wagtail.rich_text import LinkHandler

ENTITY = "FACT"


def is_key(text: str) -> bool:
    """No database takes a longer number."""
    return re.fullmatch("[0-9]{1,18}", text) is not None


class FactLinkHandler(LinkHandler):
    """`<a linktype="fact" id="12">`. In the admin's own pictures of a text it is shown as it was stored."""

    identifier = "fact"

    @staticmethod
    def get_model() -> type[Model]:
        from content.models.fact import Fact

        return Fact

    @classmethod
    def expand_db_attributes(cls, attrs: dict[str, str]) -> str:
        return "<a>"

    @classmethod
    def extract_references(cls, attrs: dict[str, str]) -> Any:
        if is_key(attrs.get("id", "")):
            yield cls.get_model(), attrs["id"], "", ""


class FactElementHandler(InlineEntityElementHandler):
    mutability = "IMMUTABLE"

    def get_attribute_data(self, attrs: dict[str, str]) -> dict[str, Any]:
        pk = attrs.get("id", "")
        rows = FactLinkHandler.get_model()._default_manager.select_related("tool", "attribute")
        fact: Any = rows.filter(pk=pk).first() if is_key(pk) else None
        if fact is None:
            return {"id": pk, "label": "Deleted fact", "url": None}
        return {"id": pk, "label": str(fact), "url": reverse(fact.snippet_viewset.get_url_name("edit"), args=[pk])}


def fact_element(props: dict[str, Any]) -> Any:
    return DOM.create_element("a", {"linktype": "fact", "id": props.get("id")}, props["children"])


@hooks.register("register_rich_text_features")
def register_fact(features: Any) -> None:
    features.register_link_type(FactLinkHandler)
    options = {
        "type": ENTITY,
        "icon": "circle-check",
        "description": "Fact of a tool",
        "attributes": ["id", "label", "url"],
        "allowlist": {"linktype": "^fact$"},
        "chooserUrls": {"factChooser": reverse_lazy("wagtailsnippetchoosers_content_fact:choose")},
    }
    scripts = ["wagtailadmin/js/chooser-modal.js", "content/fact-entity.js"]
    features.register_editor_plugin("draftail", "fact", EntityFeature(options, js=scripts))
    rule = {
        "from_database_format": {'a[linktype="fact"]': FactElementHandler(ENTITY)},
        "to_database_format": {"entity_decorators": {ENTITY: fact_element}},
    }
    features.register_converter_rule("contentstate", "fact", rule)
