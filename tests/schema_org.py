"""Structured data held against the vocabulary of schema.org, and against what Google asks for."""

import json
import subprocess
from pathlib import Path
from typing import Any

from cms.bootstrap import FRONTEND, node


def misfits(graphs: list[dict[str, Any]], folder: Path) -> list[str]:
    """What TypeScript finds wrong with structured data by the vocabulary (npm `schema-dts`), in an empty folder."""
    packages = FRONTEND / "node_modules"
    (folder / "node_modules").symlink_to(packages)
    lines = [f"export const graph{number}: Graph = {json.dumps(each)};" for number, each in enumerate(graphs)]
    (folder / "graphs.ts").write_text("\n".join(['import type { Graph } from "schema-dts";', *lines]))
    options = ["--noEmit", "--strict", "--skipLibCheck", "--module", "esnext", "--moduleResolution", "bundler"]
    done = subprocess.run(
        [node(), packages / "typescript" / "bin" / "tsc", *options, "graphs.ts"],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    return done.stdout.splitlines()
