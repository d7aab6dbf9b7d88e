"""Looking terms up, among what a request may see and nothing else."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import Enum
from functools import cached_property
from html import escape
from typing import Any

from django.db import connection

from api.documents import tags
from api.documents.build import sort_title
from api.documents.read import Reader, Statement, Where
from api.search import words
from api.search.words import Clause

SAME_TITLE = 1_000.0
"""Added to the score of a page whose title is the query."""
TITLE, HEADINGS, TEXT, CODE = 10.0, 4.0, 1.0, 0.5
"""What a term counts for, by where it stands."""
MOST_RANKED = 2_000
"""So many of the pages that are found are ranked, and so many again of those whose titles hold the words: ranking reads
the terms of each.
"""
CANDIDATES = 200
"""So many titles are looked at for the word that a misspelt one may stand for."""
ALIKE = 0.7
"""Of two words that may stand for each other, the least likeness (`difflib`: shared letters by all letters)."""
PASSAGE = 160
"""Characters of a passage that is quoted, about two lines."""
PASSAGES = 3
TRUE = Where("TRUE")


class Match(Enum):
    EVERY_WORD = "every word"
    CORRECTED = "corrected"
    SOME_WORDS = "some words"


# In the databases' own words ------------------------------------------------------------------------------------------


class Wanted:
    """What the index is asked for, as each database writes it. Terms are letters and digits only."""

    def __init__(self, clauses: Sequence[Clause], *, every: bool = True, begun: int = 0) -> None:
        self.wanted = [clause.terms for clause in clauses if not clause.is_excluded]
        self.excluded = [clause.terms for clause in clauses if clause.is_excluded]
        self.every = every
        self.begun = begun
        """How many of the last ones, of one term each, are only the beginnings of words."""

    def for_sqlite(self, columns: str) -> str:
        def phrase(terms: Sequence[str]) -> str:
            return '"' + " ".join(terms) + '"'

        wanted = (" AND " if self.every else " OR ").join(self._phrases(phrase, "*"))
        excluded = "".join(f" NOT {phrase(terms)}" for terms in self.excluded)
        return f"{{{columns}}} : (({wanted}){excluded})"

    def for_postgresql(self) -> str:
        def phrase(terms: Sequence[str]) -> str:
            return " <-> ".join(f"'{term}'" for term in terms)

        found = (" & " if self.every else " | ").join(f"({each})" for each in self._phrases(phrase, ":*"))
        return " & ".join([f"({found})", *(f"!({phrase(terms)})" for terms in self.excluded)])

    def _phrases(self, phrase: Callable[[Sequence[str]], str], goes_on: str) -> list[str]:
        whole = len(self.wanted) - self.begun
        return [phrase(terms) + goes_on * (at >= whole) for at, terms in enumerate(self.wanted)]

    def in_titles(self) -> "Wanted":
        """The beginnings of these terms, among the words of titles."""
        found = [Clause((_beginning(term),)) for terms in self.wanted for term in terms]
        return Wanted(found, every=self.every, begun=len(found))


TERMS = "title headings text code", "terms"
NAMES = "names", "name_terms"
NEAR = "near", "near_terms"
"""Columns of the index on SQLite, and the one on PostgreSQL."""
INDEX = "JOIN api_searchtext ON api_searchtext.rowid = api_document.content_id"
INDEXED = f"FROM api_document {INDEX}"
BY_INDEX = """\
    SET LOCAL enable_seqscan = off; SET LOCAL enable_indexscan = off; SET LOCAL max_parallel_workers_per_gather = 0;
    SET LOCAL jit = off; """
"""For PostgreSQL, which does not know how dear it is to look for terms in the texts of rows in place of the index, and
reads every text for words that many pages hold.
"""
ONE_BY_ONE = f"{BY_INDEX} SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off; "
"""Nor does it read all documents where a limit is soon reached."""


def holds(wanted: Wanted, columns: tuple[str, str] = TERMS) -> Where:
    """Pages that hold what is wanted."""
    if connection.vendor == "postgresql":
        return Where(f"api_searchtext.{columns[1]} @@ %s::tsquery", wanted.for_postgresql())
    return Where("api_searchtext.api_searchtext MATCH %s", wanted.for_sqlite(columns[0]))


def score(wanted: Wanted) -> Where:
    """How well a page fits what is wanted; more is better. Scores of two answers cannot be compared."""
    if connection.vendor == "postgresql":
        weights = ", ".join(str(weight / TITLE) for weight in (CODE, TEXT, HEADINGS, TITLE))
        # 1: a long text is not better for being long.
        ranked = f"ts_rank('{{{weights}}}', api_searchtext.terms, %s::tsquery, 1)::float8"
        return Where(ranked, wanted.for_postgresql())
    # One weight for each column of the table.
    return Where(f"-bm25(api_searchtext, 0, 0, {TITLE}, {HEADINGS}, {TEXT}, {CODE}, 0)")


# Finding --------------------------------------------------------------------------------------------------------------


@dataclass
class Hit:
    """A page that was found."""

    page: Any
    score: float
    position: int
    """How many were before it, in all pages of the list."""
    shown: str
    """Its text, if passages of it are asked for."""


class Search:
    """One search among the pages of some types in one language of one site.

    What is found holds every word; or, where nothing does, every word as it may have been meant; or else some of them.
    `hits` decides it and is asked first.
    """

    match = Match.EVERY_WORD
    correction: str | None = None
    """What was searched for, if that is not what was asked."""
    ranked: int | None = None
    """How many pages the best ones were chosen from: all that are found, unless there are more than `MOST_RANKED`."""

    def __init__(self, reader: Reader, query: str, pages: Where, locale: str, types: Sequence[str]) -> None:
        self.reader, self.query, self.pages, self.locale, self.types = reader, query, pages, locale, types
        self.clauses = words.asked(query, locale)
        self.wanted = Wanted(self.clauses) if self.clauses else None
        reader.depends_on.add(tags.SEARCH)

    def hits(self, first: int, skip: int) -> list[Hit]:
        """The best ones behind the first `skip`. One query if there are any, two if there are too many to rank them
        all; otherwise one more for each word, twice as many for a word that stands nowhere, and six.
        """
        found = self._hits(first, skip)
        return found or (self._hits(first, skip) if self._settled_for_less() else [])

    def _hits(self, first: int, skip: int) -> list[Hit]:
        if self.wanted is None:
            return []
        found = self._best([TRUE], first, skip, most=MOST_RANKED)
        if found:
            return found
        # There may be too many. Then those whose titles hold the words are ranked, however many others there are.
        same_title, titles = Where.columns(sort_title=self._title()), holds(self.wanted.in_titles(), NAMES)
        titles.sql = f"api_searchtext.rowid IN (SELECT api_searchtext.rowid FROM api_searchtext WHERE {titles.sql})"
        return self._best([same_title, titles, TRUE], first, skip)

    def _best(self, candidates: Sequence[Where], first: int, skip: int, *, most: int | None = None) -> list[Hit]:
        """The best of some pages of each kind of candidate; none if there are more than `most`."""
        assert self.wanted is not None
        fits = score(self.wanted)
        what = (
            f"api_document.id, api_document.key, "
            f"{fits.sql} + CASE WHEN api_document.sort_title = %s THEN {SAME_TITLE} ELSE 0.0 END AS score"
        )
        values = (*fits.parameters, self._title())
        kinds = [self._found(what, where=kind, values=values, end=f" LIMIT {MOST_RANKED + 1}") for kind in candidates]
        among = " UNION ".join(f"SELECT * FROM ({kind.sql}) kind" for kind in kinds)
        chosen = Statement(
            "SELECT * FROM ("
            "SELECT id, score, ROW_NUMBER() OVER (ORDER BY score DESC, key) AS place, COUNT(*) OVER () AS ranked"
            f" FROM ({among}) candidate) ranking{'' if most is None else f' WHERE ranked <= {most}'}"
            f" ORDER BY place LIMIT {first} OFFSET {skip}",
            [value for kind in kinds for value in kind.parameters],
        )
        more, joined = ["chosen.score", "chosen.place", "chosen.ranked"], ""
        if "SearchResult.highlights" in self.reader.asked.labels:
            more, joined = [*more, "api_searchtext.shown"], INDEX
        rows = self.reader.find_chosen(chosen, self.types, more=more, joined=joined, before=_settings(ONE_BY_ONE))
        self.ranked = rows[0][3] if rows else None
        return [Hit(page, points, place - 1, *(shown or [""])) for page, points, place, _, *shown in rows]

    def _title(self) -> str:
        return sort_title((self.correction or self.query).strip())

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
        there = self.reader.statement("1", self.pages & holds(wanted), source=INDEXED, end=" LIMIT 1")
        return bool(self.reader.execute(there, before=_settings(ONE_BY_ONE)))

    def _found(self, what: str, *, where: Where = TRUE, values: Sequence[Any] = (), end: str = "") -> Statement:
        """Reads what is found, of the types that are wanted."""
        assert self.wanted is not None
        found = self.pages & Where.columns(type=self.types) & holds(self.wanted) & where
        return self.reader.statement(what, found, values=values, source=INDEXED, end=end)

    def count(self) -> int:
        """How many are found, of the types that are wanted; one query if there are too many to rank them all."""
        if self.ranked is not None and self.ranked <= MOST_RANKED:
            return self.ranked
        return sum(self.types_found.get(name, 0) for name in self.types)

    @cached_property
    def types_found(self) -> dict[str, int]:
        """How many of each type are found, whether or not they are wanted; the most first. One query."""
        if self.wanted is None:
            return {}
        end = " GROUP BY api_document.type ORDER BY 2 DESC, 1"
        found = self.pages & holds(self.wanted)
        counted = self.reader.statement("api_document.type, COUNT(*)", found, source=INDEXED, end=end)
        return dict(self.reader.execute(counted, before=_settings()))

    def targets_found(self, labels: Sequence[str], first: int) -> dict[str, int]:
        """How many of what is found refer to each key by these fields; the first ones, the most first. One query."""
        if self.wanted is None:
            return {}
        found = self._found("api_document.content_id")
        sql = (
            "SELECT target_key, COUNT(DISTINCT content_id) FROM api_reference"
            f" WHERE field IN ({', '.join(['%s'] * len(labels))}) AND content_id IN ({found.sql})"
            f" GROUP BY target_key ORDER BY 2 DESC, 1 LIMIT {int(first)}"
        )
        return dict(self.reader.execute(Statement(sql, (*labels, *found.parameters)), before=_settings()))

    @cached_property
    def marker(self) -> "Marker":
        return Marker(self.wanted.wanted if self.wanted else [], self.locale)

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
        near = self.pages & holds(wanted, NEAR)
        titles = self.reader.statement("api_searchtext.names", near, source=INDEXED, end=f" LIMIT {CANDIDATES}")
        rows = self.reader.execute(titles, before=_settings(ONE_BY_ONE))
        known = {each for (names,) in rows for each in names.split() if spellings & words.near(each)}
        likeness = {each: SequenceMatcher(None, word, each).ratio() for each in known}
        best = max(sorted(likeness), key=lambda each: likeness[each], default=None)
        return best if best and likeness[best] >= ALIKE else None


def suggested(reader: Reader, query: str, pages: Where, types: Sequence[str], first: int) -> list[Any]:
    """Pages whose titles hold words that begin so, those that begin with the query first; one query, none for a single
    letter.
    """
    found = words.words(query)[: words.MAX_TERMS]
    reader.depends_on.update(map(tags.list_of, types))
    if not found or len(found) == len(found[0]) == 1:
        return []
    wanted = holds(Wanted([Clause((each,)) for each in found], begun=1), NAMES)
    beginning = sort_title(query.strip())
    order = "SUBSTR(api_document.sort_title, 1, %s) <> %s, api_document.sort_title, api_document.key"
    chosen = reader.statement(
        f"api_document.id, ROW_NUMBER() OVER (ORDER BY {order}) AS place",
        pages & Where.columns(type=types) & wanted,
        values=(len(beginning), beginning),
        source=INDEXED,
        end=f" ORDER BY place LIMIT {int(first)}",
    )
    return [page for (page,) in reader.find_chosen(chosen, types, before=_settings())]


def _settings(settings: str = BY_INDEX) -> str:
    return settings if connection.vendor == "postgresql" else ""


# Quoting --------------------------------------------------------------------------------------------------------------

SIGNS = {name: re.escape(sign) for sign, name in words.NAMES.items()}


class Marker:
    """Marks terms in text."""

    def __init__(self, wanted: Iterable[Sequence[str]], locale: str) -> None:
        self.locale = locale
        self.terms = {term for terms in wanted for term in terms}
        beginnings = "|".join(SIGNS.get(term) or _beginning(term) for term in sorted(self.terms))
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
