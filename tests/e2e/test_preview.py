"""The preview panel in the editor, which shows the front end from its own origin."""

import re
from datetime import UTC, datetime

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import sign_in
from tests.e2e.editor import (
    address_of,
    address_of_snippet,
    edit,
    field,
    first_heading_block,
    heading_of,
    in_preview,
    open_preview,
    wait_in_preview,
    wait_until,
    wait_until_saved,
)


@pytest.mark.parametrize("admin_address", ["cms", "cms_localhost"])
def test_works_from_either_address_of_the_admin(site, page, admin_address):
    origin = getattr(site, admin_address)
    sign_in(page, origin)
    preview = edit(page, address_of(site, "/articles/do-web-developers-use-python/", origin))
    field(page, "title").fill(f"Typed at {origin}")
    first_heading_block(page).fill(f"Also typed at {origin}")
    expect(heading_of(preview)).to_have_text(f"Typed at {origin}")
    expect(preview.locator(".prose h2").first).to_have_text(f"Also typed at {origin}")
    assert in_preview(page, "location.origin") == site.frontend


def test_changes_are_looked_for_five_times_a_second_and_previewed_at_once(site, admin):
    edit(admin, address_of(site, "/tools/pipx/"))
    form, panel = admin.locator("form[data-controller~='w-unsaved']"), admin.locator("[data-controller~='w-preview']")
    expect(form).to_have_attribute("data-w-unsaved-check-interval-value", "200")
    expect(panel).to_have_attribute("data-w-preview-auto-update-interval-value", "50")


def test_refresh_keeps_the_scroll_position(site, admin):
    preview = edit(admin, address_of(site, "/articles/do-web-developers-use-python/"))
    admin.locator("#w-preview-iframe").hover()
    admin.mouse.wheel(0, 700)
    old = in_preview(admin, "(window.isOld = true) && scrollY")
    assert old > 0
    field(admin, "title").fill("Scrolled down")
    expect(heading_of(preview)).to_have_text("Scrolled down")
    assert in_preview(admin, "window.isOld") is None
    wait_in_preview(admin, f"scrollY === {old}")


def test_tool(site, admin):
    preview = edit(admin, address_of(site, "/tools/dramatiq/"))
    field(admin, "tagline").fill("A queue with a flair for the theatre.")
    expect(preview.locator("main .dek")).to_have_text("A queue with a flair for the theatre.")
    assert "flair for the theatre" not in site.get("/tools/dramatiq/")[1]


def test_comparison(site, admin):
    preview = edit(admin, address_of(site, "/comparisons/job-queues/"))
    cells = preview.locator(".matrix td")
    expect(cells).not_to_have_count(0)
    count = cells.count()
    field(admin, "intro").fill("Who carries your work away?")
    # Wagtail counts what is typed while it saves as saved, and does not preview it: one change after the other.
    expect(preview.locator("main .dek")).to_have_text("Who carries your work away?")
    wait_until_saved(admin)
    admin.get_by_role("tab", name="Verdicts").click()
    field(admin, "verdicts-0-use_case").fill("Work that nobody waits for")
    expect(preview.locator(".cards").first).to_contain_text("Work that nobody waits for")
    expect(cells).to_have_count(count)
    assert "nobody waits for" not in site.get("/comparisons/job-queues/")[1]


def test_person_is_named_in_the_articles_beside(site, admin):
    people = site.graphql("{ people { nodes { id slug } } }")["data"]["people"]["nodes"]
    teo = next(person["id"] for person in people if person["slug"] == "teo-okafor")
    preview = edit(admin, address_of_snippet(site, teo))
    field(admin, "name").fill("Teodor Okafor")
    expect(heading_of(preview)).to_have_text("Teodor Okafor")
    expect(preview.locator(".article-teasers")).to_contain_text("Teodor Okafor")
    assert "Teodor" not in site.get("/people/teo-okafor/")[1]


