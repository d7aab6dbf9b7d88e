"""What kind of tool something is."""

from typing import ClassVar

import strawberry

from api.documents.contract import column, derived, document, field, served, stored
from api.documents.read import Cohort
from api.types.page import Node
from content.models.category import Category as CategorySnippet


@document(CategorySnippet)
class Category(Node):
    """What kind of tool something is: a web framework, a job queue. Categories stand below wider ones."""

    name: str = field("The category in words.")
    slug: str = column("Unique among the categories of one language.")
    locale: str = column('The language, as in "en".')

    cohort: ClassVar[Cohort]
    sort_order: strawberry.Private[int]
    sort_title: ClassVar[str]

    @derived
    @staticmethod
    def parent(category: CategorySnippet) -> "Category | None":
        """The wider category that this one belongs to."""
        return stored(f"category:{category.parent_id}" if category.parent_id else None)

    @derived
    @staticmethod
    def lineage(category: CategorySnippet) -> strawberry.Private[list["Node"]]:
        return stored([f"category:{pk}" for pk in category.lineage()])

    @served(size=10, cost=30)
    def children(self) -> list["Category"]:
        """The categories right below this one, in the editors' order; 100 at most."""
        found = self.cohort.referring(self, ("Category.parent",), each=100)
        return sorted(found, key=lambda child: (child.sort_order, child.sort_title))
