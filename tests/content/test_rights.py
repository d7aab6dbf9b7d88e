"""Every role tries every action over HTTP; the table says what comes of it."""

import io
from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission, User
from django.contrib.contenttypes.models import ContentType
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from PIL import Image
from wagtail.contrib.redirects.models import Redirect
from wagtail.models import Page, PageViewRestriction, Revision, TaskState, WorkflowState

from api.documents.models import Document, Generation
from content.changes import changes
from content.models.article import ArticlePage
from content.models.fact import Attribute, Fact, Source
from content.models.images import CustomImage
from content.models.topic import Topic
from content.roles import NAMES, group_of
from tests import factories
from tests.admin import page_address, page_form, snippet_address, snippet_form

pytestmark = pytest.mark.django_db

# "draft": it is not done, and what was typed is kept as a draft, since this role may edit.
TABLE = """
action              writer  fact_checker  editor  publisher  nobody
create              yes     no            yes     yes        no
edit                yes     no            yes     yes        no
submit              yes     no            yes     yes        no
check_facts         no      yes           no      no         no
approve             no      no            yes     yes        no
publish             draft   no            draft   yes        no
schedule            draft   no            draft   yes        no
publish_many        no      no            no      yes        no
unpublish           no      no            no      yes        no
delete              no      no            no      yes        no
delete_draft        yes     no            yes     yes        no
move                no      no            no      yes        no
lock                no      yes           yes     yes        no
unlock              no      no            yes     yes        no
restrict            no      no            no      yes        no
edit_topic          yes     no            yes     yes        no
publish_topic       draft   no            yes     yes        no
merge               no      no            yes     yes        no
edit_fact           yes     yes           yes     yes        no
publish_fact        draft   yes           yes     yes        no
unpublish_fact      no      yes           yes     yes        no
delete_fact         no      no            yes     yes        no
add_source          yes     yes           yes     yes        no
change_attribute    no      no            yes     yes        no
upload              yes     no            yes     yes        no
change_image        no      no            yes     yes        no
redirect            no      no            no      yes        no
where_used          yes     yes           yes     yes        no
list_articles       yes     yes           yes     yes        no
"""
ROLES, *ROWS = (line.split() for line in TABLE.strip().splitlines())
CELLS = [(action, role, answer) for action, *answers in ROWS for role, answer in zip(ROLES[1:], answers, strict=True)]
BODY = [("heading", {"text": "First things first", "level": "2"})]


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


def user_of(role):
    user = User.objects.create_user(role, f"{role}@example.com", "sufficiently long")
    if role == "nobody":
        user.user_permissions.add(Permission.objects.get(codename="access_admin"))
    else:
        user.groups.add(group_of(role))
    return user


@pytest.fixture
def root():
    """Whoever may do everything: gets the forms that a role may not even open."""
    return signed_in(User.objects.create_superuser("root", "root@example.com", "sufficiently long"))


def in_review(*approved_by):
    article = factories.ArticlePageFactory(live=False)
    user = User.objects.create_user("author")
    with changes():
        article.save_revision()
        state = article.get_workflow().start(article, user)
        for _ in approved_by:
            state.current_task_state.approve(user=user)
            state.refresh_from_db()
    return article


# Each action prepares its object as root, then yields what the role sends and afterwards says whether it was done.


def create(root):
    section = factories.tree().articles
    form = {**page_form(root, factories.ArticlePageFactory(), body=BODY), "title": "New one", "slug": "new-one"}
    address = reverse("wagtailadmin_pages:add", args=["content", "articlepage", section.pk])
    return address, form, lambda: ArticlePage.objects.filter(slug="new-one", live=False).exists()


def edit(root):
    article = factories.ArticlePageFactory()
    form = page_form(root, article, body=BODY, title="Edited")
    return page_address(article), form, lambda: Page.objects.get(pk=article.pk).draft_title == "Edited"