def test_fact_is_seen_in_its_tool(site, admin):
    tool = site.graphql(
        '{ resolve(path: "/tools/rq/") { ... on Tool { facts { id display attribute { key label } } } } }'
    )
    fact = next(fact for fact in tool["data"]["resolve"]["facts"] if fact["attribute"]["key"] == "licence")
    preview = edit(admin, address_of_snippet(site, fact["id"]))
    answer = preview.locator(".fact-list > div", has_text=fact["attribute"]["label"]).locator("dd")
    expect(heading_of(preview)).to_have_text("RQ")
    field(admin, "value").fill("A licence to be verified")
    expect(answer).to_contain_text("A licence to be verified")
    assert "A licence to be verified" not in site.get("/tools/rq/")[1]
    wait_until_saved(admin)
    field(admin, "value").fill("")
    field(admin, "state").select_option("unknown")
    expect(answer).to_contain_text("Unknown")
    status, html = site.get("/tools/rq/")
    assert status == 200
    assert fact["display"] in html


def test_page_being_created(site, admin):
    # While autosave cannot reach the server, the page has never been saved.
    admin.route("**/admin/pages/add/content/articlepage/*/", lambda route: refuse_posts(route))
    index = address_of(site, "/articles/").split("/")[-3]
    preview = edit(admin, f"{site.cms}/admin/pages/add/content/articlepage/{index}/")
    field(admin, "title").fill("Never saved before")
    field(admin, "title").press("Tab")  # the slug follows the title only now, and nothing is saved without one
    expect(heading_of(preview)).to_have_text("Never saved before")
    assert "/add/" in admin.url  # saving it replaces the address

    admin.unroute_all()
    admin.wait_for_url(re.compile(r"/admin/pages/\d+/edit/"))
    wait_until_saved(admin)
    field(admin, "title").fill("Saved by itself")
    field(admin, "dek").fill("Written after it was saved.")
    expect(heading_of(preview)).to_have_text("Saved by itself")
    expect(preview.locator("main .dek")).to_have_text("Written after it was saved.")
    assert site.get("/articles/never-saved-before/")[0] == 404
    assert site.get("/articles/saved-by-itself/")[0] == 404


def refuse_posts(route):
    if route.request.method == "POST":
        route.abort()
    else:
        route.continue_()


def test_links_back_and_reload_stay_in_the_preview(site, admin):
    path = "/articles/django-flask-or-fastapi/"
    preview = edit(admin, address_of(site, path))
    field(admin, "title").fill("A draft among the others")
    expect(heading_of(preview)).to_have_text("A draft among the others")

    preview.locator(".breadcrumbs").get_by_role("link", name="Articles").click()
    expect(heading_of(preview)).to_have_text("Articles")
    expect(preview.locator("#preview-bar")).to_be_visible()
    expect(preview.get_by_role("link", name="A draft among the others")).to_be_visible()
    in_preview(admin, "void location.reload()")
    expect(heading_of(preview)).to_have_text("Articles")
    expect(preview.get_by_role("link", name="A draft among the others")).to_be_visible()
    in_preview(admin, "void history.back()")
    expect(heading_of(preview)).to_have_text("A draft among the others")
    assert "A draft among the others" not in site.get("/articles/")[1]


def test_own_tab_keeps_the_preview_over_links_back_and_reload(site, admin):
    preview = edit(admin, address_of(site, "/tools/pipx/"))
    field(admin, "title").fill("pipx in a tab of its own")
    expect(heading_of(preview)).to_have_text("pipx in a tab of its own")
    with admin.expect_popup() as popup:
        admin.get_by_role("link", name="Preview in new tab").click()
    tab = popup.value
    expect(heading_of(tab)).to_have_text("pipx in a tab of its own")
    tab.reload()
    expect(heading_of(tab)).to_have_text("pipx in a tab of its own")
    tab.get_by_role("navigation", name="Main").get_by_role("link", name="Tools").click()
    expect(heading_of(tab)).to_have_text("Tools")
    expect(tab.get_by_role("link", name="pipx in a tab of its own")).to_be_visible()
    tab.go_back()
    expect(heading_of(tab)).to_have_text("pipx in a tab of its own")
    assert tab.url == f"{site.frontend}/preview"


