"""Which release this is; pyproject.toml is the one place that says it."""

import tomllib
from functools import cache

from cms.env import BASE_DIR


@cache
def version() -> str:
    found: str = tomllib.loads((BASE_DIR / "pyproject.toml").read_text())["project"]["version"]
    return found