def submit(root):
    article = factories.ArticlePageFactory(live=False)
    form = {**page_form(root, article, body=BODY), "action-submit": "x"}
    return page_address(article), form, lambda: WorkflowState.objects.active().exists()


def _approval(article):
    task_state = TaskState.objects.get(status="in_progress")
    address = reverse("wagtailadmin_pages:workflow_action", args=[article.pk, "approve", task_state.pk])
    return address, {}, lambda: TaskState.objects.get(pk=task_state.pk).status == "approved"


def check_facts(root):
    return _approval(in_review())


def approve(root):
    return _approval(in_review("fact checker"))


def publish(root):
    article = factories.ArticlePageFactory(live=False)
    form = {**page_form(root, article, body=BODY), "action-publish": "x"}
    return page_address(article), form, lambda: Page.objects.get(pk=article.pk).live


def schedule(root):
    article = factories.ArticlePageFactory(live=False)
    day = (timezone.now() + timedelta(days=2)).strftime("%Y-%m-%d %H:%M")
    form = {**page_form(root, article, body=BODY, go_live_at=day), "action-publish": "x"}
    return page_address(article), form, Revision.objects.filter(approved_go_live_at__isnull=False).exists


def publish_many(root):
    articles = [factories.ArticlePageFactory(live=False) for _ in range(2)]
    address = reverse("wagtail_bulk_action", args=["wagtailcore", "page", "publish"])
    query = "&".join(f"id={article.pk}" for article in articles)
    return f"{address}?{query}", {}, lambda: ArticlePage.objects.filter(live=True).count() == 2


def unpublish(root):
    article = factories.ArticlePageFactory()
    return page_address(article, "unpublish"), {}, lambda: not Page.objects.get(pk=article.pk).live


def delete(root):
    article = factories.ArticlePageFactory()
    return page_address(article, "delete"), {}, lambda: not Page.objects.filter(pk=article.pk).exists()


def delete_draft(root):
    article = factories.ArticlePageFactory(live=False)
    return page_address(article, "delete"), {}, lambda: not Page.objects.filter(pk=article.pk).exists()


def move(root):
    article, target = factories.ArticlePageFactory(), factories.tree("other.example").articles
    address = reverse("wagtailadmin_pages:move_confirm", args=[article.pk, target.pk])
    return address, {}, lambda: Page.objects.get(pk=article.pk).is_child_of(target)


def lock(root):
    article = factories.ArticlePageFactory()
    return page_address(article, "lock"), {}, lambda: Page.objects.get(pk=article.pk).locked


def unlock(root):
    article = factories.ArticlePageFactory()
    Page.objects.filter(pk=article.pk).update(locked=True, locked_by=User.objects.get(username="root"))
    return page_address(article, "unlock"), {}, lambda: not Page.objects.get(pk=article.pk).locked


def restrict(root):
    article = factories.ArticlePageFactory()
    form = {"restriction_type": "login", "password": "", "groups": []}
    return page_address(article, "set_privacy"), form, PageViewRestriction.objects.exists


def edit_topic(root):
    topic = factories.TopicFactory()
    form = snippet_form(root, topic, name="Edited")
    return snippet_address(topic), form, lambda: Topic.objects.get().latest_revision.object_str == "Edited"


def publish_topic(root):
    topic = factories.TopicFactory(live=False)
    form = {**snippet_form(root, topic), "action-publish": "x"}
    return snippet_address(topic), form, lambda: Topic.objects.get().live


def merge(root):
    kept, gone = factories.TopicFactory(), factories.TopicFactory()
    address = reverse("api_merge", args=["topic", gone.pk])
    return address, {"into": kept.pk, "confirmed": "x"}, lambda: not Topic.objects.filter(pk=gone.pk).exists()


def _sourced_fact(**kwargs):
    return factories.FactFactory(sources=[factories.SourceFactory()], **kwargs)


def _fact_form(root, fact, **changed):
    """Its rows of sources as they are: an inline panel's form of a row that nobody touched."""
    return snippet_form(root, fact, **changed)


