// The card on robustness: of the steps drawn there, shows the one nearest to the slider's.
(function () {
  "use strict";
  const card = document.getElementById("robust");
  if (!card) return;
  const nearest = card.dataset.nearest.split(" ").map(Number);
  document.addEventListener("vallum-step", (event) => {
    card.querySelectorAll("[data-robust]").forEach((el) => {
      el.hidden = Number(el.dataset.robust) !== nearest[event.detail];
    });
  });
})();
