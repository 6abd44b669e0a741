"""HEIC, the format of iPhones: read where a decoder is installed, explained where none is."""

import importlib.util
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from fer_core import images
from fer_core.errors import ImageError
from fer_core.images import read_image
from tests.scenes import portrait

HEIC = Path(__file__).with_name(
    "portrait.heic"
)  # the head of scikit-image's astronaut (NASA, public domain), 96 x 128 pixels
needs_heic = pytest.mark.skipif(
    not any(importlib.util.find_spec(name) for name in images._HEIC_DECODERS), reason="no decoder of HEIC installed"
)


@needs_heic
@pytest.mark.parametrize("kind", [str, Path, bytes])
def test_heic_is_read(kind):
    source = HEIC.read_bytes() if kind is bytes else kind(HEIC)
    small = Image.fromarray(portrait()).crop((113, 20, 305, 276)).resize((96, 128))
    read = read_image(source)
    assert read.shape == (128, 96, 3)
    assert np.abs(read.astype(int) - np.asarray(small)).mean() < 8


def test_heic_without_a_decoder_says_what_to_install(monkeypatch):
    monkeypatch.delitem(Image.OPEN, "HEIF", raising=False)
    for name in images._HEIC_DECODERS:
        monkeypatch.setitem(sys.modules, name, None)  # importing it raises ImportError
    with pytest.raises(ImageError, match=r"'portrait.heic' is a HEIC picture.*pip install pi-heif"):
        read_image(HEIC)


@needs_heic
def test_a_damaged_heic_is_refused():
    with pytest.raises(ImageError, match="damaged"):
        read_image(HEIC.read_bytes()[:900])
