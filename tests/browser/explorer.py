"""The explorer's page in a browser, as tests use it: what is seen, pressed and complained of."""

from __future__ import annotations

import re
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.browser.driver import Chrome

    from vallum.app.page.fields import Field

WIDE, PHONE = (1280, 900), (390, 844)


@dataclass(eq=False)
class Desk:
    """A page that is open, and what was asked for and complained of in it."""

    page: Any
    asked: list[str]
    said: list[str]
    sent: list[str]

    def tab(self, name):
        self.page.get_by_role("tab", name=name).click()

    def press(self, name, exact=True):
        self.page.get_by_role("button", name=name, exact=exact).click()

    def state(self, key):
        return self.page.evaluate(f"() => window.vallum.state.{key}")

    def text(self, selector):
        return self.page.inner_text(selector)

    def until(self, script, seconds=60):
        return self.page.wait_for_function(script, timeout=1000 * seconds)

    def found(self, act):
        """Do something, and wait for the frontier that it asks for."""
        before = self.state("views")
        act()
        self.until(f"() => window.vallum.state.views > {before} && !window.vallum.state.busy")

    def toml(self):
        """Download what is on the page."""
        self.tab("Scenarios")
        with self.page.expect_download() as download:
            self.press("Download TOML")
        return Path(download.value.path()).read_text("utf-8")

    def click_map(self, across, down):
        box = self.page.locator("#map").bounding_box()
        self.page.mouse.click(box["x"] + across * box["width"], box["y"] + down * box["height"])
        self.page.wait_for_timeout(350)  # a second press within that would be a double one


@contextmanager
def opening(chrome: Chrome, address: str, seconds: int = 60) -> Iterator[Callable[..., Desk]]:
    """Give a function that opens the page in a window of its own."""
    contexts = []

    def open_at(size, locale="en-GB"):
        context = chrome.browser.new_context(
            viewport={"width": size[0], "height": size[1]}, locale=locale,
            is_mobile=size == PHONE, has_touch=size == PHONE, reduced_motion="reduce",
        )  # fmt: skip
        contexts.append(context)
        desk = Desk(None, [], [], [])
        outside = re.compile(rf"^(?!{re.escape(address)}|data:|blob:|about:)")
        context.route(outside, lambda route: route.abort())
        context.on("request", lambda request: desk.asked.append(request.url))
        context.on("weberror", lambda error: desk.said.append(f"uncaught: {error.error}"))
        context.on(
            "console",
            lambda line: desk.said.append(line.text) if line.type in {"error", "warning"} else None,
        )
        context.set_default_timeout(60_000)
        desk.page = context.new_page()

        def hear(websocket):
            desk.asked.append(websocket.url)
            websocket.on("framesent", lambda frame: desk.sent.append(str(frame)))

        desk.page.on("websocket", hear)
        desk.page.goto(address)
        desk.until("() => window.vallum && window.vallum.state.ready", seconds)
        return desk

    yield open_at
    for context in contexts:
        context.close()


def quiet(desk: Desk, address: str) -> None:
    """Hold a page to having complained of nothing, and asked for nothing outside."""
    own = (address, address.replace("http", "ws"), "data:", "blob:", "about:")
    assert [one for one in desk.asked if not one.startswith(own)] == []
    assert desk.said == []


def another(field: Field) -> Any:
    """Give another value than the default."""
    if field.kind == "choice":
        return next(key for key, _ in field.choices if key != field.default)
    if field.kind == "openness":
        return 0.25
    if field.key == "line.usd_per_person_yr":
        return 150.0
    share = field.most is not None and field.most <= 1.0
    return round(field.default * 0.5 + 0.2 if share else field.default * 1.5 + 7.0, 4)


def put(desk: Desk, field: Field, value: Any) -> None:
    """Change an assumption as a person does."""
    key = f'[data-key="{field.key}"]'
    if field.kind == "choice":
        desk.page.select_option(key, value)
    elif field.kind == "openness":
        desk.page.locator(key).fill(str(value))
    else:
        desk.page.fill(key, f"{value:g}")
        desk.page.keyboard.press("Tab")


def read(settings: Any, key: str) -> Any:
    """Read a setting by its dotted name; the middle of three."""
    *path, last = key.split(".")
    found = settings
    for part in path:
        found = found[part] if isinstance(found, dict) else getattr(found, part)
    found = found[last] if isinstance(found, dict) else getattr(found, last)
    return found[1] if isinstance(found, tuple) else found


def put_number(desk: Desk, key: str, value: str) -> None:
    """Write a number into a field, and leave it."""
    desk.page.fill(f'[data-key="{key}"]', value)
    desk.page.keyboard.press("Tab")
