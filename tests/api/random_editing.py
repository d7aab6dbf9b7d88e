"""Edits at random, as editors, workers, scripts and killed processes do, and looks after every few whether what is
published is what would be built now, whether each change has its message to a webhook, and whether a copy that followed
the feed of changes all the time is what a fresh one is. The same seed makes the same choices.

python -m tests.api.random_editing SEED COUNT [EVERY]       exit code 1 and the last edits when something drifted

It begins with the demo content and ruins it.
"""

import io
import json
import os
import random
import signal
import sys
import tempfile
import time
import traceback
import warnings
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import django

os.environ["CONTENT_LANGUAGES"] = "en,de"
django.setup()
warnings.simplefilter("ignore")

from django.contrib.auth import get_user_model  # noqa: E402
from django.core.exceptions import ValidationError  # noqa: E402
from django.core.files.images import ImageFile  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection, models  # noqa: E402
from django.db.models import ProtectedError  # noqa: E402
from django.test import Client  # noqa: E402
from django.urls import reverse  # noqa: E402
from django.utils import timezone  # noqa: E402
from django_tasks_db.models import DBTaskResult  # noqa: E402
from wagtail.images.tests.utils import get_test_image_file  # noqa: E402
from wagtail.models import (  # noqa: E402
    Collection,
    DraftStateMixin,
    Locale,
    Page,
    PageViewRestriction,
    Revision,
    Site,
)
from wagtail.snippets.models import get_snippet_models  # noqa: E402

from api.documents.build import build  # noqa: E402
from api.documents.models import Document, Event, Generation  # noqa: E402
from api.webhooks.delivering import deliver, new_secret  # noqa: E402
from api.webhooks.models import Delivery, Webhook  # noqa: E402
from content.changes import changes, key_of  # noqa: E402
from content.merging import merge  # noqa: E402
from content.models.article import ArticlePage, ArticleTopic  # noqa: E402
from content.models.attribute import Attribute  # noqa: E402
from content.models.fact import Fact, Source, Verification  # noqa: E402
from content.models.images import CustomImage  # noqa: E402
from content.models.menu import MenuEntry  # noqa: E402
from content.models.pending import PendingChange  # noqa: E402
from content.models.site_settings import PublicationSettings  # noqa: E402
from content.models.tool import ToolPage  # noqa: E402
from content.models.topic import Topic  # noqa: E402
from content.scheduling import publish_due  # noqa: E402
from tests.api.following import Follower  # noqa: E402

LOOK_EVERY = int(sys.argv[3]) if len(sys.argv) > 3 else 20
KILLED = 0.15
"""How many of the edits die at one of their writing statements."""
OUTSIDE = 0.3
"""How many are made without `changes()`, as a shell or somebody else's view would."""

REFUSED = (ValidationError, ProtectedError)
REFUSAL = 3


class Nothing(Exception):
    """There is nothing to edit in this way, or it is refused."""


Edit = Callable[[], Any]
edits: list[Edit] = []
choose = random.Random(int(sys.argv[1]))
client = Client(HTTP_HOST="127.0.0.1")


def edit(function: Edit) -> Edit:
    edits.append(function)
    return function


def one(rows: Any) -> Any:
    """One of these objects."""
    pks = list(rows.order_by("pk").values_list("pk", flat=True))
    if not pks:
        raise Nothing
    found = rows.model._default_manager.get(pk=choose.choice(pks))
    return found.specific if isinstance(found, Page) else found


def page(**filters: Any) -> Any:
    return one(Page.objects.filter(**{"depth__gt": 1, **filters}))


def own(**filters: Any) -> Any:
    """One that is no alias, which nobody can edit."""
    return page(alias_of=None, **filters)


def leaf(**filters: Any) -> Any:
    return page(**{"depth__gt": 3, "numchild": 0, **filters})


def word() -> str:
    return f"word-{choose.randrange(10**6)}"


def post(name: str, *arguments: Any, **form: Any) -> None:
    client.force_login(get_user_model()._default_manager.get(username="random"))
    response = client.post(reverse(name, args=arguments), form)
    assert response.status_code < 500, f"{name} answered {response.status_code}"


