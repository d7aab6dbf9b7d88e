"""Jobs for the tests, done by real workers: each writes into a file what it did."""

import os
import signal
import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from content import jobs
from content.models.topic import Topic


def note(path, word):
    with open(path, "a") as file:
        file.write(f"{word}\n")


def noted(path):
    return Path(path).read_text().split() if Path(path).exists() else []


@jobs.job("Note a word")
def write(path, word):
    note(path, word)


@jobs.job("Take long", queue=jobs.UPKEEP)
def take_long(path, seconds):
    note(path, "began")
    time.sleep(seconds)
    note(path, "ended")


@jobs.job("Fail until it is mended", attempts=3)
def fail(path):
    note(path, time.time())
    if not Path(f"{path}.mended").exists():
        raise OSError("The disk is full")


@jobs.job("Kill the worker", attempts=3)
def kill(path, moment):
    if moment == "before" and not noted(path):
        note(path, "begun")
        os.kill(os.getpid(), signal.SIGKILL)
    note(path, "done")
    if moment == "after" and noted(path) == ["done"]:
        os.kill(os.getpid(), signal.SIGKILL)


@jobs.job("Find a topic", attempts=1)
def find(pk):
    Topic.objects.get(pk=pk)


for each in (fail, kill):
    known = jobs.policies[each.module_path]
    jobs.policies[each.module_path] = replace(known, first_pause=timedelta(seconds=0.5))
