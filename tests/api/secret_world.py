"""A world full of secrets, made from the models: one object of every kind in every state in which nobody may see it,
and public objects that refer to each in every way there is.

Every text of a secret holds its marker, so that whatever of it appears in an answer is found.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from typing import Any

from django.apps import apps
from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import models
from django.utils import timezone
from modelcluster.fields import ParentalKey
from wagtail.blocks import ChooserBlock, ListBlock, RichTextBlock, StreamBlock, StructBlock
from wagtail.contrib.redirects.models import Redirect
from wagtail.fields import RichTextField, StreamField
from wagtail.models import (
    Collection,
    CollectionViewRestriction,
    Comment,
    DraftStateMixin,
    Locale,
    Page,
    PageViewRestriction,
    Site,
    TranslatableMixin,
)

from api.documents import registry
from content.blocks import BodyBlock
from content.changes import changes, key_of, touch, touched_by
from content.models.article import ArticlePage
from content.models.comparison import ComparisonPage
from content.models.fact import Fact, Verification
from content.models.images import CustomImage
from content.models.site_settings import PublicationSettings
from content.models.standard_page import StandardPage
from content.scheduling import publish_due
from tests import factories
from tests.api import asking

DRAFTS = ("never published", "scheduled", "expired", "expired and swept", "unpublished")
CHANGES = ("newer draft", "scheduled change")
"""States in which an older version of the object is public."""
PAGES = (
    "behind a login",
    "behind a password",
    "for a group",
    "below a restricted page",
    "moved below a restricted page",
    "outside every site",
)
COLLECTIONS = ("in a private collection", "in a child of a private collection", "moved into a private collection")
ELSEWHERE = ("on another site", "in another language")
"""States of what is public, but in another place than the one that is asked about."""
ONCE_PUBLIC = {
    "expired",
    "expired and swept",
    "unpublished",
    "behind a login",
    "behind a password",
    "for a group",
    "moved below a restricted page",
    "moved into a private collection",
}
"""Of these the path may be answered with `Gone`, and the change feed tells that they went."""

BOOKKEEPING = {"draft_title", "path", "url_path", "translation_key", "file_hash", "published_digest", "since", "until"}
NO_WAY = {
    "alias_of",
    "content_type",
    "latest_revision",
    "live_revision",
    "locale",
    "locked_by",
    "owner",
}
"""Relations that say nothing of the content."""


@dataclass(frozen=True)
class Secret:
    """One hidden object. `marker` stands in all its texts, its slug and the names of its files."""

    model: type[models.Model]
    state: str
    key: str
    marker: str
    slug: str = ""
    path: str = ""

    @property
    def is_elsewhere(self) -> bool:
        """Whether it is public in another place."""
        return self.state in ELSEWHERE

    @property
    def is_hidden(self) -> bool:
        """Whether nothing of it is public, not even an older version."""
        return self.state not in CHANGES


def kinds() -> dict[type[models.Model], list[str]]:
    """Every model whose objects become public, with the states in which they are not."""
    found = {}
    for model in [*registry.sources, *(place.model for place in registry.inside.values())]:
        states: list[str] = []
        if issubclass(model, DraftStateMixin):
            states += [*DRAFTS, *CHANGES]
        if issubclass(model, Page):
            states += [*PAGES, "on another site"]
        if issubclass(model, TranslatableMixin):
            states.append("in another language")
        if any(each.name == "collection" for each in model._meta.get_fields()):
            states += COLLECTIONS
        if states:
            found[model] = states
    return found


def cells() -> list[tuple[type[models.Model], str]]:
    return [(model, state) for model, states in kinds().items() for state in states]


NUMBERS = count()


def below_home(model: type[models.Model]) -> dict[str, Any]:
    """Where a factory puts a page, under a slug of its own; nothing for what is no page."""
    return {"parent": factories.tree().home, "slug": f"public-{next(NUMBERS)}"} if issubclass(model, Page) else {}


def marker_of(model: type[models.Model], state: str) -> str:
    return f"zq{model.__name__.lower()}x{state.replace(' ', '')}qz"


USER = "zquserqz"
PASSWORD = "zqpasswordqz"
COMMENT = "zqcommentqz"


@dataclass
class World:
    """Everything that was made, and what no answer may hold beside the secrets' markers."""

    secrets: list[Secret] = field(default_factory=list)
    places: list[dict[str, str]] = field(default_factory=list)
    words: tuple[str, ...] = (USER, PASSWORD, COMMENT)

    def of(self, model: type[models.Model], state: str) -> Secret:
        return next(each for each in self.secrets if (each.model, each.state) == (model, state))


