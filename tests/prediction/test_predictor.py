import io
import shutil
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
def predictor():
    return load_predictor()


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


@pytest.mark.parametrize("views", ["one", "all"])
def test_a_known_box_gives_what_the_photo_gave(predictor, views):
    image = grid(900, 600, 3, 2)[0]
    found = predictor.predict(image, views=views).faces
    read = predictor.read_boxes(
        image,
        [face.bbox for face in found],
        landmarks=[face.landmarks for face in found],
        scores=[face.detection_score for face in found],
        views=views,
    )
    for face, same in zip(found, read, strict=True):
        assert np.array_equal(face.probabilities, same.probabilities)
        assert np.array_equal(face.crop, same.crop)
        for name in ("bbox", "detection_score", "label", "confidence", "unsure", "unsure_reason", "quality"):
            assert getattr(face, name) == getattr(same, name)


def test_the_company_of_a_box_does_not_matter(predictor):
    image = grid(900, 600, 3, 2)[0]
    boxes = [face.bbox for face in predictor.detect(image)]
    for face, box in zip(predictor.read_boxes(image, boxes), boxes, strict=True):
        (alone,) = predictor.read_boxes(image, [box])
        assert alone.probabilities == pytest.approx(face.probabilities, abs=1e-5)


def test_without_boxes_nothing_is_read(predictor):
    assert predictor.read_boxes(portrait(), []) == ()


def test_one_pass_finds_what_live_pictures_need(predictor):
    image = scene(1280, 720, [Place(300, 300, 220), Place(900, 300, 32)])[0]
    assert [len(predictor.detect(image, passes=passes)) for passes in ((320,), (320, 960), None)] == [1, 2, 2]


@pytest.mark.parametrize(
    ("light", "threshold", "reason"),
    [
        pytest.param(1.0, 0.0, "", id="sure"),
        pytest.param(1.0, 0.99, "low confidence", id="low confidence"),
        pytest.param(0.15, 0.0, "dark", id="confident about a dark face"),
        pytest.param(0.15, 1.0, "dark", id="not confident about a dark face"),
    ],
)
def test_unsure_comes_with_its_reason(detector, light, threshold, reason):
    classifier = BrightnessClassifier(unsure_threshold={"one": threshold, "all": threshold})
    image, _ = scene(640, 480, [Place(300, 240, 150, light=light)])
    (face,) = Predictor(classifier, detector).predict(image).faces
    assert (face.unsure, face.unsure_reason) == (bool(reason), reason)


def test_a_face_seen_from_the_side_is_noted_but_may_be_sure(detector):
    (found,) = detector.detect(portrait())
    landmarks = found.landmarks.copy()
    landmarks[2, 0] = landmarks[1, 0]  # the nose below the left eye
    classifier = BrightnessClassifier(unsure_threshold={"one": 0.0, "all": 0.0})
    (face,) = Predictor(classifier, detector).read_boxes(portrait(), [found.bbox], landmarks=[landmarks])
    assert (face.quality, face.unsure) == (("turned away",), False)


def test_threads_share_a_predictor_without_mixing_up_faces(predictor):
    pictures = [portrait(), grid(900, 600, 3, 2)[0], data.coffee(), grid(400, 300, 2, 1)[0]]
    (face,) = predictor.predict(portrait(), views="one").faces

    def everything(number):
        picture = pictures[number % 4]
        views = ("one", "all")[number % 2]
        table = predictor.predict(picture, views=views).to_frame()
        few = predictor.detect(picture, passes=((320,), (640,))[number // 2 % 2])
        return table, [found.bbox for found in few], predictor.heat_map(face, predictor.class_names[number % 7])

    expected = [everything(number) for number in range(4)]
    with ThreadPoolExecutor(8) as pool:
        received = list(pool.map(everything, [*range(4)] * 3))
    for (table, boxes, heat), (same, same_boxes, same_heat) in zip(received, expected * 3, strict=True):
        numbers = table.select_dtypes("number").columns
        assert np.allclose(table[numbers], same[numbers], atol=1e-5)
        assert boxes == same_boxes
        assert np.allclose(heat, same_heat, atol=1e-3)


BLOCKED = """
import sys
sys.modules["tensorflow"] = sys.modules["keras"] = None  # importing them now raises ImportError
from fer_core.prediction import load_predictor
predictor = load_predictor()
prediction = predictor.predict(sys.argv[1])
(face,) = prediction.faces
print(face.label, prediction.draw().shape, predictor.heat_map(face).shape, "pandas" in sys.modules)
print(len(prediction.to_frame()))
"""


def test_prediction_needs_no_tensorflow_and_only_tables_need_pandas(predictor, tmp_path):
    path = tmp_path / "a.png"
    path.write_bytes(encoded(portrait()))
    command = [sys.executable, "-c", BLOCKED, str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    label = predictor.predict(portrait()).faces[0].label
    assert (done.returncode, done.stdout) == (0, f"{label} (512, 512, 3) (48, 48) False\n1\n"), done.stderr


@pytest.mark.slow
def test_keras_says_what_litert_says(predictor):
    by_keras = load_predictor(engine="keras")
    image = grid(900, 600, 3, 2)[0]
    faces = predictor.predict(image).faces
    for face, same in zip(faces, by_keras.predict(image).faces, strict=True):
        assert same.probabilities == pytest.approx(face.probabilities, abs=0.06)  # int8 weights
        assert same.label == face.label
    assert np.abs(by_keras.heat_map(faces[0]) - predictor.heat_map(faces[0])).mean() < 0.05


def test_an_unknown_engine_is_refused():
    with pytest.raises(ValueError, match="'onnx'; known: litert, keras"):
        load_predictor(engine="onnx")


@pytest.mark.slow
def test_keras_refuses_a_file_that_is_not_the_packages_own(tiny_package, tmp_path):
    folder = shutil.copytree(tiny_package.folder, tmp_path / "changed")
    (folder / "model.keras").write_bytes(b"another network")
    with pytest.raises(ModelError, match=r"model\.keras.*changed or damaged"):
        load_predictor(folder, engine="keras")
