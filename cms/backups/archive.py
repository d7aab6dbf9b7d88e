"""The archive itself: members that are written and read as streams, however large they are."""

import hashlib
import json
import tarfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from io import BytesIO, RawIOBase
from pathlib import Path
from typing import IO, Any

MANIFEST = "manifest.json"
FORMAT = 1


class Damaged(Exception):
    """An archive that is incomplete, altered or none of ours; its text says which."""


@dataclass
class Manifest:
    """What an archive is a backup of. Members that it has no checksum of were superseded while it was written."""

    release: str
    taken_at: str
    cms_url: str
    frontend_url: str
    engine: str
    engine_version: int
    migrations: dict[str, list[str]]
    counts: dict[str, int]
    checksums: dict[str, str] = field(default_factory=dict)
    format: int = FORMAT


class Hashing:
    """A stream that knows the checksum of what was read from it."""

    def __init__(self, stream: IO[bytes]) -> None:
        self.stream, self.digest = stream, hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        data = self.stream.read(size)
        self.digest.update(data)
        return data


class OneWay(RawIOBase):
    """A member, which cannot be read a second time: tarfile says that it can."""

    def __init__(self, stream: IO[bytes]) -> None:
        self.stream = stream

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self.stream.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)


class Writer:
    def __init__(self, stream: IO[bytes]) -> None:
        self.tar = tarfile.open(fileobj=stream, mode="w|", format=tarfile.PAX_FORMAT)  # noqa: SIM115  closed in close()
        self.checksums: dict[str, str] = {}

    def add(self, name: str, content: IO[bytes], size: int) -> None:
        """Raises OSError if there is less than that to read."""
        member = tarfile.TarInfo(name)
        member.size, member.mode = size, 0o600
        hashing = Hashing(content)
        self.tar.addfile(member, hashing)
        self.tar.members.clear()  # type: ignore[attr-defined]  # else it remembers each
        self.checksums[name] = hashing.digest.hexdigest()

    def close(self, manifest: Manifest) -> None:
        text = json.dumps(asdict(manifest), indent=1).encode()
        self.add(MANIFEST, BytesIO(text), len(text))
        self.tar.close()


@contextmanager
def _members(path: Path) -> Iterator[Iterator[tuple[str, IO[bytes]]]]:
    def each(tar: tarfile.TarFile) -> Iterator[tuple[str, IO[bytes]]]:
        while (member := tar.next()) is not None:
            tar.members.clear()  # type: ignore[attr-defined]
            content = tar.extractfile(member)
            if content is not None:
                yield member.name, content

    try:
        with tarfile.open(path, "r|") as tar:
            yield each(tar)
    except (tarfile.TarError, EOFError) as error:
        raise Damaged(f"{path} is no complete tar archive: {error}.") from None


def check(path: Path, advance: Callable[[int], None]) -> Manifest:
    """Read all of an archive, comparing every checksum; `advance` is told of each member. Raises Damaged, OSError."""
    found: dict[str, str] = {}
    manifest: Any = None
    with _members(path) as members:
        for name, content in members:
            if name == MANIFEST:
                manifest = content.read()
            else:
                found[name] = hashlib.file_digest(content, "sha256").hexdigest()  # type: ignore[arg-type]
            advance(1)
    if manifest is None:
        raise Damaged(f"{path} has no manifest: it is no backup, or one that was cut off.")
    try:
        values = json.loads(manifest)
        if values["format"] > FORMAT:
            raise Damaged(f"{path} was written by a newer release, in a format that this one cannot read.")
        read = Manifest(**values)
        wrong = [name for name, checksum in read.checksums.items() if found.get(name) != checksum]
    except (ValueError, TypeError, KeyError, AttributeError):
        raise Damaged(f"The manifest of {path} cannot be read.") from None
    if wrong:
        raise Damaged(f"{path} is damaged: {len(wrong)} of its members differ from what was saved, {wrong[0]} for one.")
    return read


def extract(path: Path, manifest: Manifest, save: Callable[[str, IO[bytes]], None]) -> None:
    """Hand each member that the manifest names to `save`, in their order, as a stream that is read there and then."""
    with _members(path) as members:
        for name, content in members:
            if name in manifest.checksums:
                save(name, content)
