"""What articles and comparisons are about."""

from typing import ClassVar

from api.documents.codecs import Weight
from api.documents.contract import column, document, field
from api.types.subject import Subject
from content.models.topic import Topic as TopicSnippet


@document(TopicSnippet)
class Topic(Subject):
    """What articles and comparisons are about. The front end shows it at /topics/<slug>/."""

    section: ClassVar[str] = TopicSnippet.section

    slug: str = column("The last part of its path; unique among the topics of one language.")
    locale: str = column('The language, as in "en".')
    description: str | None = field("What the topic covers.", text=Weight.TEXT)