def save(instance: Any) -> None:
    """As a draft or for the public."""
    instance.full_clean()
    revision = instance.save_revision()
    if choose.random() < 0.8:
        revision.publish()


# Pages ----------------------------------------------------------------------------------------------------------------


@edit
def change_a_page() -> Any:
    found = own()
    found.title = word()
    save(found)
    return found


@edit
def rename_a_page() -> Any:
    found = own(depth__gt=2)
    found.slug = word()
    save(found)
    return found


@edit
def change_a_body() -> Any:
    found = leaf(alias_of=None)
    if not getattr(found, "body", None):
        raise Nothing
    blocks = list(found.body)
    choose.shuffle(blocks)
    found.body = [(each.block_type, each.value) for each in blocks[: choose.randrange(len(blocks) + 1)]]
    save(found)
    return found


@edit
def change_the_rows_of_an_article() -> Any:
    found = one(ArticlePage.objects.filter(alias_of=None))
    found.article_topics = [ArticleTopic(topic=one(Topic.objects.filter(locale=found.locale)))]
    save(found)
    return found


@edit
def unpublish_a_page() -> Any:
    found = page(depth__gt=2, live=True)
    below = {"include_descendants": "on"} if choose.random() < 0.5 else {}
    post("wagtailadmin_pages:unpublish", found.pk, **below)
    return found


@edit
def publish_a_page_again() -> Any:
    found = own(live=False)
    found.save_revision().publish()
    return found


@edit
def publish_everything_again() -> Any:
    for found in Page.objects.filter(depth__gt=1, live=False, alias_of=None).order_by("pk").specific():
        found.save_revision().publish()


@edit
def delete_a_page() -> Any:
    found = leaf()
    post("wagtailadmin_pages:delete", found.pk)
    return found


@edit
def move_a_page() -> Any:
    found = page(depth__gt=2)
    others = Page.objects.filter(depth__gt=1).exclude(path__startswith=found.path)
    parents = [each.pk for each in others.specific() if found.can_move_to(each) and each != found.get_parent()]
    post("wagtailadmin_pages:move_confirm", found.pk, one(others.filter(pk__in=parents)).pk)
    return found


@edit
def reorder_pages() -> Any:
    found = page(depth__gt=2)
    found.move(one(found.get_siblings(inclusive=False)), pos=choose.choice(["left", "right"]))
    return found


@edit
def copy_a_page() -> Any:
    found = page(depth__gt=2)
    return found.copy(recursive=choose.random() < 0.3, update_attrs={"slug": word(), "title": word()})


@edit
def make_an_alias() -> Any:
    return leaf(alias_of=None).create_alias(update_slug=word())


@edit
def schedule_a_page() -> Any:
    found = own(depth__gt=2)
    found.title, found.go_live_at = word(), timezone.now() + timedelta(hours=1)
    found.save_revision().publish()
    return found


@edit
def let_a_page_expire() -> Any:
    found = own(depth__gt=2, live=True)
    found.expire_at = timezone.now() + timedelta(milliseconds=50)
    found.save_revision().publish()
    return found


@edit
def let_time_pass() -> Any:
    Revision.objects.filter(approved_go_live_at__isnull=False).update(approved_go_live_at=timezone.now())
    publish_due()


@edit
def restrict_a_section() -> Any:
    restricted = PageViewRestriction.objects.values("page")
    found = page(pk__in=restricted) if choose.random() < 0.5 else page(depth__gt=2, live=True)
    kind = "none" if found.get_view_restrictions() else "login"
    post("wagtailadmin_pages:set_privacy", found.pk, restriction_type=kind, password="")
    return found


@edit
def translate_a_page() -> Any:
    found = own(locale__language_code="en", depth__gt=2)
    german = Locale.objects.get(language_code="de")
    if found.has_translation(german):
        raise Nothing
    copy = found.copy_for_translation(german, copy_parents=True)
    save(copy)
    return copy


# Images and collections -----------------------------------------------------------------------------------------------


@edit
def change_an_image() -> Any:
    found = one(CustomImage.objects.all())
    found.alt, found.title = word(), word()
    found.collection = one(Collection.objects.all())
    found.save()
    return found


