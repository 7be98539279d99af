"""The shelf of pictures: small, true to what is said of it, the same on every machine, and free to be used."""

import json
from collections import Counter
from collections.abc import Iterator

import numpy as np
import pytest
from fastapi.testclient import TestClient

from app.ground.words import LANGUAGES, Words
from app.main import create_app
from app.paths import STATIC
from app.walks.arrays import read
from core import fast
from core.offer import limits
from core.pictures import digits as digits_file
from core.pictures.digits import SIDE, digits, enlarged
from core.pictures.drawn import DRAWN
from core.pictures.shelf import HIGH, LEAST, LOW, shelf
from tests.conftest import ROOT

SIZES = [LEAST, 9, 28, limits.SIDE]
KERNELS = {
    kernel["name"]: np.array(kernel["rows"], float) / kernel["divide"]
    for kernel in json.loads((STATIC / "hands/kernels.json").read_text(encoding="utf-8"))
}


@pytest.fixture(scope="module")
def client() -> Iterator[TestClient]:
    with TestClient(create_app(), base_url="http://127.0.0.1") as client:
        yield client


def filtered(name: str, kernel: str, size: int = 8) -> np.ndarray:
    """What a kernel makes of a picture, where it lies wholly on it."""
    return fast.conv2d(shelf()[name].draw(size)[None].astype(float), KERNELS[kernel][None, None])[0]


def test_every_picture_is_of_whole_numbers_at_every_size():
    assert set(Counter(name.partition("-")[0] for name in shelf())) == {"digit", *DRAWN}
    for picture in shelf().values():
        for size in SIZES if picture.group == "drawn" else SIZES[:3]:
            cells = picture.draw(size)
            assert (cells.shape, cells.dtype.kind) == ((size, size), "i"), picture.name
            assert LOW <= cells.min() < cells.max() <= HIGH, picture.name


def test_there_are_thirty_of_each_digit_and_no_two_are_alike():
    assert Counter(one.digit for one in digits()) == dict.fromkeys(range(10), 30)
    assert len({one.cells.tobytes() for one in digits()}) == 300
    assert max(one.cells.max() for one in digits()) == HIGH


def test_a_digit_looks_like_others_of_its_kind():
    means = np.array([np.mean([one.cells for one in digits() if one.digit == digit], axis=0) for digit in range(10)])
    nearest = [int(((means - one.cells) ** 2).sum(axis=(1, 2)).argmin()) for one in digits()]
    assert np.mean([found == one.digit for found, one in zip(nearest, digits(), strict=True)]) > 0.88


def test_the_file_names_its_source_and_its_licence():
    text = (ROOT / "core/pictures/digits.txt").read_text(encoding="utf-8")
    head = text.partition("\n0 ")[0]
    for said in ("Alpaydin", "Kaynak", "1998", "UCI Machine Learning Repository", "CC BY 4.0", "What was changed"):
        assert said in head
    assert len(text) < 100_000
    assert "CC BY 4.0" in digits_file.SOURCE


def test_enlarging_is_bilinear_with_halves_rounded_up_and_leaves_a_picture_of_that_size_alone():
    for one in digits()[::37]:
        np.testing.assert_array_equal(enlarged(one.cells, SIDE), one.cells)
        for size in SIZES[1:]:
            place = np.clip((np.arange(size) + 0.5) * SIDE / size - 0.5, 0, SIDE - 1)
            rows = np.array([np.interp(place, np.arange(SIDE), row) for row in one.cells])
            exact = np.array([np.interp(place, np.arange(SIDE), column) for column in rows.T]).T
            np.testing.assert_array_equal(enlarged(one.cells, size), np.floor(np.round(exact, 9) + 0.5))
    np.testing.assert_array_equal(enlarged(np.full((8, 8), 7), 50), np.full((50, 50), 7))
    np.testing.assert_array_equal(enlarged(np.array([[0, 1], [0, 1]]), 3)[0], [0, 1, 1])


def test_what_is_said_of_the_drawn_pictures_holds():
    bars = filtered("bars", "Sobel, across")
    assert (bars.max(), bars.min(), abs(filtered("bars", "Sobel, down")).max()) == (64, -64, 0)
    assert {*np.unique(filtered("ramp", "Sobel, across"))} == {16}
    assert not filtered("ramp", "Sobel, down").any()
    assert not filtered("ramp", "Laplacian").any()
    for kernel, rows in KERNELS.items():  # around the pixel stands the kernel, turned
        np.testing.assert_allclose(filtered("pixel", kernel)[2:5, 2:5], HIGH * rows[::-1, ::-1], err_msg=kernel)
    for size in SIZES:
        ring = shelf()["ring"].draw(size)
        for turned in (ring.T, ring[::-1], ring[:, ::-1]):
            np.testing.assert_array_equal(ring, turned)
        assert not ring[size // 2, size // 2]
        cross = shelf()["cross"].draw(size)
        np.testing.assert_array_equal(cross, cross.T)
        assert not cross[0].any()
        assert shelf()["pixel"].draw(size).sum() == HIGH
    across = abs(filtered("ring", "Sobel, across", 28))
    assert across[13].max() > across[:, 13].max()


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_list_has_every_picture_in_every_language_as_an_address_has_it(client: TestClient, language: str):
    told = client.get(f"/api/pictures?lang={language}").json()
    assert (told["low"], told["high"], told["least"], told["most"]) == (LOW, HIGH, LEAST, limits.SIDE)
    assert "CC BY 4.0" in told["source"]
    assert any("\u4e00" <= letter <= "\u9fff" for letter in told["source"]) == (language == "zh")
    assert [one["name"] for one in told["pictures"]] == list(shelf())
    for one in told["pictures"]:
        np.testing.assert_array_equal(read("x", one["x"])[0], shelf()[one["name"]].draw(LEAST))
        known = shelf()[one["name"]]
        assert {known.label, known.look} <= Words(language).all.keys()
        assert any("\u4e00" <= letter <= "\u9fff" for letter in one["label"] + one["look"]) == (language == "zh")
    assert len({one["label"] for one in told["pictures"]}) == len(DRAWN) + 10


def test_a_picture_is_walked_by_what_the_list_says_of_it(client: TestClient):
    told = client.get("/api/pictures/digit-3-4?size=28").json()
    assert (told["shape"], len(told["cells"])) == ([1, 28, 28], 784)
    answer = client.get("/api/max_pool2d/pool/stream", params={"x": told["x"]})
    assert answer.status_code == 200
    [x] = [one for one in json.loads(answer.text.partition("\n")[0])["header"]["arrays"] if one["name"] == "x_padded"]
    assert np.ravel(x["start"]).tolist() == told["cells"]


def test_a_picture_that_there_is_not_and_a_size_that_makes_no_sense_are_refused(client: TestClient):
    assert client.get("/api/pictures/digit-3-30").json()["setting"] == "name"
    assert client.get("/api/pictures/digit-3-30").status_code == 404
    for size in ("7", "65", "", "9.5", "1e1", "8&size=9"):
        answer = client.get(f"/api/pictures/bars?size={size}")
        assert (answer.status_code, answer.json()["setting"]) == (422, "size")


def test_a_picture_and_the_list_are_kept_until_they_change(client: TestClient):
    for address in ("/api/pictures", "/api/pictures/ring?size=20"):
        etag = client.get(address).headers["etag"]
        assert client.get(address, headers={"if-none-match": etag}).status_code == 304
