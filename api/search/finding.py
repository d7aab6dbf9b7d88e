"""Looking terms up, among what a request may see and nothing else."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import Enum
from html import escape
from typing import Any

from django.db.models import BooleanField, Case, Count, F, FloatField, Func, Q, QuerySet, Value, When

from api.documents import tags
from api.documents.build import sort_title
from api.documents.models import Document, Reference
from api.documents.read import Reader
from api.search import words
from api.search.models import SearchText
from api.search.words import Clause

SAME_TITLE = 1_000.0
"""Added to the score of a page whose title is the query."""
TITLE, HEADINGS, TEXT, CODE = 10.0, 4.0, 1.0, 0.5
"""What a term counts for, by where it stands."""
CANDIDATES = 200
"""So many titles are looked at for the word that a misspelt one may stand for."""
ALIKE = 0.7
"""Of two words that may stand for each other, the least likeness (`difflib`: shared letters by all letters)."""
PASSAGE = 160
"""Characters of a passage that is quoted, about two lines."""
PASSAGES = 3


class Match(Enum):
    EVERY_WORD = "every word"
    CORRECTED = "corrected"
    SOME_WORDS = "some words"


# In the databases' own words ------------------------------------------------------------------------------------------


class Wanted:
    """What the index is asked for, as each database writes it. Terms are letters and digits only."""

    def __init__(self, clauses: Sequence[Clause], *, every: bool = True, prefix: bool = False) -> None:
        self.wanted = [clause.terms for clause in clauses if not clause.is_excluded]
        self.excluded = [clause.terms for clause in clauses if clause.is_excluded]
        self.every = every
        self.prefix = prefix

    def for_sqlite(self, columns: str) -> str:
        def phrase(terms: Sequence[str]) -> str:
            return '"' + " ".join(terms) + '"'

        wanted = (" AND " if self.every else " OR ").join(map(phrase, self.wanted)) + "*" * self.prefix
        excluded = "".join(f" NOT {phrase(terms)}" for terms in self.excluded)
        return f"{{{columns}}} : (({wanted}){excluded})"

    def for_postgresql(self) -> str:
        def phrase(terms: Sequence[str]) -> str:
            return "(" + " <-> ".join(f"'{term}'" for term in terms) + ")"

        wanted = [phrase(terms) for terms in self.wanted]
        if self.prefix:
            wanted[-1] = f"'{self.wanted[-1][-1]}':*"
        found = "(" + (" & " if self.every else " | ").join(wanted) + ")"
        return " & ".join([found, *(f"!{phrase(terms)}" for terms in self.excluded)])


TERMS = "title headings text code", "terms"
NAMES = "names", "name_terms"
NEAR = "near", "near_terms"
"""Columns of the index on SQLite, and the one on PostgreSQL."""


class _Index(Func):
    """An expression over the index of terms; its source is there to say how the query calls that table."""

    def __init__(self, wanted: Wanted, columns: tuple[str, str] = TERMS) -> None:
        super().__init__(F("content__search_text__names"))
        self.wanted = wanted
        self.columns = columns

    def _table(self, compiler: Any) -> str:
        column: Any = self.source_expressions[0]
        table: str = compiler.quote_name_unless_alias(column.alias)
        return table


class Holds(_Index):
    """Whether a page holds what is wanted."""

    output_field = BooleanField()

    def as_sqlite(self, compiler: Any, connection: Any, **_: Any) -> Any:
        return f"{self._table(compiler)}.api_searchtext MATCH %s", [self.wanted.for_sqlite(self.columns[0])]

    def as_postgresql(self, compiler: Any, connection: Any, **_: Any) -> Any:
        return f"{self._table(compiler)}.{self.columns[1]} @@ %s::tsquery", [self.wanted.for_postgresql()]


class Score(_Index):
    """How well a page fits what is wanted; more is better. Scores of two answers cannot be compared."""

    output_field = FloatField()

    def as_sqlite(self, compiler: Any, connection: Any, **_: Any) -> Any:
        # One weight for each column of the table.
        weights = f"0, 0, {TITLE}, {HEADINGS}, {TEXT}, {CODE}, 0"
        return f"-bm25({self._table(compiler)}.api_searchtext, {weights})", []

    def as_postgresql(self, compiler: Any, connection: Any, **_: Any) -> Any:
        weights = ", ".join(str(weight / TITLE) for weight in (CODE, TEXT, HEADINGS, TITLE))
        # 1: a long text is not better for being long.
        score = f"ts_rank('{{{weights}}}', {self._table(compiler)}.{self.columns[1]}, %s::tsquery, 1)::float8"
        return score, [self.wanted.for_postgresql()]


# Finding --------------------------------------------------------------------------------------------------------------


@dataclass
class Hit:
    """A page that was found."""

    key: str
    content: int
    score: float
    position: int
    """How many were before it, in all pages of the list."""


class Search:
    """One search among the pages of some types in one language of one site.

    What is found holds every word; or, where nothing does, every word as it may have been meant; or else some of them.
    `hits` decides it and is asked first.
    """

    match = Match.EVERY_WORD
    correction: str | None = None
    """What was searched for, if that is not what was asked."""

    def __init__(self, reader: Reader, query: str, pages: Q, locale: str, types: Sequence[str]) -> None:
        self.reader, self.locale, self.types, self.query = reader, locale, types, query
        self.pages = reader.rows().filter(pages, content__search_text__isnull=False)
        self.clauses = words.asked(query, locale)
        self.wanted = Wanted(self.clauses) if self.clauses else None
        reader.depends_on.add(tags.SEARCH)

    def hits(self, first: int, skip: int) -> list[Hit]:
        """The best ones behind the first `skip`. One query if there are any, otherwise one more for each word, twice
        as many for a word that stands nowhere, and four.
        """
        found = self._hits(first, skip)
        return found or (self._hits(first, skip) if self._settled_for_less() else [])

    def _hits(self, first: int, skip: int) -> list[Hit]:
        if self.wanted is None:
            return []
        title = sort_title((self.correction or self.query).strip())
        same = Case(When(sort_title=title, then=Value(SAME_TITLE)), default=Value(0.0))
        ranked = self.rows().annotate(score=Score(self.wanted) + same).order_by("-score", "key")
        page = ranked.values_list("key", "content", "score")[skip : skip + first]
        return [Hit(key, content, score, skip + at) for at, (key, content, score) in enumerate(page)]

    def _settled_for_less(self) -> bool:
        """Whether something else is searched for now, since nothing of any type holds every word."""
        if self.wanted is None or self._is_there(self.wanted):
            return False
        corrected = self._corrected()
        if corrected:
            meant = Wanted(words.asked(corrected, self.locale))
            if self._is_there(meant):
                self.wanted, self.match, self.correction = meant, Match.CORRECTED, corrected
                return True
        some = Wanted(self.clauses, every=False)
        if len(some.wanted) > 1 and self._is_there(some):
            self.wanted, self.match = some, Match.SOME_WORDS
            return True
        return False

    def _is_there(self, wanted: Wanted) -> bool:
        return self._found(wanted).exists()

    def _found(self, wanted: Wanted | None) -> QuerySet[Document]:
        """The pages of every type that hold what is wanted."""
        return self.pages.filter(Holds(wanted)) if wanted else self.pages.none()

    def rows(self) -> QuerySet[Document]:
        """All that is found, of the types that are wanted."""
        return self._found(self.wanted).filter(type__in=self.types)

    def types_found(self) -> dict[str, int]:
        """How many of each type are found, whether or not they are wanted; the most first."""
        counted = self._found(self.wanted).values("type").annotate(count=Count("pk")).order_by("-count", "type")
        return dict(counted.values_list("type", "count"))

    def targets_found(self, labels: Iterable[str], first: int) -> dict[str, int]:
        """How many of what is found refer to each key by these fields; the first ones, the most first."""
        references = Reference.objects.filter(content__in=self.rows().values("content"), field__in=list(labels))
        counted = references.values("target_key").annotate(count=Count("content", distinct=True))
        return dict(counted.order_by("-count", "target_key").values_list("target_key", "count")[:first])

    def passages(self, hits: Iterable[Hit]) -> dict[int, list[str]]:
        """The passages to quote from what these hits say, by their content; one query."""
        texts = SearchText.objects.filter(pk__in=[hit.content for hit in hits]).values_list("pk", "shown")
        marker = Marker(self.wanted.wanted if self.wanted else [], self.locale)
        return {pk: marker.passages(shown) for pk, shown in texts}

    # Mistakes

    def _corrected(self) -> str | None:
        """The query with the words of titles in the place of words that are nowhere; None if there are none alike."""
        parts: list[str] = []
        for sign, quoted, word in words.ASKED.findall(self.query)[: words.MAX_TERMS]:
            text = quoted or word
            fixed = " ".join(self._meant(each) or each for each in words.words(text)[: words.MAX_TERMS])
            is_same = sign or fixed == " ".join(words.words(text))
            kept = text if is_same else fixed
            parts.append(f'{sign}"{kept}"' if quoted else f"{sign}{kept}")
        corrected = " ".join(parts)
        return corrected if words.asked(corrected, self.locale) != words.asked(self.query, self.locale) else None

    def _meant(self, word: str) -> str | None:
        """The word of a title that may be meant by one that is nowhere."""
        spellings = words.near(word)
        stems = tuple(words.terms(word, self.locale))
        if not spellings or self._is_there(Wanted([Clause(stems)])):
            return None
        wanted = Wanted([Clause((each,)) for each in sorted(spellings)], every=False)
        titles = self.pages.filter(Holds(wanted, NEAR)).values_list("content__search_text__names", flat=True)
        known = {each for names in titles[:CANDIDATES] for each in names.split() if spellings & words.near(each)}
        likeness = {each: SequenceMatcher(None, word, each).ratio() for each in known}
        best = max(sorted(likeness), key=lambda each: likeness[each], default=None)
        return best if best and likeness[best] >= ALIKE else None


def suggested(reader: Reader, query: str, pages: Q, types: Sequence[str], first: int) -> list[Any]:
    """Pages whose titles hold words that begin so, those that begin with the query first; one query, none for a single
    letter.
    """
    found = words.words(query)[: words.MAX_TERMS]
    reader.depends_on.update(map(tags.list_of, types))
    if not found or len(found) == len(found[0]) == 1:
        return []
    wanted = Wanted([Clause((each,)) for each in found], prefix=True)
    rows = reader.rows().filter(pages, Holds(wanted, NAMES), type__in=types, content__search_text__isnull=False)
    begins = Case(When(sort_title__startswith=sort_title(query.strip()), then=Value(0)), default=Value(1))
    return reader.take(rows.annotate(begins=begins).order_by("begins", "sort_title", "key"), types, limit=first)


# Quoting --------------------------------------------------------------------------------------------------------------

SIGNS = {name: re.escape(sign) for sign, name in words.NAMES.items()}


class Marker:
    """Marks terms in text."""

    def __init__(self, wanted: Iterable[Sequence[str]], locale: str) -> None:
        self.locale = locale
        self.terms = {term for terms in wanted for term in terms}
        beginnings = "|".join(map(_beginning, sorted(self.terms)))
        self.pattern = re.compile(f"(?:{beginnings})[^\\W_]*") if self.terms else None

    def passages(self, text: str) -> list[str]:
        """The first passages that hold terms, as HTML with `mark` elements; without any the beginning of the text."""
        found: list[str] = []
        at = 0
        for match in self._matches(text):
            if match.start() < at:
                continue
            start, at = _around(text, match.start(), match.end())
            found.append(self._marked(text, start, at))
            if len(found) == PASSAGES:
                break
        if not found and text:
            found.append(self._marked(text, *_around(text, 0, 0)))
        return found

    def _matches(self, text: str) -> Iterator[re.Match[str]]:
        """Where the words stand. What begins like one is cut into terms to know."""
        for match in self.pattern.finditer(_plain(text)) if self.pattern else ():
            is_inside = match.start() and text[match.start() - 1].isalnum() and not words.UNSPACED.match(match[0])
            if not is_inside and self.terms.intersection(words.terms(text[slice(*match.span())], self.locale)):
                yield match

    def _marked(self, text: str, start: int, end: int) -> str:
        parts, at = ["… " if start and text[start - 1] != "\n" else ""], start
        for match in self._matches(text[start:end]):
            first, last = start + match.start(), start + match.end()
            parts += [escape(text[at:first]), f"<mark>{escape(text[first:last])}</mark>"]
            at = last
        parts.append(escape(text[at:end]))
        if end < len(text) and text[end] != "\n":
            parts.append(" …")
        return "".join(parts)


def _plain(text: str) -> str:
    """Without upper case and accents, letter for letter, so that places in the text stay the same."""
    plain = text.lower()
    if len(plain) != len(text):
        return text
    for letter in set(plain):
        if not letter.isascii() and (folded := words.fold(letter)) and (len(folded) == 1 or folded == "ss"):
            plain = plain.replace(letter, folded[0])
    return plain


def _beginning(term: str) -> str:
    """What the words of a stem begin with: "berri" is that of "berry", too."""
    if term in SIGNS:
        return SIGNS[term]
    return term[:-1] if len(term) > 3 and not words.UNSPACED.search(term) else term


def _around(text: str, start: int, end: int) -> tuple[int, int]:
    """The passage of one line around a word, cut between words."""
    line, next_line = text.rfind("\n", 0, start) + 1, text.find("\n", end)
    last = len(text) if next_line < 0 else next_line
    first = max(line, start - PASSAGE // 3)
    if first > line:
        space = text.find(" ", first, start)
        first = space + 1 if space >= 0 else start
    cut = min(last, max(first + PASSAGE, end))
    if cut < last:
        space = text.rfind(" ", end, cut)
        cut = space if space > 0 else cut
    return first, cut
