// The page begins once Bokeh holds the channel: draw the ground, then say hello.
"use strict";
V.startTabs = () => {
  const tabs = [...document.querySelectorAll("[role=tab]")];
  const open = (tab) => {
    for (const one of tabs) {
      const chosen = one === tab;
      one.setAttribute("aria-selected", chosen ? "true" : "false");
      one.tabIndex = chosen ? 0 : -1;
      V.one(one.getAttribute("aria-controls")).hidden = !chosen;
    }
    if (tab.id === "tab-keep" || tab.id === "tab-compare") V.send("scenarios");
    if (tab.id === "tab-plans" || tab.id === "tab-compare") V.send("plans");
    if (tab.id !== "tab-draw" && V.pen.mode) V.setPen("");
  };
  tabs.forEach((tab, n) => {
    tab.addEventListener("click", () => open(tab));
    tab.addEventListener("keydown", (event) => {
      const to = { ArrowRight: n + 1, ArrowLeft: n - 1, Home: 0, End: tabs.length - 1 }[event.key];
      if (to === undefined) return;
      const next = tabs[(to + tabs.length) % tabs.length];
      open(next);
      next.focus();
      event.preventDefault();
    });
  });
};

window.vallumStart = async (up, down) => {
  if (V.up) return;
  V.up = up;
  V.map = await V.makeMap("map");
  V.chart = await V.makeChart();
  V.mapKeys(V.map);
  V.startTabs();
  V.startSlider();
  V.startDrawing();
  V.startUploads();
  V.startLook();
  V.startScenarios();
  V.startPlans();
  V.startCompare();
  V.one("cancel").addEventListener("click", () => V.send("cancel", { what: "view" }));
  V.one("reset").addEventListener("click", () => { V.instead(); V.state.asked = V.send("reset"); });
  for (const id of ["name", "note"]) V.one(id).addEventListener("input", V.touch);
  down.properties.data.change.connect(() => down.data.text.forEach(V.receive));
  const kept = window.sessionStorage.getItem("vallum");
  window.sessionStorage.removeItem("vallum");
  V.state.asked = V.send("hello", kept ? JSON.parse(kept) : {});
};
window.vallumLost = () => {
  V.lost = true;
  // the page that is loaded in its place goes on from there
  const { text, scenario } = V.state;
  if (text) window.sessionStorage.setItem("vallum", JSON.stringify({ text, scenario, dirty: true }));
  V.clearFaults();
  V.idle(V.say("lost"));
  V.fault("page", V.say("lost.more"));
};
