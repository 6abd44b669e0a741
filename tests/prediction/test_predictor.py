import io
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from PIL import Image
from skimage import data

from fer_core.errors import ImageError, ModelError
from fer_core.faces import FaceDetector, crop_face
from fer_core.prediction import Predictor, load_predictor
from tests.prediction.stand_ins import BrightnessClassifier
from tests.scenes import Place, grid, portrait, scene


@pytest.fixture(scope="module")
def detector():
    return FaceDetector()


@pytest.fixture(scope="module")
def predictor(tiny_package):
    return load_predictor(tiny_package)


def encoded(image, image_format="PNG", **options):
    stored = io.BytesIO()
    Image.fromarray(image).save(stored, image_format, **options)
    return stored.getvalue()


def test_portrait_gives_one_face_with_its_crop_and_probabilities(predictor):
    (face,) = predictor.predict(portrait()).faces
    assert face.probabilities.shape == (7,)
    assert face.probabilities.sum() == pytest.approx(1)
    assert face.confidence == face.probabilities.max()
    assert face.label == predictor.class_names[face.probabilities.argmax()]
    assert np.array_equal(face.crop, crop_face(portrait(), face.bbox, size=48, landmarks=face.landmarks))


def test_picture_without_a_face_gives_an_empty_result(predictor):
    prediction = predictor.predict(data.coffee())
    assert prediction.faces == ()
    assert prediction.to_frame().empty
    assert np.array_equal(prediction.draw(), data.coffee())


def test_path_bytes_picture_and_array_say_the_same(predictor, tmp_path):
    path = tmp_path / "a.png"
    path.write_bytes(encoded(portrait()))
    sources = [path, str(path), path.read_bytes(), Image.fromarray(portrait()), portrait()]
    tables = [predictor.predict(source, name="x").to_frame() for source in sources]
    assert all(table.equals(tables[0]) for table in tables[1:])


def test_rotated_phone_photo_is_read_upright(predictor):
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned clockwise
    turned = predictor.predict(encoded(np.rot90(portrait()).copy(), exif=exif))
    assert turned.to_frame().equals(predictor.predict(portrait()).to_frame())


def test_grey_and_transparent_pictures_are_read(predictor):
    grey = np.asarray(Image.fromarray(portrait()).convert("L"))
    transparent = np.dstack([portrait(), np.full((512, 512), 255, np.uint8)])
    assert len(predictor.predict(grey).faces) == 1
    assert predictor.predict(encoded(transparent)).to_frame().equals(predictor.predict(portrait()).to_frame())


def test_whole_picture_is_one_face_without_detection(predictor):
    crop = portrait()[63:176, 178:268]
    (face,) = predictor.predict(crop, faces="whole").faces
    assert face.bbox == (0, 0, 90, 113)
    assert (face.detection_score, face.landmarks) == (None, None)


def test_batch_says_what_single_calls_say(predictor):
    pictures = [portrait(), data.coffee(), grid(900, 600, 3, 2)[0]]
    batch = predictor.predict_batch(pictures, names=["a", "b", "c"])
    assert [len(prediction.faces) for prediction in batch] == [1, 0, 6]
    for prediction, picture in zip(batch, pictures, strict=True):
        single = predictor.predict(picture)
        for face, same in zip(prediction.faces, single.faces, strict=True):
            assert face.bbox == same.bbox
            assert face.probabilities == pytest.approx(same.probabilities, abs=1e-5)


def test_all_faces_of_a_call_reach_the_classifier_together(detector):
    classifier = BrightnessClassifier()
    Predictor(classifier, detector).predict_batch([portrait(), grid(900, 600, 3, 2)[0]], views="one")
    ((faces, views),) = classifier.calls
    assert (faces.shape, faces.dtype, views) == ((7, 48, 48, 1), np.uint8, "one")


@pytest.mark.parametrize(("size", "channels"), [(32, 1), (64, 3)])
def test_crops_have_the_size_the_model_asks_for(detector, size, channels):
    classifier = BrightnessClassifier(input_size=size, channels=channels)
    (face,) = Predictor(classifier, detector).predict(portrait()).faces
    assert face.crop.shape == (size, size, channels)


