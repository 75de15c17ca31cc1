"""Chromium for the browser tests and the README's picture, headless and with no network."""

from __future__ import annotations

import re
from contextlib import contextmanager
from dataclasses import dataclass, field
from shutil import which
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request

_QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--hide-scrollbars",
    "--force-color-profile=srgb",
)
_OURS = ("file:", "data:", "blob:", "about:")
_OUTSIDE = re.compile(r"^(?!(file|data|blob|about):)")
PHONE = 500  # below this width in px a window is a phone's: touched, and as wide as its glass


def missing() -> str:
    """Say which program is missing, or nothing."""
    return "" if which("chromium") else "chromium not found: apt-get install chromium"


@dataclass(eq=False)
class Chrome:
    """A browser with one window, and what was said and asked for in it.

    Attributes
    ----------
    browser
        Chromium.
    said
        Errors and warnings of the console, and errors that no script caught.
    asked
        Addresses asked for.
    context
        A profile of its own for the window; none before the first `size`.
    page
        The window's page.
    """

    browser: Browser
    said: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    context: BrowserContext | None = None
    page: Page = None  # type: ignore[assignment]

    def hear(self, message: ConsoleMessage) -> None:
        """Note what the console says, if it is a complaint."""
        if message.type in {"error", "warning", "assert"}:
            self.said.append(f"{message.type}: {message.text}")

    def note(self, request: Request) -> None:
        """Note an address that is asked for."""
        self.asked.append(request.url)


@contextmanager
def start() -> Iterator[Chrome]:
    """Start Chromium, and end it.

    Not to be nested: Playwright allows one of its kind in a thread.
    """
    from playwright.sync_api import sync_playwright  # noqa: PLC0415  (only where Chromium is)

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=which("chromium"), args=list(_QUIET))
        try:
            yield Chrome(browser)
        finally:
            browser.close()


def size(chrome: Chrome, width: int, height: int, *, scale: float = 1.0) -> None:
    """Open a new window of a size; below `PHONE` it is a phone's, for fingers."""
    if chrome.context is not None:
        chrome.context.close()
    phone = width < PHONE
    chrome.context = chrome.browser.new_context(
        viewport={"width": width, "height": height},
        device_scale_factor=scale,
        is_mobile=phone,
        has_touch=phone,
        reduced_motion="reduce",  # what is scrolled to is there at once
        locale="en-GB",
        timezone_id="UTC",
    )
    # an address outside is noted and never reached
    chrome.context.route(_OUTSIDE, lambda route: route.abort())
    chrome.context.on("request", chrome.note)
    chrome.context.on("console", chrome.hear)
    chrome.context.on("weberror", lambda error: chrome.said.append(f"uncaught: {error.error}"))
    chrome.context.set_default_timeout(30_000)  # ms: what is not there by then is missing
    chrome.page = chrome.context.new_page()
    chrome.page.on("websocket", lambda socket: chrome.asked.append(socket.url))


def load(chrome: Chrome, page: Path, *, seconds: float = 60.0, at: str = "") -> None:
    """Open a page, at a place in it, and wait until its script is ready."""
    from playwright.sync_api import TimeoutError as Late  # noqa: PLC0415  (only where Chromium is)

    chrome.page.goto(page.resolve().as_uri() + at)
    try:
        ready(chrome, seconds=seconds)
    except Late as late:
        said = f"the page's script is not ready; console: {chrome.said}"
        raise TimeoutError(said) from late


def ready(chrome: Chrome, *, seconds: float = 60.0) -> None:
    """Wait until the script of the page that is open is ready."""
    state = "() => !!(window.vallum && window.vallum.state.ready)"
    chrome.page.wait_for_function(state, timeout=1000.0 * seconds)
    settle(chrome)


def settle(chrome: Chrome) -> None:
    """Wait until the browser has drawn what it was told to."""
    chrome.page.evaluate(
        "() => new Promise((done) => requestAnimationFrame(() =>"
        " requestAnimationFrame(() => setTimeout(done, 250))))"
    )


def slide(chrome: Chrome, step: int) -> dict[str, Any]:
    """Move the slider as a reader does, by mouse or finger and then by keys, and give the state."""
    slider = chrome.page.locator("#slider")
    slider.scroll_into_view_if_needed()
    box = slider.bounding_box()
    assert box is not None, "the slider is not seen"
    last = int(slider.get_attribute("max") or 0)
    thumb = 16.0  # px that Chromium's thumb takes of the track
    across = thumb / 2 + (box["width"] - thumb) * step / max(last, 1)
    where = {"x": across, "y": box["height"] / 2}
    phone = chrome.page.evaluate("() => navigator.maxTouchPoints > 0")
    (slider.tap if phone else slider.click)(position=where)
    off = step - int(slider.input_value())
    for _ in range(abs(off)):
        slider.press("ArrowRight" if off > 0 else "ArrowLeft")
    settle(chrome)
    return state(chrome)


def state(chrome: Chrome) -> dict[str, Any]:
    """Give the page's state."""
    return dict(chrome.page.evaluate("() => window.vallum.state"))


def console(chrome: Chrome) -> list[str]:
    """Give the console's errors and warnings since last asked."""
    said, chrome.said[:] = list(chrome.said), []
    return said


def requests(chrome: Chrome) -> list[str]:
    """Give the addresses asked for since last asked."""
    asked, chrome.asked[:] = list(chrome.asked), []
    return asked


def outside(addresses: list[str]) -> list[str]:
    """Give those addresses that are not the page's own."""
    return [address for address in addresses if not address.startswith(_OURS)]


def box(chrome: Chrome, selector: str) -> tuple[float, float, float, float]:
    """Give x, y, width and height of an element, on the page."""
    x, y, width, height = chrome.page.locator(selector).first.evaluate(
        "(el) => { const b = el.getBoundingClientRect();"
        " return [b.left + scrollX, b.top + scrollY, b.width, b.height]; }"
    )
    return x, y, width, height


def shoot(chrome: Chrome, to: Path, clip: tuple[float, float, float, float] | None = None) -> None:
    """Save a picture, PNG or JPEG: of the window, or of x, y, width and height of the page."""
    more: dict[str, Any] = {}
    if clip is not None:
        more = {
            "full_page": True,
            "clip": dict(zip(("x", "y", "width", "height"), clip, strict=True)),
        }
    if to.suffix == ".jpg":
        more |= {"quality": 70}
    to.parent.mkdir(parents=True, exist_ok=True)
    chrome.page.screenshot(path=to, type="jpeg" if to.suffix == ".jpg" else "png", **more)
