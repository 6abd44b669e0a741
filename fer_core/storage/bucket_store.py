"""The door to S3, to what speaks like it, and to Google Cloud Storage: through pyarrow, which reads Parquet here too.

Credentials are those of the AWS and Google Cloud tools (environment, `~/.aws`, application default credentials); this
module never sees them.
"""

import contextlib
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

from pyarrow import fs

from fer_core.errors import StorageError
from fer_core.storage.address import Address
from fer_core.storage.failures import disk_error, place_error
from fer_core.storage.store import CHUNK, OnBytes

_CONNECT_SECONDS = 10.0
_ATTEMPTS = 4  # of one request; the library waits longer between them each time
_GOOGLE_SECONDS = 15  # the library tries again for so long


class BucketStore:
    """Keeps objects below a folder of a bucket.

    Args:
        address: The bucket and what else has to be known.
    """

    def __init__(self, address: Address) -> None:
        self._place = address.place
        self.shown = address.text
        with self._place_errors():
            self._files: Any = _s3(address) if address.kind == "s3" else _google()

    def sizes(self, folder: str) -> dict[str, int]:
        """See `Store.sizes`."""
        top = f"{self._place}/{folder}".rstrip("/")
        with self._place_errors():
            found = self._files.get_file_info(fs.FileSelector(top, allow_not_found=True, recursive=True))
            if not found and "/" in self._place:
                self._require_bucket()
        start = len(self._place) + 1
        return {info.path[start:]: info.size for info in found if info.type == fs.FileType.File}

    def fetch(self, name: str, target: Path, on_bytes: OnBytes) -> None:
        """See `Store.fetch`."""
        with contextlib.ExitStack() as stack:
            with self._place_errors():
                reading = stack.enter_context(self._files.open_input_stream(f"{self._place}/{name}"))
            writing = stack.enter_context(_opened(target))
            while True:
                with self._place_errors():
                    chunk = reading.read(CHUNK)
                if not chunk:
                    return
                _write(writing, chunk, target)
                on_bytes(len(chunk))

    def put(self, source: Path, name: str, on_bytes: OnBytes) -> None:
        """See `Store.put`."""
        path = f"{self._place}/{name}"
        try:
            with source.open("rb") as reading:
                self._send(reading, path, on_bytes)
        except BaseException:
            # Closing a stream that broke off can store its beginning as if it were all (apache/arrow issue 40502).
            with contextlib.suppress(OSError):
                self._files.delete_file(path)
            raise

    def remove(self, name: str) -> None:
        """See `Store.remove`."""
        with contextlib.suppress(FileNotFoundError), self._place_errors():
            self._files.delete_file(f"{self._place}/{name}")

    def _send(self, reading: Any, path: str, on_bytes: OnBytes) -> None:
        with self._place_errors():
            writing = self._files.open_output_stream(path)
        try:
            while chunk := reading.read(CHUNK):
                with self._place_errors():
                    writing.write(chunk)
                on_bytes(len(chunk))
        except BaseException:
            with contextlib.suppress(OSError):
                writing.close()
            raise
        with self._place_errors():
            writing.close()

    def _require_bucket(self) -> None:
        """An empty answer means a bucket without such objects, or none at all."""
        bucket = self._place.split("/")[0]
        if self._files.get_file_info(bucket).type == fs.FileType.NotFound:
            raise StorageError(f"{self.shown}: there is no such bucket. Make it first, or check the address.")

    @contextlib.contextmanager
    def _place_errors(self) -> Iterator[None]:
        try:
            yield
        except FileNotFoundError as error:
            raise place_error(self.shown, f"not found: {error}") from error
        except (OSError, ValueError, NotImplementedError) as error:
            raise place_error(self.shown, str(error)) from error


def _s3(address: Address) -> Any:
    options = dict(address.options)
    if "endpoint_override" not in options and "region" not in options:
        with contextlib.suppress(OSError):  # then the SDK's own rules decide
            options["region"] = fs.resolve_s3_region(address.place.split("/")[0])
    endpoint = options.pop("endpoint_override", None)
    if endpoint and "://" in endpoint:
        options["scheme"], endpoint = endpoint.split("://", 1)
    return fs.S3FileSystem(
        **options,
        endpoint_override=endpoint,
        connect_timeout=_CONNECT_SECONDS,
        background_writes=False,
        allow_delayed_open=True,  # one request for a small object instead of three
        retry_strategy=fs.AwsStandardS3RetryStrategy(max_attempts=_ATTEMPTS),
    )


def _google() -> Any:
    return fs.GcsFileSystem(retry_time_limit=timedelta(seconds=_GOOGLE_SECONDS))


def _opened(target: Path) -> Any:
    try:
        return target.open("wb")
    except OSError as error:
        raise disk_error(target, error) from error


def _write(writing: Any, chunk: bytes, target: Path) -> None:
    try:
        writing.write(chunk)
    except OSError as error:
        raise disk_error(target, error) from error
