"""Made-up content in any amount, to see how the product behaves at a size nobody wants to type.

The same numbers and seed give the same content, word for word. What is already there is left alone, so a run that was
stopped can be run again. It is written in bulk, without the signals of single saves, and published through revisions
like anything an editor writes.
"""

from dataclasses import dataclass

from content.generate.articles import add_articles
from content.generate.batches import Bars
from content.generate.comparisons import add_comparisons
from content.generate.library import fill_library
from content.generate.sections import find_sections
from content.generate.tools import add_tools, generated_tools


@dataclass(frozen=True)
class Amounts:
    """How much to make; `facts` for each tool."""

    articles: int
    tools: int
    comparisons: int
    facts: int


def generate(amounts: Amounts, *, seed: int, bars: Bars) -> int:
    """Create what is missing, a batch at a time, each published as a whole; return how many pages that were."""
    shelf = fill_library(seed, attributes=amounts.facts)
    place = find_sections()
    made = add_tools(place.tools, shelf, amounts.tools, seed=seed, bars=bars)
    tools = generated_tools(place.tools)
    made += add_articles(place.articles, shelf, tools, amounts.articles, seed=seed, bars=bars)
    made += add_comparisons(place.comparisons, shelf, tools, amounts.comparisons, seed=seed, bars=bars)
    return made
