"""The closed list of error codes: what the code sends, the contract promises and the documentation explains is one list."""

import json
import re
from pathlib import Path

import pytest

from api import errors
from cms.env import BASE_DIR

CODES = [value for name, value in vars(errors).items() if name.isupper() and isinstance(value, str)]
SECTIONS = dict(
    section.split("\n", 1)
    for section in re.split(r"^## ", (BASE_DIR / "docs/api-errors.md").read_text(), flags=re.M)[2:]
)
EXAMPLES = {
    code: [json.loads(text) for text in re.findall(r"```json\n(.*?)```", section, re.S)]
    for code, section in SECTIONS.items()
}
TRIED = {code: example for code, example in EXAMPLES.items() if len(example) == 2}


def test_the_documentation_explains_every_code_and_no_other_in_the_order_of_the_code():
    assert list(SECTIONS) == CODES


def test_the_contract_promises_the_same_codes():
    head = Path(__file__).with_name("contract.graphql").read_text().partition("scalar")[0]
    assert set(re.findall(r"\b[A-Z]+(?:_[A-Z]+)*\b", head.partition("documented list:")[2])) == set(CODES)


def test_every_exception_has_a_code_of_the_list():
    kinds = [each for each in vars(errors).values() if isinstance(each, type) and issubclass(each, errors.ApiError)]
    assert {each.code for each in kinds} <= set(CODES)


@pytest.mark.parametrize("code", CODES)
def test_each_code_says_when_with_which_status_and_what_to_do(code):
    section = SECTIONS[code]
    assert section.strip().startswith("When: ")
    assert re.search(r"\bstatus is\b|\(\d{3}", section)
    assert "\nWhat to do: " in section
    assert {error["extensions"]["code"] for error in EXAMPLES[code][-1]["errors"]} == {code}


@pytest.mark.django_db
@pytest.mark.parametrize("code", TRIED)
def test_the_example_of_a_request_is_answered_as_it_says(client, code):
    request, answer = TRIED[code]
    given = client.post("/graphql", request, content_type="application/json").json()
    given.pop("extensions", None)  # the cost
    assert given == answer


def test_most_examples_can_be_tried():
    assert len(TRIED) >= 4
