"""The review that pages go through before they are published: a fact check, then an editor's reading.

It hangs at the root of the page tree, so that every section has it, also those made later. Facts and the other entries
of the library have no review: whoever may publish one does.
"""

from collections.abc import Mapping

from django.contrib.auth.models import Group
from wagtail.models import (
    GroupApprovalTask,
    GroupPagePermission,
    Page,
    Task,
    Workflow,
    WorkflowPage,
    WorkflowTask,
)

NAME = "Review"
STEPS: Mapping[str, tuple[str, ...]] = {"Fact check": ("fact_checker",), "Editing": ("editor", "publisher")}
"""Each step with the roles that may approve it, in order."""

DEFAULT_GROUPS = ("Editors", "Moderators")
DEFAULT_NAME = "Moderators approval"


def add_reviewers(role: str, group: Group, root: Page) -> None:
    """Let a group approve the steps of its role; the first call creates the review and hangs it at the root, unless
    another workflow hangs there.
    """
    tasks = _tasks() or _create(root)
    for task in tasks:
        if role in STEPS[task.name]:
            task.groups.add(group)


def _tasks() -> list[GroupApprovalTask]:
    of_review = WorkflowTask.objects.filter(workflow__name=NAME).values("task")
    return list(GroupApprovalTask.objects.filter(pk__in=of_review, name__in=STEPS))


def _create(root: Page) -> list[GroupApprovalTask]:
    workflow = Workflow.objects.create(name=NAME)
    tasks = [GroupApprovalTask.objects.create(name=name) for name in STEPS]
    for position, task in enumerate(tasks):
        WorkflowTask.objects.create(workflow=workflow, task=task, sort_order=position)
    WorkflowPage.objects.get_or_create(page=root, defaults={"workflow": workflow})
    return tasks


def retire_defaults() -> None:
    """Delete the groups and the workflow that Wagtail brings, as far as nobody has used them."""
    for group in Group.objects.filter(name__in=DEFAULT_GROUPS, user__isnull=True):
        if not GroupPagePermission.objects.filter(group=group).exclude(page__depth=1).exists():
            group.delete()
    workflow = Workflow.objects.filter(name=DEFAULT_NAME, workflow_states__isnull=True).first()
    if workflow and not Group.objects.filter(name="Moderators").exists():
        tasks = [row.task_id for row in workflow.workflow_tasks.all()]
        workflow.delete()
        Task.objects.filter(pk__in=tasks, workflow_tasks__isnull=True, task_states__isnull=True).delete()
