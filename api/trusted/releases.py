"""The releases of a front end: each is a manifest, {id: text of the document}, trusted until later ones retire it."""

import hashlib
from collections.abc import Iterable
from typing import Any, NamedTuple

from django.db import transaction
from django.utils import timezone
from graphql import GraphQLSyntaxError, OperationDefinitionNode, parse

from api import strict_json
from api.operations import prepared
from api.trusted.lookup import PREFIX, id_of
from api.trusted.models import FrontendRelease, TrustedDocument


class ManifestError(ValueError):
    """What is wrong with a manifest, one thing in each line."""


class Outcome(NamedTuple):
    """What a manifest brought: its release, and how many documents are new or not trusted any more."""

    release: FrontendRelease
    is_known: bool
    added: int
    retired: list[FrontendRelease]
    removed: int


def read_manifest(text: str) -> dict[str, str]:
    """The documents by their ids, which all begin with "sha256:" afterwards. Raises ManifestError that names every
    document whose id is not its own or that the schema does not answer.
    """
    try:
        manifest = strict_json.loads(text)
    except strict_json.Ambiguous as error:
        raise ManifestError(f"The manifest cannot be taken: {error}.") from None
    except ValueError:
        raise ManifestError("The manifest is not JSON that can be read.") from None
    if not isinstance(manifest, dict) or not all(isinstance(each, str) for each in manifest.values()):
        raise ManifestError("A manifest is a JSON object: {id: text of the document}.")
    if not manifest:
        raise ManifestError("There is no document in the manifest.")
    documents = {PREFIX + name.removeprefix(PREFIX): document for name, document in manifest.items()}
    wrong = [f"{name(id, document)}: {what}" for id, document in documents.items() for what in troubles(id, document)]
    if wrong:
        raise ManifestError("\n".join(wrong))
    return documents


def troubles(id: str, document: str) -> list[str]:
    """Why a document cannot be trusted under this id."""
    if id_of(document) != id:
        return [f"the SHA-256 of its text is {id_of(document)}"]
    refused = prepared(document, introspection=False).errors
    if not refused:
        return []
    # Who runs the server may read the names that answers keep from clients.
    return [error.message for error in prepared(document, introspection=True).errors or refused]


def name(id: str, document: str) -> str:
    """An id that people can tell apart: "sha256:0123456789ab… (Article)"."""
    names = ", ".join(operation_names(document))
    return f"{id[: len(PREFIX) + 12]}…" + (f" ({names})" if names else "")


def operation_names(document: str) -> list[str]:
    """Empty for a document without names, or that is none."""
    try:
        definitions = parse(document, no_location=True).definitions
    except (GraphQLSyntaxError, RecursionError):
        return []
    return [each.name.value for each in definitions if isinstance(each, OperationDefinitionNode) and each.name]


@transaction.atomic
def trust(documents: dict[str, str], *, label: str, keep: int) -> Outcome:
    """Make these the newest release, and retire all but the `keep` newest. A release of the same documents becomes the
    newest again, under its number, and under its label unless there is a new one.
    """
    digests = sorted(id.removeprefix(PREFIX) for id in documents)
    release, is_new = FrontendRelease.objects.get_or_create(
        digest=hashlib.sha256("\n".join(digests).encode()).hexdigest(),
        defaults={"label": label, "trusted_at": timezone.now()},
    )
    added = 0
    if is_new:
        known = set(TrustedDocument.objects.filter(pk__in=digests).values_list("pk", flat=True))
        rows = [TrustedDocument(digest=each, text=documents[PREFIX + each]) for each in digests]
        # Two front ends may bring the same document at the same moment.
        TrustedDocument.objects.bulk_create(rows, ignore_conflicts=True)
        release.documents.set(rows)
        added = len(rows) - len(known)
    else:
        release.trusted_at, release.label = timezone.now(), label or release.label
        release.save()
    retired = list(FrontendRelease.objects.all()[keep:])
    return Outcome(release, not is_new, added, retired, retire(retired))


@transaction.atomic
def retire(releases: Iterable[FrontendRelease]) -> int:
    """Forget releases; how many documents are in no other one, and so not trusted any more."""
    FrontendRelease.objects.filter(pk__in=[each.pk for each in releases]).delete()
    removed, _ = TrustedDocument.objects.filter(releases=None).delete()
    return removed


def invalid() -> list[str]:
    """What is wrong, by name, with trusted documents that the schema does not answer any more. One query."""
    rows: Any = TrustedDocument.objects.order_by("digest")
    return [f"{name(str(row), row.text)}: {what}" for row in rows.iterator() for what in troubles(str(row), row.text)]
