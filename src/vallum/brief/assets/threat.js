// One way of moving for both maps of hours; captions and legends follow.
(function () {
  "use strict";
  const inputs = document.querySelectorAll("input[name=mode]");
  function show(input) {
    document.querySelectorAll("#threat [data-mode]").forEach((el) => {
      el.toggleAttribute("hidden", el.dataset.mode !== input.value);
    });
  }
  inputs.forEach((input) => input.addEventListener("change", () => show(input)));
})();