@edit
def change_a_focal_point() -> Any:
    found = one(CustomImage.objects.all())
    found.focal_point_x = found.focal_point_y = choose.randrange(1, 10)
    found.focal_point_width = found.focal_point_height = 2
    found.save()
    return found


@edit
def replace_a_file() -> Any:
    found = one(CustomImage.objects.all())
    size = choose.randrange(20, 60), choose.randrange(20, 60)
    found.file = ImageFile(get_test_image_file(size=size).file, name=f"{word()}.png")
    found._set_image_file_metadata()
    found.save()
    return found


@edit
def tag_an_image() -> Any:
    found = one(CustomImage.objects.all())
    found.tags.set([word()])
    return found


@edit
def delete_an_image() -> Any:
    found = one(CustomImage.objects.all())
    post("wagtailimages:delete", found.pk)
    return found


@edit
def restrict_a_collection() -> Any:
    found = one(Collection.objects.filter(pk__in=CustomImage.objects.values("collection")))
    kind = "none" if found.get_view_restrictions() else "login"
    above = Collection.objects.filter(pk__in=[each.collection_id for each in found.get_view_restrictions()])
    post(
        "wagtailadmin_collections:set_privacy", (one(above) if above else found).pk, restriction_type=kind, password=""
    )
    return found


@edit
def add_or_move_a_collection() -> Any:
    parent = one(Collection.objects.all())
    others = Collection.objects.filter(depth__gt=1).exclude(path__startswith=parent.path)
    if others and choose.random() < 0.5:
        found = one(others)
        if not parent.is_descendant_of(found):
            found.move(parent, pos="sorted-child")
            return found
    return parent.add_child(instance=Collection(name=word()))


# Snippets, facts, settings --------------------------------------------------------------------------------------------


def snippet(**filters: Any) -> Any:
    return one(choose.choice(sorted(get_snippet_models(), key=str))._default_manager.filter(**filters))


@edit
def change_a_snippet() -> Any:
    found = snippet()
    texts = [
        each.name
        for each in found._meta.concrete_fields
        if type(each) in (models.CharField, models.TextField) and each.editable and not each.choices
    ]
    if isinstance(found, Fact) or not texts:
        raise Nothing
    setattr(found, choose.choice(texts), word())
    save(found) if isinstance(found, DraftStateMixin) else found.save()
    return found


@edit
def unpublish_a_snippet() -> Any:
    found = snippet()
    if not getattr(found, "live", False):
        raise Nothing
    found.unpublish()
    return found


@edit
def publish_a_snippet_again() -> Any:
    found = snippet()
    if getattr(found, "live", True):
        raise Nothing
    found.save_revision().publish()
    return found


@edit
def delete_a_snippet() -> Any:
    found = snippet()
    found.delete()
    return found


@edit
def merge_two_snippets() -> Any:
    kept = one(choose.choice([Topic, Source])._default_manager.all())
    others = type(kept)._default_manager.exclude(pk=kept.pk)
    if isinstance(kept, Topic):
        others = others.filter(locale=kept.locale)
    gone = one(others)
    merge(kept, gone)
    return gone


@edit
def translate_a_snippet() -> Any:
    found = one(Topic.objects.filter(locale__language_code="en"))
    german = Locale.objects.get(language_code="de")
    if found.has_translation(german):
        raise Nothing
    copy = found.copy_for_translation(german)
    copy.save()
    return copy


@edit
def correct_a_fact() -> Any:
    found = one(Fact.objects.filter(attribute__data_type="text"))
    found.state, found.value = choose.choice([("yes", word()), ("no", ""), ("unknown", "")])
    save(found)
    return found


@edit
def verify_a_fact() -> Any:
    return Verification.objects.create(fact=one(Fact.objects.all()))


@edit
def move_a_fact() -> Any:
    found = one(Fact.objects.all())
    found.tool, found.qualifier = one(ToolPage.objects.all()), word()
    save(found)
    return found


@edit
def change_an_attribute() -> Any:
    found = one(Attribute.objects.all())
    found.label, found.ttl_days = word(), choose.choice([None, 1, 30, 900])
    found.save()
    return found


@edit
def delete_an_entry_of_a_menu() -> Any:
    found = one(MenuEntry.objects.all())
    found.delete()
    return found


