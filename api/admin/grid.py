"""Tells the grid of a tool's facts which published pages show each of them."""

from wagtail import hooks

from api.where_used import Use, uses_of_facts
from content.models.tool import ToolPage


@hooks.register("uses_of_facts")
def uses(tool: ToolPage) -> dict[int, list[Use]]:
    return uses_of_facts(tool)
