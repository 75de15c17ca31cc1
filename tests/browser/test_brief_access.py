"""The brief for people who use a keyboard, a screen reader or a magnifier (WCAG 2.2, A and AA)."""

from __future__ import annotations

from itertools import pairwise

import pytest
from axe_playwright_python.sync_playwright import Axe
from tests.browser import driver

pytestmark = pytest.mark.browser
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
GRAVE = {"serious", "critical"}
LANGUAGES = {"en": "brief.html", "fr": "brief.fr.html"}
# what changes a chapter without leaving it: tabs, phases, ways of moving, other layers
SWITCHES = "[role=tab], [data-case-tab], main input[type=radio], main input[type=checkbox]"


def open_page(chrome, folder, name, width, height=1000):
    """Open a page with all that can be folded out folded out, and forget what was said before."""
    driver.console(chrome)
    driver.requests(chrome)
    driver.size(chrome, width, height)
    driver.load(chrome, folder / name)
    chrome.page.evaluate(
        "() => document.querySelectorAll('details').forEach((el) => { el.open = true; })"
    )
    driver.settle(chrome)


def shorten(chrome):
    """Take rows and settings after the twentieth away: they are of one kind, and axe is slow."""
    chrome.page.evaluate(
        "() => document.querySelectorAll('#ledger-rows tr:nth-child(n+21), details dl >"
        " :nth-child(n+41)').forEach((el) => el.remove())"
    )


@pytest.fixture
def desk(chrome, folder):
    """Open the English page at a desk's size; whatever the test does, it ends in silence."""
    driver.console(chrome)
    driver.requests(chrome)
    driver.size(chrome, 1280, 900)
    driver.load(chrome, folder / "brief.html")
    yield chrome
    assert driver.console(chrome) == []
    assert driver.outside(driver.requests(chrome)) == []


def findings(chrome, within=None):
    """Give what axe finds, each as its weight, its rule and the first places of it."""
    options = {"resultTypes": ["violations"], "runOnly": {"type": "tag", "values": TAGS}}
    found = Axe().run(chrome.page, context=within, options=options).response["violations"]
    return {
        (
            rule["impact"],
            f"{rule['id']} ({len(rule['nodes'])}×): {rule['help']}: "
            + "; ".join(
                f"{' '.join(map(str, node['target']))} [{why(node)}]" for node in rule["nodes"][:4]
            ),
        )
        for rule in found
    }


def why(node):
    """Say what axe says of one place."""
    checks = [*node["any"], *node["all"], *node["none"]]
    return checks[0]["message"] if checks else ""


def turn(chrome, number):
    """Turn every group of switches to its n-th (or last) one; say how many there are to try."""
    groups = chrome.page.eval_on_selector_all(
        SWITCHES,
        """(all) => {
          const groups = new Map();
          all.forEach((el, n) => {
            const alone = el.type === "checkbox" ? n : el.parentElement;
            const key = el.type === "radio" ? el.name : alone;
            groups.set(key, [...(groups.get(key) ?? []), n]);
          });
          return [...groups.values()];
        }""",
    )
    for group in groups:
        switch = chrome.page.locator(SWITCHES).nth(group[min(number, len(group) - 1)])
        if switch.is_visible():  # else of a case that another tab shows
            switch.click()
    driver.settle(chrome)
    return max(map(len, groups))


@pytest.mark.parametrize(("language", "width"), [("en", 1280), ("en", 390), ("fr", 390)])
def test_axe_finds_nothing_grave(chrome, folder, language, width):
    open_page(chrome, folder, LANGUAGES[language], width)
    shorten(chrome)
    found = findings(chrome)
    # what the switches show is the same on a narrow screen, and axe takes ten seconds for each
    if (language, width) == ("en", 1280):
        driver.slide(chrome, int(chrome.page.locator("#slider").get_attribute("max")))
        most = turn(chrome, 1)
        assert most >= 3
        for number in range(2, most + 1):
            found |= findings(chrome)
            turn(chrome, number % most)
    told = [line for weight, line in sorted(found) if weight not in GRAVE]
    print(f"axe, {language}, {width} px: {len(told)} findings that are not grave", *told, sep="\n")
    assert [line for weight, line in sorted(found) if weight in GRAVE] == []
    assert driver.console(chrome) == []


