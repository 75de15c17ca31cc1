// The frontier's chart: the chain, its band, and a dot that follows the slider.
"use strict";
V.makeChart = async () => {
  const chart = await V.figure("chart", "chart");
  const selected = chart.named("steps").selected;
  selected.properties.indices.change.connect(() => {
    if (selected.indices.length) V.byBudget(selected.indices[0], performance.now(), "chart");
  });
  return chart;
};
V.power = (largest) => (largest >= 2e9 ? 9 : largest >= 1e6 ? 6 : 0);
V.fillChart = (chart, view) => {
  const { steps } = view;
  const people = view.objective === "people";
  const span = steps.map((one) => one.benefit_ends || [one.benefit, one.benefit]);
  const top = Math.max(...steps.map((one) => one.benefit), ...span.map((one) => one[1]));
  const right = Math.max(...steps.map((one) => one.cost));
  const [ofCost, ofGain] = [V.power(right), V.power(top)];
  const [cost, gain] = [10 ** ofCost, 10 ** ofGain];
  chart.units = [cost, gain];
  const x = steps.map((one) => one.cost / cost);
  const y = steps.map((one) => one.benefit / gain);
  chart.named("steps").data = {
    x, y, low: span.map((one) => one[0] / gain), high: span.map((one) => one[1] / gain),
  };
  const even = Math.min(right, top);
  chart.named("even").data = people ? { x: [], y: [] } : { x: [0, even / cost], y: [0, even / gain] };
  const hand = view.scored && view.scored.cost !== null ? view.scored : null;
  chart.named("hand").data = hand ? { x: [hand.cost / cost], y: [hand.benefit / gain] } : { x: [], y: [] };
  // a little below nothing, so that the mark of the cheapest plan is seen whole
  const ends = (most) => ({ start: -0.03 * most, end: 1.04 * most });
  chart.named("cost-range").setv(ends(Math.max(right, hand ? hand.cost : 0) / cost));
  chart.named("gain-range").setv(ends(top / gain));
  chart.named("cost-axis").axis_label = V.say(`axis.cost.${ofCost}`);
  chart.named("gain-axis").axis_label = V.say(`axis.${people ? "people" : view.more || view.objective === "mix" ? "more" : "averted"}.${ofGain}`);
};
V.moveChart = (chart, view, step) => {
  const [cost, gain] = chart.units;
  const one = view.steps[step];
  const [x, y] = [one.cost / cost, one.benefit / gain];
  chart.named("now").data = { x: [x], y: [y] };
  const spent = one.cost_ends.map((end) => end / cost);
  const earned = (one.benefit_ends || [one.benefit, one.benefit]).map((end) => end / gain);
  chart.named("range").data = { xs: [spent, [x, x]], ys: [[y, y], earned] };
};
