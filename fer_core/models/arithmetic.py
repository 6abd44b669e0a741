"""How much a network computes for one picture: multiply-accumulate operations, counted from its layers' shapes.

A Keras network with a fixed input size comes in. Only layers that multiply by learned kernels count, which is all but
a few per cent: convolutions and dense layers, not batch norm, activations and pooling.
"""

import math
from typing import Any


def count_macs(network: Any) -> int:
    """Return the multiply-accumulate operations for one picture.

    Howard et al., "MobileNets" (2017), equations 2 to 5: a convolution costs places x kernel area x channels in x
    channels out; a depthwise one lacks the channels out, a separable one is a depthwise and a 1x1 one.

    Args:
        network: A functional `keras.Model` whose input has a fixed height and width.
    """
    return sum(_layer_macs(layer) for layer in network.layers)


def _layer_macs(layer: Any) -> int:
    from keras import layers

    if isinstance(layer, layers.SeparableConv2D):
        kernels = [layer.depthwise_kernel, layer.pointwise_kernel]
    # In Keras a depthwise layer has its kernel under the name that a convolution has.
    elif isinstance(layer, layers.DepthwiseConv2D | layers.Conv2D | layers.Dense):
        kernels = [layer.kernel]
    else:
        return 0
    # All dimensions but those of batch and channels are places; a kernel has one weight for each product at a place.
    num_places = math.prod(layer.output.shape[1:-1])
    return int(num_places * sum(math.prod(kernel.shape) for kernel in kernels))