def test_every_drawing_says_what_it_shows(desk):
    # a canvas is in the shadow of what Bokeh draws; the reader is told by what holds it
    mute = desk.page.evaluate(
        """() => {
          const canvases = [];
          const walk = (root) => root.querySelectorAll("*").forEach((el) => {
            if (el.tagName === "CANVAS") canvases.push(el);
            if (el.shadowRoot) walk(el.shadowRoot);
          });
          walk(document);
          const above = (el) => el.parentElement ?? (el.getRootNode().host ?? null);
          const text = (id) => (document.getElementById(id) ?? {}).textContent ?? "";
          const by = (el) => (el.getAttribute("aria-labelledby") ?? "").split(" ").map(text);
          const named = (el) => (el.getAttribute("aria-label") ?? by(el).join(" ")).trim();
          const ids = canvases.map((el) => {
            for (let at = el; at; at = above(at))
              if (at.getAttribute("role") === "img") return named(at).length > 20 ? at.id : "";
            return "";
          });
          return [ids.length, ids.filter((id) => !id).length, [...new Set(ids)].sort()];
        }"""
    )
    assert mute[0] >= 2
    assert mute[1] == 0
    assert {"map", "chart"} <= set(mute[2])
    pictures = desk.page.eval_on_selector_all(
        "main svg",
        "(all) => all.filter((el) => el.checkVisibility() && el.getAttribute('aria-hidden') !==  "
        "'true' && !el.closest('[aria-hidden=true], [role=img]:not(svg)')).map((el) => ["
        "(el.closest('section[id]') ?? {}).id, el.getAttribute('role'),"
        "(el.getAttribute('aria-label') ?? el.getAttribute('aria-labelledby') ?? '').length])",
    )
    assert [told for told in pictures if told[1] not in ("img", "group") or not told[2]] == []


def test_the_slider_is_labelled_and_worked_by_keys(desk):
    slider = desk.page.locator("#slider")
    assert slider.evaluate("(el) => [el.tagName, el.type]") == ["INPUT", "range"]
    assert slider.evaluate("(el) => [...el.labels].map((l) => l.textContent.trim())") != []
    assert desk.page.get_by_role("slider").count() == desk.page.locator("input[type=range]").count()
    last = int(slider.get_attribute("max"))
    slider.press("Home")
    said = [slider.get_attribute("aria-valuetext")]
    assert driver.state(desk)["step"] == 0
    for key, step in (("ArrowRight", 1), ("ArrowUp", 2), ("ArrowLeft", 1), ("End", last)):
        slider.press(key)
        driver.settle(desk)
        assert driver.state(desk)["step"] == step
        said.append(slider.get_attribute("aria-valuetext"))
    assert said[1] == said[3]
    assert len(set(said)) == 4  # what is said of a step is the step's own
    assert all("USD" in text for text in said)


FOCUS = """() => {
  let el = document.activeElement;
  while (el && el.shadowRoot && el.shadowRoot.activeElement) el = el.shadowRoot.activeElement;
  if (!el || el === document.body) return null;
  const style = getComputedStyle(el), box = el.getBoundingClientRect();
  const wide = parseFloat(style.outlineWidth);
  const ring = (style.outlineStyle !== "none" && wide >= 2) || style.outlineStyle === "auto";
  const x = Math.min(Math.max(box.left + Math.min(box.width, 40) / 2, 1), innerWidth - 2);
  const y = Math.min(Math.max(box.top + Math.min(box.height, 40) / 2, 1), innerHeight - 2);
  const over = document.elementFromPoint(x, y);
  const seen = box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth;
  const bare = over === el || el.contains(over) || (over && over.contains(el)) ||
    (el.labels && [...el.labels].some((l) => l.contains(over)));
  return { name: `${el.tagName}.${el.className.baseVal ?? el.className}#${el.id} ` +
    el.textContent.trim().slice(0, 30), ring, seen, bare: Boolean(bare),
    where: (el.closest("section[id], header, nav") ?? {}).id ?? "" };
}"""


