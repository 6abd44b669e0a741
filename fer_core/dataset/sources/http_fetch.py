"""Brings one file over HTTP, however often the connection breaks: asks for what is missing, waits, asks again.

A partial download and an address come in, the whole file goes out. `requests` does the talking (it comes with
Streamlit, knows proxies and certificates); its own retries end where the body of an answer begins.
"""

import random
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import requests
import urllib3

from fer_core.dataset.sources.http_answers import (
    PASSING_STATUSES,
    file_name,
    first_byte,
    full_length,
    refusal,
    refuse_page,
    seconds_to_wait,
)
from fer_core.dataset.sources.partial_download import PartialDownload
from fer_core.errors import DownloadError

_CHUNK = 256 * 1024  # bytes at most; what has come is taken at once
_MAX_REDIRECTS = 10
_LOOK = 0.2  # seconds between two looks for a Cancel while waiting

OnProgress = Callable[[int, int], None]


@dataclass(frozen=True)
class Patience:
    """How long a download puts up with a server; all times in seconds.

    Args:
        max_failures: Failures in a row, without a byte in between, before it gives up.
        first_pause: Pause after the first failure; it doubles with each further one.
        longest_pause: Longest pause, also where the server asks for a longer one.
        connect_timeout: Longest time for a connection.
        read_timeout: Longest time without a byte.
    """

    max_failures: int = 5
    first_pause: float = 1.0
    longest_pause: float = 60.0
    connect_timeout: float = 15.0
    read_timeout: float = 30.0


class _PassingError(Exception):
    """A failure that may be over at the next try."""

    def __init__(self, sentence: str, wait: float | None = None) -> None:
        super().__init__(sentence)
        self.wait = wait