def make() -> World:
    """The whole world, in three changes: what is never public is made, what was is hidden, and then it is referred to."""
    world = World()
    user = get_user_model().objects.create_user(
        USER, f"{USER}@example.org", "secret", first_name=USER, last_name=USER, is_staff=True
    )
    home = factories.tree().home
    factories.ToolPageFactory(slug=asking.PUBLIC_TOOL)
    with changes():
        instances = {(model, state): _made(model, state, home) for model, state in cells()}
    for last in (False, True):
        with changes():
            for (_, state), instance in instances.items():
                if (state == "expired") == last:
                    _hide(instance, state, home)
        if not last:
            publish_due()
    with changes():
        refer({cell: instance for cell, instance in instances.items() if cell[1] not in ELSEWHERE})
    _leave_traces(user)
    for (model, state), instance in instances.items():
        instance = model._default_manager.get(pk=instance.pk)
        path = instance.url_path if isinstance(instance, Page) else ""
        if path and state != "outside every site":
            path = path.removeprefix(f"/{path.split('/')[1]}")
        slug = getattr(instance, "slug", "") or ""
        world.secrets.append(Secret(model, state, key_of(instance), marker_of(model, state), slug, path))
    hosts = Site.objects.values_list("hostname", flat=True)
    world.places = [{"site": host, "locale": settings.LANGUAGE_CODE} for host in hosts]
    return world


# The secrets ----------------------------------------------------------------------------------------------------------


def _made(model: Any, state: str, home: Page) -> Any:
    """The object as it is before it is hidden."""
    secret = texts(model, marker_of(model, state))
    make_one = getattr(factories, f"{model.__name__}Factory")
    where = below_home(model)
    if model is Fact:
        where |= {"attribute": factories.AttributeFactory(data_type="text"), "value": "Public value"}
    if state in CHANGES:
        instance = make_one(**where)
        for name, value in secret.items():
            setattr(instance, name, value)
        if state == "scheduled change":
            _schedule(instance)
        else:
            instance.save_revision()
        return instance
    if state in COLLECTIONS:
        return _in_collection(make_one, secret, state)
    if state == "below a restricted page":
        where["parent"] = factories.StandardPageFactory(**below_home(StandardPage))
        restrict(where["parent"], "login")
    if state == "outside every site":
        where["parent"] = Page.get_first_root_node()
    if state == "on another site":
        where["parent"] = factories.tree("another.example").home
    if state == "in another language":
        where |= _in_another_language(model, home)
    if model is ComparisonPage and state in ELSEWHERE:
        # The tools that the factory makes are here, and would say by what they are used.
        where["tools"] = []
    instance = make_one(**{**where, **secret}, live=state not in ("never published", "scheduled"))
    if state == "scheduled":
        _schedule(instance)
    return instance


def _in_another_language(model: type[models.Model], home: Page) -> dict[str, Any]:
    locale, _ = Locale.objects.get_or_create(language_code="de")
    if not issubclass(model, Page):
        return {"locale": locale}
    front = home.get_translation_or_none(locale)
    if front is None:
        front = home.copy_for_translation(locale)
        front.save_revision().publish()
    return {"parent": front, "locale": locale}


def _schedule(instance: Any) -> None:
    instance.go_live_at = timezone.now() + timedelta(days=1)
    instance.save_revision().publish()


