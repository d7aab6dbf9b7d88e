"""What Toolshelf stands on: pinned with hashes, and under licences that let it be passed on."""

import re

import pytest

from cms.bootstrap import FRONTEND, ROOT
from tests import licences

# They ask to keep a notice or, the MPL and the LGPL, to offer the source of the package itself.
FREE = {
    *(
        "0BSD",
        "Apache-2.0",
        "BSD-2-Clause",
        "BSD-3-Clause",
        "BlueOak-1.0.0",
        "CC0-1.0",
        "ISC",
        "MIT",
        "MIT-0",
        "MIT-CMU",
    ),
    *("LGPL-3.0-only", "LGPL-3.0-or-later", "MPL-2.0", "OFL-1.1", "PSF-2.0", "Python-2.0", "Unlicense"),
}


def test_every_python_package_is_locked_with_hashes():
    for each in licences.locked_for_python():
        files = [*each.get("wheels", []), *filter(None, [each.get("sdist")])]
        assert files or each["source"] == {"virtual": "."}, each["name"]
        assert all(re.fullmatch(r"sha256:[0-9a-f]{64}", file["hash"]) for file in files), each["name"]


def test_every_node_package_is_locked_with_a_hash():
    for folder, each in licences.locked_for_node().items():
        assert re.match(r"sha512-[\w+/]{86}==", each["integrity"]), folder


def test_what_installs_the_rest_is_locked_with_hashes():
    version, *hashes = (ROOT / "cms" / "uv.txt").read_text().replace("\\\n", "").split()
    assert re.fullmatch(r"uv==[\d.]+", version)
    assert hashes
    assert all(re.fullmatch(r"--hash=sha256:[0-9a-f]{64}", each) for each in hashes)


@pytest.mark.parametrize("file", [ROOT / "uv.lock", ROOT / "cms" / "uv.txt", FRONTEND / "package-lock.json"])
def test_no_lock_file_names_another_registry(file):
    hosts = set(re.findall(r"https?://([^/\"]+)/[^\"]*(?:\.whl|\.tar\.gz|\.zip|\.tgz|simple)", file.read_text()))
    assert hosts <= {"pypi.org", "files.pythonhosted.org", "registry.npmjs.org"}


def test_page_of_licences_is_that_of_the_lock_files():
    assert licences.PAGE.read_text() == licences.page(), "python -m tests.licences writes it anew"


@pytest.mark.parametrize("chapter", ["cms", "frontend"])
def test_what_is_passed_on_is_free_to_be_passed_on(chapter):
    rows = licences.chapters()[chapter]
    assert rows
    asked = {name: set(re.split(r"[() ]+(?:AND|OR|WITH)?[() ]*", licence)) - {""} - FREE for name, _, licence in rows}
    assert {name: licence for name, licence in asked.items() if licence} == {}


def test_every_licence_is_known():
    assert licences.UNKNOWN not in {licence for rows in licences.chapters().values() for _, _, licence in rows}
