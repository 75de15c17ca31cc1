// Two scenarios side by side: one slider of budget for both, maps that move together.
"use strict";
V.pairOf = null;
V.comparePair = async () => {
  if (V.pairOf) return V.pairOf;
  const pair = [await V.makeMap("map-left"), await V.makeMap("map-right")];
  let moving = false;
  pair.forEach((map, n) => map.moved.push(() => {
    if (moving) return;
    moving = true;
    const { x_range: x, y_range: y } = map.root;
    const other = pair[1 - n].root;
    other.x_range.setv({ start: x.start, end: x.end });
    other.y_range.setv({ start: y.start, end: y.end });
    moving = false;
  }));
  pair.forEach(V.mapKeys);
  V.pairOf = pair;
  return pair;
};

const ROWS = [
  ["cost", V.amount], ["benefit", V.amount], ["people", V.amount],
  ["people_share", (v) => V.plain(100 * v)], ["output_share", (v) => V.plain(100 * v)],
  ["line_km", V.plain], ["held_km2", V.amount],
];
V.compareAt = (usd) => {
  const { names, views } = V.compared;
  const picks = views.map((view) => {
    const step = view.steps.length && view.steps[0].cost <= usd ? V.within(view, usd) : -1;
    return step < 0 ? null : { step, ...view.steps[step] };
  });
  V.one("compare-budget").textContent = V.say("usd_a_year", { amount: V.amount(usd) });
  V.pairOf.forEach((map, n) => {
    if (picks[n]) V.setStep(map, picks[n].step);
    else { map.named("entry-reach").high = -0.4; map.named("line").data = { xs: [], ys: [] }; }
  });
  const alike = views[0].objective === views[1].objective;
  const aims = views.map((view) => V.say(`gain.${view.objective}`));
  V.table(V.one("compare-table"), {
    columns: [V.say("at_budget"), ...names, V.say("difference")],
    rows: ROWS.map(([key, write]) => {
      const [a, b] = picks.map((one) => (one ? one[key] : null));
      // people less dollars is nothing
      const apart = key === "benefit" && !alike;
      // nor is a share of one coalition's less another's
      const others = key.endsWith("_share") && !V.compared.together;
      const gap = apart || others || a === null || b === null ? "–" : (b - a > 0 ? "+" : "") + write(b - a);
      const cell = (value, n) => {
        if (value === null) return V.say("holds_nothing");
        return apart ? V.say("cell.of", { value: write(value), what: aims[n] }) : write(value);
      };
      const name = key === "benefit" && alike ? aims[0] : V.say(`row.${key}`);
      return [name, cell(a, 0), cell(b, 1), gap];
    }),
  });
};
V.comparePlace = (share) => {
  const costs = V.compared.views.flatMap((view) => view.steps.map((one) => one.cost));
  return Math.max(...costs) * share ** 2; // finer where plans are cheap
};
V.on("comparing", () => { V.one("compare-said").textContent = V.say("comparing"); V.one("compare-cancel").hidden = false; });
V.on("compared", async (message) => {
  message.views.forEach(V.unpack);
  V.compared = message;
  V.one("compare-said").textContent = V.say("compared");
  V.one("compare-cancel").hidden = true;
  V.one("compare-stage").hidden = false;
  const pair = await V.comparePair();
  pair.forEach((map, n) => V.setView(map, message.views[n]));
  V.one("name-left").textContent = message.names[0];
  V.one("name-right").textContent = message.names[1];
  V.table(V.one("compare-differing"), message.differing.length
    ? { columns: [V.say("differing"), ...message.names], rows: message.differing }
    : { columns: [V.say("assumptions")], rows: [[V.say("differing.none")]] });
  const costs = V.compared.views.flatMap((view) => view.steps.map((one) => one.cost));
  const shown = V.state.view && V.state.step >= 0 ? V.state.view.steps[V.state.step].cost : 0;
  // no less than buys something on both sides
  const now = Math.max(shown, ...message.views.map((view) => (view.steps.length ? view.steps[0].cost : 0)));
  V.one("compare-slider").value = Math.round(1000 * Math.sqrt(Math.min(1, now / Math.max(...costs))));
  V.compareAt(now);
  V.one("compare-stage").scrollIntoView({ block: "start" });
  window.vallum.state.compared = true;
});
for (const kind of ["ended", "faults", "trouble"]) {
  V.on(kind, (message) => {
    if (message.of !== "compare") return;
    V.one("compare-cancel").hidden = true;
    V.one("compare-said").textContent = V.say(kind === "ended" ? "stopped" : "not_had");
  });
}
V.startCompare = () => {
  V.one("compare").addEventListener("click", () => {
    V.clearFaults();
    V.send("compare", { ...V.sheet(), left: V.one("left").value, right: V.one("right").value });
  });
  V.one("compare-cancel").addEventListener("click", () => V.send("cancel", { what: "compare" }));
  V.one("compare-slider").addEventListener("input", (event) => {
    V.compareAt(V.comparePlace(Number(event.target.value) / 1000));
    V.timed(event.timeStamp);
  });
};
