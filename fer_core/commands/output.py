"""What several commands print or write: tables on standard output, and files that appear whole or not at all."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from fer_core.errors import FerError
from fer_core.terminal import messages


def print_table(rows: Sequence[Mapping[str, object]], when_empty: str) -> None:
    """Print rows as a table on standard output; without rows, a sentence on standard error."""
    if rows:
        print(pd.DataFrame(rows).to_string(index=False))
    else:
        messages.print(when_empty)


def write_text(path: Path, text: str) -> None:
    """Write a text file whole or not at all.

    Raises:
        FerError: If it cannot be written there.
    """
    partial = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        partial.write_text(text, encoding="utf-8")
        os.replace(partial, path)
    except OSError as error:
        raise FerError(f"'{path}' cannot be written: {error.strerror}. Choose another place.") from error
    finally:
        partial.unlink(missing_ok=True)