def test_two_editors_at_two_addresses_do_not_see_each_others_draft(site, new_page):
    make_editor = "from django.contrib.auth.models import *; User.objects.create_user('{0}', password='{0}').groups.add(Group.objects.get(name='Editors'))"
    site.shell(make_editor.format("second"))
    drafts = {}
    for name, origin in (("admin", site.cms), ("second", site.cms_localhost)):
        editor = sign_in(new_page(), origin, name)
        preview = edit(editor, address_of(site, "/tools/uv/", origin))
        field(editor, "tagline").fill(f"A draft of {name}")
        expect(preview.locator("main .dek")).to_have_text(f"A draft of {name}")
        drafts[name] = editor, preview
    for name, (editor, preview) in drafts.items():
        in_preview(editor, "void location.reload()")
        expect(preview.locator("main .dek")).to_have_text(f"A draft of {name}")
    assert "A draft of" not in site.get("/tools/uv/")[1]


@pytest.mark.parametrize("token", ["garbled", "x" * 43, "%0d%0aX-Injected:%20yes" + "x" * 43])
def test_token_that_opens_nothing_is_told_in_words(site, page, token):
    with page.expect_response(lambda response: response.request.method == "POST") as answer:
        page.goto(f"{site.frontend}/preview#token={token}")
    expect(page.locator("main .message[data-code=TOKEN_INVALID]")).to_contain_text("This preview is not available")
    assert answer.value.status == 401


def test_missing_token_is_told_in_words(site, page):
    page.goto(f"{site.frontend}/preview")
    expect(heading_of(page)).to_have_text("Nothing to preview")
    answer = page.request.post(f"{site.frontend}/preview", headers={"Origin": site.frontend}, form={"path": "/"})
    assert answer.status == 401
    assert 'data-code="TOKEN_INVALID"' in answer.text()


# Time ------------------------------------------------------------------------------------------------------------------

END = """
from datetime import timedelta
from django.utils import timezone
from api.preview.models import PreviewGrant
PreviewGrant.objects.filter(address__contains="/{page}/").update(expires_at=timezone.now() + timedelta(minutes={minutes}))
"""


def end_in(site, page, minutes):
    site.shell(END.format(page=page.url.split("/")[-3], minutes=minutes))


def ends(view):
    """When the preview ends, as its bar says, in minutes from now."""
    moment = view.locator("#preview-bar [data-ends]").get_attribute("datetime")
    return (datetime.fromisoformat(moment) - datetime.now(UTC)).total_seconds() / 60


def test_expired_preview_is_told_in_words_in_a_tab_of_its_own(site, admin):
    preview = edit(admin, address_of(site, "/tools/invoke/"))
    field(admin, "tagline").fill("A draft that expires")
    expect(preview.locator("main .dek")).to_have_text("A draft that expires")
    with admin.expect_popup() as popup:
        admin.get_by_role("link", name="Preview in new tab").click()
    tab = popup.value
    expect(tab.locator("main .dek")).to_have_text("A draft that expires")
    end_in(site, admin, 0)
    tab.reload()
    expect(tab.locator("main .message[data-code=TOKEN_EXPIRED]")).to_contain_text("This preview has expired")
    expect(tab.locator("main")).not_to_contain_text("A draft that expires")


