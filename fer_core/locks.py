"""Where a lock file is locked: beside what it guards, or on this computer where that place knows no locks.

A mounted Google Drive and some network drives answer every lock with an error. What they hold is then guarded between
the processes of this computer only; between computers such a place could not be guarded by anything.
"""

import errno
import hashlib
import os
import sys
import tempfile
from pathlib import Path

_NO_LOCKS = (errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP, errno.ENOTSUP, errno.EINVAL)
_has_locks: dict[int, bool] = {}  # by device


def lockable(path: Path) -> Path:
    """Return the file to lock in place of a lock file whose folder exists: itself, or a stand-in on this computer.

    Raises:
        OSError: If there is no place for a stand-in.
    """
    try:
        device = path.parent.stat().st_dev
        if device not in _has_locks:
            _has_locks[device] = _can_lock(path.parent)
        if _has_locks[device]:
            return path
    except OSError:  # whoever locks it will say what is wrong with that folder
        return path
    return _stand_in(path)


def _can_lock(folder: Path) -> bool:
    if sys.platform == "win32":
        return True
    import fcntl

    with tempfile.TemporaryFile(dir=folder, prefix=".lock-probe-") as file:
        try:
            fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            return error.errno not in _NO_LOCKS
    return True


def _stand_in(path: Path) -> Path:
    owner = os.getuid() if hasattr(os, "getuid") else "user"
    folder = Path(tempfile.gettempdir()) / f"fer-studio-locks-{owner}"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder / f"{hashlib.sha256(os.fsencode(path.resolve())).hexdigest()}.lock"