@edit
def change_settings() -> Any:
    found = PublicationSettings.for_site(one(Site.objects.all()))
    found.footer = word()
    found.save()
    return found


# Sites and languages --------------------------------------------------------------------------------------------------


@edit
def change_the_address_of_a_site() -> Any:
    found = one(Site.objects.filter(is_default_site=False))
    found.hostname = f"{word()}.example"
    found.save()
    return found


@edit
def make_a_site() -> Any:
    root = one(Page.objects.filter(depth__in=[3, 4]).exclude(pk__in=Site.objects.values("root_page")))
    return Site.objects.create(hostname=f"{word()}.example", port=443, root_page=root, site_name=word())


@edit
def give_a_site_another_root() -> Any:
    found = one(Site.objects.filter(is_default_site=False))
    found.root_page = one(Page.objects.filter(depth__in=[2, 3, 4]).exclude(pk__in=Site.objects.values("root_page")))
    found.save()
    return found


@edit
def delete_a_site() -> Any:
    found = one(Site.objects.filter(is_default_site=False))
    found.delete()
    return found


@edit
def change_the_code_of_a_language() -> Any:
    """There and back: a code that no setting names is one that nobody can read."""
    german = Locale.objects.exclude(language_code="en").get()
    with changes():
        german.language_code = "fr"
        german.save()
    change_it_back()
    return german


def change_it_back() -> None:
    """Killed in between, the language would keep the other code."""
    german = Locale.objects.exclude(language_code="en").get()
    with changes():
        german.language_code = "de"
        german.save()


# Running them ---------------------------------------------------------------------------------------------------------


class Undone(Exception):
    pass


def undone(act: Edit) -> Any:
    """Somebody's code fails after its last write."""
    result = None
    try:
        with changes():
            result = act()
            raise Undone
    except Undone:
        return result


def inside(act: Edit) -> Any:
    with changes():
        return act()


def outside(act: Edit) -> Any:
    return act()


def manner() -> Callable[[Edit], Any]:
    drawn = choose.random()
    if drawn < OUTSIDE:
        return outside
    return undone if drawn < OUTSIDE + 0.1 else inside


def die_at(number: int) -> Callable[..., Any]:
    """Kills this process before its `number`-th writing statement."""
    count = 0

    def wrapper(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        nonlocal count
        if not sql.lstrip().upper().startswith("SELECT"):
            count += 1
            if count == number:
                os.kill(os.getpid(), signal.SIGKILL)
        return execute(sql, params, many, context)

    return wrapper


def in_child(function: Callable[[], Any]) -> tuple[int, str]:
    """Call it in a process of its own, which can be killed: the exit code, negative for a signal, and what it gave.
    This process never opens a connection, or its children would share it.
    """
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        code = 0
        try:
            told = str(function())
        except (Nothing, *REFUSED) as refused:
            code, told = REFUSAL, repr(refused)
        except BaseException:
            code, told = 1, traceback.format_exc()
        with open(writing, "w") as pipe:
            pipe.write(told)
        os._exit(code)
    os.close(writing)
    with open(reading) as pipe:
        told = pipe.read()
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), told


def perform(act: Edit, run: Callable[[Edit], Any], killed_at: int) -> str | None:
    """What was edited, in words, and how; None if there was nothing to edit."""
    seed = choose.random()

    def edit() -> str:
        choose.seed(seed)
        with connection.execute_wrapper(die_at(killed_at)):
            result = run(act)
        return key_of(result) if isinstance(result, models.Model) else ""

    code, told = in_child(edit)
    if code < 0 and act is change_the_code_of_a_language:
        in_child(change_it_back)
    if code == REFUSAL:
        return None
    if code > 0:
        raise RuntimeError(f"{act.__name__}: {told}")
    return f"{act.__name__} {run.__name__} {told}" + (f"killed at {killed_at}" if code else "")