def test_expired_preview_comes_back_by_itself_in_the_panel(site, admin):
    preview = edit(admin, address_of(site, "/tools/poetry/"))
    field(admin, "tagline").fill("A draft that comes back")
    expect(preview.locator("main .dek")).to_have_text("A draft that comes back")
    wait_until_saved(admin)
    token = in_preview(admin, "history.state.token")
    end_in(site, admin, -1)
    frame = admin.locator("#w-preview-iframe").element_handle()
    with admin.expect_response(lambda response: response.status == 401):
        preview.locator(".breadcrumbs").get_by_role("link", name="Tools", exact=True).click()
    wait_for_another(admin, frame)
    expect(preview.locator("main .dek")).to_have_text("A draft that comes back")
    assert in_preview(admin, "history.state.token") != token
    assert ends(preview) > 50


def wait_for_another(admin, frame):
    wait_until(admin, "frame => document.querySelector('#w-preview-iframe') !== frame", arg=frame)


def test_an_open_editor_renews_its_preview(site, admin):
    admin.clock.install()
    preview = edit(admin, address_of(site, "/tools/pandas/"))
    token = in_preview(admin, "history.state.token")
    end_in(site, admin, 2)
    with admin.expect_response(re.compile("/preview/renew/")) as renewed:
        admin.clock.fast_forward(61_000)
    assert renewed.value.status == 200
    moment = renewed.value.json()["expiresAt"]
    bar = preview.locator("#preview-bar [data-ends]")
    expect(bar).to_have_attribute("datetime", moment)
    at = in_preview(admin, f"new Date('{moment}').toLocaleTimeString('en-GB', {{hour: '2-digit', minute: '2-digit'}})")
    expect(bar).to_have_text(re.compile(rf"{at}$"))
    assert in_preview(admin, "history.state.token") == token


def test_after_a_long_lunch_the_panel_shows_the_draft(site, admin):
    preview = edit(admin, address_of(site, "/tools/graphene/"))
    field(admin, "tagline").fill("A draft from before lunch")
    expect(preview.locator("main .dek")).to_have_text("A draft from before lunch")
    wait_until_saved(admin)
    token = in_preview(admin, "history.state.token")
    end_in(site, admin, -1)
    frame = admin.locator("#w-preview-iframe").element_handle()
    # The machine was asleep; whoever comes back looks at this tab again.
    admin.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    wait_for_another(admin, frame)
    expect(preview.locator("main .dek")).to_have_text("A draft from before lunch")
    assert in_preview(admin, "history.state.token") != token
    assert ends(preview) > 50


def test_signing_out_ends_it(site, page):
    site.shell(
        "from django.contrib.auth.models import *; "
        "User.objects.create_user('leaving', password='leaving').groups.add(Group.objects.get(name='Editors'))"
    )
    editor = sign_in(page, site.cms, "leaving")
    preview = edit(editor, address_of(site, "/tools/rq/"))
    with editor.expect_popup() as popup:
        editor.get_by_role("link", name="Preview in new tab").click()
    tab = popup.value
    expect(heading_of(tab)).to_have_text(heading_of(preview).inner_text())
    with editor.context.new_page() as other:
        other.goto(f"{site.cms}/admin/account/")
        other.evaluate("document.querySelector('form[action$=\"/logout/\"]').submit()")
        other.wait_for_url(re.compile("/login/"))
    tab.reload()
    expect(tab.locator("main .message[data-code=TOKEN_EXPIRED]")).to_be_visible()


# What is around it -----------------------------------------------------------------------------------------------------


def test_bar_says_what_is_shown_since_and_until_when(site, admin):
    preview = edit(admin, address_of(site, "/tools/flask/"))
    bar = preview.locator("#preview-bar")
    clock = r"\d\d:\d\d"
    typed = rf"Preview What stands in the editor, as of {clock}\. Not published\. Open until {clock}\."
    expect(bar).to_have_text(re.compile(typed))
    number = admin.url.split("/")[-3]
    admin.goto(f"{site.cms}/admin/pages/{number}/view_draft/")
    saved = rf"Preview A saved draft, as of [\w ]*{clock}\. Not published\. Open until {clock}\."
    expect(admin.locator("#preview-bar")).to_have_text(re.compile(saved))


