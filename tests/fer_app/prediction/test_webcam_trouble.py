import pytest

from fer_app.prediction.webcam_trouble import BrowserReport, why_no_picture


def kind_of(trouble):
    return None if trouble is None else trouble.kind


@pytest.mark.parametrize(
    ("report", "called", "waited_s", "silent_s", "expected"),
    [
        pytest.param({}, False, 0, None, None, id="before START"),
        pytest.param({}, True, 9, None, None, id="too early to tell"),
        pytest.param({}, True, 10, None, "no-connection", id="called, no frame"),
        pytest.param({}, True, 600, 0.1, None, id="frames come"),
        pytest.param({}, True, 600, 11, "stopped", id="frames ended"),
        pytest.param({"is_waiting": True}, True, 600, 0.1, "stopped", id="frames come, the picture stands still"),
        pytest.param({"num_cameras": 0}, True, 600, 11, "no-camera", id="camera unplugged"),
        pytest.param({"permission": "denied"}, True, 600, 11, "denied", id="permission withdrawn"),
        pytest.param({}, False, 600, 11, None, id="after STOP"),
        pytest.param({"has_ended": True}, False, 0, None, "lost", id="broken off"),
        pytest.param({"has_ended": True, "is_online": False}, False, 0, None, "offline", id="broken off, no network"),
        pytest.param({"has_ended": True, "message": "InvalidStateError"}, False, 0, None, "lost", id="broken off, odd"),
        pytest.param({"has_ended": True}, True, 1, None, None, id="started again"),
        pytest.param({"is_secure": False, "has_media": False}, False, 0, None, "insecure", id="http"),
        pytest.param({"has_media": False}, False, 0, None, "no-media", id="no camera API"),
        pytest.param({"permission": "denied"}, False, 0, None, "denied", id="denied before"),
        pytest.param({"message": "NotAllowedError: Permission denied"}, False, 0, None, "denied", id="denied now"),
        pytest.param({"message": "NotFoundError: Requested device not found"}, False, 0, None, "no-camera", id="none"),
        pytest.param({"message": "NotReadableError: Could not start"}, False, 0, None, "busy", id="in use"),
        pytest.param(
            {"message": "Error: navigator.mediaDevices is undefined."},
            False,
            0,
            None,
            "insecure",
            id="not loaded securely",
        ),
        pytest.param({"message": "something new"}, False, 0, None, "unknown", id="unheard of"),
        pytest.param({"is_waiting": True, "num_cameras": 0}, False, 0, None, "no-camera", id="none listed"),
        pytest.param({"is_waiting": True, "permission": "prompt"}, False, 0, None, "asking", id="question open"),
        pytest.param({"is_waiting": True, "permission": "granted"}, False, 0, None, "unknown", id="no reason"),
    ],
)
def test_the_reason_is_told_as_far_as_it_can_be_known(report, called, waited_s, silent_s, expected):
    trouble = why_no_picture(BrowserReport(**report), is_connecting=called, waited_s=waited_s, silent_s=silent_s)
    assert kind_of(trouble) == expected
    assert trouble is None or trouble.sentence.endswith((".", "."))


def test_what_the_browser_sends_is_taken_with_care():
    sent = {"is_secure": "no", "num_cameras": 2, "message": None, "unknown": 1, "permission": "granted"}
    assert BrowserReport.from_browser(sent) == BrowserReport(num_cameras=2, permission="granted")
    assert BrowserReport.from_browser(None) == BrowserReport()


def test_single_pictures_are_offered_only_where_the_camera_can_work():
    without_camera = BrowserReport(message="NotFoundError")
    trouble = why_no_picture(without_camera, is_connecting=False, waited_s=0, silent_s=None)
    assert not trouble.can_snapshot
    trouble = why_no_picture(BrowserReport(), is_connecting=True, waited_s=20, silent_s=None)
    assert trouble.can_snapshot
