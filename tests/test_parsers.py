"""Everything that reads what somebody else wrote answers with a value or a `FerError`, whatever it is given.

Texts, headers, JSON and tables are made up by Hypothesis: at random, and by spoiling what the program itself writes.
Another seed: `pytest tests/test_parsers.py --hypothesis-seed=N`.
"""

import contextlib
import gzip
import json
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path, PurePosixPath
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fer_core.dataset.browse import BrowseQuery
from fer_core.dataset.corrections.file import parse_edit_id
from fer_core.dataset.corrections.patches import read_patch
from fer_core.dataset.sources.archive_names import safe_path
from fer_core.dataset.sources.http_answers import file_name, first_byte, full_length, seconds_to_wait
from fer_core.dataset.sources.kaggle import kaggle_slug
from fer_core.dataset.sources.label_mapping import parse_label_map
from fer_core.dataset.sources.metadata import read_metadata
from fer_core.dataset.sources.pixel_csv import unpack_pixel_csv
from fer_core.dataset.sources.share_links import direct_link
from fer_core.errors import ArchiveError, FerError
from fer_core.images import read_image
from fer_core.jobs.folder import read_json
from fer_core.jobs.status import read_status
from fer_core.models.catalog import find_model
from fer_core.models.foreign_predictions import predicted_classes
from fer_core.models.info import parse_info
from fer_core.settings import load_settings
from fer_core.storage.address import parse_address
from fer_core.storage.manifest import Manifest, StoredFile, unpack_manifest
from fer_core.training.config import TrainConfig
from fer_core.training.runs.run import read_config

# The same texts in every run; the sweep of tests/mutations.py looks further.
quickly = settings(deadline=None, database=None, max_examples=60, derandomize=True)

NAMES = ("path", "label", "emotion", "pixels", "Usage", "p_happy", "happy", "s3", "gs", "rclone:", "file", "http")
SIGNS = ("=", ",", "\\", "'", '"', "..", "/", "://", "@", "?", "%", "[", "~", "é", "1e999", "\n", "\r\n", "\0", " ")
WORDS = st.sampled_from(NAMES + SIGNS)
TEXTS = st.one_of(st.text(max_size=60), st.lists(WORDS, max_size=12).map("".join))
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)
HEADERS = st.dictionaries(
    st.sampled_from(["Content-Range", "Content-Length", "Content-Disposition", "Retry-After", "Content-Encoding"]),
    st.one_of(
        TEXTS,
        st.sampled_from(
            [
                "bytes 0-9/*",
                "bytes 5-/7",
                "attachment; filename*=UTF-8''%ff",
                f"bytes 0-1/{'9' * 5000}",
                "9" * 5000,
                "²",
            ]
        ),
    ),
)
TABLES = st.lists(st.lists(TEXTS, min_size=1, max_size=5).map(",".join), max_size=6).map("\n".join)
PIECE = f"{'0' * 64}.part"
MANIFEST = Manifest("runs", "r", (StoredFile("a/b.csv", 3, "0" * 64, 1, (PIECE,)),), {PIECE: 3})


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("parsed")


@st.composite
def spoilt(draw: st.DrawFn, content: dict[str, Any]) -> dict[str, Any]:
    """A document with some of its values, at any depth, taken out or replaced by anything."""
    result = json.loads(json.dumps(content))
    for _ in range(draw(st.integers(1, 3))):
        place = result
        while isinstance(place, dict | list) and place:
            key = draw(st.sampled_from(sorted(place) if isinstance(place, dict) else range(len(place))))
            if not isinstance(place[key], dict | list) or draw(st.booleans()):
                if draw(st.booleans()):
                    place[key] = draw(VALUES)
                else:
                    del place[key]
                break
            place = place[key]
    return result


def answered(read: Callable[[], object]) -> None:
    with contextlib.suppress(FerError):
        read()


@quickly
@given(TEXTS)
@pytest.mark.parametrize(
    "read", [parse_label_map, kaggle_slug, parse_address, direct_link, parse_edit_id], ids=lambda read: read.__name__
)
def test_texts(read: Callable[[str], object], text: str) -> None:
    answered(lambda: read(text))


@quickly
@given(HEADERS, TEXTS)
def test_headers_of_servers(headers: dict[str, str], url: str) -> None:
    for read in (full_length, first_byte, seconds_to_wait):
        read(headers)
    name = file_name(headers, f"https://example.org/{url}")
    assert name not in ("", ".", "..")
    assert "/" not in name


@quickly
@given(
    st.dictionaries(
        st.sampled_from([field.name for field in fields(BrowseQuery)]), TEXTS | st.sampled_from(["9" * 5000, "²", "-1"])
    )
)
def test_addresses_of_browse(params: dict[str, str]) -> None:
    query = BrowseQuery.from_params(params)
    assert BrowseQuery.from_params(query.to_params()) == query
    assert int(query.image or 0) >= 0


@quickly
@given(st.dictionaries(st.sampled_from(["FER_HOME", "FER_ACCESS", "FER_MAX_CAMERAS"]), TEXTS))
def test_settings_of_the_environment(environ: dict[str, str]) -> None:
    answered(lambda: load_settings(environ))