@pytest.mark.parametrize(("size", "width"), [("Mobile", 375), ("Tablet", 768), ("Desktop", 1280)])
def test_sizes_of_the_panel(site, admin, size, width):
    preview = edit(admin, address_of(site, "/tools/celery/"))
    admin.get_by_label(f"Preview in {size.lower()} size").check(force=True)
    wait_in_preview(admin, f"innerWidth === {width}")
    expect(preview.locator("#preview-bar")).to_be_visible()
    assert in_preview(admin, "document.documentElement.scrollWidth") <= width
    assert in_preview(admin, "document.querySelector('#preview-bar').offsetHeight") <= 60
    assert in_preview(admin, "getComputedStyle(document.querySelector('#preview-bar')).position") == "static"


def test_anchors_stay_in_the_preview(site, admin):
    preview = edit(admin, address_of(site, "/articles/do-web-developers-use-python/"))
    heading = preview.locator("main h2[id]").last
    anchor = heading.get_attribute("id")
    in_preview(admin, f"document.querySelector('main').insertAdjacentHTML('beforeend', '<a href=\"#{anchor}\">Go</a>')")
    preview.get_by_role("link", name="Go", exact=True).click()
    expect(heading).to_be_in_viewport()
    in_preview(admin, "void location.reload()")
    expect(heading).to_be_in_viewport()
    preview.locator(".breadcrumbs").get_by_role("link", name="Articles").click()
    expect(heading_of(preview)).to_have_text("Articles")
    path = "/articles/do-web-developers-use-python/"
    add = f"document.querySelector('main').insertAdjacentHTML('afterbegin', '<a href=\"{path}#{anchor}\">There</a>')"
    in_preview(admin, add)
    preview.get_by_role("link", name="There", exact=True).click()
    expect(preview.locator(f"[id='{anchor}']")).to_be_in_viewport()
    expect(preview.locator("#preview-bar")).to_be_attached()
    in_preview(admin, "void history.back()")
    expect(heading_of(preview)).to_have_text("Articles")


def test_forms_stay_in_the_preview(site, admin):
    preview = edit(admin, address_of(site, "/tools/"))
    field(admin, "title").fill("Tools in the making")
    expect(heading_of(preview)).to_have_text("Tools in the making")
    form = '<form action="/tools/"><input name="after" value="x"><button>Send</button></form>'
    in_preview(admin, f"document.querySelector('main').insertAdjacentHTML('afterbegin', '{form}')")
    preview.get_by_role("button", name="Send").click()
    # A cursor that is none: nothing is there, and that is told inside the preview.
    expect(heading_of(preview)).to_have_text("Page not found")
    expect(preview.locator("#preview-bar")).to_be_visible()
    in_preview(admin, "void history.back()")
    expect(heading_of(preview)).to_have_text("Tools in the making")


@pytest.mark.parametrize(("kind", "name"), [("organization", "Fjord Labs"), ("usecase", "An API for one person")])
def test_what_no_page_names_yet_is_shown_by_itself(site, admin, kind, name):
    preview = edit(admin, f"{site.cms}/admin/snippets/content/{kind}/add/")
    field(admin, "name").fill(name)
    expect(heading_of(preview)).to_have_text(name)
    expect(preview.locator("main")).to_contain_text("No published page names it yet")


def test_what_the_admin_says_in_the_panel_is_no_front_end_that_is_away(site, admin):
    admin.goto(f"{site.cms}/admin/snippets/content/fact/add/")
    preview = open_preview(admin)
    expect(preview.locator("body")).to_contain_text("Preview not available")
    admin.wait_for_timeout(3_000)  # a second longer than the panel waits for word from a frame that has loaded
    expect(admin.locator("#preview-unreachable")).to_have_count(0)