def test_without_pictures_there_are_no_predictions(predictor):
    assert predictor.predict_batch([]) == []


@pytest.mark.parametrize(("views", "unsure"), [("one", False), ("all", True)])
def test_unsure_is_below_the_threshold_of_the_views_used(detector, views, unsure):
    classifier = BrightnessClassifier(unsure_threshold={"one": 0.4, "all": 0.99})
    (face,) = Predictor(classifier, detector).predict(portrait(), views=views).faces
    assert 0.4 < face.confidence < 0.99
    assert face.unsure is unsure
    assert face.label in ("happy", "sad")  # the table keeps the most probable class either way


def test_faces_are_numbered_left_to_right_with_their_own_probabilities(detector):
    image, _ = scene(
        900, 300, [Place(150 + 200 * number, 150, 110, light=light) for number, light in enumerate(LIGHTS)]
    )
    frame = Predictor(BrightnessClassifier(), detector).predict(image).to_frame()
    assert frame["face"].tolist() == [1, 2, 3, 4]
    assert frame["p_happy"].rank().tolist() == [2, 4, 1, 3]


LIGHTS = (0.6, 1.2, 0.3, 0.9)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        pytest.param({"faces": "all"}, "'all'; known: detect, whole", id="faces"),
        pytest.param({"views": "ten"}, "'ten'; known: one, all", id="views"),
        pytest.param({"names": ["a", "b"]}, "2 names for 1 pictures", id="names"),
    ],
)
def test_unknown_options_are_refused_with_the_known_ones(predictor, options, message):
    with pytest.raises(ValueError, match=message):
        predictor.predict_batch([portrait()], **options)


def test_broken_picture_raises_and_names_the_file(predictor, tmp_path):
    path = tmp_path / "half.jpg"
    path.write_bytes(encoded(portrait(), "JPEG")[:9000])
    with pytest.raises(ImageError, match=r"half\.jpg"):
        predictor.predict(path)


@pytest.mark.parametrize(
    ("sources", "names"),
    [
        pytest.param(["photos/../a.png", portrait()], ["photos/../a.png", "picture 2"], id="as given"),
    ],
)
def test_names_are_paths_as_given_or_numbers(predictor, tmp_path, monkeypatch, sources, names):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "photos").mkdir()
    (tmp_path / "a.png").write_bytes(encoded(portrait()))
    assert [prediction.name for prediction in predictor.predict_batch(sources)] == names


def test_unknown_model_is_refused_by_name(fer_home):
    with pytest.raises(ModelError, match="'nobody'"):
        load_predictor("nobody")


def test_threads_share_a_predictor_without_mixing_up_faces(predictor):
    pictures = [portrait(), grid(900, 600, 3, 2)[0], data.coffee(), grid(400, 300, 2, 1)[0]]
    expected = [predictor.predict(picture).to_frame() for picture in pictures]
    with ThreadPoolExecutor(4) as pool:
        tables = list(pool.map(lambda number: predictor.predict(pictures[number % 4]).to_frame(), range(24)))
    for number, table in enumerate(tables):
        assert table.equals(expected[number % 4])


BLOCKED = """
import sys
sys.modules["tensorflow"] = sys.modules["keras"] = None  # importing them now raises ImportError
from fer_core.prediction import load_predictor
prediction = load_predictor(sys.argv[1]).predict(sys.argv[2])
print(prediction.to_frame()["label"].tolist(), prediction.draw().shape)
"""


def test_prediction_needs_no_tensorflow(predictor, tiny_package, tmp_path):
    path = tmp_path / "a.png"
    path.write_bytes(encoded(portrait()))
    command = [sys.executable, "-c", BLOCKED, str(tiny_package.folder), str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    label = predictor.predict(portrait()).faces[0].label
    assert (done.returncode, done.stdout.strip()) == (0, f"['{label}'] (512, 512, 3)"), done.stderr