@pytest.mark.parametrize("width", [1280, 390])
def test_focus_is_seen_wherever_the_keyboard_goes(chrome, folder, width):
    driver.size(chrome, width, 900)
    driver.load(chrome, folder / "brief.html")
    shorten(chrome)
    stops = []
    for _ in range(600):
        chrome.page.keyboard.press("Tab")
        stop = chrome.page.evaluate(FOCUS)
        if stop is None:  # out at the end of the page
            break
        stops.append(stop)
    else:
        pytest.fail("the keyboard never leaves the page")
    assert len(stops) > 50
    wanted = {"works", "forces", "campaign", "dividend", "window", "ledger", "sources"}
    assert wanted <= {stop["where"] for stop in stops}
    for asked in ("ring", "seen", "bare"):  # marked, in the window, and nothing lies over it
        assert {stop["name"] for stop in stops if not stop[asked]} == set(), asked


def test_the_skip_link_skips(desk):
    desk.page.keyboard.press("Tab")
    skip = desk.page.locator(":focus")
    target = skip.get_attribute("href")
    assert target.startswith("#")
    assert skip.bounding_box()["width"] > 40
    assert skip.bounding_box()["x"] >= 0
    desk.page.keyboard.press("Enter")
    driver.settle(desk)
    top = desk.page.evaluate(
        "(id) => document.querySelector(id).getBoundingClientRect().top", target
    )
    assert -5 <= top < 300
    desk.page.keyboard.press("Tab")
    assert desk.page.evaluate("(id) => !!document.activeElement.closest(id)", target)


@pytest.mark.parametrize("language", LANGUAGES)
def test_headings_and_regions_are_in_order(chrome, folder, language):
    open_page(chrome, folder, LANGUAGES[language], 1280)
    heads = chrome.page.eval_on_selector_all(
        "h1, h2, h3, h4, h5, h6",
        "(all) => all.filter((el) => el.checkVisibility())"
        ".map((el) => [Number(el.tagName[1]), el.textContent.trim()])",
    )
    assert [level for level, _ in heads].count(1) == 1
    assert heads[0][0] == 1
    jumps = [(before[1], after[1]) for before, after in pairwise(heads) if after[0] > before[0] + 1]
    assert jumps == []
    assert [text for _, text in heads if not text] == []
    titles = [text for level, text in heads if level == 2]
    assert len(set(titles)) == len(titles)
    for landmark in ("main", "header"):
        assert chrome.page.locator(f"body > {landmark}").count() == 1


def test_every_table_has_a_caption_and_heads(chrome, folder):
    open_page(chrome, folder, "brief.html", 1280)
    tables = chrome.page.eval_on_selector_all(
        "main table",
        """(all) => all.map((el) => ({
          where: (el.closest('section[id]') ?? {}).id ?? '',
          first: el.textContent.trim().replace(/\\s+/g, ' ').slice(0, 60),
          caption: el.caption ? el.caption.textContent.trim() : '',
          heads: [...el.querySelectorAll('th')].filter((th) => th.textContent.trim()).length,
          loose: [...el.querySelectorAll('thead th')].filter((th) => !th.scope).length,
        }))""",
    )
    assert len(tables) > 20
    assert [(t["where"], t["first"]) for t in tables if not t["caption"]] == []
    assert [(t["where"], t["first"]) for t in tables if not t["heads"]] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_and_its_parts_say_their_language(chrome, folder, language):
    open_page(chrome, folder, LANGUAGES[language], 1280)
    assert chrome.page.evaluate("() => document.documentElement.lang") == language
    others = chrome.page.eval_on_selector_all(
        "body [lang]", "(all) => all.map((el) => el.getAttribute('lang'))"
    )
    assert set(others) <= {"en", "fr"}
    assert ({"en", "fr"} - {language}) <= set(others)  # the link to the other page at least
