"""The README's promises, kept."""

import json
import re
from pathlib import Path

README = (Path(__file__).resolve().parents[2] / "README.md").read_text()


def test_the_first_query_gets_the_answer_that_is_printed_beside_it(site):
    (query,) = re.findall(r"```graphql\n(.*?)```", README, re.DOTALL)
    (answer,) = re.findall(r"```json\n(.*?)```", README, re.DOTALL)
    assert site.graphql(query) == json.loads(answer)
