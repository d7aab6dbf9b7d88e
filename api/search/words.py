"""Cutting text into terms, the same for what is stored and what is asked, and on every database.

Upper case and accents do not count. In languages that have one, a Snowball stemmer makes "testing" and "tests" one
term. Chinese, Japanese and Korean, which put no spaces between words, are found by pairs of characters. The databases
are given terms with spaces between them and have nothing to interpret.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import cache, lru_cache
from typing import NamedTuple

import snowballstemmer

VERSION = "terms 1"
"""Changes when text is cut in another way, so that `rebuild_documents` is asked for and stores all terms anew."""
MAX_WORD = 40
"""Longer words are cut: they are digests and addresses."""
MAX_TERMS = 12
"""Words of a query that count."""
WORD = re.compile(r"[^\W_]+")
NAMES = {"c++": "cplusplus", "c#": "csharp", "f#": "fsharp", ".net": "dotnet"}
"""Names of which the signs matter."""
NAME = re.compile(r"(?<![^\W_])(?:c\+\+|[cf]#)|(?<![^\W_])\.net(?![^\W_])")
ACCENTS = re.compile("[\u0300-\u036f]")
UNSPACED = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff]+")
ASKED = re.compile(r'(-?)(?:"([^"]*)"|(\S+))')
LANGUAGES = {
    "ar": "arabic",
    "ca": "catalan",
    "da": "danish",
    "de": "german",
    "el": "greek",
    "en": "english",
    "es": "spanish",
    "eu": "basque",
    "fi": "finnish",
    "fr": "french",
    "ga": "irish",
    "hi": "hindi",
    "hu": "hungarian",
    "hy": "armenian",
    "id": "indonesian",
    "it": "italian",
    "lt": "lithuanian",
    "nb": "norwegian",
    "ne": "nepali",
    "nl": "dutch",
    "nn": "norwegian",
    "no": "norwegian",
    "pt": "portuguese",
    "ro": "romanian",
    "ru": "russian",
    "sr": "serbian",
    "sv": "swedish",
    "ta": "tamil",
    "tr": "turkish",
}


def fold(text: str) -> str:
    """Without upper case and accents."""
    text = text.casefold()
    if text.isascii():
        return text
    return unicodedata.normalize("NFC", ACCENTS.sub("", unicodedata.normalize("NFKD", text)))


def words(text: str) -> list[str]:
    """The words of a text, folded, in their order."""
    found: list[str] = []
    for word in WORD.findall(NAME.sub(lambda name: NAMES[name[0]], fold(text))):
        if word.isascii() or not UNSPACED.search(word):
            found.append(word[:MAX_WORD])
        else:
            found += _pairs(word)
    return found


def _pairs(text: str) -> Iterator[str]:
    end = 0
    for run in UNSPACED.finditer(text):
        if run.start() > end:
            yield text[end : run.start()][:MAX_WORD]
        yield from [run[0][at : at + 2] for at in range(len(run[0]) - 1)] or [run[0]]
        end = run.end()
    if text[end:]:
        yield text[end:][:MAX_WORD]


def terms(text: str, locale: str) -> list[str]:
    """The stems of the words of a text, in their order."""
    language = LANGUAGES.get(locale.partition("-")[0].lower())
    return [stem(word, language) for word in words(text)]


@lru_cache(maxsize=100_000)
def stem(word: str, language: str | None) -> str:
    """The stem of a folded word; the word itself without a language, and where it has digits."""
    if language is None or not word.isalpha():
        return word
    return _stemmer(language).stemWord(word) or word


@cache
def _stemmer(language: str) -> "snowballstemmer.Stemmer":
    return snowballstemmer.stemmer(language)


class Clause(NamedTuple):
    """Terms that stand side by side in a text: one, or several in quotation marks and of what is cut into several."""

    terms: tuple[str, ...]
    is_excluded: bool = False


def asked(query: str, locale: str) -> list[Clause]:
    """What a query asks for: words, "words side by side", and -words that must not be there. Nothing, if it only says
    what must not be there.
    """
    found: dict[Clause, None] = {}
    for sign, quoted, word in ASKED.findall(query):
        cut = tuple(terms(quoted or word, locale))
        if cut:
            found[Clause(cut[:MAX_TERMS], bool(sign))] = None
    clauses = list(found)[:MAX_TERMS]
    return clauses if any(not clause.is_excluded for clause in clauses) else []


# Words that are nearly the same -------------------------------------------------------------------------------------

SHORTEST, LONGEST = 4, 20
"""Of words that are also found with a mistake in them; shorter ones are like too many others."""


def near(word: str) -> set[str]:
    """The word, and what it is with any one letter left out: two words that differ by one letter more, less, other or
    in another place have one of them in common.
    """
    if not SHORTEST <= len(word) <= LONGEST:
        return set()
    return {word, *(word[:at] + word[at + 1 :] for at in range(len(word)))}