def difference(key: str) -> str:
    """How the stored document differs from what would be built now."""
    built, stored = build([key])[0][key], Document.objects.filter(key=key, layer=0, valid_to=None).first()
    if built is None or stored is None or stored.tombstone or stored.content is None:
        return f"{key} is {'' if built is None else 'not '}to be hidden; stored: {stored}"
    there = {name: getattr(stored, name) for name in built.columns} | {"targets": stored.content.targets}
    here = {**built.columns, "targets": built.targets}
    for name, values in built.groups.items():
        there |= {f"{name}.{each}": value for each, value in getattr(stored.content, name).items()}
        here |= {f"{name}.{each}": value for each, value in values.items()}
    names = [name for name in {**there, **here} if there.get(name) != here.get(name)]
    return "\n".join([key, *(f"  {name}: {there.get(name)!r} is to be {here.get(name)!r}" for name in names)])


def problems() -> list[str]:
    """What is not as it must be, in words."""
    output = io.StringIO()
    try:
        call_command("verify_documents", stdout=output)
    except SystemExit:
        keys = [line.removeprefix("drift: ") for line in output.getvalue().splitlines() if line.startswith("drift: ")]
        return [difference(key) for key in keys]
    found = [f"pending: {each}" for each in PendingChange.objects.values_list("key", flat=True)]
    events = {event.generation: set(event.keys) for event in Event.objects.all()}
    if set(events) != set(range(1, Generation.objects.get().value + 1)):
        found.append("not every generation has its one event")
    told = set(Delivery.objects.values_list("generation", flat=True))
    if told != {each for each in events if each >= min(told)}:
        found.append("not every generation has its one message")
    if DBTaskResult.objects.filter(task_path=deliver.module_path).count() != Delivery.objects.count():
        found.append("not every message has its one job")
    for key, generation in Document.objects.filter(layer=0).values_list("key", "generation"):
        if key not in events.get(generation, ()):
            found.append(f"{key} changed in generation {generation}, whose event does not say so")
    return found


def ask(query: str, variables: dict[str, Any]) -> dict[str, Any]:
    response = client.post("/graphql", {"query": query, "variables": variables}, content_type="application/json")
    answer: dict[str, Any] = response.json()
    assert "errors" not in answer, answer["errors"]
    return answer["data"]


def follow(file: Path) -> list[str]:
    """Bring the copy in this file up to date, and compare it with a fresh one; how they differ, in words."""
    time.sleep(0.1)  # what was to expire in 0.05 s has
    publish_due()
    kept = Follower(ask, **json.loads(file.read_text())) if file.exists() else Follower(ask)
    kept.catch_up()
    file.write_text(json.dumps({"cursor": kept.cursor, "copy": kept.copy}))
    fresh = Follower(ask)
    fresh.catch_up()
    here, there = kept.settled(), fresh.settled()
    return [
        f"{key} in the copy: {here.get(key)}\n  in a fresh one: {there.get(key)}"
        for key in sorted({**here, **there})
        if here.get(key) != there.get(key)
    ]


def prepare() -> None:
    get_user_model()._default_manager.create_superuser("random", "random@example.com", "random")
    # Other tests have perhaps flushed away what the migrations made.
    if Collection.get_first_root_node() is None:
        Collection.add_root(name="Root")
    new_secret(Webhook.objects.create(description="Random", url="https://example.com/"))
    call_command("load_demo", stdout=io.StringIO())
    Locale.objects.get_or_create(language_code="de")


def main(count: int) -> int:
    code, told = in_child(prepare)
    if code:
        raise RuntimeError(told)
    file = Path(tempfile.mkdtemp()) / "copy.json"
    log: list[str] = []
    counts = dict.fromkeys((each.__name__ for each in edits), 0)
    done = killed = 0
    while done < count:
        act, run = choose.choice(edits), manner()
        told = perform(act, run, choose.randrange(1, 25) if choose.random() < KILLED else 0)
        if told is None:
            continue
        log.append(told)
        done += 1
        counts[act.__name__] += 1
        killed += "killed" in told
        if done % LOOK_EVERY == 0 or done == count:
            code, found = in_child(lambda: "\n".join([*problems(), *follow(file)]))
            if code or found:
                print("\n".join([*log, found]))
                return 1
            log = ["all as it must be"]
            print(f"{done} edits, all as it must be", flush=True)
    print(f"After {done} edits, {killed} of them killed, nothing has drifted, and the copy is whole")
    print("\n".join(f"{number:>4} {name}" for name, number in counts.items()))
    return 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[2])))
