"""Chromium for the browser tests and the README's picture: headless, and silent on the network."""

from __future__ import annotations

import base64
import json
import time
from shutil import which
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    from selenium.webdriver import Chrome

_QUIET = (
    "--no-sandbox",
    "--headless=new",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--hide-scrollbars",
    "--force-color-profile=srgb",
)


def missing() -> str:
    """Say which program is missing, or nothing."""
    lacking = [name for name in ("chromium", "chromedriver") if which(name) is None]
    return f"{' and '.join(lacking)} not found: apt-get install chromium-driver" if lacking else ""


def start(profile: Path) -> Chrome:
    """Start Chromium with a new profile in a folder."""
    from selenium import webdriver  # noqa: PLC0415  (only where Chromium is)

    options = webdriver.ChromeOptions()
    options.binary_location = str(which("chromium"))
    for flag in (*_QUIET, f"--user-data-dir={profile}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    service = webdriver.ChromeService(executable_path=str(which("chromedriver")))
    return webdriver.Chrome(options=options, service=service)


def size(driver: Chrome, width: int, height: int, *, scale: float = 1.0) -> None:
    """Set the size of the window's inside; below 500 px as on a phone."""
    view = {"width": width, "height": height, "deviceScaleFactor": scale, "mobile": width < 500}
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", view)


def load(driver: Chrome, page: Path, *, seconds: float = 60.0) -> None:
    """Open a page and wait until its script is ready."""
    driver.get(page.resolve().as_uri())
    end = time.monotonic() + seconds
    while not driver.execute_script("return !!(window.vallum && window.vallum.state.ready)"):
        if time.monotonic() > end:
            raise TimeoutError(f"the page's script is not ready; console: {console(driver)}")
        time.sleep(0.1)
    settle(driver)


def settle(driver: Chrome) -> None:
    """Wait until the browser has drawn what it was told to."""
    driver.execute_async_script(
        "const done = arguments[0];"
        "requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done, 250)));"
    )


def slide(driver: Chrome, step: int) -> dict[str, Any]:
    """Move the slider as a reader does, and give the page's state."""
    driver.execute_script(
        "const s = document.getElementById('slider'); s.value = arguments[0];"
        "s.dispatchEvent(new Event('input', { bubbles: true }));",
        step,
    )
    settle(driver)
    return dict(driver.execute_script("return window.vallum.state"))


def console(driver: Chrome) -> list[str]:
    """Give the console's errors and warnings so far."""
    return [
        str(entry["message"])
        for entry in driver.get_log("browser")
        if entry["level"] in ("SEVERE", "WARNING")
    ]


def requests(driver: Chrome) -> list[str]:
    """Give the addresses asked for so far."""
    out = []
    for entry in driver.get_log("performance"):
        message = json.loads(entry["message"])["message"]
        if message["method"] == "Network.requestWillBeSent":
            out.append(str(message["params"]["request"]["url"]))
    return out


def shoot(driver: Chrome, to: Path, clip: tuple[float, float, float, float] | None = None) -> None:
    """Save a picture: of the window, or of x, y, width and height of the page."""
    more: dict[str, Any] = {}
    if clip is not None:
        x, y, width, height = clip
        more["clip"] = {"x": x, "y": y, "width": width, "height": height, "scale": 1}
    shot = driver.execute_cdp_cmd(
        "Page.captureScreenshot", {"format": "png", "captureBeyondViewport": True, **more}
    )
    to.parent.mkdir(parents=True, exist_ok=True)
    to.write_bytes(base64.b64decode(shot["data"]))