def edit_fact(root):
    fact = _sourced_fact()
    form = _fact_form(root, fact, note="Edited")
    return snippet_address(fact), form, lambda: "Edited" in str(Fact.objects.get().latest_revision.content)


def publish_fact(root):
    fact = _sourced_fact(live=False)
    form = {**_fact_form(root, fact), "action-publish": "x"}
    return snippet_address(fact), form, lambda: Fact.objects.get().live


def unpublish_fact(root):
    fact = _sourced_fact()
    return snippet_address(fact, "unpublish"), {}, lambda: not Fact.objects.get().live


def delete_fact(root):
    fact = _sourced_fact()
    return snippet_address(fact, "delete"), {}, lambda: not Fact.objects.exists()


def add_source(root):
    address = reverse(Source.snippet_viewset.get_url_name("add"))
    return address, {"title": "Django on PyPI", "url": "https://pypi.org/project/django/"}, Source.objects.exists


def change_attribute(root):
    attribute = factories.AttributeFactory()
    form = snippet_form(root, attribute, label="Renamed")
    return snippet_address(attribute), form, lambda: Attribute.objects.get().label == "Renamed"


def upload(root):
    file = io.BytesIO()
    Image.new("RGB", (8, 8)).save(file, "PNG")
    picture = SimpleUploadedFile("new.png", file.getvalue(), "image/png")
    form = {"title": "New", "file": picture, "alt": "A square", "collection": 1}
    form["collection"] = group_of("writer").collection_permissions.first().collection_id
    return reverse("wagtailimages:add"), form, CustomImage.objects.filter(title="New").exists


def change_image(root):
    image = factories.CustomImageFactory()
    form = {"title": "Changed", "alt": "A square", "collection": image.collection_id}
    return reverse("wagtailimages:edit", args=[image.pk]), form, CustomImage.objects.filter(title="Changed").exists


def redirect(root):
    form = {"old_path": "/old/", "site": "", "is_permanent": "on", "redirect_link": "https://example.org/"}
    return reverse("wagtailredirects:add"), form, Redirect.objects.exists


def where_used(root):
    fact = _sourced_fact()
    return reverse("api_where_used", args=["content.fact", fact.pk]), None, None


def list_articles(root):
    return reverse("articles:index"), None, None


def everything():
    """Whatever a refused action might have changed, and what readers see."""
    pages = list(Page.objects.order_by("pk").values())
    counted = (Revision, TaskState, WorkflowState, PageViewRestriction, Redirect, CustomImage, ContentType, Document)
    rows = [list(model.objects.order_by("pk").values()) for model in (Topic, Fact, Attribute, Source, CustomImage)]
    return pages, rows, [model.objects.count() for model in counted], Generation.objects.get().value


def public():
    return Document.objects.count(), Generation.objects.get().value


@pytest.mark.parametrize(("action", "role", "answer"), CELLS, ids=[f"{role}-{action}" for action, role, _ in CELLS])
def test_right(root, action, role, answer):
    factories.tree()
    address, form, done = globals()[action](root)
    client = signed_in(user_of(role))
    before, published = everything(), public()
    if done is None:
        assert (client.get(address).status_code == 200) == (answer == "yes")
        return
    assert not done()
    response = client.post(address, form)
    assert done() == (answer == "yes"), (response.status_code, getattr(response, "url", ""))
    if answer == "no":
        assert everything() == before
    elif answer == "draft":
        assert public() == published


def test_every_role_is_in_the_table():
    assert ROLES[1:] == [*NAMES, "nobody"]


def test_whoever_is_not_signed_in_is_asked_to(root, client):
    for action, *_ in ROWS:
        if action in ("create", "publish", "where_used", "merge", "list_articles"):
            address, form, _ = globals()[action](root)
            response = client.get(address) if form is None else client.post(address, form)
            assert response.url.startswith(reverse("wagtailadmin_login"))
