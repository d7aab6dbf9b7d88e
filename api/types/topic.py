"""What articles and comparisons are about."""

from api.documents.contract import column, document, field
from api.types.page import Node
from content.models.topic import Topic as TopicSnippet


@document(TopicSnippet)
class Topic(Node):
    """What articles and comparisons are about. The front end shows it at /topics/<slug>/."""

    name: str = field("The topic in words.")
    slug: str = column("The last part of its address in the front end; unique among the topics of one language.")
    locale: str = column('The language, as in "en".')
    description: str | None = field("What the topic covers.")
