import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from fer_core.errors import FerError, ImageError
from fer_core.notebook.colab import download, take_photo, upload_picture


@pytest.fixture
def put_colab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str, str], None]]:
    """Put one module of a stand-in for Colab's package where Python finds it."""
    package = tmp_path / "google" / "colab"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("")
    monkeypatch.syspath_prepend(tmp_path)
    yield lambda name, text: (package / f"{name}.py").write_text(text)
    for name in [name for name in sys.modules if name.startswith("google.colab")]:
        del sys.modules[name]


@pytest.mark.usefixtures("displays")
@pytest.mark.parametrize(
    "use", [upload_picture, take_photo, lambda: download("model.zip")], ids=["up", "photo", "down"]
)
def test_elsewhere_than_in_colab_a_sentence_says_what_to_do(use: Callable[[], object]) -> None:
    with pytest.raises(FerError, match="works in Google Colab only"):
        use()


@pytest.mark.usefixtures("displays")
@pytest.mark.parametrize(
    ("answer", "photo"), [("data:image/jpeg;base64,AAEC", b"\x00\x01\x02"), ("", None)], ids=["taken", "cancelled"]
)
def test_a_photo_comes_as_bytes_or_not_at_all(
    put_colab: Callable[[str, str], None], answer: str, photo: bytes | None
) -> None:
    put_colab("output", f"def eval_js(code): return {answer!r}")
    assert take_photo() == photo


@pytest.mark.usefixtures("displays")
def test_a_camera_that_is_refused_is_explained(put_colab: Callable[[str, str], None]) -> None:
    put_colab("output", "def eval_js(code): return 'error:Permission denied'")
    with pytest.raises(ImageError, match=r"Permission denied\)\. Allow it in the browser"):
        take_photo()


@pytest.mark.parametrize(
    ("chosen", "picture"), [({"a.jpg": b"jpeg"}, b"jpeg"), ({}, None)], ids=["one chosen", "dialog left"]
)
def test_an_upload_is_the_pictures_bytes(
    put_colab: Callable[[str, str], None], chosen: dict[str, bytes], picture: bytes | None
) -> None:
    put_colab("files", f"def upload(): return {chosen!r}")
    assert upload_picture() == picture
