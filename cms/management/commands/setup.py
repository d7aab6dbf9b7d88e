"""The first day of an installation: a site without content, the roles, and somebody who may sign in."""

import sys
from argparse import ArgumentParser
from getpass import getpass
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from cms import env
from cms.health import migration_trouble
from content import roles
from content.changes import changes
from content.empty_site import create_default_site, default_site, home_without_site, make_root_of_default_site


class Command(BaseCommand):
    help = (
        "Create what a migrated database lacks: home page and sections, the default site's record from FRONTEND_URL, "
        "the roles, and the first user. The password is asked for, or read from SETUP_PASSWORD or standard input. "
        "What is there already stays as it is."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--username", help="of the first user, who may do everything")
        parser.add_argument("--email", help="of the first user, for forgotten passwords")

    def handle(self, *args: Any, username: str | None, email: str | None, **options: Any) -> None:
        if trouble := migration_trouble():
            raise CommandError(f"{trouble[0].upper()}{trouble[1:]}. Run `manage.py migrate` first.")
        # Whatever is wrong with it is told before anything is made.
        user = self.new_user(username, email)
        with changes():
            self.set_up_site()
            roles.set_up()
            groups = ", ".join(name for key in roles.NAMES if (name := str(roles.group_of(key) or "")))
            self.tell("Roles", groups or "deleted by an administrator")
            if user is not None:
                user.save()
                self.tell("User", f"{user.get_username()} created")

    def set_up_site(self) -> None:
        if site := default_site():
            self.tell("Site", f"“{site.root_page.title}” is there already")
            return
        if home := home_without_site():
            make_root_of_default_site(home)
            self.tell("Site", f"{settings.FRONTEND_URL} shows “{home.title}” again")
            return
        pages = create_default_site()
        self.tell("Site", f"{settings.FRONTEND_URL} created, with “{'”, “'.join(page.title for page in pages)}”")

    def new_user(self, username: str | None, email: str | None) -> Any:
        """Not saved yet; none if somebody may do everything already."""
        users = get_user_model()._default_manager
        there = users.filter(is_superuser=True, is_active=True).first()
        if there is not None:
            self.tell("User", f"{there.get_username()} may do everything already; `createsuperuser` makes another")
            return None
        if not (username and email):
            raise CommandError("Nobody can sign in yet: name the first user with --username and --email.")
        user = get_user_model()(username=username, email=email, is_staff=True, is_superuser=True)
        password = read_password()
        try:
            user.full_clean(exclude=["password"])
            validate_password(password, user)
        except ValidationError as error:
            raise CommandError("\n".join(error.messages)) from error
        user.set_password(password)
        return user

    def tell(self, what: str, words: str) -> None:
        self.stdout.write(f"{what}: {words}.")


def read_password() -> str:
    """Never an argument: those are seen by everybody on the machine."""
    if env.SETUP_PASSWORD:
        return env.SETUP_PASSWORD
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    password = getpass("Password of the first user: ")
    if getpass("The same again: ") != password:
        raise CommandError("The two passwords are not the same.")
    return password
