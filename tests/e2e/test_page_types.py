"""The list of page types that the other tests share is whole and says the truth."""

from graphql import GraphQLInterfaceType, build_schema

from cms.bootstrap import ROOT
from tests.e2e.pages import ALL, PUBLIC


def test_every_page_type_of_the_schema_has_an_address():
    schema = build_schema((ROOT / "api" / "schema.graphql").read_text())
    page = schema.type_map["Page"]
    assert isinstance(page, GraphQLInterfaceType)
    types = {each.name for each in schema.get_possible_types(page)}
    assert types - {each.shows for each in PUBLIC} == set()


def test_each_address_shows_what_the_list_says(reading_site):
    query = "query ($path: String!) { resolve(path: $path) { __typename } }"
    for each in PUBLIC:
        if each.shows:
            found = reading_site.graphql(query, {"path": each.path})["data"]["resolve"]
            assert found == {"__typename": each.shows}
    assert len({each.name for each in ALL}) == len(ALL)
