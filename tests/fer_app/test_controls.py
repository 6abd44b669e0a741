import pytest
from streamlit.testing.v1 import AppTest


def _page():
    import streamlit as st

    from fer_app.controls import choose

    names = st.session_state.get("names", ["first", "second", "third"])
    st.text(choose("Thing", names, key="thing", default="second"))


def _page_of_views():
    import streamlit as st

    from fer_app.controls import choose_view

    st.text(choose_view("View", {"health": "Health", "browse": "Browse"}, key="view"))


def _starting_page():
    import streamlit as st

    from fer_app.controls import start_button, void_clicks

    st.session_state.setdefault("starts", 0)
    if start_button("Start", key="start"):
        if st.session_state.get("is_refused"):
            st.error("Not now.")
        else:
            st.session_state.starts += 1
            void_clicks("start")
            st.rerun()


@pytest.mark.parametrize(
    ("in_url", "expected"),
    [(None, "second"), ("third", "third"), ("gone", "second")],
    ids=["nothing in the URL", "a name in the URL", "a name that does not exist"],
)
def test_the_choice_comes_from_the_url_and_always_stands_there(in_url, expected):
    app = AppTest.from_function(_page, default_timeout=60)
    if in_url:
        app.query_params["thing"] = in_url
    app.run()
    assert app.text[0].value == expected
    assert app.query_params["thing"] == expected


def test_a_new_choice_goes_into_the_url_and_a_new_url_into_the_choice():
    app = AppTest.from_function(_page, default_timeout=60).run()
    app.selectbox[0].set_value("first").run()
    assert (app.text[0].value, app.query_params["thing"]) == ("first", "first")
    app.query_params["thing"] = "third"
    app.run()
    assert (app.text[0].value, app.selectbox[0].value) == ("third", "third")


def test_an_entry_without_the_name_in_the_url_starts_afresh():
    app = AppTest.from_function(_page, default_timeout=60).run()
    app.selectbox[0].set_value("first").run()
    app.query_params.clear()
    assert app.run().text[0].value == "second"


def test_a_name_that_vanishes_gives_way_to_the_default():
    app = AppTest.from_function(_page, default_timeout=60).run()
    app.selectbox[0].set_value("third").run()
    app.session_state["names"] = ["first", "second"]
    assert app.run().text[0].value == "second"


@pytest.mark.parametrize(
    ("in_url", "expected"),
    [(None, "health"), ("browse", "browse"), ("gone", "health")],
    ids=["nothing in the URL", "a view in the URL", "a view that does not exist"],
)
def test_the_view_comes_from_the_url_and_a_switch_goes_there(in_url, expected):
    app = AppTest.from_function(_page_of_views, default_timeout=60)
    if in_url:
        app.query_params["view"] = in_url
    app.run()
    assert (app.text[0].value, app.query_params["view"]) == (expected, expected)
    app.button_group[0].set_value("browse").run()
    assert (app.text[0].value, app.query_params["view"]) == ("browse", "browse")


def test_the_second_click_of_a_double_click_starts_nothing():
    app = AppTest.from_function(_starting_page, default_timeout=60).run()
    clicked = app.button[0]
    clicked.click().run()
    clicked.click()  # the browser sends it for the button that it still shows
    app.run()
    assert app.session_state.starts == 1
    app.button[0].click().run()
    assert app.session_state.starts == 2


def test_a_refused_start_is_refused_again_with_its_reason():
    app = AppTest.from_function(_starting_page, default_timeout=60)
    app.session_state["is_refused"] = True
    app.run()
    for _ in range(2):
        app.button[0].click().run()
        assert app.error[0].value == "Not now."


def _led_page():
    import streamlit as st

    from fer_app.controls import choose, lead_to

    if "led" in st.session_state:
        lead_to("thing", st.session_state["led"])
    st.text(choose("Thing", ["first", "second", "third"], key="thing"))


def test_a_lead_holds_whatever_the_browser_still_says():
    app = AppTest.from_function(_led_page, default_timeout=60).run()
    app.session_state["led"] = "third"
    app.run()
    assert app.text[0].value == "third"
    app.selectbox[0].set_value("first")  # what a request says that was on its way
    app.query_params["thing"] = "first"
    app.run()
    assert (app.text[0].value, app.query_params["thing"]) == ("third", "third")
    del app.session_state["led"]
    app.selectbox[0].set_value("second").run()
    assert app.text[0].value == "second"
