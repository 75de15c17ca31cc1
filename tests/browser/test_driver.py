"""The driver notices what a page must not do, and holds it back."""

from __future__ import annotations

import pytest
from tests.browser import driver

pytestmark = pytest.mark.browser
PAGE = """<!DOCTYPE html><title>t</title><input id="slider" type="range" min="0" max="53" value="0">
<script>
window.vallum = { state: { ready: true, step: 0, heard: 0 } };
document.getElementById("slider").addEventListener("input", (event) => {
  window.vallum.state.step = Number(event.target.value);
  window.vallum.state.heard += event.isTrusted ? 1 : 0;
});
%s
</script>"""


@pytest.fixture
def opened(chrome, tmp_path):
    """Give a function that opens a page with a script of its own."""

    def with_script(script, width=1280):
        path = tmp_path / "page.html"
        path.write_text(PAGE % script, "utf-8")
        driver.size(chrome, width, 800)
        driver.load(chrome, path)
        return driver.console(chrome), driver.requests(chrome)

    return with_script


def test_a_silent_page_is_found_silent(opened):
    said, asked = opened("")
    assert said == []
    assert len(asked) == 1
    assert driver.outside(asked) == []


@pytest.mark.parametrize(
    "script",
    [
        "new Image().src = 'http://vallum.invalid/pixel.png';",
        "fetch('https://vallum.invalid/data').catch(() => 0);",
        (
            "document.head.append(document.createElement('script'));"
            "document.head.querySelector('script').src = 'https://vallum.invalid/a.js';"
        ),
    ],
)
def test_an_address_outside_is_noted_and_not_reached(opened, script):
    said, asked = opened(script)
    assert [url.split("/")[2] for url in driver.outside(asked)] == ["vallum.invalid"]
    assert any("ERR_FAILED" in line for line in said)  # held back here, not by a missing name


def test_a_socket_to_the_outside_is_noted(opened):
    _, asked = opened("new WebSocket('wss://vallum.invalid/');")
    assert driver.outside(asked) == ["wss://vallum.invalid/"]


@pytest.mark.parametrize(
    ("script", "complaint"),
    [
        ("console.error('wrong');", "error: wrong"),
        ("console.warn('doubtful');", "warning: doubtful"),
        ("setTimeout(() => { throw new Error('lost'); });", "uncaught: lost"),
        ("Promise.reject(new Error('broken'));", "uncaught: broken"),
    ],
)
def test_a_complaint_is_heard(opened, script, complaint):
    said, _ = opened(script)
    assert len(said) == 1
    assert said[0].startswith(complaint)


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("step", [0, 1, 26, 52, 53])
def test_the_slider_is_moved_by_a_readers_own_means(chrome, opened, width, step):
    opened("", width)
    state = driver.slide(chrome, step)
    assert state["step"] == step
    assert (state["heard"] > 0) == (step > 0)
