"""The brief on paper: a PDF that Chromium makes, read with pypdf."""

from __future__ import annotations

import io
import re
import unicodedata

import pypdf
import pytest
from tests.browser import driver

pytestmark = pytest.mark.browser
PAGES = ("brief.html", "brief.fr.html")
MOST = 90  # pages
PAPER = 688  # px: A4 less the margins of 14 mm, at 96 to the inch


@pytest.fixture(scope="module", params=PAGES)
def printed(request, chrome, folder):
    """Print each page once: the browser, and the pages of the PDF with their texts."""
    driver.size(chrome, 1280, 900)
    driver.load(chrome, folder / request.param)
    driver.slide(chrome, 32)
    pdf = pypdf.PdfReader(io.BytesIO(chrome.page.pdf(prefer_css_page_size=True, tagged=True)))
    chrome.page.emulate_media(media="print")
    chrome.page.set_viewport_size({"width": PAPER, "height": 1000})
    driver.settle(chrome)
    return chrome, pdf, [squeezed(page.extract_text()) for page in pdf.pages]


def squeezed(text):
    """Take all spaces out, which a PDF has where lines break, and ligatures apart."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text))


def seen(chrome, selector, give):
    """Give something of each element that is seen on paper."""
    return chrome.page.eval_on_selector_all(
        selector, f"(all) => all.filter((el) => el.checkVisibility()).map((el) => {give})"
    )


def test_the_paper_is_a4_and_not_too_much_of_it(printed):
    _, pdf, texts = printed
    print(f"{len(pdf.pages)} pages, {sum(map(len, texts))} characters")
    assert 15 < len(pdf.pages) <= MOST
    for page in pdf.pages:
        assert float(page.mediabox.width) == pytest.approx(595.3, abs=1)
        assert float(page.mediabox.height) == pytest.approx(841.9, abs=1)


def test_no_page_is_empty(printed):
    _, pdf, texts = printed
    empty = [n for n, (page, text) in enumerate(zip(pdf.pages, texts, strict=True), 1)
             if len(text) < 20 and not len(page.images)]  # fmt: skip
    assert empty == []


def test_every_chapter_is_on_paper_in_order(printed):
    chrome, _, texts = printed
    heads = [
        squeezed(text) for text in seen(chrome, "main h2:not(.sr)", "el.firstChild.textContent")
    ]
    assert len(heads) >= 14
    everything = "".join(texts)
    assert [head for head in heads if head not in everything] == []


def test_no_control_is_on_paper(printed):
    chrome, _, _ = printed
    controls = "button, input, select, textarea, [role=tab], .lang-switch, .skip"
    assert seen(chrome, controls, "el.outerHTML.slice(0, 80)") == []


def test_links_are_kept(printed):
    chrome, pdf, _ = printed
    wanted = set(seen(chrome, "a[href^=http]", "el.href"))
    kept = {
        str(mark.get_object()["/A"]["/URI"])
        for page in pdf.pages
        for mark in page.get("/Annots", [])
        if "/URI" in mark.get_object().get("/A", {})
    }
    assert len(wanted) > 40
    assert wanted - kept == set()


def test_nothing_is_cut_off_at_the_side(printed):
    chrome, _, _ = printed
    beyond = chrome.page.evaluate(
        """(paper) => {
          const out = [];
          const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
          for (let node = walk.nextNode(); node; node = walk.nextNode()) {
            const el = node.parentElement;
            if (!node.textContent.trim() || !el.checkVisibility() || el.closest("script, .sr"))
              continue;
            const range = document.createRange();
            range.selectNodeContents(node);
            const box = range.getBoundingClientRect();
            let edge = paper + 1;
            for (let at = el; at && at !== document.body; at = at.parentElement)
              if (!(at instanceof SVGElement) && getComputedStyle(at).overflowX !== "visible")
                edge = Math.min(edge, at.getBoundingClientRect().right + 1);
            if (box.width && box.right > edge)
              out.push(`${(el.closest("section[id]") ?? {}).id}: ${el.tagName} ` +
                `${node.textContent.trim().slice(0, 40)} +${Math.round(box.right - edge)} px`);
          }
          return out;
        }""",
        PAPER,
    )
    assert not beyond, f"{len(beyond)} texts:\n" + "\n".join(beyond[:60])


def test_the_map_is_on_paper_as_it_stands(printed):
    chrome, pdf, _ = printed
    # the pictures that stand in for the drawings are of the step chosen, and large enough
    drawn = seen(chrome, "img.on-paper", "[el.naturalWidth, el.getBoundingClientRect().width]")
    assert len(drawn) == 2
    assert min(natural for natural, _ in drawn) >= 600
    assert max(width for _, width in drawn) > 0.6 * PAPER
    assert seen(chrome, "#map, #chart", "el.id") == []
    first = [image.image.size for page in pdf.pages[:3] for image in page.images]
    assert max(width for width, _ in first) >= 600
