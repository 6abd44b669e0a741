"""What the notebook runs on, said in its first cells: where things are kept, and whether there is a GPU."""

import html

from IPython.display import HTML, display

from fer_core.settings import load_settings
from fer_core.training.computer import gpu_names, processor_name


def describe_computer() -> None:
    """Show the folder in which everything is kept, and what trains."""
    gpus = gpu_names()
    device = gpus or f"{processor_name()}. This is slow; in Colab choose a GPU: Runtime > Change runtime type"
    words = [f"Everything is kept in {load_settings().home}.", f"Trainings run on {device}."]
    display(HTML("<br>".join(html.escape(sentence) for sentence in words)))