def _hide(instance: Any, state: str, home: Page) -> None:
    if state.startswith("expired"):
        type(instance)._default_manager.filter(pk=instance.pk).update(expire_at=timezone.now() - timedelta(seconds=1))
        touch(touched_by(instance))
    elif state == "unpublished":
        instance.unpublish()
    elif state.startswith(("behind", "for")):
        restrict(instance, {"behind a login": "login", "behind a password": "password"}.get(state, "groups"))
    elif state == "moved below a restricted page":
        target = factories.StandardPageFactory(**below_home(StandardPage))
        restrict(target, "login")
        instance.move(target, pos="last-child")
    elif state == "moved into a private collection":
        instance.collection = Collection.objects.get(name=f"{marker_of(type(instance), state)} collection")
        instance.save()


def restrict(page: Page, kind: str) -> None:
    PageViewRestriction.objects.create(page=page, restriction_type=kind, password=PASSWORD)


def _in_collection(make_one: Any, secret: dict[str, Any], state: str) -> Any:
    root = Collection.get_first_root_node() or Collection.add_root(name="Root")
    marker = secret["title"].split()[0]
    private = root.add_child(name=f"{marker} collection")
    CollectionViewRestriction.objects.create(collection=private, restriction_type="login")
    if state == "in a child of a private collection":
        private = private.add_child(name=f"{marker} child")
    collection = root if state.startswith("moved") else private
    image = make_one(**secret, collection=collection, file__filename=f"{marker}.png")
    image.tags.add(f"{marker} tag")
    return image


def texts(model: type[models.Model], marker: str) -> dict[str, Any]:
    """A value with the marker for every text of a model."""
    found: dict[str, Any] = {}
    for each in model._meta.concrete_fields:
        if each.primary_key or each.choices or not each.editable or each.name in BOOKKEEPING:
            continue
        if isinstance(each, StreamField):
            found[each.name] = [("heading", {"text": marker, "level": "2"}), ("lead", {"text": marker})]
        elif isinstance(each, models.URLField):
            found[each.name] = f"https://example.org/{marker}"
        elif each.name == "address":
            found[each.name] = f"/{marker}/"
        elif isinstance(each, models.EmailField):
            found[each.name] = f"{marker}@example.org"
        elif isinstance(each, models.SlugField):
            found[each.name] = marker
        elif isinstance(each, RichTextField):
            found[each.name] = f"<p>{marker}</p>"
        elif isinstance(each, models.CharField | models.TextField) and not isinstance(each, models.FileField):
            found[each.name] = f"{marker} {each.name}"[: each.max_length]
    return found


def _leave_traces(user: Any) -> None:
    """Editors' names, a comment and a lock on everything."""
    for model in {ArticlePage, *kinds()}:
        names = {each.name for each in model._meta.get_fields()}
        owned = {name: user for name in ("owner", "locked_by", "uploaded_by_user") if name in names}
        if owned:
            model._default_manager.update(**owned)
    for page in ArticlePage.objects.all():
        Comment.objects.create(page=page, user=user, text=COMMENT, contentpath="title")
    Verification.objects.update(user=user)


# What refers to them --------------------------------------------------------------------------------------------------


def relations() -> Iterator[tuple[type[models.Model], Any]]:
    """Every relation of our models to something that can be hidden."""
    targets = tuple(kinds())
    for model in apps.get_app_config("content").get_models():
        for each in model._meta.get_fields():
            if each.auto_created or not each.is_relation or each.name in NO_WAY or isinstance(each, ParentalKey):
                continue
            target = each.related_model
            if target and any(issubclass(kind, target) for kind in targets):
                yield model, each


def refer(secrets: dict[tuple[type[models.Model], str], models.Model]) -> None:
    """Public objects that refer to each secret through every relation, every block and a link in a text."""
    for model, relation in relations():
        wanted = [each for each in secrets.values() if isinstance(each, relation.related_model)]
        if wanted:
            _through(model, relation, wanted)
    by_state: dict[str, list[models.Model]] = {}
    for (_, state), secret in secrets.items():
        by_state.setdefault(state, []).append(secret)
    for state, hidden in by_state.items():
        body = [each for secret in hidden for each in _blocks_for(secret)]
        factories.ArticlePageFactory(title=f"Refers to what is {state}", body=body)
    for number, page in enumerate(each for each in secrets.values() if isinstance(each, Page)):
        Redirect.objects.create(old_path=f"/old-{number}", redirect_page=page)
    for image in (each for each in secrets.values() if isinstance(each, CustomImage)):
        site = factories.tree(f"shows-image-{image.pk}.example").site
        PublicationSettings.objects.update_or_create(site=site, defaults={"social_image": image})


