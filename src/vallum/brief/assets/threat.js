// One way of moving for both maps of hours; the names and legends follow.
(function () {
  "use strict";
  const inputs = document.querySelectorAll("input[name=mode]");
  function show(input) {
    document.querySelectorAll("#threat [data-mode]").forEach((el) => {
      el.toggleAttribute("hidden", el.dataset.mode !== input.value);
    });
    document.querySelectorAll("[data-mode-name]").forEach((el) => {
      el.textContent = input.parentElement.textContent.trim();
    });
  }
  inputs.forEach((input) => input.addEventListener("change", () => show(input)));
})();
