"""Gives one object what its record says of it."""

from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from wagtail.models import DraftStateMixin

from content.interchange import blocks
from content.interchange.body import Body
from content.interchange.describing import ALIAS, STANDING, describe, slots_of, text_of, values_of
from content.interchange.extras import extras_of
from content.interchange.folder import Record
from content.interchange.kinds import Kind
from content.interchange.nodes import Node, Problem
from content.interchange.pictures import digest, known_digest
from content.interchange.references import References
from content.interchange.slots import StreamSlot
from content.interchange.texts import boolean, unknown
from content.interchange.validation import faults_of
from content.interchange.writing import said as texts_of

NEW, CHANGED, PUBLISHED, UNCHANGED, WAITING = "new", "changed", "published", "unchanged", "waiting"


@dataclass
class Options:
    publish: bool = False
    force: bool = False
    is_dry: bool = False


@dataclass
class Applied:
    """What became of one object; its text before and after, if that differs."""

    fate: str
    before: str = ""
    after: str = ""
    problems: list[Problem] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


class Application:
    """`row` is the object as the database has it, `draft` its newest version, which the record is applied to."""

    def __init__(
        self, kind: Kind, row: Any, record: Record, references: References, options: Options, is_new: bool
    ) -> None:
        self.kind, self.row, self.record, self.references = kind, row, record, references
        self.options, self.is_new = options, is_new
        self.has_drafts = isinstance(row, DraftStateMixin)
        self.draft = row.get_latest_revision_as_object() if self.has_drafts else row
        if self.draft is row and self.has_drafts:
            self.draft = kind.model._default_manager.get(pk=row.pk)
        if kind.is_page:
            # The day belongs to the page, whatever a revision says.
            self.draft.first_published_at = row.first_published_at
        self.slots = slots_of(kind)
        self.nodes: dict[str, Node] = {}
        self.problems: list[Problem] = []
        self.notes: list[str] = []

    def run(self) -> Applied:
        self.publishes = self._publishes()
        before = {} if self.is_new else values_of(self.kind, self.draft, self.references)
        picture = self._new_picture()
        after = before
        if self.is_new or not self._says_the_same(before):
            self._load()
            after = values_of(self.kind, self.draft, self.references)
        is_changed = self.is_new or before != after or picture is not None
        is_due = self.publishes and self._waits_to_be_published()
        if self.problems or not (is_changed or is_due):
            return self._result(UNCHANGED)
        self._refuse()
        self._validate()
        after = values_of(self.kind, self.draft, self.references)
        is_changed = self.is_new or before != after or picture is not None
        if self.problems or not (is_changed or is_due):
            return self._result(UNCHANGED)
        fate = NEW if self.is_new else CHANGED if is_changed else PUBLISHED
        if not self.has_drafts and not self.is_new and not self.options.publish:
            return self._result(WAITING, before, after)
        if picture is not None and self.references.pictures:
            self.references.pictures.put(self.draft, picture, self.record.line)
        self._save(is_changed)
        return self._result(fate, before, after)

    def _result(self, fate: str, before: Any = None, after: Any = None) -> Applied:
        old, new = (
            text_of(self.kind, self.record.place, values, self.references) if values else ""
            for values in (before, after)
        )
        return Applied(fate, old, new, self.problems, self.notes)

    # What is to be done

    def _publishes(self) -> bool:
        if not self.options.publish or not self.has_drafts:
            return self.options.publish
        if "draft" in self.record.values and boolean(self.record.values["draft"]):
            return False
        is_private = "private" in self.record.values and boolean(self.record.values["private"])
        if is_private and not self.row.get_view_restrictions().exists():
            self.notes.append("left as a draft: the page was private where it comes from. Restrict it, then publish.")
            return False
        return True

    def _waits_to_be_published(self) -> bool:
        if not self.has_drafts:
            return False
        revision = self.row.latest_revision
        is_scheduled = bool(revision and revision.approved_go_live_at)
        return (not self.row.live or self.row.has_unpublished_changes) and not is_scheduled

    def _says_the_same(self, before: dict[str, Any]) -> bool:
        """Whether the file is word for word what would be exported; then nothing has to be read."""
        described = describe(self.kind, self.draft, self.references, before)
        if described is None:
            return False
        values = dict(described.values)
        body = text = ""
        if self.kind.body and self.record.body:
            text = self._body_of(values.pop(self.kind.body.name, []))
            body = self.record.body.strip()
        said = {name: node.plain() for name, node in self.record.values.items()}
        return text == body and said == texts_of(values)

    def _body_of(self, stream: list[Any]) -> str:
        assert self.kind.body is not None
        return Body(self.kind.body.stream_block, self.record.folder, self.references).write(stream).strip()

    def _new_picture(self) -> Any:
        """The file of an image whose content differs from what the image has."""
        if not self.kind.is_image or self.is_new or self.references.pictures is None:
            return None
        path = self.references.pictures.path(self.record.place.partition("/")[2], self.record.line)
        return path if path and digest(path) != known_digest(self.row) else None

    # Reading

    def _load(self) -> None:
        by_name: dict[str, Any] = {slot.name: slot for slot in self.slots}
        extras = {extra.name: extra for extra in extras_of(self.kind.model)}
        about = STANDING | ({"type"} if self.kind.is_page else set()) | self._key_names()
        for name, node in self._said().items():
            if name in about:
                continue
            slot = by_name.get(name) or extras.get(name)
            try:
                if slot is None:
                    raise Problem(unknown("field", name, [*by_name, *extras, *sorted(about)]), node.line)
                if name in by_name or self.publishes:
                    self._load_slot(slot, node)
            except Problem as problem:
                self.problems.append(problem)
        self._keep_date()

    def _key_names(self) -> set[str]:
        if self.kind.is_page:
            return {"slug"}
        return {field.name for field in self.kind.key} if self.kind.is_named_by_file else set()

    def _said(self) -> dict[str, Node]:
        """What the front matter says, and the text below it as the body."""
        said = dict(self.record.values)
        if self.record.body.strip():
            if self.kind.body is None:
                raise Problem("Nothing can stand below the front matter here.", self.record.body_line)
            if self.kind.body.name in said:
                raise Problem("The body stands both in the front matter and below it.", said[self.kind.body.name].line)
            said[self.kind.body.name] = Node(self.record.body, self.record.body_line)
        return said

    def _load_slot(self, slot: Any, node: Node) -> None:
        if isinstance(slot, StreamSlot) and isinstance(node.value, str):
            node = Body(slot.field.stream_block, self.record.folder, self.references).read(node.value, node.line)
        self.nodes[slot.name] = node
        slot.load(self.draft, node, self.references)

    def _keep_date(self) -> None:
        """The day of a published page is public, so only a publication changes it."""
        if self.kind.is_page and self.row.live and not self.publishes:
            self.draft.first_published_at = self.row.first_published_at

    # Checking

    def _refuse(self) -> None:
        """What people are working on is theirs."""
        row = self.row
        if self.kind.is_page and row.alias_of_id:
            self._fault(
                f"“{row}” is an alias and shows what its original does. Make it a page of its own in the admin first."
            )
        if getattr(row, "locked", False):
            self._fault(f"“{row}” is locked. Unlock it first, or leave the file out.")
        if self.is_new or self.options.force or not self.has_drafts:
            return
        revision = row.latest_revision
        if getattr(row, "workflow_in_progress", False):
            self._fault(f"“{row}” is in review. Wait for the outcome, or use --force.")
        elif row.has_unpublished_changes and revision and revision.user:
            self._fault(
                f"{revision.user} saved a draft of “{row}” on {revision.created_at:%Y-%m-%d} that is not published. "
                "Publish or discard it, or use --force: the draft then stays in the history."
            )

    def _fault(self, message: str, line: int | None = None) -> None:
        self.problems.append(Problem(message, line or self.record.line))

    def _validate(self) -> None:
        is_draft = self.has_drafts and not self.publishes
        for slot in self.slots:
            if isinstance(slot, StreamSlot):
                self._validate_stream(slot, is_draft)
        if self.kind.is_image:
            self._validate_model()
            return
        for name, number, inner, message in faults_of(self.draft, is_draft=is_draft):
            label, line = self._where(name, number, inner)
            self._fault(f"{label}: {message}" if label else message, line)

    def _validate_stream(self, slot: Any, is_draft: bool) -> None:
        block, value = slot.field.stream_block, getattr(self.draft, slot.name)
        node = self.nodes.get(slot.name, Node([], self.record.line))
        if not is_draft and not slot.field.blank and not value:
            self._fault(f"{slot.name}: This field is required.")
        try:
            (block.clean_deferred if is_draft else block.clean)(value)
        except ValidationError as error:
            self.problems += blocks.faults(error, node)

    def _validate_model(self) -> None:
        try:
            self.draft.full_clean(exclude=["file"])
        except ValidationError as error:
            for name, messages in error.message_dict.items():
                self._fault(f"{name}: {' '.join(messages)}", self.record.line_of(name))

    def _where(self, name: str, number: int | None, inner: str) -> tuple[str, int]:
        """The field as files call it, and its line."""
        slot = next((each for each in self.slots if each.accessor == name), None)
        label = slot.name if slot else name
        node = self.record.values.get(label)
        if node is None:
            return label, self.record.line
        if number is not None and isinstance(node.value, list) and number < len(node.value):
            row = node.value[number]
            return label, row.value[inner].line if isinstance(row.value, dict) and inner in row.value else row.line
        return label, node.line

    # Saving

    def _save(self, is_changed: bool) -> None:
        if not self.has_drafts:
            self.draft.save()
            if self.kind.is_image:
                self.references.alts_by_pk()[self.draft.pk] = self.draft.alt
            return
        if is_changed and not self.row.live:
            self.draft.save()
        elif self.kind.is_page and self.draft.first_published_at != self.row.first_published_at:
            self.row.first_published_at = self.draft.first_published_at
            self.row.save(clean=False, update_fields=["first_published_at"])
        revision = self.row.latest_revision
        if is_changed or revision is None:
            revision = self.draft.save_revision(clean=False, log_action=True)
        if self.publishes:
            revision.publish()
            for extra in extras_of(self.kind.model):
                extra.published(self.draft, self.kind.model._default_manager.get(pk=self.row.pk))


class AliasApplication(Application):
    """A page that shows what another does is given nothing, and is published with that one."""

    def run(self) -> Applied:
        odd = sorted(self._said().keys() - {"type", "slug", ALIAS, *STANDING})
        if odd:
            line = self.record.line_of(odd[0])
            raise Problem(f"An alias shows what its original does and has no “{odd[0]}” of its own.", line)
        node, original = self.record.values[ALIAS], self.row.alias_of
        if self.references.find(self.kind.model, node.text(), node.line) != self.row.alias_of_id:
            here = f"an alias of “{original}”" if original else "a page of its own"
            self.notes.append(f"left as it is: it is {here} here.")
        is_due = bool(original and original.live and not self.row.live and self._publishes())
        if is_due:
            original.specific.update_aliases()
        if self.is_new:
            return self._result(NEW, {}, {ALIAS: node.text()})
        return self._result(PUBLISHED if is_due else UNCHANGED)
