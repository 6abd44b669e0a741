import pytest

from fer_core.training import TrainConfig


@pytest.mark.parametrize(
    ("precision", "deterministic", "expected"),
    [
        pytest.param("float32", False, "float32", id="as-wanted"),
        pytest.param("mixed_bfloat16", True, "mixed_bfloat16", id="as-wanted-although-deterministic"),
        pytest.param("auto", True, "float32", id="repeatable-in-float32"),
    ],
)
def test_the_precision_is_what_the_settings_ask_for(precision: str, deterministic: bool, expected: str) -> None:
    from fer_core.training.fitting.hardware import choose_precision

    assert choose_precision(TrainConfig("any", precision=precision, deterministic=deterministic)) == expected


def test_one_device_needs_no_strategy() -> None:
    from fer_core.training.fitting.hardware import describe_device, device_strategy, has_gpu

    if has_gpu():
        pytest.skip("there is a GPU")
    assert device_strategy() is None
    assert "CPU" in describe_device()
