import threading
import time

from fer_core.dataset.indexing.pixel_room import PixelRoom


def most_at_once(shares: list[int], capacity: int) -> int:
    """How many pixels were held at the same time, with one thread a share."""
    room, held, most, lock = PixelRoom(capacity), 0, 0, threading.Lock()

    def work(share: int) -> None:
        nonlocal held, most
        with room.take(share):
            with lock:
                held += share
                most = max(most, held)
            time.sleep(0.01)
            with lock:
                held -= share

    threads = [threading.Thread(target=work, args=(share,)) for share in shares]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert held == 0
    return most


def test_no_more_is_held_than_there_is_room() -> None:
    assert 6 <= most_at_once([3] * 12, capacity=10) <= 10


def test_what_is_too_large_goes_alone() -> None:
    assert most_at_once([50, 50, 50], capacity=10) == 50


def test_an_error_gives_the_room_back() -> None:
    room = PixelRoom(5)
    for _ in range(3):
        try:
            with room.take(5):
                raise OSError("damaged")
        except OSError:
            pass
