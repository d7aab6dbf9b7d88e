"""Takes content in from files: all of it in one transaction, or nothing.

Twice over the files. First everything that is not there yet is made, empty, so that any two objects may refer to each
other; then each object gets what its file says. What a file does not mention stays as it is.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.db import IntegrityError, transaction
from wagtail.models import Page

from content.changes import changes
from content.interchange.applying import AliasApplication, Application, Applied, Options
from content.interchange.describing import ALIAS
from content.interchange.folder import Folder, Record
from content.interchange.identity import Identity, identify
from content.interchange.kinds import PAGE_RANK, Kind
from content.interchange.making import Maker
from content.interchange.nodes import Problem
from content.interchange.pictures import Pictures
from content.interchange.references import References

Advance = Callable[[int], None]


@dataclass(slots=True)
class Entry:
    """Where an object's record stands, and the object once it is found or made."""

    path: Path
    index: int
    file: str
    line: int
    identity: Identity
    position: int = 0
    kind: Kind | None = None
    pk: int | None = None
    is_new: bool = False


@dataclass
class Outcome:
    """How many objects of each kind had which fate, what is wrong, and what is worth knowing."""

    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    problems: list[Problem] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


class Import:
    """`tell` is called with each object's name and what an import does to it."""

    def __init__(self, folder: Folder, options: Options, tell: Callable[[str, Applied], None]) -> None:
        self.folder, self.options, self.tell = folder, options, tell
        self.outcome = Outcome()
        self.entries: list[Entry] = []
        self._last: tuple[Path, list[Record]] | None = None

    def run(self, start: Callable[[int], Advance]) -> Outcome:
        """`start` is told how many objects there are and returns what is called after each."""
        self._scan()
        if self.outcome.problems:
            return self.outcome
        pictures = Pictures(self.folder, is_dry=self.options.is_dry)
        with changes():
            self.references = References(pictures)
            pictures.references = self.references
            self._make(Maker(self.references, pictures))
            self._take_in(start(len(self.entries)))
            is_undone = bool(self.outcome.problems) or self.options.is_dry
            transaction.set_rollback(is_undone or transaction.get_rollback())
        return self.outcome

    # What is there to import

    def _scan(self) -> None:
        seen: dict[tuple[Any, str], Entry] = {}
        with self._collecting():
            for path in self.folder.files():
                with self._collecting(self.folder.shown(path)):
                    for index, record in enumerate(self._records(path)):
                        with self._collecting(record.file):
                            self._note(path, index, record, seen)
        self.entries.sort(key=_order)

    def _note(self, path: Path, index: int, record: Record, seen: dict[tuple[Any, str], Entry]) -> None:
        identity = identify(record)
        entry = Entry(path, index, record.file, record.line, identity, _position(record), identity.kind)
        twin = seen.setdefault((_base(identity.kind), identity.name), entry)
        if twin is not entry:
            raise Problem(f"“{identity.name}” stands in {twin.file}:{twin.line} already.", record.line)
        self.entries.append(entry)

    def _records(self, path: Path) -> list[Record]:
        """Read anew each time, so that only one file is in memory."""
        if self._last is None or self._last[0] != path:
            self._last = (path, self.folder.records(path))
        return self._last[1]

    # What is missing is made; then every object gets what is said of it

    def _make(self, maker: Maker) -> None:
        """Those that could not be made are tried again as long as others could: an alias may lie above its original."""
        waiting = self.entries
        while waiting:
            failed = [(entry, problem) for entry in waiting if (problem := self._make_one(maker, entry))]
            if len(failed) == len(waiting):
                self.outcome.problems += [problem for _, problem in failed]
                return
            waiting = [entry for entry, _ in failed]

    def _make_one(self, maker: Maker, entry: Entry) -> Problem | None:
        try:
            entry.kind = entry.kind or maker.kind_below(entry.identity, entry.line)
            entry.pk = maker.found(entry.kind, entry.identity, entry.line)
            if entry.pk is None:
                record = self._records(entry.path)[entry.index]
                with transaction.atomic():
                    entry.pk = maker.make(entry.kind, entry.identity, record)
                entry.is_new = True
        except IntegrityError as error:
            return Problem(f"Cannot be saved: {error}.", entry.line, entry.file)
        except Problem as problem:
            return _in(problem, entry.file)
        return None

    def _take_in(self, advance: Advance) -> None:
        for entry in self.entries:
            if entry.pk is not None and entry.kind is not None:
                with self._collecting(entry.file):
                    self._take(entry, entry.kind)
            advance(1)

    def _take(self, entry: Entry, kind: Kind) -> None:
        record = self._records(entry.path)[entry.index]
        row = kind.model._default_manager.get(pk=entry.pk)
        applies = AliasApplication if kind.is_page and ALIAS in record.values else Application
        try:
            with transaction.atomic():
                applied = applies(kind, row, record, self.references, self.options, entry.is_new).run()
        except IntegrityError as error:
            raise Problem(f"Cannot be saved: {error}.", entry.line) from None
        self.outcome.problems += [_in(problem, entry.file) for problem in applied.problems]
        self.outcome.counts[kind.folder, applied.fate] += 1
        self.outcome.notes += [f"{entry.file}: {note}" for note in applied.notes]
        self.tell(entry.file if not kind.is_listed else f"{entry.file}:{entry.line}", applied)

    @contextmanager
    def _collecting(self, file: str = "") -> Iterator[None]:
        """What goes wrong is noted, and the import goes on to find the rest."""
        try:
            yield
        except Problem as problem:
            self.outcome.problems.append(_in(problem, file))


def _in(problem: Problem, file: str) -> Problem:
    problem.file = problem.file or file
    return problem


def _base(kind: Kind | None) -> Any:
    return Page if kind is None or kind.is_page else kind.model


def _position(record: Record) -> int:
    """Among the pages made at once; those without one come last."""
    text = record.values["position"].text() if "position" in record.values else ""
    return int(text) if text.isdigit() else 10**9


def _order(entry: Entry) -> tuple[Any, ...]:
    identity = entry.identity
    rank = identity.kind.rank if identity.kind else PAGE_RANK
    depth = identity.depth if rank == PAGE_RANK else 0
    return rank, bool(identity.label), depth, entry.position, str(entry.path), entry.index
