"""Find a real Chromium for the browser tests, or unpack the one that a front-end package carries."""

import os
import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path

from cms.bootstrap import FRONTEND, TOOLS, Failed, node

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
CARRIED = FRONTEND / "node_modules" / "@sparticuz" / "chromium" / "bin"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
# Without any font Chromium ends itself. The carried fonts have a configuration for another place than this.
FONTS = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir>{folder}/fonts</dir><cachedir>{folder}/font-cache</cachedir></fontconfig>
"""
DECOMPRESS = """
const [from, to] = process.argv.slice(1), fs = require('fs');
fs.createReadStream(from).pipe(require('zlib').createBrotliDecompress()).pipe(fs.createWriteStream(to));
"""


def chromium() -> tuple[Path, dict[str, str]]:
    """The program, and the variables it needs. The environment's CHROMIUM wins, then an installed one, then the carried
    one.
    """
    installed = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    if installed:
        return Path(installed), {}
    if not CARRIED.is_dir():
        raise Failed(
            "There is no Chromium: install one (Debian: apt install chromium) "
            f"or restore {CARRIED.relative_to(FRONTEND)}."
        )
    folder = TOOLS / "chromium"
    if not (folder / "unpacked").exists():
        _unpack(folder)
    variables = {"LD_LIBRARY_PATH": f"{folder / 'lib'}"}
    if not Path("/etc/fonts/fonts.conf").exists():
        variables["FONTCONFIG_PATH"] = str(folder / "fonts")
    return folder / "chromium", variables


def _unpack(folder: Path) -> None:
    """Into a folder of its own first, so that an interrupted or a second run never leaves half a browser."""
    TOOLS.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=TOOLS) as temporary:
        work = Path(temporary)
        for packed in sorted(CARRIED.glob("*.br")):
            unpacked = work / packed.name.removesuffix(".br")
            subprocess.run([node(), "-e", DECOMPRESS, packed, unpacked], check=True)
            if unpacked.suffix == ".tar":
                with tarfile.open(unpacked) as archive:
                    # Debian 12's Python 3.11.2 does not know the filter yet.
                    archive.extraction_filter = getattr(tarfile, "data_filter", None)
                    archive.extractall(work)
                unpacked.unlink()
        (work / "chromium").chmod(0o755)
        (work / "fonts" / "fonts.conf").write_text(FONTS.format(folder=folder))
        (work / "unpacked").touch()
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(work, folder, symlinks=True)
