// The budget: every step of the chain is here, so that a move of it asks the server for nothing.
"use strict";
// how long it takes from a hand's move to what is painted, ms
V.timed = (since) => {
  requestAnimationFrame(() => requestAnimationFrame(() => {
    const channel = new MessageChannel();
    channel.port1.onmessage = () => {
      const took = performance.now() - since;
      window.vallumTimings.push(took);
      V.one("timing").textContent = `${V.say("redrawn", { ms: Math.round(took) })} ${V.found || ""}`;
    };
    channel.port2.postMessage(0);
  }));
};

V.choose = (step, { by = "", since = performance.now() } = {}) => {
  const { view } = V.state;
  if (!view || !view.steps.length) return;
  step = Math.max(0, Math.min(view.steps.length - 1, Math.round(step)));
  if (by && step === V.state.step) return;
  V.state.step = step;
  const one = view.steps[step];
  const slider = V.one("slider");
  slider.value = step;
  slider.setAttribute("aria-valuetext", V.say("slider", { cost: one.text.cost, n: step + 1, all: view.steps.length }));
  V.one("budget-said").textContent = one.text.cost;
  V.one("budget-range").textContent = `(${one.text.cost_range})`;
  if (by !== "budget") V.one("budget").value = Number((one.cost / 1e6).toPrecision(4));
  if (by !== "mu") V.one("mu").value = V.state.choice.mu ?? (one.mu === null ? "" : Number(one.mu.toPrecision(3)));
  document.querySelectorAll("[data-field]").forEach((el) => { el.textContent = one.text[el.dataset.field] || ""; });
  document.querySelectorAll("[data-mark]").forEach((el) => {
    el.setAttribute("aria-pressed", Number(el.dataset.mark) === step ? "true" : "false");
  });
  V.setStep(V.map, step);
  V.one("zoom-held").hidden = !V.tiny(V.map);
  V.moveChart(V.chart, view, step);
  V.illustrate(view);
  window.vallum.state.step = step;
  if (by) {
    V.timed(since);
    V.rest();
  }
};

// the dearest step that a budget buys
V.buys = (usd, one) => one.cost <= usd * (1 + 1e-9) + 0.5;
V.within = (view, usd) => {
  let best = 0;
  view.steps.forEach((one, n) => { if (V.buys(usd, one)) best = n; });
  return best;
};
// the best step at a price: where price times benefit less cost is most
V.bestAt = (view, mu) => {
  let best = 0, most = -Infinity;
  view.steps.forEach((one, n) => {
    const worth = mu * one.benefit - one.cost;
    if (worth > most) [best, most] = [n, worth];
  });
  return most > 0 || view.must ? best : V.mostPerDollar(view);
};
V.mostPerDollar = (view) => {
  const ratios = view.steps.map((one) => one.benefit / Math.max(one.cost, 1e-9));
  return ratios.indexOf(Math.max(...ratios));
};
// the price that chooses the plan; none where a budget does
V.priced = (view) => (V.state.choice.budget ? null : V.state.choice.mu ?? view.mu);
V.worthless = (view, mu) => !view.must && view.steps.every((one) => mu * one.benefit <= one.cost);
V.illustrate = (view) => {
  const mu = V.priced(view);
  const { budget } = V.state.choice;
  const short = budget && !V.buys(budget, view.steps[0]);
  const said = mu !== null && V.worthless(view, mu);
  V.one("illustration").hidden = !said && !short;
  V.one("illustration").textContent = short ? V.say("budget.short", { cost: view.steps[0].text.cost })
    : said ? V.say("illustration", { mu: V.plain(mu) }) : "";
};

V.fillMarks = (view) => {
  const { steps } = view;
  const mu = V.priced(view);
  const none = mu === null || V.worthless(view, mu);
  const found = new Map(none ? [] : [[V.bestAt(view, mu), V.say("mark.price")]]);
  const add = (step, name) => { if (step >= 0) found.set(step, found.has(step) ? `${found.get(step)}, ${name}` : name); };
  add(V.mostPerDollar(view), V.say("mark.ratio"));
  for (const share of [0.5, 0.8]) add(steps.findIndex((one) => one.people_share >= share), V.say("mark.share", { share: `${100 * share}\u202f%` }));
  add(steps.length - 1, V.say("mark.all"));
  V.one("marks").replaceChildren(...[...found].sort((a, b) => a[0] - b[0]).map(([step, name]) =>
    V.make("button", { type: "button", "data-mark": step, "aria-pressed": step === V.state.step ? "true" : "false", onclick: (event) => V.byBudget(step, event.timeStamp, "mark") }, name)));
};

