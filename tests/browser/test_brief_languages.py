"""The brief's two languages: each leads to the other, and neither speaks the other's words."""

from __future__ import annotations

import re

import pytest
from tests.browser import driver

pytestmark = pytest.mark.browser
# words that carry no matter of their own and are no French words; "on", "a", "or", "as", "but",
# "an" and "plus" are both
ENGLISH = re.compile(
    r"\b(?:the|of|and|with|which|is|are|from|for|by|that|this|these|those|its?|they|their|there|to|"
    r"was|were|been?|has|have|had|not?|only|than|then|each|every|all|both|what|who|whom|whose|where|"
    r"when|how|if|into|within|without|between|under|over|against|before|after|because|while|would|"
    r"could|should|might|must|can|cannot|does|did|others?|same|such|more|less|fewer|most|least|"
    r"about|people|costs?|held)\b"
)
# the same of French, for the English page; names of places have "de", "la" and "le"
FRENCH = re.compile(
    r"\b(?:les|des|est|sont|avec|pour|dans|sur|une|aux|ces|cette|qui|que|dont|par)\b"
)
# addresses, shortened ones too, and names of files: nobody reads words in them
UNREAD = re.compile(
    r"https?://\S+|\b[\w.-]+\.[a-z]{2,}/\S*|\b[\w./-]+\.(?:csv|json|tif|gpkg|toml|html|xlsx|md)\b"
)
PAGES = {"en": "brief.html", "fr": "brief.fr.html"}

TEXTS = """(lang) => {
  const out = [];
  const walk = (root, foreign) => {
    for (const node of root.childNodes) {
      if (node.nodeType === Node.TEXT_NODE) {
        if (!foreign && node.textContent.trim()) out.push([place(node), node.textContent.trim()]);
      } else if (node.nodeType === Node.ELEMENT_NODE && !silent.has(node.tagName.toLowerCase())) {
        const own = node.getAttribute("lang"), kept = node.getAttribute("translate") === "no";
        const here = kept || (own ? own !== lang : foreign) || (foreign && !own);
        for (const name of ["aria-label", "title", "alt", "placeholder", "aria-valuetext"])
          if (!here && node.getAttribute(name)) out.push([place(node), node.getAttribute(name)]);
        walk(node, here);
      }
    }
  };
  const silent = new Set(["script", "style", "code", "noscript"]);
  const place = (node) => {
    const el = node.nodeType === Node.TEXT_NODE ? node.parentElement : node;
    return (el.closest("section[id], nav, header") ?? {}).id || "head";
  };
  out.push(["title", document.title]);
  walk(document.body, false);
  return out;
}"""


def leftovers(texts, foreign):
    """Give every text that has words of the other language, once, with its place and the words."""
    found = {}
    for place, text in texts:
        strange = sorted(set(foreign.findall(UNREAD.sub(" ", text.lower()))))
        if strange:
            found[place, " ".join(text.split())[:110]] = strange
    return [f"{place}: {text} {strange}" for (place, text), strange in found.items()]


@pytest.fixture(params=PAGES)
def opened(request, chrome, folder):
    """Open a language's page; whatever the test does, it ends in silence."""
    driver.console(chrome)
    driver.requests(chrome)
    driver.size(chrome, 1280, 900)
    driver.load(chrome, folder / PAGES[request.param])
    yield request.param, chrome
    assert driver.console(chrome) == []
    assert driver.outside(driver.requests(chrome)) == []


def test_the_switch_leads_to_the_other_page_at_the_same_step(opened):
    language, chrome = opened
    other = "fr" if language == "en" else "en"
    driver.slide(chrome, 7)
    title = chrome.page.locator("h1").text_content()
    switch = chrome.page.locator("header a.lang-switch")
    assert switch.get_attribute("hreflang") == other
    assert switch.get_attribute("lang") == other
    with chrome.page.expect_navigation():
        switch.click()
    driver.ready(chrome)
    assert chrome.page.evaluate("() => document.documentElement.lang") == other
    assert chrome.page.url.endswith(f"{PAGES[other]}#step=7")
    assert driver.state(chrome)["step"] == 7
    assert chrome.page.locator("h1").text_content() != title
    # and back, by keys
    driver.slide(chrome, 9)
    with chrome.page.expect_navigation():
        chrome.page.locator("header a.lang-switch").press("Enter")
    driver.ready(chrome)
    assert chrome.page.evaluate("() => document.documentElement.lang") == language
    assert driver.state(chrome)["step"] == 9


def test_a_page_speaks_its_own_language_only(opened):
    language, chrome = opened
    foreign = ENGLISH if language == "fr" else FRENCH
    last = int(chrome.page.locator("#slider").get_attribute("max"))
    texts = []
    for step in (0, last):  # what scripts write, too
        driver.slide(chrome, step)
        chrome.page.locator("#other-switch").set_checked(step == last)
        texts += chrome.page.evaluate(TEXTS, language)
    assert len(texts) > 1000
    found = leftovers(texts, foreign)
    places = {line.split(":")[0] for line in found}
    assert not found, f"{len(found)} texts in {len(places)} places:\n" + "\n".join(found)


def test_numbers_are_written_as_the_language_has_them(opened):
    language, chrome = opened
    texts = chrome.page.evaluate(TEXTS, language)
    # sections of documents and versions are no numbers, and stand in <code> or translate=no
    wrong = r"\d\.\d" if language == "fr" else r"\d,\d(?!\d\d)"
    right = r"\d,\d" if language == "fr" else r"\d\.\d"
    assert sum(bool(re.search(right, text)) for _, text in texts) > 100
    found = sorted(
        {
            f"{place}: {' '.join(text.split())[:110]}"
            for place, text in texts
            if re.search(wrong, text)
        }
    )
    assert not found, f"{len(found)} texts:\n" + "\n".join(found)


def test_what_is_left_over_is_found():
    texts = [
        ("a", "Le coût de la ligne"),
        ("b", "Le coût of the line"),
        ("c", "voir https://example.org/the-cost-of-it et the_cost.csv"),
    ]
    assert leftovers(texts, ENGLISH) == ["b: Le coût of the line ['of', 'the']"]