def _through(model: Any, relation: Any, secrets: list[Any]) -> None:
    parent = next((each for each in model._meta.fields if isinstance(each, ParentalKey)), None)
    make_one = getattr(factories, f"{(parent.related_model if parent else model).__name__}Factory", None)
    if make_one is None:
        assert model.__name__ in ("PublicationSettings", "Rendition"), f"nobody makes a {model.__name__}"
        return
    if model is Verification:
        return
    if relation.many_to_many:
        make_one(**below_home(model), **{relation.name: secrets})
        return
    if parent is None:
        for secret in secrets:
            more = below_home(model)
            if model is Fact:
                more["attribute"] = factories.AttributeFactory(
                    data_type="tool" if relation.name == "value_tool" else "boolean"
                )
            make_one(**{relation.name: secret}, **more)
        return
    owner = make_one(**below_home(parent.related_model))
    for number, secret in enumerate(secrets):
        row = model(**{parent.name: owner, relation.name: secret})
        _complete(row, number)
        row.sort_order = number
        row.save()
    type(owner)._default_manager.get(pk=owner.pk).save_revision().publish()


def _complete(row: Any, number: int) -> None:
    """Fill what a row needs beside the secret."""
    for each in row._meta.concrete_fields:
        if (
            each.primary_key
            or each.null
            or each.blank
            or each.has_default()
            or getattr(row, each.attname) not in (None, "")
        ):
            continue
        if isinstance(each, models.ForeignKey):
            target = each.related_model
            found = getattr(factories, f"{target.__name__}Factory")()
            setattr(row, each.name, found)
        elif each.choices:
            setattr(row, each.name, each.choices[0][0])
        elif isinstance(each, models.URLField):
            setattr(row, each.name, "https://example.org/")
        elif isinstance(each, models.CharField | models.TextField):
            setattr(row, each.name, f"Public {number}")


def _blocks_for(secret: models.Model) -> Iterator[tuple[str, Any]]:
    """Every kind of block that can lead to this object, and does."""
    body = BodyBlock()
    for name, block in body.child_blocks.items():
        raw = block.get_prep_value(block.get_preview_value())
        turned, hits = _turned(block, raw, secret)
        if hits:
            yield name, block.to_python(turned)


def _turned(block: Any, raw: Any, secret: models.Model) -> tuple[Any, int]:
    """The stored form of a block, leading to the secret wherever it can; and in how many places."""
    if isinstance(block, ChooserBlock):
        fits = isinstance(secret, block.model_class) if isinstance(block.model_class, type) else False
        return (secret.pk, 1) if fits else (raw, 0)
    if isinstance(block, RichTextBlock):
        link = {Page: "page", Fact: "fact"}
        kind = next((name for cls, name in link.items() if isinstance(secret, cls)), None)
        if kind is None:
            return raw, 0
        return f'<p>Read <a linktype="{kind}" id="{secret.pk}">on</a>.</p>{raw or ""}', 1
    if isinstance(block, StructBlock) and isinstance(raw, dict):
        pairs = {
            name: _turned(child, raw.get(name), secret) if name in raw else (None, 0)
            for name, child in block.child_blocks.items()
        }
        return {**raw, **{name: value for name, (value, _) in pairs.items() if name in raw}}, sum(
            hits for _, hits in pairs.values()
        )
    if isinstance(block, ListBlock) and isinstance(raw, list):
        turned = []
        hits = 0
        for item in raw:
            value = item["value"] if isinstance(item, dict) and "value" in item else item
            new, more = _turned(block.child_block, value, secret)
            turned.append({**item, "value": new} if isinstance(item, dict) and "value" in item else new)
            hits += more
        return turned, hits
    if isinstance(block, StreamBlock) and isinstance(raw, list):
        turned, hits = [], 0
        for item in raw:
            new, more = _turned(block.child_blocks[item["type"]], item["value"], secret)
            turned.append({**item, "value": new})
            hits += more
        return turned, hits
    return raw, 0
