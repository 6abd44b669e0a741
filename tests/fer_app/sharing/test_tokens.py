import pytest

from fer_app.sharing.sessions import Sessions
from fer_app.sharing.tokens import KEY_SECONDS, OperatorTokens


@pytest.fixture
def told():
    return []


@pytest.fixture
def tokens(told):
    tokens = OperatorTokens(told.append, clock=lambda: tokens.now)
    tokens.now = 0.0
    tokens.issue()
    return tokens


def test_a_token_works_once_and_the_next_is_told(tokens, told):
    key = tokens.redeem(f" {told[0]}\n")
    assert tokens.knows(key)
    assert tokens.redeem(told[0]) is None
    assert len(told) == 2
    assert tokens.redeem(told[1]) not in (None, key)


@pytest.mark.parametrize("text", ["", " ", "x", "ä" * 43, "A" * 43, "A" * 100_000])
def test_another_text_is_no_token_and_voids_none(tokens, told, text):
    assert tokens.redeem(text) is None
    assert tokens.redeem(told[0]) is not None


def test_before_the_first_token_nothing_is_one(told):
    assert OperatorTokens(told.append).redeem("") is None


def test_a_key_ends_after_half_a_day_and_when_it_is_taken_back(tokens, told):
    early, late = tokens.redeem(told[0]), None
    tokens.now = KEY_SECONDS - 1
    assert tokens.knows(early)
    late = tokens.redeem(told[1])
    tokens.now = KEY_SECONDS
    assert not tokens.knows(early)
    assert tokens.knows(late)
    tokens.forget(late)
    tokens.forget(None)
    assert not tokens.knows(late)


@pytest.mark.parametrize("key", [None, "", "x"])
def test_what_was_never_given_is_no_key(tokens, key):
    assert not tokens.knows(key)


def test_tokens_cannot_be_guessed(tokens, told):
    tokens.issue()
    assert len(set(told)) == 2
    assert all(len(token) >= 43 for token in told)  # 256 bits in base 64


def test_sessions_are_visitors_until_noted_and_after_sign_out():
    sessions = Sessions()
    assert not sessions.is_operator("a")
    sessions.note("a", is_operator=True, key="k")
    sessions.note("b", is_operator=True)
    sessions.note("c", is_operator=True, key="k")
    sessions.note("c", is_operator=False)
    assert sessions.is_operator("a")
    assert sessions.take_of("k") == ["a"]
    assert [sessions.is_operator(name) for name in "abc"] == [False, True, False]
