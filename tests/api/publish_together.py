"""Publishes drafts when it is told to, while another process does the same: python -m tests.api.publish_together PAGE TOPIC"""

import sys

import django

django.setup()

from wagtail.models import Page  # noqa: E402

from content.changes import changes  # noqa: E402
from content.models.topic import Topic  # noqa: E402

print("ready", flush=True)
sys.stdin.readline()
with changes():
    Topic.objects.get(pk=sys.argv[2]).save_revision().publish()
    Page.objects.get(pk=sys.argv[1]).specific.save_revision().publish()
