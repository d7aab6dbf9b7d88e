"""Webhooks in the settings: their addresses, secrets and tests, and the log of everything they were told."""

import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID

import django_filters
from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import path, reverse
from django.views.decorators.http import require_POST
from wagtail import hooks
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.forms import WagtailAdminModelForm
from wagtail.admin.menu import MenuItem
from wagtail.admin.ui.tables import Column, DateColumn, TitleColumn
from wagtail.admin.views import generic
from wagtail.admin.views.reports import ReportView
from wagtail.admin.viewsets.model import ModelViewSet
from wagtail.admin.widgets.button import Button, HeaderButton
from wagtail.log_actions import log
from wagtail.permission_policies import ModelPermissionPolicy

from api.copies import is_copy
from api.documents import registry
from api.webhooks import delivering, outbox
from api.webhooks.models import DELIVERED, GIVEN_UP, WAITING, Delivery, Secret, Webhook

POLICY = ModelPermissionPolicy(Webhook)
SEEING = ["add", "change", "delete", "view"]
STATES = {WAITING: "Waiting", DELIVERED: "Delivered", GIVEN_UP: "Given up"}
EVENTS = {delivering.CHANGED: "Change", delivering.TEST: "Test"}
NO_SENDING = "This is a copy of another site, which sends nothing."


def may_change(user: Any) -> bool:
    return bool(POLICY.user_has_permission(user, "change"))


class WebhookForm(WagtailAdminModelForm):
    types = forms.MultipleChoiceField(
        label="Only for",
        choices=lambda: [(name, name) for name in sorted(registry.documents)],
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=Webhook._meta.get_field("types").help_text,
    )

    class Meta:
        model = Webhook
        fields = ["description", "url", "types", "is_enabled"]


def webhook_state(webhook: Any) -> str:
    if not webhook.is_enabled:
        return f"Off. {webhook.switched_off_because}" if webhook.switched_off_because else "Off"
    return "On" if webhook.has_secret else "Not connected yet"


class WebhookIndexView(generic.IndexView):
    def get_base_queryset(self) -> QuerySet[Any]:
        told = Delivery.objects.filter(webhook=OuterRef("pk"), state=DELIVERED).order_by("-attempted_at")
        failed = Delivery.objects.filter(webhook=OuterRef("pk")).exclude(problem="").exclude(state=DELIVERED)
        return Webhook.objects.annotate(
            has_secret=Exists(Secret.objects.filter(webhook=OuterRef("pk"))),
            delivered_at=Subquery(told.values("attempted_at")[:1]),
            last_problem=Subquery(failed.order_by("-attempted_at").values("problem")[:1]),
        )

    def get_list_more_buttons(self, instance: Any) -> list[Button]:
        buttons: list[Button] = super().get_list_more_buttons(instance)
        if may_change(self.request.user):
            buttons.append(Button("Secret and test", url=connect_address(instance), icon_name="key", priority=15))
        return [*buttons, Button("Deliveries", url=log_address(instance), icon_name="history", priority=16)]


class WebhookCreateView(generic.CreateView):
    def get_success_url(self) -> str:
        return connect_address(self.object) if may_change(self.request.user) else super().get_success_url()


class WebhookEditView(generic.EditView):
    @property
    def header_more_buttons(self) -> list[Button]:
        return [
            *super().header_more_buttons,
            HeaderButton("Secret and test", connect_address(self.object), icon_name="key"),
            HeaderButton("Deliveries", log_address(self.object), icon_name="history"),
        ]


class WebhookViewSet(ModelViewSet):
    model = Webhook
    icon = "rotate"
    menu_label = "Webhooks"
    menu_order = 900
    add_to_settings_menu = True
    add_to_reference_index = False
    copy_view_enabled = False
    index_view_class = WebhookIndexView
    add_view_class = WebhookCreateView
    edit_view_class = WebhookEditView
    list_display = [
        "description",
        Column("url", label="Address"),
        Column("state", label="State", accessor=webhook_state),
        DateColumn("delivered_at", label="Last delivery"),
        Column("last_problem", label="Last problem"),
    ]
    search_fields = ["description", "url"]
    search_backend_name = None

    def get_form_class(self, for_update: bool = False) -> type[forms.ModelForm[Any]]:
        return WebhookForm


def connect_address(webhook: Webhook) -> str:
    return reverse("api_webhook_connect", args=[webhook.pk])


def log_address(webhook: Webhook) -> str:
    return f"{reverse('api_deliveries')}?webhook={webhook.pk}"


# Secret and test ------------------------------------------------------------------------------------------------------


def connect(request: HttpRequest, pk: int) -> HttpResponse:
    """The secret, which is shown in the answer that makes it and never again, and the button for a test."""
    if not may_change(request.user):
        raise PermissionDenied
    webhook = get_object_or_404(Webhook, pk=pk)
    made = None
    if request.method == "POST":
        made = delivering.new_secret(webhook)
        log(webhook, "api.webhook_secret")
    secrets = list(Secret.signing().filter(webhook=webhook))
    context = {
        "webhook": webhook,
        "made": made,
        "newest": secrets[0] if secrets else None,
        "older": secrets[1:],
        "no_sending": NO_SENDING if is_copy() else "",
        "deliveries": log_address(webhook),
    }
    return render(request, "api/webhooks/connect.html", context)


