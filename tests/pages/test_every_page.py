"""What holds for every page: it runs with and without data, and the web process stays free of TensorFlow."""

import json
import os
import shutil
import subprocess
import sys

import pytest

from tests.pages.conftest import PROJECT

PAGES = sorted(path.stem for path in (PROJECT / "pages").glob("*.py"))

# Visits every page in a fresh process, drops a photo on Prediction, and prints the modules that were loaded.
VISIT = """
import json, sys
from pathlib import Path
from streamlit.testing.v1 import AppTest

app = AppTest.from_file("fer_app/main.py", default_timeout=120).run()
for page in sys.argv[2:]:
    app.switch_page(f"../pages/{page}.py").run()
    assert not app.exception, (page, app.exception)
app.switch_page("../pages/prediction.py").run()
app.file_uploader[0].set_value([("photo.png", Path(sys.argv[1]).read_bytes(), "image/png")]).run()
assert len(app.dataframe[0].value) == 1, app.error
print(json.dumps(sorted(sys.modules)))
"""


def test_the_navigation_names_every_page():
    main = (PROJECT / "fer_app" / "main.py").read_text(encoding="utf-8")
    assert PAGES == ["dataset", "home", "models", "prediction", "storage", "training"]
    assert all(f"../pages/{page}.py" in main for page in PAGES)


@pytest.mark.parametrize("page", PAGES)
def test_each_page_runs_without_data(open_page, page):
    assert open_page(page).title[0].value


@pytest.mark.parametrize("page", PAGES)
def test_each_page_runs_with_data(drawn_home, tiny_package, open_page, page):
    shutil.copytree(tiny_package.folder, drawn_home / "models" / "tiny")
    assert open_page(page).title[0].value


def test_no_page_loads_tensorflow_or_keras(drawn_home, tiny_package, tmp_path):
    from PIL import Image

    from tests.scenes import portrait

    shutil.copytree(tiny_package.folder, drawn_home / "models" / "tiny")
    photo = tmp_path / "photo.png"
    Image.fromarray(portrait()).save(photo)
    visit = subprocess.run(
        [sys.executable, "-c", VISIT, str(photo), *PAGES],
        cwd=PROJECT,
        env={**os.environ, "FER_HOME": str(drawn_home)},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert visit.returncode == 0, visit.stderr
    modules = json.loads(visit.stdout.splitlines()[-1])
    assert "ai_edge_litert.interpreter" in modules
    assert [name for name in modules if name.partition(".")[0] in ("tensorflow", "keras", "jax", "torch")] == []
