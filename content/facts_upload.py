"""What a file of facts would change, line by line, and the change itself.

A file is checked as a whole: one wrong line, and nothing is saved. It is then saved a few lines at a time, so that
nobody waits for the whole of it; what is saved stays saved, and the same file once more does only what is left.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils import timezone
from wagtail.permission_policies import ModelPermissionPolicy

from content.changes import changes
from content.facts_file import Line
from content.forms.answer import AnswerForm
from content.forms.grid import TYPED, token, with_drafts
from content.models.attribute import Attribute
from content.models.fact import Fact, FactState, Source, Verification
from content.models.tool import ToolPage
from content.values import DataType, canonical_value

BATCH = 10
"""Lines in one transaction: whoever publishes meanwhile waits for so many."""
STATES = {text.casefold(): value for value, label in FactState.choices for text in (value, label)}


@dataclass(frozen=True)
class Choices:
    """How the editor wants the file to be taken."""

    publish: bool = False
    create_sources: bool = False


@dataclass
class Outcome:
    """What becomes of one line."""

    line: Line
    kind: str = "unchanged"
    """new, changed, unchanged or error"""
    fact: Fact | None = None
    differences: list[tuple[str, str, str]] = field(default_factory=list)
    errors: list[tuple[str, str]] = field(default_factory=list)
    """Column and message."""
    form: "LineForm | None" = None
    verified_on: date | None = None
    before: str = ""

    @property
    def digest(self) -> str:
        said = [self.line.number, self.kind, self.before, self.differences, self.errors, str(self.verified_on)]
        return sha256(json.dumps(said).encode()).hexdigest()[:16]

    def refuse(self, column: str, message: str) -> None:
        self.kind = "error"
        self.errors.append((column, message))


class _Sources(forms.Field):
    """Sources that were found, or made but not saved, before."""

    widget = forms.MultipleHiddenInput


class LineForm(AnswerForm):
    """Asks nothing of the database that was asked for the whole file: `tool`, `attribute` and sources are known."""

    def __init__(self, *args: Any, sources: list[Source], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["sources"] = _Sources(required=False)
        self.found = sources

    def clean_sources(self) -> list[Source]:
        return self.found

    def data_of(self, name: str) -> list[Any]:
        return [source.pk for source in self.found] if name == "sources" else super().data_of(name)

    def _get_validation_exclusions(self) -> set[str]:
        # A line that repeats another one is refused before, and a fact that exists is the one that is changed.
        return super()._get_validation_exclusions() | {"tool", "attribute"}


class Plan:
    """Reads everything that the lines name, in a handful of queries, and decides about each line."""

    def __init__(self, lines: list[Line], choices: Choices, *, user: Any) -> None:
        self.choices, self.user = choices, user
        policy, sources = ModelPermissionPolicy(Fact), ModelPermissionPolicy(Source)
        self.may_add = policy.user_has_permission(user, "add")
        self.may_change = policy.user_has_permission(user, "change")
        self.may_add_sources = sources.user_has_permission(user, "add")
        self.tools = _tools({line.cells["tool"] for line in lines})
        self.attributes = {each.key: each for each in Attribute.objects.filter(key__in=_all(lines, "attribute"))}
        tools = {tool.translation_key for found in self.tools.values() for tool in found}
        attributes = [each.pk for each in self.attributes.values()]
        wanted = Fact.objects.filter(tool__translation_key__in=tools, attribute__in=attributes)
        self.facts = {
            (fact.tool.translation_key, fact.attribute_id, fact.qualifier): fact for fact in with_drafts(wanted)
        }
        urls = {url for line in lines for url in _addresses(line)}
        self.sources = {source.url: source for source in Source.objects.filter(url__in=urls)}
        self.new_sources: dict[str, Source] = {}
        self.seen: dict[tuple[Any, int, str], int] = {}
        self.outcomes = [self._decide(line) for line in lines]

    @property
    def counts(self) -> dict[str, int]:
        kinds = [outcome.kind for outcome in self.outcomes]
        return {kind: kinds.count(kind) for kind in ("new", "changed", "unchanged", "error")}

    @property
    def digests(self) -> list[str]:
        """One for each line; it differs when another thing would happen to it than was shown."""
        return [outcome.digest for outcome in self.outcomes]

    def apply(self, numbers: set[int]) -> None:
        """Do what these lines say. Only inside `changes()`, and only without errors."""
        for outcome in self.outcomes:
            if outcome.line.number not in numbers or outcome.form is None:
                continue
            for source in outcome.form.found:
                if source.pk is None:
                    source.save()
            if any(column != "verified_on" for column, _, _ in outcome.differences) or outcome.kind == "new":
                if self.choices.publish:
                    fact = outcome.form.publish(user=self.user)
                else:
                    fact = outcome.form.save()
                    fact.save_revision(user=self.user, log_action=True)
            else:
                fact = outcome.form.instance
            if outcome.verified_on:
                Verification(
                    fact=fact, digest=fact.value_digest, verified_on=outcome.verified_on, user=self.user
                ).save()

    def _decide(self, line: Line) -> Outcome:
        outcome = Outcome(line)
        tools = self.tools.get(line.cells["tool"], [])
        attribute = self.attributes.get(line.cells["attribute"])
        state = STATES.get(line.cells["state"].casefold())
        if len(tools) != 1:
            several = "There are several tools called" if tools else "There is no tool called"
            outcome.refuse("tool", f"{several} “{line.cells['tool']}”.")
        if attribute is None:
            outcome.refuse("attribute", f"There is no attribute with the key “{line.cells['attribute']}”.")
        if state is None:
            outcome.refuse("state", f"Enter one of: {', '.join(FactState.values)}.")
        sources = self._sources(line, outcome)
        outcome.verified_on = self._verified_on(line, outcome)
        if outcome.errors or attribute is None:
            return outcome
        qualifier = " ".join(line.cells.get("qualifier", "").split())
        key = (tools[0].translation_key, attribute.pk, qualifier)
        if key in self.seen:
            outcome.refuse("tool", f"Line {self.seen[key]} is about the same tool, attribute and qualifier.")
            return outcome
        self.seen[key] = line.number
        fact = outcome.fact = self.facts.get(key)
        if not (self.may_change if fact else self.may_add):
            outcome.refuse("tool", "You may not change facts." if fact else "You may not add facts.")
        lock = fact.get_lock() if fact else None
        if lock and lock.for_user(self.user):
            outcome.refuse("tool", "This fact is locked.")
        if not outcome.errors:
            self._compare(outcome, fact or Fact(tool=tools[0], attribute=attribute), sources, str(state))
        return outcome

    def _compare(self, outcome: Outcome, fact: Fact, sources: list[Source] | None, state: str) -> None:
        cells = outcome.line.cells
        before = {name: str(getattr(fact, name)) for name in TYPED} if fact.pk else dict.fromkeys(TYPED, "")
        cited = fact.sources if fact.pk else []
        outcome.before = token(fact) if fact.pk else ""
        # A column that the file does not have leaves things as they are.
        chosen = cited if sources is None else sources
        kept = str(fact.value_tool_id or "") if fact.attribute.data_type == DataType.TOOL else fact.value
        typed = {name: cells.get(name, kept if name == "value" else getattr(fact, name)) for name in TYPED}
        if typed["note"] == before["note"].replace("\r\n", "\n"):
            # Browsers end lines in another way than spreadsheets.
            typed["note"] = before["note"]
        names_as_before = fact.value_tool is not None and typed["value"] == before["value"]
        typed |= {"state": state} | ({"value": kept} if names_as_before else {})
        form = outcome.form = LineForm(typed, instance=fact, sources=chosen, is_draft=not self.choices.publish)
        for name, messages in form.errors.items():
            for message in messages:
                outcome.refuse(name if name in cells else "tool", str(message))
        if outcome.errors:
            return
        after = {name: str(getattr(fact, name)) for name in TYPED}
        outcome.differences = [(name, before[name], after[name]) for name in TYPED if before[name] != after[name]]
        was, becomes = (" ".join(source.url for source in each) for each in (cited, chosen))
        if was != becomes:
            outcome.differences.append(("sources", was, becomes))
        if fact.pk and self.choices.publish and (fact.has_unpublished_changes or not fact.live):
            outcome.differences.append(("status", "draft", "published"))
        if outcome.verified_on and self._is_recorded(fact, outcome.verified_on):
            outcome.verified_on = None
        if outcome.verified_on:
            outcome.differences.append(("verified_on", str(fact.verified_on or ""), str(outcome.verified_on)))
        outcome.kind = "new" if fact.pk is None else "changed" if outcome.differences else "unchanged"

    def _is_recorded(self, fact: Fact, day: date) -> bool:
        if fact.pk is None:
            return False
        digest = fact.value_digest
        return any(row.verified_on == day and row.digest == digest for row in fact.verifications.all())

    def _sources(self, line: Line, outcome: Outcome) -> list[Source] | None:
        if "sources" not in line.cells:
            return None
        found = []
        title = line.cells.get("source_title", "").strip()
        for url in _addresses(line):
            source = self.sources.get(url) or self.new_sources.get(url)
            if source is None and (title or self.choices.create_sources):
                source = self._new_source(url, title, outcome)
            elif source is None:
                outcome.refuse("sources", f"There is no source with the address {url}. Give it a “source_title”.")
            if source:
                found.append(source)
        return found

    def _new_source(self, url: str, title: str, outcome: Outcome) -> Source | None:
        if not self.may_add_sources:
            outcome.refuse("sources", f"There is no source with the address {url}, and you may not add one.")
            return None
        source = Source(url=url, title=title or urlsplit(url).hostname or url[:200])
        try:
            source.clean_fields()
        except ValidationError as error:
            for message in error.messages:
                outcome.refuse("sources", f"{url}: {message}")
            return None
        self.new_sources[url] = source
        return source

    def _verified_on(self, line: Line, outcome: Outcome) -> date | None:
        text = line.cells.get("verified_on", "").strip()
        if not text:
            return None
        try:
            day = date.fromisoformat(canonical_value(text, data_type=DataType.DATE, choices=[]))
        except ValidationError as error:
            outcome.refuse("verified_on", " ".join(error.messages))
            return None
        if day > timezone.localdate():
            outcome.refuse("verified_on", "Nobody can have looked it up on a day that is still to come.")
        return day


def apply(lines: list[Line], choices: Choices, *, user: Any, seen: list[str]) -> list[int]:
    """Save these lines, `BATCH` in one transaction; return the numbers of those that were left out, because by now
    another thing would happen to them than was shown.
    """
    left_out = []
    for start in range(0, len(lines), BATCH):
        batch = lines[start : start + BATCH]
        with changes():
            named = {tool.pk for found in _tools({line.cells["tool"] for line in batch}).values() for tool in found}
            # Nobody changes these tools' facts in a grid meanwhile.
            list(ToolPage.objects.select_for_update(of=("self",)).filter(pk__in=named).order_by("pk"))
            plan = Plan(batch, choices, user=user)
            shown = dict(zip((line.number for line in batch), seen[start:], strict=False))
            due = [outcome for outcome in plan.outcomes if outcome.kind != "unchanged"]
            same = {outcome.line.number for outcome in due if outcome.digest == shown[outcome.line.number]}
            left_out += [outcome.line.number for outcome in due if outcome.line.number not in same]
            plan.apply(same)
    return left_out


def _all(lines: list[Line], column: str) -> set[str]:
    return {line.cells[column] for line in lines}


def _addresses(line: Line) -> list[str]:
    return list(dict.fromkeys(line.cells.get("sources", "").replace("|", " ").split()))


def _tools(named: Iterable[str]) -> dict[str, list[ToolPage]]:
    """The tools that each text names: by slug, by path, or by exact name; each as the page that was translated into
    the other languages, which has the facts of all. Two queries.
    """
    named = set(named)
    ends = {name.rstrip("/").rpartition("/")[2] for name in named}
    found = list(ToolPage.objects.filter(Q(slug__in=named | ends) | Q(title__in=named)))
    first: dict[Any, ToolPage] = {}
    for tool in ToolPage.objects.filter(translation_key__in={tool.translation_key for tool in found}).order_by("pk"):
        first.setdefault(tool.translation_key, tool)
    by_slug: dict[str, list[ToolPage]] = {}
    by_title: dict[str, list[ToolPage]] = {}
    for tool in found:
        by_slug.setdefault(tool.slug, []).append(tool)
        by_title.setdefault(tool.title, []).append(tool)
    tools = {}
    for name in named:
        if "/" in name:
            path = f"/{name.strip('/')}/"
            same = [tool for tool in found if tool.url_path.endswith(path)]
        else:
            same = by_slug.get(name) or by_title.get(name, [])
        tools[name] = [first[key] for key in dict.fromkeys(tool.translation_key for tool in same)]
    return tools
