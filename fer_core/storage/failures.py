"""What went wrong at an address, in sentences for people that hold no credentials.

The words of a library or a program come in; a `StorageError` that says what to do goes out.
"""

import errno
import re

from fer_core.errors import StorageError

_FULL = (errno.ENOSPC, errno.EDQUOT)
_NO_ENTRANCE = "the place does not let you in. Check the credentials and rights in the tool that keeps them"
# What stands in messages of the AWS and Google Cloud libraries and of rclone; the first that fits decides.
_MEANINGS: tuple[tuple[str, str, bool], ...] = (
    (
        r"rate.?limit|too.?many.?requests|\b429\b",
        "the place asks for a pause. Try again later: what arrived is kept",
        True,
    ),
    (
        r"insufficient.?storage|quota|no space left|storagequotaexceeded|\b507\b|entity_?too_?large",
        "there is no room left. Free some there, then try again: what arrived is kept",
        False,
    ),
    (
        r"invalid_?access_?key_?id|signature_?does_?not_?match|access.?denied|forbidden|unauthori|credential"
        r"|unauthenticated|status(?: code)?:? 40[13]|code 40[13]|permission.?denied"
        r"|unable to authenticate|invalid_grant|expired_?token"
        r"|could not create a oauth2|couldn't connect to ssh-agent|\b40[13]\b",
        _NO_ENTRANCE,
        False,
    ),
    (r"didn't find section in config", "rclone knows no such remote. Set it up with `rclone config`", False),
    (r"no_?such_?bucket|bucket.{0,40}(does not exist|not found)", "there is no such bucket. Make it first", False),
    (
        r"not.?found|no_?such_?key|\b404\b|does not exist|no such file",
        "something is missing there. Push again from a computer that has it",
        False,
    ),
    (
        r"network|connection|timeout|timed out|curlcode|reset by peer|broken pipe|unreachable|resolve|slow_?down"
        r"|internal_?(failure|error)|service_?unavailable|\b50[0234]\b|eof|refused|unknown error",
        "the connection broke. Check the network and try again: what arrived is kept",
        True,
    ),
)
# Where the tools of each door keep what lets one in; the address begins with the first.
_ENTRANCES = {
    "s3://": " Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or run `aws configure`.",
    "gs://": " Run `gcloud auth application-default login`, or let GOOGLE_APPLICATION_CREDENTIALS name a key's file.",
    "rclone:": " Mend the remote with `rclone config`.",
}
_SECRETS = re.compile(
    r"(?i)(?:AKIA|ASIA)[0-9A-Z]{12,}|//[^/\s@]+@|authorization\s*[=:]\s*(?:\w+\s+)?\S+"
    r"|\b(?:x-amz-[\w-]*|signature|credential|access_?key\w*|secret\w*|token|password|pass|api_?key|awsaccesskeyid)\b['\"]?\s*[=:]\s*\S+|bearer\s+\S+"
)
_LONGEST = 200  # characters of a library's own words


def place_error(shown: str, words: str) -> StorageError:
    """Return the error for what a library or a program said about an address.

    Args:
        shown: The address for people.
        words: What was said.
    """
    for pattern, meaning, may_pass in _MEANINGS:
        if re.search(pattern, words, re.IGNORECASE):
            hints = _ENTRANCES.items() if meaning == _NO_ENTRANCE else ()
            hint = next((hint for start, hint in hints if shown.startswith(start)), "")
            return StorageError(f"{shown}: {meaning}.{hint} ({cleaned(words)})", may_pass=may_pass)
    return StorageError(f"{shown}: it failed for a reason not known here. ({cleaned(words)})")


def disk_error(path: object, error: OSError) -> StorageError:
    """Return the error for a file or folder on this computer that cannot be read or written."""
    if error.errno in _FULL:
        return StorageError(f"The disk of '{path}' is full. Free some space, then try again: what arrived is kept.")
    return StorageError(f"'{path}' cannot be used ({error.strerror or error}). Check its rights and disk.")


def cleaned(words: str) -> str:
    """Return the first line of a message, shortened, with everything that looks like a credential taken out."""
    line = next((line.strip() for line in _SECRETS.sub("***", words).splitlines() if line.strip()), "")
    return line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…"
