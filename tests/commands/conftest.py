"""Small drawn faces for the tests of the commands."""

from pathlib import Path

import pytest

from fer_core.dataset.drawn.faces import write_drawn_faces


@pytest.fixture(scope="session")
def faces(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Class folders of 70 training and 21 test pictures."""
    folder = tmp_path_factory.mktemp("cli") / "faces"
    write_drawn_faces(folder, num_train=70, num_test=21)
    return folder
