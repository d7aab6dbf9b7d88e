"""Writes content as files, or as one JSON document."""

import shutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Any, TextIO

from wagtail.models import DraftStateMixin

from content.interchange.describing import Described, describe, file_text
from content.interchange.folder import PICTURES, TEXTS
from content.interchange.kinds import Kind, kinds
from content.interchange.references import References
from content.interchange.writing import json_text

BATCH = 100
Advance = Callable[[int], None]


@dataclass
class Export:
    """What is exported: these kinds, in their published form unless `drafts`."""

    target: Path
    only: list[Kind] = field(default_factory=list)
    drafts: bool = False
    references: References = field(default_factory=References)
    written: set[str] = field(default_factory=set)

    @property
    def kinds(self) -> list[Kind]:
        """Images last: with chosen kinds, only those are taken along that something shows."""
        chosen = self.only or kinds()
        return [kind for kind in chosen if not kind.is_image] + [kind for kind in kinds() if kind.is_image]

    def count(self) -> int:
        return sum(self._rows(kind).count() for kind in self.kinds)

    def run(self, advance: Advance) -> int:
        """Write everything; return how many objects that were."""
        return self._write_document(advance) if self.target.suffix == ".json" else self._write_folder(advance)

    # What

    def _rows(self, kind: Kind) -> Any:
        rows = kind.model._default_manager.all()
        if kind.is_image and self.only:
            rows = rows.filter(pk__in=self.references.used.get(kind.model, ()))
        if issubclass(kind.model, DraftStateMixin) and not self.drafts:
            rows = rows.filter(live=True)
        return rows

    def _objects(self, kind: Kind, advance: Advance) -> Iterator[Described]:
        """In the order of their names, which is the same in every database."""
        names = self.references.all_names(kind.model)
        pks = sorted((pk for pk in self._rows(kind).values_list("pk", flat=True)), key=lambda pk: names.get(pk, ""))
        for start in range(0, len(pks), BATCH):
            batch = pks[start : start + BATCH]
            rows = kind.model._default_manager.in_bulk(batch)
            for row in (rows[pk] for pk in batch if pk in rows):
                described = describe(kind, self._form(row), self.references)
                if described is not None:
                    if not self.drafts:
                        described.values.pop("draft", None)
                    yield described
            advance(len(batch))

    def _form(self, row: Any) -> Any:
        is_wanted = self.drafts and isinstance(row, DraftStateMixin)
        newest = row.get_latest_revision_as_object() if is_wanted else row
        if hasattr(row, "first_published_at"):
            newest.first_published_at = row.first_published_at
        return newest

    def _files(self, advance: Advance) -> Iterator[tuple[str, Kind, list[Described]]]:
        """Each file without its ending, with what is to stand in it."""
        for kind in self.kinds:
            # A file with many has them one after the other, as their names begin alike.
            objects = self._objects(kind, advance)
            groups = groupby(objects, key=lambda each: each.place) if kind.is_listed else _alone(objects)
            for place, group in groups:
                yield self._free(place), kind, list(group)

    def _free(self, place: str) -> str:
        """Two names may give one file name: the second gets a number."""
        free, number = place, 1
        while free in self.written:
            number += 1
            free = f"{place}-{number}"
        self.written.add(free)
        return free

    # Where to

    def _write_folder(self, advance: Advance) -> int:
        count = 0
        paths = set()
        for place, kind, group in self._files(advance):
            suffix = ".yaml" if kind.is_listed else ".md"
            path = self.target / f"{place}{suffix}"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(file_text(kind, group, self.references), encoding="utf-8", newline="\n")
            paths.add(path)
            if kind.is_image:
                paths.add(self._copy_image(group[0], path.parent))
            count += len(group)
        self._remove_others(paths)
        return count

    def _write_document(self, advance: Advance) -> int:
        count = 0
        self.target.parent.mkdir(parents=True, exist_ok=True)
        with self.target.open("w", encoding="utf-8", newline="\n") as out:
            out.write("{")
            for place, kind, group in self._files(advance):
                out.write("," if count else "")
                _write_entry(out, place, [each.values for each in group] if kind.is_listed else group[0].values)
                count += len(group)
                if kind.is_image:
                    self._copy_image(group[0], self.target.parent / "images")
            out.write("\n}\n")
        return count

    def _copy_image(self, described: Described, folder: Path) -> Path:
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / described.name
        with described.instance.file.storage.open(described.instance.file.name) as source, path.open("wb") as target:
            shutil.copyfileobj(source, target)
        return path

    def _remove_others(self, written: set[Path]) -> None:
        """What an earlier export left in our folders of things that are gone."""
        if self.only:
            return
        ours = {kind.folder for kind in kinds() if not kind.is_page}
        for top in sorted(self.target.iterdir()) if self.target.is_dir() else []:
            name = top.name.partition(".")[0].partition("@")[0]
            if name not in {*ours, "pages"}:
                continue
            for path in [top] if top.is_file() else sorted(top.rglob("*")):
                if path.is_file() and path not in written and path.suffix.lower() in TEXTS | PICTURES:
                    path.unlink()


def _alone(objects: Iterable[Described]) -> Iterator[tuple[str, list[Described]]]:
    return ((each.place, [each]) for each in objects)


def _write_entry(out: TextIO, place: str, values: Any) -> None:
    text = json_text({place: values})
    out.write(text.removeprefix("{").removesuffix("\n}"))
