import pytest

from fer_core.errors import FerError
from fer_core.training import TrainConfig


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"architecture": "resnet-999"}, "compact"),
        ({"augmentation": "wild"}, "standard"),
        ({"epochs": 0}, "epochs is 0"),
        ({"batch_size": 1}, "batch size is 1"),
        ({"learning_rate": 0.0}, "learning rate is 0"),
        ({"learning_rate": float("nan")}, "learning rate is nan"),
        ({"validation_share": 0.9}, "validation share"),
        ({"crop_low": 0.1}, "crop low"),
        ({"precision": "float8"}, "mixed_bfloat16"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_a_value_that_cannot_work_is_refused_with_what_would(changes: dict[str, object], said: str) -> None:
    with pytest.raises(FerError, match=said):
        TrainConfig(dataset="faces", **changes)


def test_a_config_survives_its_json() -> None:
    config = TrainConfig(dataset="faces", epochs=3, augmentation="light")
    assert TrainConfig(**config.to_dict()) == config
