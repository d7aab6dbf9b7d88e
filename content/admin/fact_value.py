"""The field for a fact's value, asked for by the browser when the editor chooses another attribute."""

import re

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseForbidden
from django.urls import URLPattern, path
from wagtail import hooks
from wagtail.permission_policies import ModelPermissionPolicy

from content.forms.value import ToolField, value_field
from content.models.attribute import Attribute
from content.models.fact import Fact


def fact_value_field(request: HttpRequest) -> HttpResponse:
    """The widget as HTML, with what was typed before where the new type can show it."""
    if not ModelPermissionPolicy(Fact).user_has_any_permission(request.user, {"add", "change"}):
        # Wagtail would turn a PermissionDenied into its home page, which is no field.
        return HttpResponseForbidden()
    pk = request.GET.get("attribute", "")
    if pk and not re.fullmatch("[0-9]{1,18}", pk):
        raise Http404
    attribute = Attribute.objects.filter(pk=pk).first() if pk else None
    field = value_field(attribute)
    typed = "" if isinstance(field, ToolField) else request.GET.get("value", "")[:255]
    return HttpResponse(field.widget.render("value", typed or None, {"id": "id_value"}))


@hooks.register("register_admin_urls")
def fact_value_urls() -> list[URLPattern]:
    return [path("facts/value-field/", fact_value_field, name="fact_value_field")]
