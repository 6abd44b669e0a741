"""Small pictures and archives on disk for the tests of datasets."""

import zipfile
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from PIL import Image


def write_picture(path: Path, *, seed: int, size: tuple[int, int] = (48, 48), mode: str = "L") -> Path:
    """Write a picture of smooth noise; the same seed gives the same picture."""
    path.parent.mkdir(parents=True, exist_ok=True)
    noise = np.random.default_rng(seed).integers(0, 256, (6, 6), dtype=np.uint8)
    Image.fromarray(noise).resize(size, Image.Resampling.BICUBIC).convert(mode).save(path)
    return path


def write_class_folders(folder: Path, places: Iterable[str], num_images: int = 3) -> Path:
    """Write different pictures into each of some folders, such as `train/happy`."""
    for place_number, place in enumerate(places):
        for number in range(num_images):
            write_picture(folder / place / f"{number}.png", seed=1000 * place_number + number)
    return folder


def zip_folder(folder: Path, archive: Path, *, below: str = "") -> Path:
    """Pack a folder, with all its entries below another folder name if wanted."""
    with zipfile.ZipFile(archive, "w") as opened:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                opened.write(path, Path(below) / path.relative_to(folder))
    return archive
