import threading

import pytest

from fer_app.prediction.photo_turns import BusyError, Turns


def test_so_many_wait_and_the_next_is_sent_away():
    turns, go, waiting = Turns(1, max_waiting=1), threading.Event(), threading.Event()

    def wait():
        waiting.set()
        with turns.turn():
            go.wait(10)

    with turns.turn():
        waiter = threading.Thread(target=wait)
        waiter.start()
        assert waiting.wait(10)
        while turns._places.acquire(blocking=False):  # until the thread has its place
            turns._places.release()
        with pytest.raises(BusyError, match="Too many photos"), turns.turn():
            pass
    go.set()
    waiter.join(10)
    with turns.turn():  # and everything is free again
        pass


def test_who_waits_too_long_is_sent_away_and_frees_the_place():
    turns = Turns(1, max_waiting=1, patience=0.01)
    with turns.turn():
        for _ in range(3):
            with pytest.raises(BusyError, match="wait too long"), turns.turn():
                pass
    with turns.turn():
        pass


def test_an_error_gives_the_turn_back():
    turns = Turns(1, max_waiting=0)
    for _ in range(2):
        with pytest.raises(KeyError), turns.turn():
            raise KeyError