class HttpFetch:
    """One call's way to a whole file.

    Args:
        session: The connection; its `max_redirects` is set.
        url: An http or https address.
        partial: What is here already.
        patience: When to give up.
        on_progress: Called with (bytes done, bytes in all), the latter 0 while unknown; it may raise to stop.
    """

    def __init__(
        self,
        session: requests.Session,
        url: str,
        partial: PartialDownload,
        patience: Patience,
        on_progress: OnProgress | None,
    ) -> None:
        session.max_redirects = _MAX_REDIRECTS
        self._session = session
        self._url = url
        self._host = urlsplit(url).hostname or url
        self._partial = partial
        self._patience = patience
        self._on_progress = on_progress

    def until_whole(self) -> Path:
        """Ask again until the file is whole, or nothing new came for too long.

        Raises:
            DownloadError: If it cannot be fetched.
        """
        failures, farthest = 0, self._partial.size
        while True:
            try:
                return self._once()
            except _PassingError as error:
                failures = 1 if self._partial.size > farthest else failures + 1
                farthest = max(farthest, self._partial.size)
                if failures > self._patience.max_failures:
                    kept = "what came so far is kept. Try again later" if self._partial.size else "try again later"
                    raise DownloadError(f"{error} It was tried {failures} times; {kept}.") from error
                self._pause(failures, error.wait)

    def _once(self) -> Path:
        with self._answer() as response:
            finished = self._partial.finished
            if response.status_code == 304 and finished:
                return finished
            if response.status_code in PASSING_STATUSES:
                raise _PassingError(str(refusal(self._host, response.status_code)), seconds_to_wait(response.headers))
            if response.status_code == 416:
                self._partial.clear()
                raise _PassingError(f"{self._host} does not go on from where the download broke off.", 0.0)
            if response.status_code not in (200, 206):
                raise refusal(self._host, response.status_code)
            length = full_length(response.headers)
            if response.status_code == 200 and self._partial.is_current(response.headers, length) and finished:
                return finished
            self._prepare(response, length)
            self._receive(response)
            return self._partial.finish(file_name(response.headers, response.url))

    @contextmanager
    def _answer(self) -> Iterator[requests.Response]:
        # Compressed on the way, a file would have another length and could not be gone on with.
        headers = {"Accept-Encoding": "identity", **self._partial.request_headers()}
        patience = self._patience
        timeout = (patience.connect_timeout, patience.read_timeout)
        try:
            with self._session.get(self._url, headers=headers, stream=True, timeout=timeout) as response:
                yield response
        except (requests.RequestException, urllib3.exceptions.HTTPError) as error:
            raise self._explained(error) from error

    def _prepare(self, response: requests.Response, length: int | None) -> None:
        """Decide whether the answer belongs behind what is here; if not, start over."""
        if response.status_code == 206:
            if not self._partial.continues(response.headers, first_byte(response.headers) or 0, length):
                self._partial.clear()
                raise _PassingError(f"The file at {self._host} changed while it was being downloaded.", 0.0)
        else:
            self._partial.begin(response.headers, length)
        missing = (length or 0) - self._partial.size
        free = shutil.disk_usage(self._partial.folder).free
        if missing > free:
            raise DownloadError(
                f"The file has {missing / 1e6:,.0f} MB to go and {free / 1e6:,.0f} MB of disk space are free. "
                "Free some space, then try again."
            )

    def _receive(self, response: requests.Response) -> None:
        done, total = self._partial.size, self._partial.remote.length
        with self._partial.open_end() as file:
            # `iter_content` waits until a chunk is full, and loses the last bytes where the connection breaks.
            while chunk := response.raw.read1(_CHUNK, decode_content=True):
                if done == 0:
                    refuse_page(urlsplit(response.url).hostname or self._host, chunk)
                file.write(chunk)
                done += len(chunk)
                self._tell(done)
        if total is not None and done != total:
            self._partial.clear()
            raise _PassingError(f"{self._host} announced {total:,} bytes and sent {done:,}.")

    def _tell(self, done: int) -> None:
        if self._on_progress:
            self._on_progress(done, max(self._partial.remote.length or 0, 0))

    def _pause(self, failures: int, asked: float | None) -> None:
        """Wait longer after each failure, at random by up to a half, so that many clients do not return at once."""
        patience = self._patience
        pause = patience.first_pause * 2 ** (failures - 1) * random.uniform(0.75, 1.25) if asked is None else asked
        end = time.monotonic() + min(pause, patience.longest_pause)
        while (left := end - time.monotonic()) > 0:
            self._tell(self._partial.size)
            time.sleep(min(_LOOK, left))

    def _explained(self, error: Exception) -> Exception:
        """Put a failure of the connection into words: for good, or worth another try."""
        if isinstance(error, requests.TooManyRedirects):
            return DownloadError(
                f"{self._host} redirects in a circle, more than {_MAX_REDIRECTS} times. Check the link."
            )
        if isinstance(error, requests.exceptions.InvalidURL):
            return DownloadError(f"'{self._url}' is no web address that can be asked. Check the link.")
        if isinstance(error, requests.exceptions.InvalidSchema):
            return DownloadError(
                f"{self._host} redirects to an address that is neither http nor https. It was not followed; do not "
                "trust this link."
            )
        if isinstance(error, requests.exceptions.SSLError):
            return DownloadError(f"The certificate of {self._host} cannot be trusted ({error}). Check the address.")
        if self._partial.size == 0 and _is_unknown_host(error):
            return DownloadError(f"There is no computer named {self._host}. Check the link and the network.")
        if isinstance(error, requests.Timeout | urllib3.exceptions.TimeoutError):
            seconds = self._patience.read_timeout
            return _PassingError(f"{self._host} did not answer, or sent nothing for {seconds:.0f} s.")
        return _PassingError(f"The connection to {self._host} broke off or was refused.")


def _is_unknown_host(error: BaseException) -> bool:
    reason = getattr(error.args[0] if error.args else None, "reason", None)
    return isinstance(reason, urllib3.exceptions.NameResolutionError)
