"""A server that has no room for one more stream just now: the page says so, and goes on by itself."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from core.catalog import Run
from tests.browser import NewReader
from tests.conftest import serving
from tests.test_patience import ask, connect

pytestmark = pytest.mark.browser

LONG = "/api/conv2d/walk/stream?in_height=64&in_width=64&out_channels=3"  # 17 MB, which nobody reads


@pytest.mark.slow
def test_a_stream_that_is_refused_for_now_comes_as_soon_as_there_is_room(new_reader: NewReader, tmp_path: Path):
    with serving(tmp_path / "log.txt", CONVWALK_LIMIT_CLIENT_STREAMS="1") as server:
        told = []
        with connect(server, ask(LONG)) as other:
            assert other.recv(100)
            for locale, said in (("en", "The server has many walks to send"), ("zh-CN", "服务器正在发送许多演示")):
                reader = new_reader(url=server.url, locale=locale)
                reader.expect_complaint("429")
                reader.page.goto(f"{server.url}/conv2d/walk")
                notice = reader.page.get_by_role("status").filter(has_text=said)
                expect(notice).to_be_visible()
                told.append((reader, notice))
        run = Run.of("conv2d")
        for reader, notice in told:
            reader.arrived(run.outline().steps)
            expect(notice).to_be_hidden()
            reader.seek(reader.steps).assert_shows(run.finish())
            reader.wait("() => window.Plotly")  # nothing is on its way when the server ends
