"""Importing the library is light: what a package names must not drag in a training framework."""

import json
import os
import subprocess
import sys

from tests.source_tree import PROJECT

HEAVY = ("tensorflow", "keras", "streamlit", "jax", "torch")
SCRIPT = """
import importlib, json, sys
names, heavy = json.loads(sys.argv[1])
loaded = {}
for name in names:
    importlib.import_module(name)
    loaded[name] = [module for module in heavy if module in sys.modules]
print(json.dumps(loaded))
"""


def test_no_package_of_the_library_loads_tensorflow_keras_or_streamlit():
    library = PROJECT / "fer_core"
    packages = sorted(path.parent.name for path in library.glob("*/__init__.py"))
    modules = sorted(path.stem for path in library.glob("*.py") if not path.stem.startswith("__"))
    names = ["fer_core", *(f"fer_core.{name}" for name in (*modules, *packages))]
    answer = subprocess.run(
        [sys.executable, "-c", SCRIPT, json.dumps([names, HEAVY])],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert answer.returncode == 0, answer.stderr
    assert json.loads(answer.stdout) == {name: [] for name in names}


def test_training_switches_onednn_on_before_anything_of_it_can_load_tensorflow():
    """TensorFlow reads the variable once, when it is loaded: a module that imports Keras earlier halves the speed."""
    script = "import os, sys, fer_core.training; print('keras' in sys.modules, os.environ['TF_ENABLE_ONEDNN_OPTS'])"
    environment = {name: value for name, value in os.environ.items() if not name.startswith("TF_")}
    answer = subprocess.run(
        [sys.executable, "-c", script],
        cwd=PROJECT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert answer.stdout.split() == ["False", "1"], answer.stderr
