"""The brief on a telephone: held upright, read at arm's length, worked with a finger."""

from __future__ import annotations

import pytest
from tests.browser import driver

pytestmark = pytest.mark.browser
PAGES = ("brief.html", "brief.fr.html")
SMALLEST = 12.0  # px of type
DRAWN = (
    10.0  # px of names on maps and of marks along a strip, which the phone's width leaves no more
)
FINGER = 24.0  # px of a target (WCAG 2.2, 2.5.8)


@pytest.fixture(scope="module", params=PAGES)
def phone(request, chrome, folder):
    """Open each page once on a phone, all folded out; it ends in silence."""
    driver.console(chrome)
    driver.requests(chrome)
    driver.size(chrome, 390, 844, scale=2.0)
    driver.load(chrome, folder / request.param)
    chrome.page.evaluate(
        "() => document.querySelectorAll('details').forEach((el) => { el.open = true; })"
    )
    driver.settle(chrome)
    yield chrome
    assert driver.console(chrome) == []
    assert driver.outside(driver.requests(chrome)) == []


def test_nothing_is_wider_than_the_glass(phone):
    wide = """() => [document.documentElement.scrollWidth,
      [...document.querySelectorAll("body *")].filter((el) => {
        const box = el.getBoundingClientRect();
        if (!el.checkVisibility() || box.width === 0 || box.right <= innerWidth + 1) return false;
        for (let at = el.parentElement; at; at = at.parentElement)
          if (["auto", "scroll", "hidden", "clip"].includes(getComputedStyle(at).overflowX))
            return false;
        return !el.closest("svg");
      }).map((el) => `${(el.closest("section[id]") ?? {}).id} ${el.tagName}.${el.className}`)]"""
    found = {}
    for width in (320, 360, 390):  # 320: a window of 1280 px magnified four times
        phone.page.set_viewport_size({"width": width, "height": 844})
        driver.settle(phone)
        found[width] = phone.page.evaluate(wide)
    assert {width: beyond for width, (_, beyond) in found.items() if beyond} == {}
    assert {width: scroll for width, (scroll, _) in found.items() if scroll > width} == {}


def test_a_finger_drags_the_slider(phone):
    driver.slide(phone, 0)
    slider = phone.page.locator("#slider")
    last = int(slider.get_attribute("max"))
    box = slider.bounding_box()
    y = box["y"] + box["height"] / 2
    finger = phone.context.new_cdp_session(phone.page)

    def touch(kind, x=None):
        points = [] if x is None else [{"x": x, "y": y}]
        finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    touch("touchStart", box["x"] + 8)
    seen = []
    for part in (0.25, 0.5, 0.75):
        for small in range(5):
            touch("touchMove", box["x"] + (part - 0.25 + 0.05 * (small + 1)) * box["width"])
        driver.settle(phone)
        seen.append(driver.state(phone)["step"])
    touch("touchEnd")
    driver.settle(phone)
    finger.detach()
    assert seen == sorted(set(seen))  # the map follows while the finger moves
    assert driver.state(phone)["step"] == seen[-1]
    assert seen[-1] == pytest.approx(0.75 * last, abs=2)


def test_a_tap_on_a_point_of_the_chart_chooses_its_step(phone):
    driver.slide(phone, 0)
    last = int(phone.page.locator("#slider").get_attribute("max"))
    x, y = phone.page.evaluate(
        "(n) => {"
        "const v = Bokeh.index.roots.find((r) => r.model.name === 'chart');"
        "const d = v.model.document.get_model_by_name('steps').data;"
        "return [v.frame.x_scale.compute(d.x[n]), v.frame.y_scale.compute(d.y[n])]; }",
        last,
    )
    phone.page.locator("#chart").tap(position={"x": x, "y": y})
    driver.settle(phone)
    assert driver.state(phone)["step"] == last


def test_no_type_is_too_small(phone):
    sizes = phone.page.evaluate(
        """() => {
          const found = new Map();
          const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
          for (let node = walk.nextNode(); node; node = walk.nextNode()) {
            const el = node.parentElement;
            if (!node.textContent.trim() || !el.checkVisibility() || el.closest("script, style"))
              continue;
            if (el.closest("defs") || getComputedStyle(el).visibility === "hidden") continue;
            const drawn = el.getScreenCTM ? el.getScreenCTM().a : 1;
            const px = drawn * parseFloat(getComputedStyle(el).fontSize);
            const where = (el.closest("section[id]") ?? {}).id ?? "head";
            const tight = Boolean(el.closest("svg") &&
              el.closest(".sheet, .strip, #works-frontier"));
            const key = `${where} ${el.tagName}.${el.className.baseVal ?? el.className}`;
            const [least, times] = found.get(key) ?? [Infinity, 0];
            found.set(key, [Math.min(least, px), times + 1, node.textContent.trim().slice(0, 30),
              tight]);
          }
          return [...found].map(([key, [px, times, ...more]]) => [px, times, key, ...more]);
        }"""
    )
    assert len(sizes) > 100
    small = sorted(one for one in sizes if one[0] < (DRAWN if one[4] else SMALLEST) - 0.05)
    print(f"smallest type: {min(sizes)[0]:.1f} px")
    told = [f"{px:.1f} px, {times}×: {key}: {text}" for px, times, key, text, _ in small]
    assert not told, "\n" + "\n".join(told)


def test_every_target_is_as_large_as_a_fingertip(phone):
    targets = phone.page.eval_on_selector_all(
        "button, input, select, summary, [role=tab], [role=button], nav ol a, header a",
        """(all) => all.filter((el) => el.checkVisibility()).map((el) => {
          const boxes = [el, ...(el.labels ?? [])].map((one) => one.getBoundingClientRect());
          const name = `${(el.closest("section[id]") ?? {}).id} ${el.tagName}#${el.id} ` +
            `${(el.labels?.[0] ?? el).textContent.trim().slice(0, 30)}`;
          return [Math.max(...boxes.map((b) => b.width)), Math.max(...boxes.map((b) => b.height)),
                  name];
        })""",
    )
    assert len(targets) > 20
    assert [one for one in targets if min(one[:2]) < FINGER] == []
