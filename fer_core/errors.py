"""The errors that a person can do something about.

Page and command line show the text of a `FerError` as it is; every other exception is a defect and propagates.

    FerError
    ├── SettingsError           an environment variable has a value that cannot be used
    ├── ImageError              a picture cannot be read
    ├── DatasetError            a dataset is missing, damaged or has no usable structure
    │   ├── ArchiveError        an archive cannot be unpacked safely
    │   ├── DownloadError       a file cannot be fetched, or is not what was asked for
    │   └── UnknownLabelsError  labels that are no known expression need a map
    ├── ModelError              a model package is missing, damaged or does not fit
    ├── TrainingError           a training cannot start or go on
    ├── JobError                a job cannot be started or found
    ├── StorageError            an address cannot be reached, read or written, or what lies there cannot be used
    └── Cancelled               the person asked to stop; nothing half-made was left behind
"""

from collections.abc import Mapping


class FerError(Exception):
    """Something the user can mend: the text says what happened, what was expected and what to do next."""

    def _render_traceback_(self) -> list[str]:
        """Return what a notebook shows: the text alone (IPython asks exceptions for this)."""
        return [str(self)]


class SettingsError(FerError):
    """Raised when an environment variable or option has a value that cannot be used."""


class ImageError(FerError):
    """Raised when a picture cannot be read."""


class DatasetError(FerError):
    """Raised when a dataset is missing, damaged or has no usable structure."""


class ArchiveError(DatasetError):
    """Raised when an archive cannot be unpacked safely."""


class DownloadError(DatasetError):
    """Raised when a file cannot be fetched, or is not what was asked for."""


class UnknownLabelsError(DatasetError):
    """Raised when labels of a source are no known expression; the person says what they mean.

    Args:
        message: What was found and what to do.
        labels: Each unknown label with the number of its pictures.
        suggestions: Each label of the source -> the label proposed for it: a known expression, or the name as it is.
    """

    def __init__(self, message: str, labels: Mapping[str, int], suggestions: Mapping[str, str]) -> None:
        super().__init__(message)
        self.labels = dict(labels)
        self.suggestions = dict(suggestions)


class ModelError(FerError):
    """Raised when a model package is missing, damaged or does not fit the request."""


class TrainingError(FerError):
    """Raised when a training cannot start or go on."""


class JobError(FerError):
    """Raised when a job cannot be started or found."""


class StorageError(FerError):
    """Raised when an address cannot be reached, read or written, or what lies there cannot be used.

    Args:
        message: What happened and what to do.
        may_pass: Whether trying again may help, as after a broken connection.
    """

    def __init__(self, message: str, *, may_pass: bool = False) -> None:
        super().__init__(message)
        self.may_pass = may_pass


class Cancelled(FerError):  # noqa: N818 (a request that was honoured, not a fault)
    """Raised inside long work once the person has asked to stop."""
