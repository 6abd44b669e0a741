"""What the training computes on, in which number format, and whether twice the same."""

import os
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

import keras

from fer_core.training.config import TrainConfig

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


def choose_precision(config: TrainConfig) -> str:
    """Return the Keras precision policy of a training: for `auto`, bfloat16 where the hardware multiplies in it."""
    if config.precision != "auto":
        return config.precision
    if config.deterministic:
        return "float32"
    has_bfloat16 = _gpu_has_bfloat16() if has_gpu() else _cpu_has_bfloat16()
    return "mixed_bfloat16" if has_bfloat16 else "float32"


def prepare_computing(config: TrainConfig) -> str:
    """Seed everything, ask for repeatable operations where the settings do, and let GPU memory grow.

    Returns:
        The Keras precision policy that is in force from now on.
    """
    grow_gpu_memory()
    keras.utils.set_random_seed(config.seed)
    if config.deterministic:
        _repeat_operations()
    policy = choose_precision(config)
    keras.config.set_dtype_policy(policy)
    return policy


def grow_gpu_memory() -> None:
    """Let TensorFlow take GPU memory as it needs it, instead of all at once."""
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        for gpu in tf.config.list_physical_devices("GPU"):
            tf.config.experimental.set_memory_growth(gpu, True)


def device_strategy() -> Any:
    """Return a `MirroredStrategy` over all GPUs, None where one device computes.

    Several logical CPUs count as well, which is how this is tested without a GPU.
    """
    if keras.backend.backend() != "tensorflow":
        return None
    import tensorflow as tf

    devices = tf.config.list_logical_devices("GPU") or tf.config.list_logical_devices("CPU")
    return tf.distribute.MirroredStrategy([device.name for device in devices]) if len(devices) > 1 else None


def scope_of(strategy: Any) -> AbstractContextManager[Any]:
    """Return the context in which a strategy's networks are built and fitted; without a strategy it does nothing."""
    return nullcontext() if strategy is None else strategy.scope()


def _repeat_operations() -> None:
    """Same order of additions each time; on JAX this is a flag of XLA that the environment sets."""
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        tf.config.experimental.enable_op_determinism()


def _cpu_has_bfloat16() -> bool:
    try:
        flags = Path("/proc/cpuinfo").read_text(encoding="utf-8").split()
    except OSError:
        return False
    return not _BFLOAT16_FLAGS.isdisjoint(flags)


def _gpu_has_bfloat16() -> bool:
    """NVIDIA's tensor cores take bfloat16 from compute capability 8.0 on."""
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        found = [tf.config.experimental.get_device_details(gpu) for gpu in tf.config.list_physical_devices("GPU")]
        return all(details.get("compute_capability", (0, 0)) >= (8, 0) for details in found)
    if keras.backend.backend() == "jax":
        import jax

        return all(float(getattr(device, "compute_capability", 0)) >= 8 for device in jax.devices("gpu"))
    return False
