import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from fer_core.pool import Pool


class Thing:
    """Notices when two threads use it at once."""

    def __init__(self):
        self.in_use = threading.Lock()

    def use(self, seconds=0.001):
        if not self.in_use.acquire(blocking=False):
            raise RuntimeError("used twice at once")
        time.sleep(seconds)
        self.in_use.release()


@pytest.mark.parametrize("size", [1, 3])
def test_no_thing_is_used_by_two_threads_and_there_are_never_more_than_allowed(size):
    made = []
    pool = Pool(lambda: made.append(Thing()) or made[-1], size)

    def use(_):
        with pool.lend() as thing:
            thing.use()

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(use, range(200)))
    assert 1 <= len(made) <= size


def test_threads_work_at_the_same_time():
    pool, together = Pool(Thing, 2), threading.Barrier(2, timeout=20)

    def meet(_):
        with pool.lend():
            together.wait()  # breaks unless both are inside

    with ThreadPoolExecutor(2) as threads:
        list(threads.map(meet, range(2)))


def test_one_after_the_other_one_thing_is_enough():
    made = []
    pool = Pool(lambda: made.append(Thing()) or made[-1], 5)
    for _ in range(4):
        with pool.lend() as thing:
            thing.use(0)
    assert len(made) == 1


def test_a_thing_that_failed_is_not_lent_again_and_its_place_is_free():
    pool = Pool(Thing, 1)
    with pytest.raises(KeyError), pool.lend() as failed:
        raise KeyError
    with pool.lend() as another:
        assert another is not failed


def test_what_cannot_be_made_is_known_at_once():
    with pytest.raises(ZeroDivisionError):
        Pool(lambda: 1 / 0, 1)


def test_an_empty_pool_is_refused():
    with pytest.raises(ValueError, match="received 0"):
        Pool(Thing, 0)
