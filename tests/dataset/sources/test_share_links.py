import pytest

from fer_core.dataset.sources.share_links import direct_link

DRIVE = "https://drive.usercontent.google.com/download?id=1AbC_d-9&export=download&confirm=t"


@pytest.mark.parametrize(
    ("link", "direct"),
    [
        (
            "https://www.dropbox.com/scl/fi/x1/faces.zip?rlkey=k1&st=s1&dl=0",
            "https://www.dropbox.com/scl/fi/x1/faces.zip?rlkey=k1&st=s1&dl=1",
        ),
        ("https://dropbox.com/s/x1/faces.zip", "https://www.dropbox.com/s/x1/faces.zip?dl=1"),
        ("https://www.dropbox.com/s/x1/faces.zip?dl=1", "https://www.dropbox.com/s/x1/faces.zip?dl=1"),
        ("https://drive.google.com/file/d/1AbC_d-9/view?usp=sharing", DRIVE),
        ("https://drive.google.com/file/u/1/d/1AbC_d-9/edit", DRIVE),
        ("https://drive.google.com/open?id=1AbC_d-9", DRIVE),
        ("https://drive.google.com/uc?id=1AbC_d-9&export=download", DRIVE),
        ("https://docs.google.com/uc?export=download&id=1AbC_d-9", DRIVE),
        ("https://drive.google.com/file/d/1AbC_d-9/view?resourcekey=0-xy", f"{DRIVE}&resourcekey=0-xy"),
        (
            "https://github.com/someone/faces/blob/main/data/fer%20plus.csv",
            "https://github.com/someone/faces/raw/main/data/fer%20plus.csv",
        ),
        ("  https://example.org/a.zip\n", "https://example.org/a.zip"),
    ],
)
def test_a_share_link_becomes_the_address_of_its_file(link, direct):
    assert direct_link(link) == direct
    assert direct_link(direct) == direct


@pytest.mark.parametrize(
    "url",
    [
        "https://example.org/file/d/1/view",
        "https://drive.google.com/drive/folders/1AbC",
        "https://github.com/someone/faces/releases/download/v1/faces.zip",
        "https://dropbox.com.example.org/s/x1/faces.zip?dl=0",
        "http://127.0.0.1:8000/faces.zip?dl=0",
        "https://[broken",
        "no address",
    ],
)
def test_other_addresses_stay_as_they_are(url):
    assert direct_link(url) == url
