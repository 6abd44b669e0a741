"""What a run was made with: settings, data, versions, hardware, and the commands that make or show it again."""

import shlex
from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from fer_app.markdown import literal
from fer_core.errors import FerError
from fer_core.training import Run, TrainConfig
from fer_core.training.setting_descriptions import SETTINGS, setting_text


def show_record(run: Run) -> None:
    """Show, folded away, what a run was made with."""
    with st.expander("Made with", icon=":material/receipt_long:"):
        try:
            _show_settings(run.config)
        except FerError as error:
            st.error(literal(str(error)))
        record = run.record() or {}
        if record:
            _show_facts(record)
        if record.get("command"):
            st.markdown("**The same training on the command line**")
            st.code(record["command"], language=None, wrap_lines=True)
        st.markdown("**Its curves in TensorBoard**")
        st.code(f"tensorboard --logdir {shlex.quote(str(run.folder / 'tensorboard'))}", language=None, wrap_lines=True)


def _show_settings(config: TrainConfig) -> None:
    own, defaults = config.to_dict(), TrainConfig(dataset="").to_dict()
    rows = [
        {
            "Setting": SETTINGS[name].title,
            "Value": setting_text(name, own[name]),
            "Default": "" if name == "dataset" else setting_text(name, defaults[name]),
            "Changed": own[name] != defaults[name] and name != "dataset",
        }
        for name in SETTINGS
    ]
    table = pd.DataFrame(rows).sort_values("Changed", ascending=False, kind="stable")
    table["Changed"] = table["Changed"].map({True: "changed", False: ""})
    st.dataframe(table, hide_index=True, width="stretch", height=215, alt="The settings of the run")


def _show_facts(record: Mapping[str, Any]) -> None:
    facts = {name: text for name, text in _facts(record).items() if text}
    st.markdown("\n".join(f"- **{name}:** {literal(text)}" for name, text in facts.items()))


def _facts(record: Mapping[str, Any]) -> dict[str, str]:
    dataset, hardware = record.get("dataset", {}), record.get("hardware", {})
    corrections = dataset.get("corrections", "")
    versions = {"Python": record.get("python", ""), **record.get("packages", {})}
    parts = [f"{dataset[key]:,} {words}" for key, words in _PARTS.items() if key in dataset]
    return {
        "Data": ", ".join([str(dataset.get("name", "")), *parts]),
        "Fingerprint of the data": dataset.get("fingerprint", ""),
        "Corrections": f"patch {corrections}" if corrections else "none",
        "Seed": str(record.get("seed", "")),
        "Versions": ", ".join(f"{name} {number}" for name, number in versions.items()),
        "Backend": str(record.get("backend", "")),
        "Computer": _computer(hardware),
        "Starts": str(len(record.get("sessions", [])) or ""),
    }


_PARTS = {"num_train": "images to learn from", "num_validation": "held back"}


def _computer(hardware: Mapping[str, Any]) -> str:
    cores = f"{hardware['cores']} cores" if hardware.get("cores") else ""
    memory = f"{hardware['memory_mb'] / 1024:.0f} GiB of memory" if hardware.get("memory_mb") else ""
    parts = [hardware.get("processor", ""), cores, memory, hardware.get("platform", "")]
    return ", ".join(str(part) for part in parts if part)
