"""Two hundred damaged or hostile pictures are read or listed, by library and command line; nothing stops or grows."""

import tracemalloc

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from fer_core.errors import ImageError
from fer_core.prediction.batch import BatchSettings, predict_files
from tests.prediction.batch.hostile import write_hostile_pictures
from tests.scenes import portrait

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:PIL")

# What a whole picture of the largest size takes is never asked for: every bomb is refused by its header.
MOST_BYTES = 300_000_000


@pytest.fixture(scope="module")
def hostile(tmp_path_factory):
    folder = tmp_path_factory.mktemp("hostile")
    paths = write_hostile_pictures(folder / "pictures")
    assert len(paths) == 200
    Image.fromarray(portrait()).save(folder / "pictures" / "zz good.png")
    return folder / "pictures"


def test_the_library_reads_or_refuses_each_of_them(predictor, hostile):
    refused = {}
    for path in sorted(hostile.iterdir()):
        for source in (path, path.read_bytes()):
            try:
                prediction = predictor.predict(source, faces="whole", views="one")
            except ImageError as error:
                refused[path.name] = str(error)
                continue
            face = prediction.faces[0]
            assert np.isclose(face.probabilities.sum(), 1, atol=1e-4), path.name
    assert 80 <= len(refused) <= 190
    assert {"bomb-30000x30000.png", "bomb.gif", "text.png", "zero-bytes.jpg", "postscript.jpg"} <= set(refused)
    assert min(map(len, refused.values())) > 20
    good = {"cmyk.jpg", "sixteen-bit.png", "one-pixel.png", "30000-wide.png", "jpeg-named.png", "zz good.png"}
    assert not good & set(refused)


@pytest.mark.parametrize("faces", ["detect", "whole"])
def test_a_batch_lists_them_and_finds_the_good_one(predictor, hostile, faces):
    tracemalloc.start()
    result = predict_files(predictor, [hostile], settings=BatchSettings(faces, "one"))
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert result.num_pictures + len(result.errors) == 201
    assert result.frame["image"].iloc[-1].endswith("zz good.png")
    assert most < MOST_BYTES


def test_the_command_line_lists_them_with_exit_code_0(run, hostile, tmp_path):
    out = tmp_path / "out.csv"
    code, _, said = run("predict", hostile, "--out", out, "--views", "one")
    assert code == 0
    errors = pd.read_csv(f"{out}.errors.csv")
    assert f"{len(errors)} could not be read" in said
    assert errors["error"].str.len().min() > 20
    assert "Traceback" not in said
