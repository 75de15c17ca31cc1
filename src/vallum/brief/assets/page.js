// The page's moving parts: slider, chart, map and numbers show one step, and always the same one.
(function () {
  "use strict";
  const trace = window.vallumTrace;
  const data = JSON.parse(document.getElementById("vallum-data").textContent);
  const grid = data.grid;
  const size = grid.rows * grid.cols;
  const entry = trace.unpack(data.entry, size);
  const otherEntry = trace.unpack(data.other.entry, size);
  const fenced = trace.unpack(data.fenced, size);
  const state = { ready: false, step: -1, heldCells: 0, lineKm: 0, drawnKm: 0, otherStep: -1, layer: "loss" };
  window.vallum = { state };
  const one = (id) => document.getElementById(id);
  const thin = (n) => Math.round(n).toString().replace(/\B(?=(\d{3})+(?!\d))/g, "\u202f");
  let models = null, home = null;

  function named(name) {
    for (const doc of window.Bokeh.documents) {
      const found = doc.get_model_by_name(name);
      if (found) return found;
    }
    return null;
  }

  function layersNamed(test) {
    return models.map.renderers.filter((r) => r.name && test(r.name));
  }

  function cells(list) {
    const row = document.createElement("tr");
    list.forEach(([text, kind]) => {
      const cell = document.createElement("td");
      cell.textContent = text;
      if (kind) cell.className = kind;
      row.appendChild(cell);
    });
    return row;
  }

  function showMap(step) {
    const held = trace.heldAt(entry, step);
    const line = trace.lines(held, fenced, grid);
    models.held.data = trace.area(held, grid);
    models.line.data = line;
    // pieces too small to be seen are ringed
    const ring = { x: [], y: [] };
    line.xs.forEach((xs, n) => {
      const west = Math.min(...xs), east = Math.max(...xs);
      const south = Math.min(...line.ys[n]), north = Math.max(...line.ys[n]);
      if (east - west < 45 && north - south < 45) {
        ring.x.push((west + east) / 2);
        ring.y.push((south + north) / 2);
      }
    });
    models.ring.data = ring;
    state.heldCells = held.reduce((sum, one) => sum + one, 0);
    state.lineKm = trace.cutLength(held, fenced, grid);
    state.drawnKm = trace.drawnLength(line);
    showOther(step);
  }

  function showOther(step) {
    const k = one("other-switch").checked ? data.other.at[step] : -1;
    state.otherStep = k;
    models.other.data = k < 0 ? { xs: [], ys: [] } : trace.lines(trace.heldAt(otherEntry, k), fenced, grid);
    const note = one("other-note");
    if (!one("other-switch").checked) note.textContent = "";
    else if (k < 0) note.textContent = data.other.none;
    else note.textContent = data.other.text[k];
  }

  function showNumbers(step) {
    const text = data.steps[step].text;
    document.querySelectorAll("[data-field]").forEach((el) => {
      const value = text[el.dataset.field];
      if (value !== undefined) el.textContent = value;
    });
    document.querySelectorAll("[data-step]").forEach((el) => { el.textContent = step; });
    document.querySelectorAll("button[data-mark]").forEach((el) => {
      el.setAttribute("aria-pressed", Number(el.dataset.mark) === step ? "true" : "false");
    });
    const out = data.settlements.filter((row) => row[3] < 0 || row[3] > step);
    one("towns-outside").replaceChildren(
      ...out.slice(0, 12).map((row) => cells([[row[0]], [row[1]], [thin(row[2]), "n"]]))
    );
    one("towns-none").hidden = out.length > 0;
    document.querySelectorAll("[data-towns]").forEach((el) => {
      el.textContent = out.length ? out.slice(0, 5).map((row) => row[0]).join(", ") : data.words.no_towns;
    });
    document.querySelectorAll("[data-region]").forEach((el) => {
      const [people, inside] = data.regions[Number(el.dataset.region)];
      const left = Math.max(0, people - inside[step]);
      el.textContent = people > 0 ? `${thin(left)} (${Math.round((100 * left) / people)}\u202f%)` : "0";
    });
    document.querySelectorAll("[data-member]").forEach((el) => {
      el.textContent = data.members[el.dataset.member][step];
    });
    document.querySelectorAll("[data-facing]").forEach((el) => {
      el.textContent = thin(data.facing[step][Number(el.dataset.facing)]);
    });
  }

  function choose(step) {
    step = Math.max(0, Math.min(data.steps.length - 1, Number(step)));
    if (step === state.step) return;
    state.step = step;
    const slider = one("slider");
    slider.value = step;
    const text = data.steps[step].text;
    const spoken = { step, held: text.held, people: text.people, cost: text.cost };
    slider.setAttribute("aria-valuetext", data.words.step.replace(/\{(\w+)\}/g, (_, key) => spoken[key]));
    // the other language's page opens at the same step
    document.querySelectorAll("a.lang-switch").forEach((el) => { el.hash = `step=${step}`; });
    showMap(step);
    showNumbers(step);
    document.dispatchEvent(new CustomEvent("vallum-step", { detail: step }));
    const raw = data.steps[step];
    models.current.data = { x: [raw.cost / data.units[0]], y: [raw.benefit / data.units[1]] };
    const chosen = models.steps.selected.indices;
    if (chosen.length !== 1 || chosen[0] !== step) models.steps.selected.indices = [step];
  }

  function layer(name) {
    state.layer = name;
    layersNamed((n) => n === "loss" || n === "events").forEach((r) => { r.visible = r.name === name; });
    document.querySelectorAll("[data-legend]").forEach((el) => { el.hidden = el.dataset.legend !== name; });
  }

  // names are placed for three widths of the map; show those for the widest that fits
  function fitNames() {
    const width = one("map").clientWidth;
    const widths = data.widths;
    let best = widths[0];
    for (const w of widths) if (width >= w) best = w;
    layersNamed((n) => n.startsWith("names-")).forEach((r) => { r.visible = r.name === `names-${best}`; });
    state.names = best;
  }

  // zoom about the middle by a factor; 0 goes back to the whole map
  function zoom(factor) {
    const { x_range: x, y_range: y } = models.map;
    if (!home) home = [x.start, x.end, y.start, y.end];
    const part = (a, b) => [(a + b) / 2 - ((b - a) * factor) / 2, (a + b) / 2 + ((b - a) * factor) / 2];
    const [x0, x1] = factor ? part(x.start, x.end) : home.slice(0, 2);
    const [y0, y1] = factor ? part(y.start, y.end) : home.slice(2);
    x.setv({ start: x0, end: x1 });
    y.setv({ start: y0, end: y1 });
  }

  // on paper a picture of what is shown stands in for the drawing, and takes the paper's width
  function picture(id) {
    const root = window.Bokeh.index.roots.find((view) => view.model === models[id]);
    const frame = one(id).parentElement;
    if (!root || !root.export) return;
    let image = frame.querySelector("img.on-paper");
    if (!image) {
      image = document.createElement("img");
      image.className = "on-paper";
      image.alt = one(id).getAttribute("aria-label") || data.words.chart;
      frame.insertBefore(image, one(id));
    }
    image.src = root.export("auto", true).canvas.toDataURL("image/png");
    frame.classList.add("pictured");
  }

  function filterLedger() {
    const wanted = one("ledger-filter").value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    document.querySelectorAll("#ledger-rows tr").forEach((row) => {
      const text = row.textContent.toLowerCase();
      row.hidden = !wanted.every((word) => text.includes(word));
      if (!row.hidden) shown++;
    });
    one("ledger-count").textContent = shown;
  }

  function start() {
    models = {};
    for (const name of ["map", "chart", "held", "line", "other", "ring", "steps", "current"]) models[name] = named(name);
    one("slider").addEventListener("input", (event) => choose(event.target.value));
    document.querySelectorAll("button[data-mark]").forEach((el) => {
      el.addEventListener("click", () => choose(el.dataset.mark));
    });
    models.steps.selected.properties.indices.change.connect(() => {
      const chosen = models.steps.selected.indices;
      if (chosen.length) choose(chosen[0]);
      else models.steps.selected.indices = [state.step];
    });
    one("other-switch").addEventListener("change", () => showOther(state.step));
    document.querySelectorAll("input[name=layer]").forEach((el) => {
      el.addEventListener("change", () => layer(el.value));
    });
    one("ledger-filter").addEventListener("input", filterLedger);
    one("zoom-in").addEventListener("click", () => zoom(0.7));
    one("zoom-out").addEventListener("click", () => zoom(1 / 0.7));
    one("zoom-reset").addEventListener("click", () => zoom(0));
    const drag = models.map.toolbar.tools.find((tool) => tool.name === "drag");
    if (drag && window.matchMedia("(pointer: fine)").matches) drag.active = true;
    window.addEventListener("beforeprint", () => ["map", "chart"].forEach(picture));
    new ResizeObserver(fitNames).observe(one("map"));
    layer("loss");
    fitNames();
    const asked = /^#step=(\d+)$/.exec(window.location.hash);
    choose(asked ? asked[1] : data.first);
    document.dispatchEvent(new CustomEvent("vallum-ready"));
    state.ready = true;
  }

  Promise.all(data.figures.map((item) => window.Bokeh.embed.embed_item(item))).then(start);
})();
