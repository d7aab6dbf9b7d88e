"""Build and start the front end on a developer's machine, for `manage.py up` and the tests.

Every state of the sources is built into a folder of its own, so a build never changes files under a running server.
"""

import hashlib
import os
import shutil
import subprocess
from pathlib import Path

from cms.bootstrap import FRONTEND, ROOT, node, npm
from cms.supervisor import Child, Supervisor

BUILDS = FRONTEND / ".build"
NOT_SOURCES = {"node_modules", "dist", "tests", ".astro", ".build"}
KEPT = 3


def digest() -> str:
    """Names the present state of the sources, the packages and the schema they are compiled against."""
    digest = hashlib.sha256()
    for path in sorted([*_sources(FRONTEND), ROOT / "api" / "schema.graphql"]):
        if path.is_file():
            digest.update(f"{path.relative_to(ROOT)}\0".encode() + path.read_bytes())
    return digest.hexdigest()[:16]


def manifest() -> str:
    """The documents that the present sources ask, for `manage.py trust_documents`."""
    return subprocess.run([node(), "manifest.ts"], cwd=FRONTEND, stdout=subprocess.PIPE, text=True, check=True).stdout


def _sources(folder: Path) -> list[Path]:
    found = []
    for directory, directories, files in os.walk(folder):
        directories[:] = [name for name in directories if name not in NOT_SOURCES]
        # Types that tools write beside the sources say nothing that the sources do not say.
        found += [Path(directory, name) for name in files if not name.endswith(".d.ts")]
    return found


class Build:
    """The build of the present sources: `start` it unless it `exists`, go on with other work, then `finish` it."""

    def __init__(self) -> None:
        self.folder = BUILDS / digest()
        self.unfinished = BUILDS / f"{self.folder.name}.{os.getpid()}"
        self.child: Child | None = None

    @property
    def exists(self) -> bool:
        return self.folder.is_dir()

    def start(self, supervisor: Supervisor) -> None:
        if not self.exists:
            command = [*npm(), "run", "build", "--", "--outDir", self.unfinished]
            self.child = supervisor.start("front end's build", command, log="build.log", cwd=FRONTEND)

    def finish(self, supervisor: Supervisor) -> None:
        if self.child is None:
            return
        try:
            supervisor.finish(self.child)
            if not self.exists:
                self.unfinished.rename(self.folder)
        finally:
            shutil.rmtree(self.unfinished, ignore_errors=True)
        self._remove_old()

    def _remove_old(self) -> None:
        builds = sorted(
            (path for path in BUILDS.iterdir() if "." not in path.name), key=lambda path: path.stat().st_mtime
        )
        for old in builds[:-KEPT]:
            shutil.rmtree(old, ignore_errors=True)

    def serve(self, supervisor: Supervisor, *, port: int, cms: str, url: str, admin_origins: list[str]) -> Child:
        env = {
            "HOST": "127.0.0.1",
            "PORT": str(port),
            "CMS_URL": cms,
            "FRONTEND_URL": url,
            "CMS_ORIGINS": " ".join(admin_origins),
        }
        return supervisor.start(
            "front end", [node(), self.folder / "server" / "entry.mjs"], log="frontend.log", env=env, cwd=FRONTEND
        )
