"""Bodies of a usual length: headings, text with links, a listing, cards of tools."""

import json
from random import Random
from typing import Any

from content.generate import words


def body(chance: Random, field: Any, tools: list[int], *, sections: int) -> Any:
    """A value for this StreamField that links and shows these tools' pages."""
    blocks: list[tuple[str, dict[str, Any]]] = []
    for _ in range(sections):
        blocks.append(("heading", {"text": words.sentence(chance).rstrip("."), "level": "2"}))
        blocks.append(("rich_text", {"content": f"<p>{words.paragraph(chance)}{_link(chance, tools)}</p>"}))
        blocks.append(("rich_text", {"content": f"<p>{words.paragraph(chance, 7)}</p>"}))
    code = f"def handler(request):\n    # {words.sentence(chance)}\n    return respond(request, status=200)\n"
    blocks.append(("code", {"language": "python", "file_name": "app/views.py", "code": code}))
    if tools:
        blocks.append(("tool_card", {"tool": chance.choice(tools)}))
    raw = [{"type": name, "value": value, "id": str(words.uuid(chance))} for name, value in blocks]
    return field.to_python(json.dumps(raw))


def _link(chance: Random, tools: list[int]) -> str:
    return f' See <a linktype="page" id="{chance.choice(tools)}">this tool</a>.' if tools else ""
