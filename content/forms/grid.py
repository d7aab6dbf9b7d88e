"""One row of a tool's grid: a fact, or an attribute to which nobody has recorded an answer yet."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.forms.boundfield import BoundField
from django.urls import reverse
from wagtail.admin.widgets import AdminPageChooser

from content.forms.answer import AnswerForm
from content.models.attribute import Attribute
from content.models.base import with_status
from content.models.fact import Fact, FactSource, Source
from content.models.tool import ToolPage

TYPED = ("state", "value", "qualifier", "since", "until", "note")
"""The fields of a row, in the order of its columns; the sources follow."""


class KnownToolChooser(AdminPageChooser):
    """Shows tools that were loaded for the whole grid; Wagtail's own asks three queries for each."""

    def __init__(self, known: Mapping[int, ToolPage]) -> None:
        super().__init__(target_models=[ToolPage])
        self.known = known

    def get_instance(self, value: Any) -> ToolPage | None:
        return self.known.get(int(value)) if str(value or "").isdecimal() else None

    def get_value_data_from_instance(self, instance: ToolPage) -> dict[str, Any]:
        address = reverse("wagtailadmin_pages:edit", args=[instance.pk])
        return {"id": instance.pk, "edit_url": address, self.display_title_key: instance.get_admin_display_title()}


class RowForm(AnswerForm):
    """As typed in a grid: small fields, and a state that says nothing until somebody chooses one."""

    def __init__(self, *args: Any, known_tools: Mapping[int, ToolPage], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in TYPED:
            self.fields[name].help_text = ""
        self.fields["note"].widget = forms.Textarea({"rows": 1})
        if isinstance(self.fields["value"].widget, AdminPageChooser):
            self.fields["value"].widget = KnownToolChooser(known_tools)
        if self.instance.pk is None:
            state: Any = self.fields["state"]
            state.choices = [("", "Not recorded"), *state.choices]
            state.error_messages["required"] = "Choose a state: “Unknown” says that you looked and found nothing."
            self.initial["state"] = ""


@dataclass
class Row:
    """What a template needs of one row, without another query. `fact` has the values of its newest draft."""

    fact: Fact
    form: RowForm
    key: str
    sources: list[Source]
    published: str = ""
    """What readers see now, where a draft says something else."""
    token: str = ""
    """Stands for the values with which the row was opened."""
    lock: str = ""
    """Why nobody, or not this user, may change it."""
    theirs: str = ""
    """What somebody else made of it after the row was opened."""
    may_save: bool = True
    is_saved: bool = False
    uses: list[Any] = field(default_factory=list)

    @property
    def attribute(self) -> Attribute:
        return self.fact.attribute

    @property
    def cells(self) -> list[BoundField]:
        return [self.form[name] for name in TYPED]


def fact_rows(facts: QuerySet[Fact], *, user: Any, data: Any = None) -> list[Row]:
    """Rows of these facts with what each one's newest draft says; a constant number of queries. `data` is what was
    typed into the one that is asked for.
    """
    found, shown = _with_drafts(facts, "fact_sources")
    typed = [int(each) for each in data.getlist("sources") if each.isdecimal() and len(each) < 19] if data else []
    cited = {row.source_id for fact in found for row in fact.fact_sources.all()}
    sources = Source.objects.in_bulk(cited | set(typed))
    tools = _tools({fact.value_tool_id for fact in found}, data)
    rows = []
    for fact in found:
        key = f"fact-{fact.pk}"
        chosen = typed if data else [row.source_id for row in fact.fact_sources.all()]
        lock = fact.get_lock()
        rows.append(
            Row(
                fact=fact,
                key=key,
                token=token(fact),
                form=RowForm(data, instance=fact, known_tools=tools, auto_id=f"{key}-%s", is_draft=_is_draft(data)),
                sources=[sources[pk] for pk in chosen if pk in sources],
                published=shown[fact.pk] if fact.live and fact.has_unpublished_changes else "",
                lock=lock.get_message(user) if lock and lock.for_user(user) else "",
            )
        )
    return rows


def empty_row(tool: ToolPage, attribute: Attribute, *, is_another: bool = False, data: Any = None) -> Row:
    """A row for an answer that nobody has recorded, or for another one, which needs a qualifier. Queries only for what
    was typed.
    """
    typed = [int(each) for each in data.getlist("sources") if each.isdecimal() and len(each) < 19] if data else []
    sources = Source.objects.in_bulk(typed) if typed else {}
    key = f"{'another' if is_another else 'attribute'}-{attribute.pk}"
    fact = Fact(tool=tool, attribute=attribute)
    tools = _tools(set(), data)
    form = RowForm(data, instance=fact, known_tools=tools, auto_id=f"{key}-%s", is_draft=_is_draft(data))
    return Row(fact=fact, form=form, key=key, sources=[sources[pk] for pk in typed if pk in sources])


def _is_draft(data: Any) -> bool:
    return bool(data) and data.get("action") != "publish"


def _tools(named: Collection[int | None], data: Any) -> dict[int, ToolPage]:
    typed = data.get("value", "") if data else ""
    wanted = set(named) - {None} | ({int(typed)} if typed.isdecimal() and len(typed) < 19 else set())
    return ToolPage.objects.in_bulk(wanted) if wanted else {}


def with_drafts(facts: QuerySet[Fact]) -> list[Fact]:
    """These facts with their sources and what each one's newest draft says; a constant number of queries."""
    found, _ = _with_drafts(facts, "fact_sources__source")
    drafts = [fact for fact in found if any(row.pk is None for row in fact.fact_sources.all())]
    cited = {row.source_id for fact in drafts for row in fact.fact_sources.all()}
    sources = Source.objects.in_bulk(cited) if cited else {}
    for fact in drafts:
        # A source that only a draft cites may have been deleted since.
        known = [row.source_id for row in fact.fact_sources.all() if row.source_id in sources]
        fact.fact_sources = [  # type: ignore[misc]
            FactSource(source=sources[pk], sort_order=order) for order, pk in enumerate(known)
        ]
    return found


def _with_drafts(facts: QuerySet[Fact], sources: str) -> tuple[list[Fact], dict[int, str]]:
    """Also, by number, what is shown of each without its draft."""
    related = facts.select_related("tool__locale", "attribute", "latest_revision", "locked_by", "value_tool")
    found = list(with_status(related.prefetch_related(sources, "verifications")))
    shown = {fact.pk: fact.display for fact in found}
    for fact in found:
        if fact.has_unpublished_changes and fact.latest_revision:
            _take_draft(fact)
    return found, shown


def _take_draft(fact: Fact) -> None:
    """Give the fact what its newest revision says. Wagtail's own way asks several queries for each fact."""
    content = fact.latest_revision.content
    for name in TYPED:
        setattr(fact, name, content.get(name, ""))
    fact.value_tool_id = content.get("value_tool")
    rows = sorted(content.get("fact_sources", []), key=lambda row: row.get("sort_order") or 0)
    fact.fact_sources = [  # type: ignore[misc]
        FactSource(source_id=row["source"], sort_order=order) for order, row in enumerate(rows)
    ]


def token(fact: Fact) -> str:
    """Changes when the fact's values, sources or publication do."""
    sources = [row.source_id for row in fact.fact_sources.all()]
    said = [*(getattr(fact, name) for name in TYPED), fact.value_tool_id, sources, fact.live]
    return sha256(json.dumps(said).encode()).hexdigest()
