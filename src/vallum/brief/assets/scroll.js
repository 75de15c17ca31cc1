// Whatever is wider than its place scrolls sideways; so that keys can scroll it too it is a stop of
// the keyboard then, named by its caption. Drawings that have no keys of their own are no stops.
(function () {
  "use strict";
  const FRAMES = ".scroll, .chart-frame, .spread-frame, .programme-frame, .marks";
  const frames = [...document.querySelectorAll(FRAMES)].filter((el) => !el.hasAttribute("tabindex"));
  const name = (frame) => {
    const told = frame.querySelector("caption, figcaption, svg > title, svg[aria-label]");
    if (told) return (told.getAttribute("aria-label") || told.textContent).trim();
    const chapter = frame.closest("section");
    const heading = chapter && chapter.querySelector("h2, h3");
    return heading ? heading.textContent.trim() : "";
  };
  function fit(frame) {
    const wide = frame.scrollWidth > frame.clientWidth + 1;
    if (wide === frame.hasAttribute("tabindex")) return;
    if (!wide) {
      frame.removeAttribute("tabindex");
      return;
    }
    frame.tabIndex = 0;
    if (!frame.hasAttribute("role")) frame.setAttribute("role", "group");
    if (!frame.hasAttribute("aria-label") && name(frame)) frame.setAttribute("aria-label", name(frame));
  }
  const watch = new ResizeObserver((seen) => seen.forEach((one) => fit(one.target)));
  frames.forEach((frame) => watch.observe(frame));

  // the layer on which Bokeh hears the mouse is a stop of the keyboard, and hears no key
  function quiet(root) {
    root.querySelectorAll("*").forEach((el) => {
      if (el.classList.contains("bk-events")) el.tabIndex = -1;
      if (el.shadowRoot) quiet(el.shadowRoot);
    });
  }
  document.addEventListener("vallum-ready", () => ["map", "chart"].forEach((id) => quiet(document.getElementById(id))));
})();
