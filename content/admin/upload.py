"""Facts from a file and into a file. What an upload would do is shown first; the confirmation does exactly that."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse_lazy
from django.views.decorators.http import require_GET, require_http_methods
from wagtail import hooks

from content.admin.facts import FactFilterSet
from content.admin.grid import Rights
from content.facts_file import COLUMNS, MAX_LINES, Unreadable, read, write
from content.facts_upload import Choices, Plan, apply
from content.models.fact import Fact

SALT = "content.facts.upload"
VALID = 60 * 60
"""Seconds within which what was shown can be confirmed."""
SHOWN = 500
STEP = 100
"""Lines that one request saves: a longer one would be cut off by a server in front."""
HEADER: dict[str, Any] = {
    "header_title": "Upload facts",
    "header_icon": "upload",
    "breadcrumbs_items": [
        {"url": reverse_lazy("wagtailadmin_home"), "label": "Home"},
        {"url": reverse_lazy("wagtailsnippets_content_fact:list"), "label": "Facts"},
        {"url": "", "label": "Upload facts"},
    ],
}


class UploadForm(forms.Form):
    file = forms.FileField(label="File", widget=forms.FileInput({"accept": ".csv,text/csv"}), allow_empty_file=True)
    publish = forms.TypedChoiceField(
        label="Save the facts as",
        choices=[("", "Drafts"), ("yes", "Published facts")],
        required=False,
        coerce=bool,
        empty_value="",
        widget=forms.RadioSelect,
    )
    create_sources = forms.BooleanField(
        required=False,
        label="Create missing sources",
        help_text="A source without a “source_title” in its line is named by its host.",
    )

    def __init__(self, *args: Any, may_publish: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not may_publish:
            del self.fields["publish"]


@require_http_methods(["GET", "POST"])
def upload(request: HttpRequest) -> HttpResponse:
    rights = Rights(request.user)
    if not rights:
        raise PermissionDenied
    if "confirmed" in request.POST:
        return _confirm(request, rights)
    is_sent = request.method == "POST"
    form = UploadForm(request.POST if is_sent else None, request.FILES if is_sent else None, may_publish=rights.publish)
    if not form.is_valid():
        return _screen(request, form)
    choices = Choices(bool(form.cleaned_data.get("publish")), form.cleaned_data["create_sources"])
    content = form.cleaned_data["file"].read()
    try:
        plan = Plan(read(content), choices, user=request.user)
    except Unreadable as error:
        form.add_error("file", str(error))
        return _screen(request, form)
    return _screen(request, form, plan=plan, content=content)


def _confirm(request: HttpRequest, rights: Rights) -> HttpResponse:
    """One step of the saving. The answer's form asks for the next one, and a script sends it off by itself."""
    form = UploadForm(may_publish=rights.publish)
    try:
        sent = signing.loads(request.POST["confirmed"], salt=SALT, max_age=VALID)
    except signing.BadSignature:
        messages.error(request, "This upload is too old. What was not saved by then, upload again.")
        return redirect("content_facts_upload")
    choices = Choices(*sent["choices"])
    if sent["user"] != request.user.pk or (choices.publish and not rights.publish):
        raise PermissionDenied
    content = sent["text"].encode()
    lines = read(content)
    if not sent["done"]:
        plan = Plan(lines, choices, user=request.user)
        if plan.digests != sent["seen"]:
            return _screen(request, form, plan=plan, content=content, has_changed=True)
    step = slice(sent["done"], sent["done"] + STEP)
    sent["left_out"] += apply(lines[step], choices, user=request.user, seen=sent["seen"][step])
    sent["done"] = min(step.stop, len(lines))
    if sent["done"] < len(lines):
        context = {"confirmed": _signed(sent), "done": sent["done"], "total": len(lines), **HEADER}
        return render(request, "content/uploading.html", context)
    if sent["left_out"]:
        numbers = ", ".join(str(number) for number in sent["left_out"])
        messages.warning(
            request,
            f"The file’s facts are saved, but for those that somebody changed meanwhile: line {numbers}. "
            "Upload the file again to see what would become of them.",
        )
    else:
        messages.success(request, "The file’s facts are saved.")
    return redirect("wagtailsnippets_content_fact:list")


def _signed(state: dict[str, Any]) -> str:
    return signing.dumps(state, salt=SALT, compress=True)


def _screen(
    request: HttpRequest, form: UploadForm, *, plan: Plan | None = None, content: bytes = b"", has_changed: bool = False
) -> HttpResponse:
    context: dict[str, Any] = {
        "form": form,
        "columns": COLUMNS,
        "max_lines": MAX_LINES,
        "has_changed": has_changed,
        **HEADER,
    }
    if plan:
        counts = plan.counts
        outcomes = sorted(plan.outcomes, key=lambda each: (each.kind != "error", each.kind == "unchanged"))
        context |= {"plan": plan, "counts": counts, "outcomes": outcomes[:SHOWN], "more": len(outcomes) - SHOWN}
        if not counts["error"] and counts["new"] + counts["changed"]:
            kept = {
                "text": content.decode("utf-8-sig"),
                "choices": [plan.choices.publish, plan.choices.create_sources],
                "user": request.user.pk,
                "seen": plan.digests,
                "done": 0,
                "left_out": [],
            }
            context["confirmed"] = _signed(kept)
    is_refused = form.is_bound and not form.is_valid()
    return render(request, "content/upload.html", context, status=422 if is_refused else 409 if has_changed else 200)


@require_GET
def download(request: HttpRequest) -> HttpResponse:
    """The facts that the listing shows under the same filters."""
    if not Rights(request.user):
        raise PermissionDenied
    facts = FactFilterSet(request.GET, queryset=Fact.objects.all(), request=request).qs
    response = HttpResponse(write(facts), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="facts.csv"'
    return response


@hooks.register("register_admin_urls")
def upload_urls() -> list[URLPattern]:
    return [
        path("facts/upload/", upload, name="content_facts_upload"),
        path("facts/download/", download, name="content_facts_download"),
    ]
