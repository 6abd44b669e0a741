"""How many processors this process may use, and keeping OpenCV to one of them in each thread."""

import os
from collections.abc import Iterator
from contextlib import contextmanager


def num_processors() -> int:
    """Return how many processors this process may use."""
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return max(usable or 1, 1)


@contextmanager
def one_processor_a_thread() -> Iterator[None]:
    """Keep OpenCV from dividing each picture among threads of its own, which wait for work by spinning."""
    import cv2

    before = cv2.getNumThreads()
    cv2.setNumThreads(1)
    try:
        yield
    finally:
        cv2.setNumThreads(before)
