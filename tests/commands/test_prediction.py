from pathlib import Path

import pandas as pd

from fer_core.models.package import ModelPackage


def test_predict_lists_broken_files_and_goes_on(run, faces: Path, tmp_path: Path, tiny_package: ModelPackage) -> None:
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(b"\xff\xd8\xff")
    good = next((faces / "test").rglob("*.png"))
    out = tmp_path / "out.csv"
    options = ("--out", out, "--faces", "whole", "--model", tiny_package.folder, "--views", "one")
    assert run("predict", good, broken, *options)[0] == 0
    assert list(pd.read_csv(out)["image"]) == [str(good)]
    assert list(pd.read_csv(f"{out}.errors.csv")["image"]) == [str(broken)]
    assert run("predict", broken, *options)[0] == 1
