import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from fer_app.sharing.messages import ALLOWED, is_allowed, without_place
from tests.source_tree import PROJECT


def _operation(name):
    message = BackMsg()
    getattr(message.backend_operation_request, name).SetInParent()
    return message.SerializeToString()


def test_what_pages_need_passes():
    run = BackMsg()
    run.rerun_script.page_name = "prediction"
    for message in (run, BackMsg(app_heartbeat=True), BackMsg(stop_script=True)):
        assert is_allowed(message.SerializeToString())
    assert is_allowed(_operation("deferred_file"))
    assert is_allowed(_operation("dataframe_chunk"))


@pytest.mark.parametrize("kind", [field.name for field in BackMsg.DESCRIPTOR.oneofs_by_name["type"].fields])
def test_every_other_message_of_the_protocol_ends_at_the_door(kind):
    message = BackMsg()
    if BackMsg.DESCRIPTOR.fields_by_name[kind].message_type is None:
        setattr(message, kind, True)
    else:
        getattr(message, kind).SetInParent()
    assert is_allowed(message.SerializeToString()) == (kind in ALLOWED - {"backend_operation_request"})


@pytest.mark.parametrize("name", ["install_skills", "dismiss_skills_nudge"])
def test_operations_that_write_beside_the_app_end_at_the_door(name):
    assert not is_allowed(_operation(name))


def test_an_empty_message_ends_at_the_door_and_a_broken_one_is_left_to_streamlit():
    assert not is_allowed(b"")
    assert is_allowed(None)
    assert is_allowed(b"\xff\xff\xff")


def test_nobody_asks_for_thousands_of_upload_addresses():
    message = BackMsg()
    message.file_urls_request.file_names.extend(["x"] * 501)
    assert not is_allowed(message.SerializeToString())


def test_the_apps_folder_is_not_told():
    message = ForwardMsg()
    message.new_session.main_script_path = str(PROJECT / "fer_app" / "main.py")
    message.new_session.name = "main"
    told = ForwardMsg.FromString(without_place(message.SerializeToString()))
    assert told.new_session.main_script_path == "main.py"
    assert told.new_session.name == "main"
    assert without_place(b"anything else") == b"anything else"
