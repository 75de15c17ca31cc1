// Chapters that tell of several lines: shows one of them at a time.
(function () {
  "use strict";
  document.querySelectorAll(".case-tabs").forEach((bar) => {
    const chapter = bar.closest("section");
    const cases = [...chapter.querySelectorAll("[data-case]")];
    const tabs = [...bar.querySelectorAll("[data-case-tab]")];
    const show = (key) => {
      cases.forEach((el) => { el.hidden = el.dataset.case !== key; });
      tabs.forEach((tab) => tab.setAttribute("aria-pressed", String(tab.dataset.caseTab === key)));
    };
    bar.hidden = false;
    tabs.forEach((tab) => tab.addEventListener("click", () => show(tab.dataset.caseTab)));
    if (tabs.length) show(tabs[0].dataset.caseTab);
  });
})();
