import io
import os
import stat
import zipfile

import pytest
from PIL import Image

from fer_core.prediction.batch import predict_files
from fer_core.prediction.batch.zips import ZipReader, picture_entries
from tests.scenes import portrait


def png() -> bytes:
    file = io.BytesIO()
    Image.fromarray(portrait()).resize((200, 200)).save(file, "PNG")
    return file.getvalue()


def write_zip(path, entries):
    with zipfile.ZipFile(path, "w") as opened:
        for name, content in entries:
            opened.writestr(name, content)
    return path


def patched(path, name, field, value):
    """Change a header field of an entry in the zip's directory (offsets of APPNOTE.TXT 6.3.10, section 4.3.12)."""
    content = bytearray(path.read_bytes())
    at = content.rindex(b"PK\x01\x02", 0, content.rindex(name.encode()))
    content[at + field : at + field + len(value)] = value
    path.write_bytes(content)
    return path


def test_zip_is_read_like_a_folder_wherever_pictures_lie_in_it(predictor, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    entries = [("b.png", png()), ("a/deep/ü.png", png()), ("notes.txt", b""), ("__MACOSX/a/._ü.png", b"shadow")]
    write_zip(tmp_path / "photos.zip", entries)
    result = predict_files(predictor, ["photos.zip"])
    assert result.frame["image"].tolist() == [os.path.join("photos.zip", name) for name in ("a/deep/ü.png", "b.png")]
    assert result.errors.empty
    alone = predict_files(predictor, [portrait_file(tmp_path)]).frame
    numbers = ["x1", "y1", "x2", "y2", "confidence"]
    assert result.frame[numbers].values.tolist() == alone[numbers].values.tolist() * 2


def portrait_file(folder):
    (folder / "alone.png").write_bytes(png())
    return folder / "alone.png"


def test_broken_and_hostile_entries_are_listed_and_the_others_read(predictor, tmp_path):
    link = zipfile.ZipInfo("link.png")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    entries = [("good.png", png()), ("../../evil.png", png()), ("empty.png", b""), ("text.png", b"words")]
    path = write_zip(tmp_path / "z.zip", [*entries, (link, b"/etc/passwd"), ("secret.png", png()), ("bomb.png", b"x")])
    patched(path, "secret.png", 8, b"\x01\x00")  # the flag of encryption
    patched(path, "bomb.png", 24, (2_000_000_000).to_bytes(4, "little"))  # what it says to unpack to
    result = predict_files(predictor, [path])
    assert [os.path.basename(image) for image in result.frame["image"]] == ["good.png"]
    reasons = {os.path.relpath(image, path): error for image, error in result.errors.values}
    assert "outside the zip" in next(error for name, error in reasons.items() if "evil" in name)
    assert "link" in reasons["link.png"]
    assert "encrypted" in reasons["secret.png"]
    assert "2,000 MB" in reasons["bomb.png"]
    assert reasons["text.png"].startswith("It is not a picture that can be read.")
    assert "empty.png" in reasons
    assert len(reasons) == 6


def test_an_entry_never_gives_more_than_its_header_says(tmp_path):
    path = tmp_path / "z.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as opened:
        opened.writestr("liar.png", bytes(50_000_000))
    patched(path, "liar.png", 24, (1000).to_bytes(4, "little"))
    (entry,), _ = picture_entries(str(path))
    reader = ZipReader()
    with pytest.raises(Exception, match="cannot be taken out of the zip"):
        reader.read(str(path), entry.number)
    reader.close()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        pytest.param(b"PK\x03\x04 and nothing more", "damaged or incomplete", id="cut"),
        pytest.param(b"words", "damaged or incomplete", id="no-zip"),
        pytest.param(b"PK\x05\x06" + bytes(18), "holds no picture", id="empty"),
    ],
)
def test_zip_that_cannot_be_looked_into_is_listed(predictor, tmp_path, content, reason):
    (tmp_path / "z.zip").write_bytes(content)
    result = predict_files(predictor, [tmp_path / "z.zip"])
    assert result.errors["image"].tolist() == [str(tmp_path / "z.zip")]
    assert reason in result.errors["error"][0]


def test_damaged_bytes_in_an_entry_are_that_entrys_trouble(predictor, tmp_path):
    path = write_zip(tmp_path / "z.zip", [("a.png", png()), ("b.png", png())])
    content = bytearray(path.read_bytes())
    content[2000] ^= 0xFF  # inside the first picture
    path.write_bytes(content)
    result = predict_files(predictor, [path])
    assert [os.path.basename(name) for name in result.errors["image"]] == ["a.png"]
    assert len(result.frame) == 1


def test_more_zips_than_are_kept_open(predictor, tmp_path):
    paths = [write_zip(tmp_path / f"{number}.zip", [("a.png", png())]) for number in range(6)]
    assert len(predict_files(predictor, paths).frame) == 6
