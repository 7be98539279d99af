"""A page in a browser that lacks something, or to which something of it does not get through: it says so, in words."""

import pytest
from playwright.sync_api import Route, expect

from tests.browser import Reader, walked

pytestmark = pytest.mark.browser


def test_plotly_is_tried_again_where_it_could_not_be_loaded(reader: Reader):
    reader.expect_complaint("Failed to load resource")
    reader.expect_complaint("Unexpected end of input")
    tries: list[str] = []

    def hinder(route: Route) -> None:
        tries.append(route.request.url)
        if len(tries) == 1:
            route.abort()
        elif len(tries) == 2:
            route.fulfill(body="(function () {", content_type="text/javascript")  # cut short
        else:
            route.continue_()

    reader.page.route("**/assets/plotly*", hinder)
    reader.open("/#12").arrived(len(walked().steps))
    reader.evaluate("convwalk.figures()")
    notice = reader.page.locator("#notice")
    expect(notice).to_contain_text("Plotly could not be loaded")
    reader.seek(40).assert_shows(walked().snapshot(40))  # all else goes on
    reader.evaluate("window.dispatchEvent(new Event('online'))")
    reader.figures()
    assert len(tries) == 3
    expect(notice).to_be_hidden()
    assert reader.evaluate("document.querySelectorAll('head script[src*=plotly]').length") == 1
