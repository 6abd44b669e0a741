"""The process of a job: `python -m fer_core.jobs.worker FOLDER`.

It receives the folder that `start_job` prepared, does what `job.json` says, and leaves status, result and
log there. Nobody waits for its exit code, but it is 1 where the job failed.
"""

import logging
import sys
from pathlib import Path

from fer_core.errors import Cancelled, FerError
from fer_core.jobs.execution import LOG_FORMAT, run_prepared

logger = logging.getLogger("fer_core.jobs.worker")


def main(folder: Path) -> int:
    """Run the job in `folder` and return the exit code."""
    logging.basicConfig(level=logging.INFO, format=LOG_FORMAT)
    try:
        run_prepared(folder)
    except Cancelled:
        logger.info("Stopped on request.")
    except FerError as error:
        logger.error("%s", error)
        return 1
    except Exception:
        return 1  # already in the log with its traceback
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
