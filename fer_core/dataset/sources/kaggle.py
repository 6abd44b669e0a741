"""Fetches a dataset from Kaggle with Kaggle's own client, which is optional: `pip install kaggle`.

A name such as `owner/name` comes in, the archive that Kaggle packs goes out, still packed, so that it is unpacked as
carefully as any other. The client runs as a process of its own: it prints, it may leave through `exit`, and a process
can be stopped. It goes on where an earlier download broke off.
"""

import importlib.util
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from urllib.parse import urlsplit

from fer_core.errors import DownloadError

_SLUG = re.compile(r"[\w-]+/[\w.-]+")
_LOOK = 0.2  # seconds between two looks at the client
_STOP = 5.0  # seconds for the client to end once it was asked to

OnProgress = Callable[[int, int], None]

_CREDENTIALS = (
    "Create a token at kaggle.com/settings (section API), then either set KAGGLE_API_TOKEN to it, or save it as "
    "~/.kaggle/access_token, or save the older kaggle.json as ~/.kaggle/kaggle.json."
)
# What the client prints, and what it means.
_FAULTS = (
    (re.compile(r"Authentication required|401|Unauthenticated", re.I), f"Kaggle asks who you are. {_CREDENTIALS}"),
    (
        re.compile(r"403|Permission", re.I),
        "Kaggle does not let you have {slug}. Open kaggle.com/datasets/{slug} in the browser, accept its terms, and "
        f"check your token. {_CREDENTIALS}",
    ),
    (re.compile(r"404|Not Found", re.I), "There is no dataset {slug} on Kaggle. Check kaggle.com/datasets/{slug}."),
    (re.compile(r"429|Too Many", re.I), "Kaggle was asked too often. Wait some minutes and try again."),
    (re.compile(r"No space left", re.I), "The disk is full. Free some space, then try again."),
    (
        re.compile(r"Connection|resolve|Timeout|timed out", re.I),
        "Kaggle cannot be reached. Check the network and try again; what came so far is kept.",
    ),
)


def kaggle_slug(text: str) -> str:
    """Return `owner/name` from that, or from the address of a dataset's page on Kaggle.

    Raises:
        DownloadError: If it is neither.
    """
    slug = text.strip().removeprefix("kaggle:").strip("/")
    if "://" in slug or slug.startswith(("www.kaggle.com/", "kaggle.com/")):
        path = urlsplit(slug if "://" in slug else f"https://{slug}").path
        slug = "/".join(path.removeprefix("/datasets").strip("/").split("/")[:2])
    if not _SLUG.fullmatch(slug):
        raise DownloadError(f"'{text}' names no dataset on Kaggle. Expected owner/name, such as msambare/fer2013.")
    return slug


def is_client_installed() -> bool:
    """Tell whether Kaggle's client can be run."""
    return importlib.util.find_spec("kaggle") is not None


def download_kaggle(
    slug: str, folder: Path, *, on_progress: OnProgress | None = None, client: Sequence[str] | None = None
) -> Path:
    """Fetch a dataset from Kaggle as one zip.

    Args:
        slug: `owner/name`, or the address of the dataset's page.
        folder: Folder for this download alone, created where it is missing; what came stays there for the next try.
        on_progress: Called with (bytes done, 0): how many there are is not known. It may raise to stop.
        client: Command that runs the client; the installed one when None.

    Returns:
        The zip, below `folder`.

    Raises:
        DownloadError: If the client is not installed, has no credentials, or cannot fetch the dataset.
    """
    slug = kaggle_slug(slug)
    if client is None:
        if not is_client_installed():
            raise DownloadError(
                "Kaggle's client is not installed. Run `pip install kaggle`, or download the dataset in the browser "
                "and add the zip."
            )
        client = (sys.executable, "-P", "-m", "kaggle")
    folder.mkdir(parents=True, exist_ok=True)
    command = [*client, "datasets", "download", slug, "--path", str(folder), "--quiet"]
    try:
        exit_code, words = _run(command, folder, on_progress)
    except OSError as error:
        raise DownloadError(f"Kaggle's client cannot be started ({error}). Install it again.") from error
    archive = folder / f"{slug.partition('/')[2]}.zip"
    if exit_code != 0 or not archive.is_file():
        raise DownloadError(_fault(words, slug))
    return archive


def _run(command: Sequence[str], folder: Path, on_progress: OnProgress | None) -> tuple[int, str]:
    """Run the client; return its exit code and what it complained of.

    Without a token it prints how to get one on standard output and goes on, since public datasets need none; what is
    wrong in the end stands on standard error.
    """
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as complaints:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=complaints)
        try:
            while (exit_code := process.poll()) is None:
                if on_progress:
                    on_progress(_bytes_in(folder), 0)
                time.sleep(_LOOK)
        finally:
            _stop(process)
        complaints.seek(0)
        output.seek(0)
        words = complaints.read().strip() or output.read()
    return exit_code, words.decode("utf-8", "replace")


def _bytes_in(folder: Path) -> int:
    try:
        return sum(file.stat().st_size for file in folder.iterdir())
    except FileNotFoundError:  # the client has just renamed one
        return 0


def _stop(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(_STOP)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _fault(words: str, slug: str) -> str:
    for pattern, sentence in _FAULTS:
        if pattern.search(words):
            return sentence.format(slug=slug)
    last = next((line.strip() for line in reversed(words.splitlines()) if line.strip()), "it said nothing")
    return f"Kaggle's client could not fetch {slug} ({last[:200]}). Try again, or download it in the browser."
