"""The Webcam view of the Prediction page as far as it goes without a browser; tests/browser has the rest."""

import io

import pytest
from aiortc.contrib.media import MediaRelay
from PIL import Image

from fer_app.prediction.webcam_seats import Seats
from fer_app.prediction.webcam_session import seats
from tests.pages.conftest import press, rerun
from tests.scenes import portrait


@pytest.fixture
def open_webcam(open_page, monkeypatch):
    """The page stands still here: AppTest has no session and no event loop that streamlit-webrtc could ask for."""
    monkeypatch.setattr("streamlit_webrtc.component.get_this_session_info", lambda: None)
    monkeypatch.setattr("fer_app.prediction.webcam_relay.get_global_relay", MediaRelay)
    seats.clear()
    yield lambda: open_page("prediction", view="webcam")
    seats.clear()


def test_the_notice_stands_there_before_the_first_frame(open_webcam):
    notice = open_webcam().info[0].value
    assert "apparent expression" in notice
    assert "nothing is stored" in notice
    assert "Art. 5(1)(f)" in notice


def test_start_is_offered_and_nothing_can_be_kept_yet(open_webcam):
    app = open_webcam()
    (component,) = app.get("component_instance")
    assert '"START"' in component.proto.json_args
    assert '"iceServers": []' in component.proto.json_args
    labels = {button.label: button.disabled for button in app.button}
    assert labels["Snapshot"]
    assert labels["Record"]
    assert not app.error
    assert not app.warning


def test_sliders_set_what_the_next_frame_obeys(open_webcam):
    app = open_webcam()
    next(slider for slider in app.slider if slider.label.startswith("Smoothing")).set_value(1.5)
    next(slider for slider in app.slider if slider.label.startswith("Unsure")).set_value(80)
    rerun(app)
    _, stream = app.session_state["webcam-stream"]
    assert stream.options.live.smoothing_s == 1.5
    assert stream.options.live.unsure_below == 0.8


def test_untouched_the_model_says_when_it_is_unsure(open_webcam):
    _, stream = open_webcam().session_state["webcam-stream"]
    assert stream.options.live.unsure_below is None


def test_single_pictures_can_be_taken_instead_and_live_video_again(open_webcam):
    app = press(open_webcam(), "Single pictures instead")
    assert not app.get("component_instance")
    assert len(app.get("camera_input")) == 1
    stored = io.BytesIO()
    Image.fromarray(portrait()).save(stored, "JPEG")
    app.file_uploader[0].set_value(("photo.jpg", stored.getvalue(), "image/jpeg"))
    rerun(app)
    assert any(text.value.startswith("**Face 1** · happy") for text in app.markdown)
    app = press(app, "Back to live video")
    assert app.get("component_instance")


def test_when_all_places_are_taken_the_page_says_so_and_offers_another_way(open_webcam):
    taken = Seats(1)
    taken.take("somebody else")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("fer_app.prediction.webcam_view.seats", lambda: taken)
        app = open_webcam()
        assert "All 1 places for live video" in app.warning[0].value
        assert not app.get("component_instance")
        taken.give_back("somebody else")
        assert rerun(app).get("component_instance")


def test_servers_of_the_secrets_are_disclosed(open_webcam):
    app = open_webcam()
    app.secrets["webrtc"] = {
        "ice_servers": [{"urls": "turn:relay.example.org", "username": "me", "credential": "hidden"}]
    }
    rerun(app)
    assert any("`relay.example.org` passes the video on" in caption.value for caption in app.caption)
    assert "relay.example.org" in app.get("component_instance")[0].proto.json_args


def test_secrets_that_cannot_be_used_are_told_and_live_video_goes_on_without(open_webcam):
    app = open_webcam()
    app.secrets["webrtc"] = {"ice_servers": [{"urls": "turn:relay.example.org"}]}
    rerun(app)
    assert "has no username" in app.error[0].value
    assert '"iceServers": []' in app.get("component_instance")[0].proto.json_args
