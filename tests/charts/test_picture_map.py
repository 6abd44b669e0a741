import pandas as pd

from fer_core.charts.picture_map import picture_map_figure

DRAWN = pd.DataFrame(
    {
        "image_id": [4, 7, 9],
        "x": [0.0, 1.0, 2.0],
        "y": [0.0, -1.0, 1.0],
        "group": ["sad", "happy", "sad"],
        "label": ["sad", "happy", "sad"],
        "path": ["a.png", "b.png", "c.png"],
    }
)


def test_each_group_is_a_trace_that_knows_its_pictures():
    figure = picture_map_figure(DRAWN, {"happy": "#E69F00", "sad": "#0072B2", "fear": "#CC79A7"})
    assert [trace.name for trace in figure.data] == ["happy (1)", "sad (2)"]
    assert figure.data[1].marker.color == "#0072B2"
    assert [list(row) for row in figure.data[1].customdata] == [[4, "sad", "a.png"], [9, "sad", "c.png"]]


def test_many_points_are_drawn_smaller_than_few():
    many = pd.concat([DRAWN] * 1000)
    sizes = [picture_map_figure(drawn, {"sad": "#0072B2"}).data[0].marker.size for drawn in (DRAWN, many)]
    assert sizes[0] > sizes[1]