@quickly
@given(TEXTS)
def test_names_in_archives_stay_inside_and_are_safe_at_once(name: str) -> None:
    try:
        path = safe_path(name, "a.zip")
    except ArchiveError:
        return
    parts = PurePosixPath(path).parts
    assert not path.startswith("/")
    assert not {"..", "."} & set(parts)
    assert safe_path(path, "a.zip") == path


@quickly
@given(st.dictionaries(st.text("abc=,é", min_size=1), st.text("xyz=,")).filter(bool))
def test_a_label_map_is_read_as_it_was_written(label_map: dict[str, str]) -> None:
    def written(name: str) -> str:
        return name.replace(",", "\\,").replace("=", "\\=")

    text = ",".join(f"{written(old)}={written(new)}" for old, new in label_map.items())
    assert parse_label_map(text) == label_map


@quickly
@given(st.one_of(st.binary(max_size=80), spoilt(json.loads((find_model().folder / "model.json").read_bytes())), VALUES))
def test_model_json(content: object) -> None:
    answered(lambda: parse_info(content if isinstance(content, bytes) else json.dumps(content).encode()))


@quickly
@given(st.one_of(spoilt(TrainConfig(dataset="d").to_dict()), VALUES))
def test_settings_of_a_run(folder: Path, content: object) -> None:
    (folder / "config.json").write_text(json.dumps(content), encoding="utf-8")
    answered(lambda: read_config(folder))


@quickly
@given(st.one_of(spoilt({"state": "running", "title": "t", "done": 1, "total": 2, "details": {}, "pid": 1}), VALUES))
def test_status_of_a_job(folder: Path, content: object) -> None:
    (folder / "status.json").write_text(json.dumps(content), encoding="utf-8")
    answered(lambda: read_status(folder))


def test_json_nested_without_end_is_damage_like_any_other(folder: Path) -> None:
    text = "[" * 100_000
    (folder / "config.json").write_text(text, encoding="utf-8")
    (folder / "process.json").write_text(text, encoding="utf-8")
    for read in (lambda: parse_info(text.encode()), lambda: read_config(folder)):
        with pytest.raises(FerError):
            read()
    assert read_json(folder / "process.json") is None
    with pytest.raises(FerError):
        unpack_manifest(gzip.compress(text.encode()), "runs", "r")


def packed(content: object) -> bytes:
    return gzip.compress(json.dumps(content).encode())


@quickly
@given(st.one_of(spoilt(json.loads(gzip.decompress(MANIFEST.pack()))).map(packed), st.binary(max_size=40)))
def test_manifests_of_storage(content: bytes) -> None:
    answered(lambda: unpack_manifest(content, "runs", "r"))


def test_a_manifest_is_read_as_it_was_written() -> None:
    assert unpack_manifest(MANIFEST.pack(), "runs", "r") == MANIFEST


@quickly
@given(st.one_of(TABLES.map(str.encode), TABLES.map(lambda text: ("path,subject\na,b\n" + text).encode()), st.binary()))
def test_tables_of_groups_and_predictions(folder: Path, content: bytes) -> None:
    file = folder / "table.csv"
    file.write_bytes(content)
    answered(lambda: read_metadata(file))
    answered(lambda: predicted_classes(file))


@quickly
@given(
    TEXTS,
    st.lists(st.one_of(st.sampled_from(["0", "255", "256", "-1", " "]), TEXTS), max_size=9).map(lambda few: few * 30),
    TEXTS,
)
def test_fer2013s_table(folder: Path, emotion: str, pixels: list[str], rest: str) -> None:
    out = folder / "out"
    out.mkdir(exist_ok=True)
    (folder / "fer.csv").write_text(
        f"emotion,pixels,Usage\n{emotion},{' '.join(pixels)},Training\n{rest}", encoding="utf-8", errors="replace"
    )
    answered(lambda: unpack_pixel_csv(folder / "fer.csv", out))
    assert {path.parent.parent.parent for path in out.rglob("*.png")} <= {out}


@quickly
@given(
    st.sampled_from([",", ";", "\t"]),
    st.lists(st.lists(TEXTS, max_size=8), max_size=4),
    st.binary(max_size=10),
)
def test_patches_of_corrections(separator: str, rows: list[list[str]], tail: bytes) -> None:
    header = separator.join(("time", "path", "action", "old_label", "new_label", "reason", "author", "edit"))
    body = "\n".join(separator.join(row) for row in rows)
    answered(lambda: read_patch(f"{header}\n{body}\n".encode(errors="replace") + tail, "patch.csv"))


@quickly
@given(
    st.sampled_from(
        [b"", b"\xff\xd8\xff\xe0", b"\x89PNG\r\n\x1a\n", b"GIF89a", b"BM", b"II*\0", b"RIFF", b"P6\n9 9\n"]
    ),
    st.binary(max_size=120),
)
def test_bytes_of_pictures(start: bytes, rest: bytes) -> None:
    answered(lambda: read_image(start + rest))
