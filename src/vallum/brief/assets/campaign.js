// The chapter on the campaign: steps its map through the phases.
(function () {
  "use strict";
  const chapter = document.getElementById("campaign");
  if (!chapter) return;
  chapter.querySelectorAll(".phases").forEach((el) => { el.hidden = false; });
  chapter.querySelectorAll("[data-case]").forEach((el) => el.addEventListener("change", (event) => {
    if (!event.target.name || !event.target.name.startsWith("campaign-phase")) return;
    el.querySelectorAll("[data-phase]").forEach((part) => {
      part.toggleAttribute("hidden", part.dataset.phase !== event.target.value);
    });
  }));
})();
