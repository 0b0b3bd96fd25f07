"""The lake's S3 server: S3Proxy over a folder, with signatures and conditional writes."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import TYPE_CHECKING

from airtide.domain.errors import PartUnreachable
from airtide.local.home import Home
from airtide.local.java import JavaRuntime
from airtide.local.parts import LOOPBACK
from airtide.local.program import Program, plain_environment, write_private

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

REGION = "us-east-1"
JVM_OPTIONS = ("-Xms32m", "-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:+ExitOnOutOfMemoryError")


class LakePart:
    """One S3 server; what it stores lies in files under the state folder."""

    name = "lake"

    def __init__(
        self, *, home: Home, java: JavaRuntime, port: int, bucket: str, access_key: str, secret_key: str
    ) -> None:
        self._folder = home.root / "lake"
        self._java = java
        self._bucket = bucket
        self._access_key = access_key
        self._secret_key = secret_key
        self.port = port

    @property
    def ports(self) -> tuple[int, ...]:
        """Return the server's port."""
        return (self.port,)

    @property
    def endpoint_url(self) -> str:
        """Return the server's address."""
        return f"http://{LOOPBACK}:{self.port}"

    def prepare(self) -> None:
        """Write the server's settings, which hold its key pair, and make its folder."""
        objects = self._folder / "objects"
        objects.mkdir(mode=0o700, parents=True, exist_ok=True)
        settings = {
            "s3proxy.endpoint": self.endpoint_url,
            "s3proxy.authorization": "aws-v2-or-v4",
            "s3proxy.identity": self._access_key,
            "s3proxy.credential": self._secret_key,
            "jclouds.provider": "filesystem-nio2",
            "jclouds.identity": "unused",
            "jclouds.credential": "unused",
            "jclouds.filesystem.basedir": str(objects),
        }
        write_private(self._settings_file, "".join(f"{name}={value}\n" for name, value in settings.items()))

    def program(self) -> Program:
        """Return how the server is run."""
        command = self._java.command(service="s3proxy", options=JVM_OPTIONS, main="org.gaul.s3proxy.Main")
        return Program(
            name=self.name,
            command=(*command, "--properties", str(self._settings_file)),
            environment=plain_environment(),
            folder=str(self._folder),
        )

    def check(self) -> str:
        """Write an object, read it and remove it; before the bucket is made, only ask for the buckets."""
        from botocore.exceptions import BotoCoreError, ClientError

        client = self.client()
        try:
            if self._bucket not in {bucket.get("Name") for bucket in client.list_buckets()["Buckets"]}:
                return f"the S3 server answers; bucket {self._bucket} is not made yet"
            key = f"checks/{secrets.token_hex(8)}"
            client.put_object(Bucket=self._bucket, Key=key, Body=key.encode())
            read = client.get_object(Bucket=self._bucket, Key=key)["Body"].read()
            client.delete_object(Bucket=self._bucket, Key=key)
        except (BotoCoreError, ClientError) as error:
            raise PartUnreachable(f"the S3 server on {self.endpoint_url} does not work: {error}") from error
        finally:
            client.close()
        if read != key.encode():
            raise PartUnreachable(f"the S3 server on {self.endpoint_url} gave back other bytes than were written")
        return f"the S3 server writes, reads and removes objects in bucket {self._bucket}"

    def client(self) -> S3Client:
        """Return a client that gives up soon, for checks and for making the bucket."""
        import boto3
        from botocore.config import Config

        return boto3.client(
            "s3",
            aws_access_key_id=self._access_key,
            aws_secret_access_key=self._secret_key,
            region_name=REGION,
            endpoint_url=self.endpoint_url,
            config=Config(
                connect_timeout=3,
                read_timeout=10,
                retries={"total_max_attempts": 1},
                signature_version="s3v4",
                s3={"addressing_style": "path"},
            ),
        )

    @property
    def _settings_file(self) -> Path:
        return self._folder / "s3proxy.properties"
