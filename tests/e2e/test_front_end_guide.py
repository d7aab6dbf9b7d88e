"""The front-end developer's guide, followed to the letter."""

import json
import os
import re
import shutil
import subprocess

import pytest

from cms.bootstrap import FRONTEND, ROOT, node, npm
from tests.e2e import guide

EXAMPLES = guide.examples()
_, _, CLIENT = guide.GUIDE.read_text().partition("## A typed client\n")
LISTINGS = re.findall(r"^```(?:ts|json) (\S+)\n(.*?)^```$", CLIENT, re.DOTALL | re.MULTILINE)
PRINTED, MISSPELT = re.findall(r"^```text\n(.*?)^```$", CLIENT, re.DOTALL | re.MULTILINE)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.chapter)
def test_query_gets_the_answer_that_is_printed_below_it(demo, example):
    assert guide.answer(demo, example) == example.answer


def test_no_query_stands_there_without_its_answer():
    assert len(EXAMPLES) == guide.GUIDE.read_text().count("```graphql") >= 10


@pytest.fixture
def project(tmp_path):
    """The files of the chapter in their first form, beside the schema."""
    (tmp_path / "src").mkdir()
    (tmp_path / "node_modules").symlink_to(FRONTEND / "node_modules")
    shutil.copy(ROOT / "api" / "schema.graphql", tmp_path)
    for name, text in reversed(LISTINGS):
        (tmp_path / name).write_text(text)
    return tmp_path


def run(project, script, **variables):
    """The exit code of a script of the project, and what it said."""
    done = subprocess.run(
        [*npm(), "run", "--silent", script],
        cwd=project,
        env={**os.environ, "PATH": f"{node().parent}:{os.environ['PATH']}", **variables},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout


def change(file, old, new):
    text = file.read_text()
    assert text.count(old) == 1
    file.write_text(text.replace(old, new))


def test_client_is_checked_and_prints_what_the_guide_says(project, demo):
    code, said = run(project, "check")
    assert code == 0, said
    assert run(project, "start", CMS_URL=demo.cms) == (0, PRINTED)


def test_client_names_the_errors_of_the_api(project, demo):
    change(project / "src/main.ts", "'django-admin'", "'\\0'")
    code, said = run(project, "start", CMS_URL=demo.cms)
    assert code == 1
    assert "codes: [ 'BAD_USER_INPUT' ]" in said


def test_misspelt_field_does_not_compile(project):
    change(project / "src/queries.ts", "    display\n", "    dislay\n")
    code, said = run(project, "check")
    assert code == 1
    assert MISSPELT in said


def test_page_that_may_be_missing_does_not_compile_unless_that_is_asked_for(project):
    change(project / "src/main.ts", "if (tool) {", "{")
    code, said = run(project, "check")
    assert code == 2
    assert "'tool' is possibly 'null'" in said


def test_client_asks_by_id_once_its_documents_are_trusted(project, demo):
    (project / "src/send.ts").write_text(dict(LISTINGS)["src/send.ts"])
    code, said = run(project, "check")
    assert code == 0, said
    code, said = run(project, "start", CMS_URL=demo.cms)
    assert code == 1
    assert "codes: [ 'DOCUMENT_NOT_TRUSTED' ]" in said

    code, manifest = run(project, "manifest")
    assert code == 0, manifest
    (project / "manifest.json").write_text(manifest)
    demo.manage("trust_documents", str(project / "manifest.json"))
    assert run(project, "start", CMS_URL=demo.cms) == (0, PRINTED)


def test_client_has_the_packages_that_our_own_front_end_is_tested_with():
    theirs = json.loads(dict(LISTINGS)["package.json"])
    ours = json.loads((FRONTEND / "package.json").read_text())
    for kind in ("dependencies", "devDependencies"):
        assert theirs[kind].items() <= ours[kind].items()
