"""What is searched: the terms of every page, beside what it says (`api.documents.models.Content`)."""

from django.db import models

from api.documents.models import Content


class SearchText(models.Model):
    """The terms of one version of a page, separated by spaces, and its text as it is shown.

    On SQLite the table is an FTS5 index; on PostgreSQL it has columns of type tsvector beside these. Versions that
    differ only in their place share one, like what they say.
    """

    content = models.OneToOneField(
        Content,
        on_delete=models.CASCADE,
        primary_key=True,
        db_column="rowid",
        db_constraint=False,
        related_name="search_text",
    )
    names = models.TextField(help_text="The words of the title, as they are: for suggestions.")
    near = models.TextField(help_text="The words of the title with one letter left out: for misspelt words.")
    title = models.TextField(help_text="The terms of the title.")
    headings = models.TextField(help_text="The terms of headings and summaries.")
    text = models.TextField(help_text="The terms of what is to be read.")
    code = models.TextField(help_text="The terms of listings and commands.")
    shown = models.TextField(help_text="The text itself but for listings, a line for each passage, to quote from.")

    def __str__(self) -> str:
        return self.names


class UnfoundSearch(models.Model):
    """Words that readers have searched for in vain, in one language of one site."""

    site = models.CharField(max_length=255)
    locale = models.CharField("language", max_length=20)
    words = models.CharField(max_length=100)
    count = models.PositiveIntegerField("times", default=0)
    first_at = models.DateTimeField("first")
    last_at = models.DateTimeField("last", db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["site", "locale", "words"], name="unfound_search_once")]
        verbose_name = "search that found nothing"
        verbose_name_plural = "searches that found nothing"

    def __str__(self) -> str:
        return self.words
