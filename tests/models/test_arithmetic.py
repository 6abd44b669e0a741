import pytest

from fer_core.models.arithmetic import count_macs


def test_macs_are_counted_by_hand() -> None:
    import keras
    from keras import layers

    inputs = keras.Input((8, 8, 2))
    x = layers.Conv2D(4, 3, padding="same")(inputs)
    x = layers.ReLU()(layers.BatchNormalization()(x))
    x = layers.DepthwiseConv2D(3, strides=2, padding="same")(x)
    x = layers.SeparableConv2D(6, 3, padding="same")(x)
    x = layers.Dense(5)(layers.GlobalAveragePooling2D()(x))
    by_hand = [64 * 9 * 2 * 4, 16 * 9 * 4, 16 * (9 * 4 + 4 * 6), 6 * 5]
    assert count_macs(keras.Model(inputs, x)) == sum(by_hand)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("application", "published"),
    [
        pytest.param("VGG16", 15.5e9, id="vgg16"),  # Simonyan & Zisserman 2014, as counted by Canziani et al. 2016
        pytest.param("ResNet50", 3.8e9, id="resnet50"),  # He et al. 2016, table 1
        pytest.param("MobileNetV3Large", 219e6, id="mobilenetv3"),  # Howard et al. 2019, table 3
    ],
)
def test_published_networks_have_the_published_macs(application: str, published: float) -> None:
    import keras

    network = getattr(keras.applications, application)(weights=None, input_shape=(224, 224, 3))
    assert count_macs(network) == pytest.approx(published, rel=0.02)
