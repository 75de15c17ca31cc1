// The chapter on the campaign: shows one line at a time, and steps its map through the phases.
(function () {
  "use strict";
  const chapter = document.getElementById("campaign");
  if (!chapter) return;
  const cases = [...chapter.querySelectorAll("[data-case]")];
  const tabs = [...chapter.querySelectorAll("[data-case-tab]")];
  const show = (key) => {
    cases.forEach((el) => { el.hidden = el.dataset.case !== key; });
    tabs.forEach((tab) => tab.setAttribute("aria-pressed", String(tab.dataset.caseTab === key)));
  };
  chapter.querySelectorAll(".case-tabs, .phases").forEach((el) => { el.hidden = false; });
  tabs.forEach((tab) => tab.addEventListener("click", () => show(tab.dataset.caseTab)));
  if (tabs.length) show(tabs[0].dataset.caseTab);
  cases.forEach((el) => el.addEventListener("change", (event) => {
    if (!event.target.name || !event.target.name.startsWith("campaign-phase")) return;
    el.querySelectorAll("[data-phase]").forEach((part) => {
      part.toggleAttribute("hidden", part.dataset.phase !== event.target.value);
    });
  }));
})();
