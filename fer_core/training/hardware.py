"""What the training computes on, and in which number format."""

import os
from pathlib import Path

import keras

# Linux names these when the processor multiplies bfloat16 natively; elsewhere bfloat16 is slower than float32.
_BFLOAT16_FLAGS = frozenset({"avx512_bf16", "amx_bf16"})


def has_gpu() -> bool:
    """Tell whether the current Keras backend sees a GPU."""
    return any(device.lower().startswith("gpu") for device in keras.distribution.list_devices())


def describe_device() -> str:
    """Return what computes, in words."""
    if has_gpu():
        return ", ".join(device.upper() for device in keras.distribution.list_devices("gpu"))
    return f"CPU, {os.cpu_count()} cores"


def choose_precision(wanted: str) -> str:
    """Return the Keras precision policy for `auto`, or the wanted one."""
    if wanted != "auto":
        return wanted
    return "mixed_bfloat16" if not has_gpu() and _cpu_has_bfloat16() else "float32"


def grow_gpu_memory() -> None:
    """Let TensorFlow take GPU memory as it needs it, instead of all at once."""
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        for gpu in tf.config.list_physical_devices("GPU"):
            tf.config.experimental.set_memory_growth(gpu, True)


def _cpu_has_bfloat16() -> bool:
    try:
        flags = Path("/proc/cpuinfo").read_text(encoding="utf-8").split()
    except OSError:
        return False
    return not _BFLOAT16_FLAGS.isdisjoint(flags)
