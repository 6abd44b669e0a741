"""Where a page's job lies: each choice that changes the result has a folder of its own.

What decides the result goes in, the job's folder comes out, the same one after a reload and in a second tab.
"""

import hashlib
from pathlib import Path

from fer_core.settings import load_settings


def job_folder_of(kind: str, *decisive: str) -> Path:
    """Return the folder of the job that answers one question.

    Args:
        kind: What the job does, in a word; the folder's name begins with it.
        decisive: All that decides the result, such as a model's digest, a dataset's name and a split.
    """
    return load_settings().jobs_folder / f"{kind}-{choice_digest(*decisive)}"


def choice_digest(*decisive: str) -> str:
    """Return 16 hexadecimal digits that change with any of some choices."""
    return hashlib.sha256("\n".join(decisive).encode()).hexdigest()[:16]
