import pytest


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("dataset",),
        ("dataset", "report"),
        ("train",),
        ("train", "--dataset", "x", "--preset", "fast"),
        ("train", "--dataset", "x", "--epochs", "many"),
        ("train", "--dataset", "x", "--architecture", "unknown"),
        ("runs", "resume"),
        ("storage", "list"),
        ("predict", "--camera", "0"),
        ("predict", "x.png", "--out", "x.csv", "--views", "three"),
    ],
    ids=" ".join,
)
def test_wrong_usage_exits_with_2(run, words: tuple[str, ...]) -> None:
    code, out, err = run(*words)
    assert (code, out) == (2, "")
    assert "usage: python -m fer_core" in err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("dataset", "add", "nowhere.zip"), "There is no file or folder"),
        (("dataset", "show", "nothing"), "There is no dataset"),
        (("train", "--dataset", "nothing"), "There is no dataset"),
        (("train", "--dataset", "nothing", "--epochs", "0"), "epochs is 0"),
        (("runs", "show", "nothing"), "There is no run"),
        (("runs", "stop", "nothing"), "There is no run"),
        (("runs", "resume", "nothing"), "There is no run"),
        (("runs", "retry", "nothing"), "There is no run"),
        (("runs", "compare", "nothing"), "at least two runs"),
        (("runs", "remove", "nothing"), "There is no run"),
        (("models", "show", "nothing"), "nothing"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_what_cannot_be_done_exits_with_1_and_a_sentence(run, words: tuple[str, ...], said: str) -> None:
    code, out, err = run(*words)
    assert (code, out) == (1, "")
    assert said in err.replace("\n", " ")
