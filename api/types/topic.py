"""What articles and comparisons are about, and what kind of tool something is."""

from api.documents.contract import column, document, field
from api.types.page import Node
from content.models.category import Category as CategorySnippet
from content.models.topic import Topic as TopicSnippet


@document(TopicSnippet)
class Topic(Node):
    """What articles and comparisons are about. The front end shows it at /topics/<slug>/."""

    name: str = field("The topic in words.")
    slug: str = column("The last part of its address in the front end; unique among topics.")
    description: str | None = field("What the topic covers.")


@document(CategorySnippet)
class Category(Node):
    """What kind of tool something is: a web framework, a job queue."""

    name: str = field("The category in words.")
    slug: str = column("Unique among categories.")