V.byBudget = (step, since, by) => {
  const { view } = V.state;
  if (!view) return;
  V.chosen({ mu: null, budget: view.steps[step].cost });
  V.choose(step, { by, since });
};

// a hand chose by a budget or a price
V.chosen = (choice) => {
  for (const id of ["budget", "mu"]) V.one(id).removeAttribute("aria-invalid");
  V.state.choice = choice;
  V.state.touched = true;
  V.touch();
};
// only a number above 0 chooses a plan; the field says so of others
V.fits = (field, value) => {
  if (!(value > 0)) field.setAttribute("aria-invalid", "true");
  return value > 0 && V.state.view;
};

V.startSlider = () => {
  V.one("slider").addEventListener("input", (event) => V.byBudget(Number(event.target.value), event.timeStamp, "slider"));
  V.one("budget").addEventListener("input", (event) => {
    const usd = Number(event.target.value) * 1e6;
    if (!V.fits(event.target, usd)) return;
    V.chosen({ mu: null, budget: usd });
    V.choose(V.within(V.state.view, usd), { by: "budget", since: event.timeStamp });
    V.illustrate(V.state.view); // the plan may stay the same
  });
  V.one("mu").addEventListener("input", (event) => {
    const mu = Number(event.target.value);
    if (!V.fits(event.target, mu)) return;
    V.chosen({ mu, budget: null });
    V.choose(V.bestAt(V.state.view, mu), { by: "mu", since: event.timeStamp });
    V.illustrate(V.state.view); // the plan may stay the same
    V.fillMarks(V.state.view);
  });
  V.one("zoom-in").addEventListener("click", () => V.zoom(V.map, 0.7));
  V.one("zoom-out").addEventListener("click", () => V.zoom(V.map, 1 / 0.7));
  V.one("zoom-held").addEventListener("click", () => V.zoomHeld(V.map));
  V.one("zoom-reset").addEventListener("click", () => V.zoom(V.map, 0));
};

V.on("view", (message) => {
  const view = V.unpack(message.view);
  V.state.view = view;
  V.state.text = message.text; // for the page that is loaded where the connection is lost
  V.found = V.say(view.exact ? "found_exact" : "found_rough", { n: view.steps.length, s: V.plain(view.seconds, 2) });
  V.one("timing").textContent = V.found;
  const empty = !view.steps.length;
  const slider = V.one("slider");
  slider.max = Math.max(0, view.steps.length - 1);
  slider.disabled = empty;
  const people = view.objective === "people";
  view.must = !!(V.state.values["line.must_hold"] || []).length;
  const more = view.more || view.objective === "mix";
  V.one("gain-name").textContent = V.say(`gain.${view.more ? "more" : view.objective}`);
  V.one("ratio-name").textContent = V.say(people ? "ratio.people" : more ? "ratio.more" : "ratio");
  V.setView(V.map, view);
  const places = message.places || [];
  V.map.named("places").data = { x: places.map((one) => one[0]), y: places.map((one) => one[1]) };
  V.one("said").replaceChildren(...view.said.map(([text, lang]) => V.make("p", { lang }, ...V.linked(text))));
  V.one("works-name").textContent = empty ? "" : V.say("works.of", { n: view.step + 1, cost: view.steps[view.step].text.cost });
  V.table(V.one("works"), view.works);
  V.one("scored").hidden = !view.scored;
  if (view.scored) {
    V.one("scored-said").textContent = view.scored.said;
    V.pairs(V.one("scored-rows"), view.scored.rows);
  }
  if (!empty) {
    V.fillChart(V.chart, view);
    V.fillMarks(view);
    const least = view.steps[0];
    if (V.state.choice.budget && !V.buys(V.state.choice.budget, least)) {
      V.one("said").append(V.make("p", {}, V.say("budget.raised", { cost: least.text.cost })));
      V.state.choice = { mu: null, budget: least.cost };
    }
    const { mu, budget } = V.state.choice;
    V.state.step = -1;
    V.choose(budget ? V.within(view, budget) : mu && mu !== view.mu ? V.bestAt(view, mu) : view.step);
    V.rest();
  }
  window.vallum.state.views += 1;
  window.vallum.state.ready = true;
});
