"""A real S3 server on this machine, with a bucket that everybody reads and one that nobody does."""

import json
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import contextmanager

import pytest
from django.core.files.storage import storages
from django.utils.crypto import get_random_string

from cms.env import BASE_DIR
from tests.ports import free_port


def call(address, data=None):
    # As the body it is, not as a form.
    request = urllib.request.Request(address, data=data, headers={"Content-Type": "text/plain"})
    with urllib.request.urlopen(request, timeout=20) as response:
        return response.read()


def policy(bucket):
    """As docs/scale.md has it: everybody may read a file whose name they know."""
    return {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{bucket}/*"}
        ],
    }


@pytest.fixture(scope="session")
def s3(tmp_path_factory):
    port = free_port()
    log = (tmp_path_factory.mktemp("s3") / "s3.log").open("wb")
    process = subprocess.Popen(
        [sys.executable, "-m", "moto.server", "--host", "127.0.0.1", "--port", str(port)],
        cwd=BASE_DIR,
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
    )
    try:
        endpoint, deadline = f"http://127.0.0.1:{port}", time.monotonic() + 60
        while True:
            try:
                call(f"{endpoint}/moto-api/")
                break
            except urllib.error.URLError:
                assert process.poll() is None, "the S3 server does not start"
                assert time.monotonic() < deadline, "the S3 server does not answer"
                time.sleep(0.1)
        yield endpoint
    finally:
        process.terminate()
        process.wait(30)
        log.close()


class Buckets:
    def __init__(self, endpoint):
        self.endpoint = endpoint
        self.client = storages.create_storage(self.storage("")).client
        suffix = get_random_string(8).lower()
        self.public, self.private = f"media-{suffix}", f"private-{suffix}"
        for name in (self.public, self.private):
            self.client.create_bucket(Bucket=name)
        self.client.put_bucket_policy(Bucket=self.public, Policy=json.dumps(policy(self.public)))

    @property
    def media_url(self):
        return f"{self.endpoint}/{self.public}/"

    @property
    def environment(self):
        """The variables of a process that uses them."""
        return {
            "MEDIA_BUCKET": self.public,
            "PRIVATE_MEDIA_BUCKET": self.private,
            "MEDIA_URL": self.media_url,
            "AWS_ENDPOINT_URL_S3": self.endpoint,
            "AWS_ACCESS_KEY_ID": "key",
            "AWS_SECRET_ACCESS_KEY": "secret",
        }

    @property
    def storages(self):
        return {"public": self.storage(self.public), "private": self.storage(self.private)}

    def storage(self, bucket, **options):
        usual = {"endpoint_url": self.endpoint, "region_name": "us-east-1", "access_key": "key", "secret_key": "secret"}
        return {"BACKEND": "content.buckets.Bucket", "OPTIONS": {"bucket_name": bucket, **usual, **options}}

    @contextmanager
    def looking_at_keys(self):
        """Meanwhile the server refuses keys that it does not know: it knows none."""
        call(f"{self.endpoint}/moto-api/reset-auth", b"0")
        try:
            yield
        finally:
            call(f"{self.endpoint}/moto-api/reset-auth", b"inf")

    def content(self):
        """Of every file, by "public …" or "private …"."""
        return {
            f"{label} {each['Key']}": self.client.get_object(Bucket=bucket, Key=each["Key"])["Body"].read()
            for label, bucket in (("public", self.public), ("private", self.private))
            for each in self.client.list_objects_v2(Bucket=bucket).get("Contents", ())
        }

    def names(self):
        return set(self.content())


@pytest.fixture
def buckets(s3, settings):
    """Two empty ones in place of the folders."""
    made = Buckets(s3)
    settings.MEDIA_BUCKET, settings.PRIVATE_MEDIA_BUCKET = made.public, made.private
    settings.MEDIA_URL = made.media_url
    settings.STORAGES = settings.STORAGES | made.storages
    assert storages["public"].bucket_name == made.public
    return made


def fetched(address):
    """What everybody gets there: the answer's status, headers and content."""
    try:
        with urllib.request.urlopen(address, timeout=20) as response:
            return response.status, response.headers, response.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers, error.read()