@require_POST
def test(request: HttpRequest, pk: int) -> HttpResponse:
    if not may_change(request.user):
        raise PermissionDenied
    webhook = get_object_or_404(Webhook, pk=pk)
    if is_copy():
        messages.error(request, NO_SENDING)
    elif not webhook.secrets.exists():
        messages.error(request, "Make a secret first: it signs what is sent.")
    else:
        message = outbox.send_test(webhook)
        messages.success(request, "The test is on its way. Reload this page to see what the receiver answers.")
        return HttpResponseRedirect(reverse("api_delivery", args=[message.pk]))
    return HttpResponseRedirect(connect_address(webhook))


# What was told --------------------------------------------------------------------------------------------------------


def delivery_state(message: Delivery) -> str:
    if message.state == WAITING and message.attempts:
        return "Waiting for another attempt"
    return STATES[message.state]


def answered(message: Delivery) -> str:
    """The status and how long it took; what is wrong where there was no answer."""
    if message.ms is None:
        return message.problem
    return f"{message.status or message.problem} in {message.ms} ms"


class AgainColumn(Column):
    """A button for whoever may press it."""

    cell_template_name = "api/webhooks/again.html"

    def get_cell_context_data(self, instance: Delivery, parent_context: Mapping[str, Any]) -> dict[str, Any]:
        request = parent_context["request"]
        context: dict[str, Any] = super().get_cell_context_data(instance, parent_context)
        is_shown = instance.state != WAITING and may_change(request.user)
        return {**context, "request": request, "is_shown": is_shown}


class DeliveryFilterSet(WagtailFilterSet):
    webhook = django_filters.ModelChoiceFilter(label="Webhook", queryset=Webhook.objects.all())
    state = django_filters.ChoiceFilter(label="State", choices=list(STATES.items()))
    event = django_filters.ChoiceFilter(label="About", choices=list(EVENTS.items()))

    class Meta:
        model = Delivery
        fields = ["webhook", "state", "event"]


class DeliveriesReport(ReportView):
    """Each message with what became of it, the youngest first."""

    page_title = "Webhook deliveries"
    header_icon = "rotate"
    model = Delivery
    filterset_class = DeliveryFilterSet
    permission_policy = POLICY
    any_permission_required = SEEING
    index_url_name = "api_deliveries"
    index_results_url_name = "api_deliveries_results"
    verbose_name_plural = "deliveries"
    no_results_message = "No webhook has been told anything yet."
    default_ordering = "-created_at"
    columns = [
        TitleColumn("webhook", label="Webhook", get_url=lambda message: reverse("api_delivery", args=[message.pk])),
        Column("event", label="About", accessor=lambda message: EVENTS[message.event]),
        Column("generation", label="Generation"),
        Column("state", label="State", accessor=delivery_state),
        Column("attempts", label="Attempts"),
        Column("answered", label="Answer", accessor=answered),
        DateColumn("created_at", label="Created", sort_key="created_at"),
        AgainColumn("again", label=""),
    ]
    list_export = ["id", "webhook", "event", "generation", "state", "attempts", "status", "ms", "problem", "created_at"]
    export_filename = "webhook-deliveries"

    def get_base_queryset(self) -> QuerySet[Any]:
        return Delivery.objects.select_related("webhook").defer("body", "answer")


def delivery(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One message, as it was sent, and what was answered."""
    if not POLICY.user_has_any_permission(request.user, SEEING):
        raise PermissionDenied
    message = get_object_or_404(Delivery.objects.select_related("webhook"), pk=pk)
    context = {
        "message": message,
        "about": EVENTS[message.event],
        "state": delivery_state(message),
        "answered": answered(message),
        "body": json.dumps(json.loads(message.body), ensure_ascii=False, indent=2),
        "may_send": may_change(request.user) and message.state != WAITING,
        "deliveries": log_address(message.webhook),
    }
    return render(request, "api/webhooks/delivery.html", context)


@require_POST
def again(request: HttpRequest, pk: UUID) -> HttpResponse:
    if not may_change(request.user):
        raise PermissionDenied
    message = get_object_or_404(Delivery.objects.select_related("webhook"), pk=pk)
    if is_copy():
        messages.error(request, NO_SENDING)
    elif message.event != delivering.TEST and not message.webhook.is_enabled:
        messages.error(request, f"“{message.webhook}” is switched off: switch it on first.")
    else:
        outbox.send_again(message)
        messages.success(request, "The message is sent once more, with its id.")
    return HttpResponseRedirect(reverse("api_delivery", args=[message.pk]))


@hooks.register("register_admin_viewset")
def viewset() -> WebhookViewSet:
    return WebhookViewSet("webhooks")


@hooks.register("register_admin_urls")
def addresses() -> list[Any]:
    return [
        path("webhooks/connect/<int:pk>/", connect, name="api_webhook_connect"),
        path("webhooks/test/<int:pk>/", test, name="api_webhook_test"),
        path("webhooks/delivery/<uuid:pk>/", delivery, name="api_delivery"),
        path("webhooks/delivery/<uuid:pk>/again/", again, name="api_delivery_again"),
        path("reports/webhook-deliveries/", DeliveriesReport.as_view(), name="api_deliveries"),
        path(
            "reports/webhook-deliveries/results/",
            DeliveriesReport.as_view(results_only=True),
            name="api_deliveries_results",
        ),
    ]


@hooks.register("register_log_actions")
def log_actions(actions: Any) -> None:
    actions.register_action("api.webhook_secret", "Make a secret", "Made a new secret")


class DeliveriesMenuItem(MenuItem):
    def is_shown(self, request: HttpRequest) -> bool:
        return bool(POLICY.user_has_any_permission(request.user, SEEING))


@hooks.register("register_reports_menu_item")
def menu_item() -> MenuItem:
    return DeliveriesMenuItem(
        DeliveriesReport.page_title, reverse("api_deliveries"), name="deliveries", icon_name="rotate", order=890
    )
