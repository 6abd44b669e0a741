import pytest

from fer_app.prediction.webcam_seats import SILENCE, Seats


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


def test_no_more_than_the_limit_are_seated(clock):
    seats = Seats(2, clock)
    assert [seats.take(name) for name in "abc"] == [True, True, False]
    assert seats.is_full_for("c")
    assert not seats.is_full_for("a")


def test_taken_seats_are_counted_and_silent_ones_are_not(clock):
    seats = Seats(3, clock)
    seats.take("a")
    seats.take("a")
    seats.take("b")
    assert seats.num_taken() == 2
    clock.now = 0.8 * SILENCE
    seats.take("a")
    clock.now = 1.5 * SILENCE
    assert seats.num_taken() == 1


def test_whoever_goes_on_keeps_the_seat_and_the_silent_one_loses_it(clock):
    seats = Seats(2, clock)
    seats.take("a")
    seats.take("b")
    clock.now = 0.8 * SILENCE
    assert seats.take("a")
    clock.now = 1.2 * SILENCE
    assert seats.take("c")
    assert not seats.take("b")


def test_a_seat_given_back_is_free_at_once(clock):
    seats = Seats(1, clock)
    seats.take("a")
    seats.give_back("a")
    seats.give_back("nobody")
    assert seats.take("b")


def test_a_server_without_seats_is_refused(clock):
    with pytest.raises(ValueError, match="at least one seat, received 0"):
        Seats(0, clock)
