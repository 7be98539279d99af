"""All that the pages do with Plotly, in a real Chromium, under the policy that they are served with."""

import pytest
from playwright.sync_api import Error

from tests.browser import Reader

pytestmark = pytest.mark.browser

LISTEN = """window.violations = [];
document.addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI, sample }) =>
  violations.push(`${violatedDirective} ${blockedURI} ${sample}`));"""


def test_plotly_draws_everything_that_is_in_use_under_the_policy(reader: Reader):
    reader.begin_with(LISTEN)
    reader.open().seek(5).figures()
    # react: bars with their numbers, the line of the running total, axes with their ticks, the edges of the maps.
    for drawn in (".bars path", ".textpoint", ".scatter path", ".xtick text", ".shapelayer path"):
        assert reader.page.locator(f"#plot .main-svg {drawn}").count(), drawn
    styled = "() => getComputedStyle(document.querySelector('#plot .main-svg')).overflow"
    assert reader.evaluate(styled) == "hidden"  # by the style sheet that Plotly makes, and not without it
    bars = "() => [...document.querySelectorAll('#plot .bars path')].map((path) => path.getAttribute('d')).join()"
    before = reader.evaluate(bars)
    reader.seek(8)  # restyle
    assert reader.wait("(before) => (" + bars + ")() !== before", before)
    reader.page.emulate_media(color_scheme="dark")  # react again, in other colours
    reader.page.set_viewport_size({"width": 900, "height": 700})
    reader.figures()
    assert reader.evaluate("violations") == []


def test_what_the_policy_forbids_does_not_go_unseen(reader: Reader):
    reader.begin_with(LISTEN)
    reader.open().rest()
    reader.expect_complaint("Content Security Policy")
    reader.evaluate("() => document.head.append(Object.assign(document.createElement('style'), {textContent: 'a {}'}))")
    reader.evaluate("() => { document.body.append(Object.assign(new Image(), {src: 'http://elsewhere.example/x'})); }")
    reader.expect_complaint("leaves the machine: http://elsewhere.example")
    reader.wait("() => violations.length >= 2")
    said = " ".join(reader.evaluate("violations"))
    assert "style-src-elem inline" in said
    assert "img-src http://elsewhere.example/x" in said


def test_a_request_to_another_machine_is_told_of_where_no_policy_forbids_it(reader: Reader):
    reader.page.goto("about:blank")
    reader.expect_complaint("leaves the machine: http://elsewhere.example/x")
    reader.expect_complaint("ERR_NAME_NOT_RESOLVED")
    assert reader.evaluate("() => fetch('http://elsewhere.example/x', { mode: 'no-cors' }).then(() => 1, () => 0)") == 0
    with pytest.raises(Error, match="ERR_NAME_NOT_RESOLVED"):
        reader.page.goto("http://another.example")
    reader.expect_complaint("leaves the machine: http://another.example")
