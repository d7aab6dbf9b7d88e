"""A progress bar for long commands."""

from django.core.management.base import OutputWrapper

WIDTH = 30


class Progress:
    """Draws a bar on a terminal; elsewhere it writes one line at the end."""

    def __init__(self, out: OutputWrapper, what: str, total: int) -> None:
        self.out, self.what, self.total, self.done = out, what, total, 0

    def advance(self, count: int) -> None:
        self.done += count
        if self.out.isatty():
            share = min(1.0, self.done / self.total) if self.total else 1.0
            self.out.write(f"\r{self.what} [{'#' * round(share * WIDTH):<{WIDTH}}] {self.done}/{self.total}", ending="")
            self.out.flush()

    def finish(self) -> None:
        self.out.write("\n" if self.out.isatty() else f"{self.what}: {self.done}")
