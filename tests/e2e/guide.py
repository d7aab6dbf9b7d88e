"""The examples of docs/front-end-guide.md: a query, perhaps its variables, and what the API answers.

.venv/bin/python -m tests.e2e.guide      ask each query of a fresh demo site, and write its answer into the guide
"""

import json
import re
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

from cms.bootstrap import ROOT, settle_environment
from tests.e2e.site import Site, running

GUIDE = ROOT / "docs" / "front-end-guide.md"
EXAMPLE = re.compile(
    r"^```graphql\n(?P<query>.*?)```\n\n(?:```json variables\n(?P<variables>.*?)```\n\n)?```json\n(?P<answer>.*?)```$",
    re.DOTALL | re.MULTILINE,
)
WIDTH = 160


class Example(NamedTuple):
    chapter: str
    query: str
    variables: dict[str, Any]
    answer: str


def examples() -> list[Example]:
    text = GUIDE.read_text()
    return [example(found) for found in EXAMPLE.finditer(text)]


def example(found: "re.Match[str]") -> Example:
    chapter = re.findall(r"^### (.+)$", found.string[: found.start()], re.MULTILINE)[-1]
    return Example(chapter, found["query"], json.loads(found["variables"] or "{}"), found["answer"])


def answer(site: Site, example: Example) -> str:
    """What a site says, as the guide prints it: with the addresses of `make up`."""
    text = printed(site.graphql(example.query, example.variables))
    return text.replace(site.frontend, "http://127.0.0.1:4321").replace(site.cms, "http://127.0.0.1:8000") + "\n"


def printed(value: Any, indent: str = "") -> str:
    """JSON for readers: what fits on one line stands on one."""
    line = json.dumps(value, ensure_ascii=False)
    if not isinstance(value, dict | list) or len(indent) + len(line) <= WIDTH:
        return line
    inner = f"{indent}  "
    if isinstance(value, dict):
        rows = [f"{json.dumps(name)}: {printed(each, inner)}" for name, each in value.items()]
    else:
        rows = [printed(each, inner) for each in value]
    start, end = "{}" if isinstance(value, dict) else "[]"
    return f"{start}\n{inner}" + f",\n{inner}".join(rows) + f"\n{indent}{end}"


def write_answers(site: Site) -> None:
    def anew(found: "re.Match[str]") -> str:
        return found[0].removesuffix(f"{found['answer']}```") + answer(site, example(found)) + "```"

    GUIDE.write_text(EXAMPLE.sub(anew, GUIDE.read_text()))


if __name__ == "__main__":
    settle_environment()
    with tempfile.TemporaryDirectory() as folder:
        fresh = Site(Path(folder))
        with running(fresh):
            write_answers(fresh)
