"""A bucket of an object storage (S3, or what speaks its protocol) in place of a folder, as `content.storage` needs it.

Loaded only where MEDIA_BUCKET is set: what it imports is an extra.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property, wraps
from pathlib import PurePosixPath
from tempfile import SpooledTemporaryFile
from typing import Any

from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError, PartialCredentialsError
from django.conf import settings
from django.core.files import File
from django.utils.encoding import filepath_to_uri
from django.utils.http import content_disposition_header
from storages.backends.s3 import S3Storage
from storages.utils import is_seekable

from content.storage import NAME_LENGTH, PICTURES, is_private, own_folder

AT_ONCE = 16
IN_MEMORY = 2**20
"""Bytes of a file that is read; a larger one lies on disk meanwhile."""
TAKEN = "PreconditionFailed"


class Refused(PermissionError):
    """What the service answered to a request that it did not fulfil; `code` is its name for it."""

    def __init__(self, name: str, code: str, words: str) -> None:
        super().__init__(f"{name}: {words} ({code})")
        self.code = code


@contextmanager
def as_os_errors(name: str) -> Iterator[None]:
    """Trouble with a bucket is told as trouble with a disk is."""
    try:
        yield
    except ClientError as error:
        told = error.response["Error"]
        code, words = told.get("Code", "unknown"), told.get("Message", "the object storage refused it")
        # The answer to HEAD has a status only.
        if code in ("404", "NoSuchKey"):
            raise FileNotFoundError(f"There is no {name}.") from error
        raise Refused(name, code, words) from error
    except (NoCredentialsError, PartialCredentialsError) as error:
        raise PermissionError(f"{name}: {error}") from error
    except BotoCoreError as error:
        raise OSError(f"{name}: {error}") from error


def telling(method: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(method)
    def told(self: "Bucket", name: str, *args: Any) -> Any:
        with as_os_errors(name):
            return method(self, name, *args)

    return told


class Bucket(S3Storage):
    """Raises FileNotFoundError and OSError, as a folder does."""

    file_overwrite = False
    at_once = AT_ONCE
    client_config = Config(
        connect_timeout=5,
        read_timeout=60,
        retries={"mode": "standard", "total_max_attempts": 4},
        max_pool_connections=AT_ONCE,
        # Younger than many services that speak the protocol; TLS tells what was changed on the way.
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
    )
    # Each request has a thread already; in it, no more than one part of 8 MB is in memory.
    transfer_config = TransferConfig(use_threads=False)

    exists = telling(S3Storage.exists)
    size = telling(S3Storage.size)
    delete = telling(S3Storage.delete)
    listdir = telling(S3Storage.listdir)
    get_modified_time = telling(S3Storage.get_modified_time)

    @cached_property
    def connection(self) -> Any:
        """One for all threads, which may share a client; each would have ten megabytes of its own otherwise."""
        return super().connection

    @property
    def client(self) -> Any:
        return self.connection.meta.client

    def get_object_parameters(self, name: str) -> dict[str, str]:
        """The headers with which it will be sent: a picture to be shown, anything else to be saved."""
        path = PurePosixPath(name)
        kind = PICTURES.get(path.suffix.lower())
        parameters = {"ContentType": kind or "application/octet-stream", "CacheControl": _keeping(name)}
        if kind is None:
            parameters["ContentDisposition"] = content_disposition_header(True, path.name) or "attachment"
        return parameters

    def _open(self, name: str, mode: str = "rb") -> "File[Any]":
        """The whole of it is fetched at once."""
        if mode not in ("r", "rb"):
            raise ValueError("Files in a bucket are written by save().")
        content = SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115  closed by whoever opens
        try:
            with as_os_errors(name):
                self.client.download_fileobj(self.bucket_name, name, content, Config=self.transfer_config)
        except BaseException:
            content.close()
            raise
        content.seek(0)
        return File(content, name)

    def _save(self, name: str, content: Any) -> str:
        """Under another name if somebody took this one since it was found free, as they can where they know it."""
        if own_folder(name) or not is_seekable(content):
            with as_os_errors(name):
                return super()._save(name, content)
        while True:
            content.seek(0)
            try:
                with as_os_errors(name):
                    self.client.put_object(
                        Bucket=self.bucket_name,
                        Key=name,
                        Body=content,
                        IfNoneMatch="*",
                        **self.get_object_parameters(name),
                    )
                return name
            except Refused as error:
                if error.code != TAKEN:
                    raise
            name = self.get_available_name(name, NAME_LENGTH)

    def copy_from(self, source: "Bucket", name: str, new: str) -> None:
        """Within the service: nothing of it passes here."""
        with as_os_errors(name):
            self.client.copy_object(
                CopySource={"Bucket": source.bucket_name, "Key": name},
                Bucket=self.bucket_name,
                Key=new,
                MetadataDirective="REPLACE",
                **self.get_object_parameters(new),
            )

    def names(self, prefix: str) -> Iterator[str]:
        """Of all files that begin so, asked for a thousand at a time."""
        pages = self.client.get_paginator("list_objects_v2").paginate(Bucket=self.bucket_name, Prefix=prefix)
        with as_os_errors(prefix):
            for page in pages:
                yield from (each["Key"] for each in page.get("Contents", ()))

    def ask(self) -> None:
        """Raises what any use of it would raise now."""
        with as_os_errors(self.bucket_name):
            self.client.list_objects_v2(Bucket=self.bucket_name, MaxKeys=1)

    def is_read_by_everybody(self, name: str) -> bool:
        try:
            with as_os_errors(name):
                self.unsigned_connection.meta.client.get_object(Bucket=self.bucket_name, Key=name)["Body"].close()
        except Refused:
            return False
        return True

    def url(self, name: str, *_: Any, **__: Any) -> str:
        return f"{settings.MEDIA_URL}{filepath_to_uri(name)}"


def _keeping(name: str) -> str:
    if is_private(name):
        return "private, no-store"
    return "public, max-age=31536000, immutable" if own_folder(name) else "public, no-cache"
