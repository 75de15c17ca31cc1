// The strips along the line of the step shown: what stands on each kilometre.
(function () {
  "use strict";
  const data = JSON.parse(document.getElementById("works-data").textContent);
  const NS = "http://www.w3.org/2000/svg";
  const THIN = "\u202f";
  const texts = data.texts;
  const one = (id) => document.getElementById(id);
  const state = { step: -1, width: 0, strips: 0 };
  window.vallumWorks = { state };

  // ---- small helpers -----------------------------------------------------------------------
  const thin = (n) => Math.round(n).toString().replace(/\B(?=(\d{3})+(?!\d))/g, THIN);
  const decimal = (text) => text.replace(".", texts.decimal);
  // put values into a text of the page's language
  const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
  const digits = (n) => thin(n < 100 ? n : Number(n.toPrecision(2)));

  function make(name, attributes, text) {
    const el = document.createElementNS(NS, name);
    for (const key in attributes) el.setAttribute(key, attributes[key]);
    if (text !== undefined) el.textContent = text;
    return el;
  }

  function html(name, className, text) {
    const el = document.createElement(name);
    if (className) el.className = className;
    if (text !== undefined) el.textContent = text;
    return el;
  }

  // the smallest round number that is not below a value
  function round(value) {
    const power = Math.pow(10, Math.floor(Math.log10(Math.max(value, 1e-9))));
    return [1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10].find((n) => n * power >= value * 0.9999) * power;
  }

  // a distance between ticks: 1, 2 or 5 times a power of ten
  function tick(rough) {
    const power = Math.pow(10, Math.floor(Math.log10(rough)));
    return [1, 2, 5, 10].find((n) => n * power >= rough * 0.8) * power;
  }

  // ---- the pieces of a line, from its packed runs ----------------------------------------------
  function pieces(packed) {
    const raw = atob(packed);
    const bytes = new Uint8Array(raw.length);
    for (let i = 0; i < raw.length; i++) bytes[i] = raw.charCodeAt(i);
    const view = new DataView(bytes.buffer);
    const out = [];
    let km = 0;
    for (let i = 0; i < bytes.length; i += 8) {
      const [kind, own, towards, price, low, high] = data.strips.cuts[view.getInt32(i, true)];
      const length = view.getInt32(i + 4, true) / 100;
      const [family, surface, tower, towerKm, air, airKm, line, track, fort, fortKm] = data.kinds[kind];
      out.push({
        from: km, to: km + length, own, towards, price, family, surface, fort, fortKm,
        tower, towerKm, air, airKm, line, track, low, high,
      });
      km += length;
    }
    return out;
  }

  // join neighbours that are alike for a lane
  function joined(parts, key) {
    const out = [];
    for (const part of parts) {
      const value = key(part), last = out[out.length - 1];
      if (last && last.value === value) last.to = part.to;
      else out.push({ from: part.from, to: part.to, value });
    }
    return out;
  }

  const number = (km) => (km % 1 ? decimal(km.toFixed(1)) : String(km));
  const every = (km) => (km ? `${number(km)}${THIN}km` : "");
  const spaced = (thing, km) => (km ? fill(texts.every, { thing, km: number(km) }) : thing);
  const sensor = (n, km) => (n < 0 ? "" : spaced(data.watching[n][0], km));

  function told(part, at, rest) {
    const watching = [sensor(part.tower, part.towerKm), sensor(part.air, part.airKm), sensor(part.line, 0), sensor(part.track, 0)];
    const fort = part.fort < 0 ? texts.no_fort : spaced(data.forts[part.fort][0], part.fortKm);
    const what = fill(texts.told, {
      own: data.states[part.own],
      other: facing(part),
      surface: data.surfaces[part.surface][0],
      works: [data.families[part.family][0], ...watching, fort].filter(Boolean).join(texts.join),
      price: digits(part.price),
      range: `${digits(part.low)}–${digits(part.high)}`,
    });
    return rest ? what : fill(texts.at, { km: thin(at), what });
  }

  const facing = (part) => (data.own[part.towards] ? texts.not_held : data.states[part.towards]);

  // ---- one strip: rows of so many km, lanes one below the other ----------------------------------
  function lanes(parts) {
    const list = [
      { name: texts.ground, height: 16, key: (p) => p.own, text: (v) => data.states[v], fill: (v) => (v % 2 ? "var(--rule)" : "var(--wash)") },
      { name: texts.towards, height: 16, key: facing, text: (v) => v, fill: (v) => (v === texts.not_held ? "var(--sheet)" : "var(--nothing)") },
      { name: texts.surface, height: 13, key: (p) => p.surface, text: (v) => data.surfaces[v][0], fill: (v) => data.surfaces[v][1] },
      { name: texts.barriers, height: 18, key: (p) => p.family, text: () => "", fill: (v) => data.families[v][1] },
    ];
    for (const lane of data.lanes.filter((name) => parts.some((p) => p[name] >= 0))) {
      list.push({
        name: texts[lane], height: 14, small: true, ink: (v) => inkOn(data.watching[Number(v.split("|")[0])]?.[1]),
        key: (p) => `${p[lane]}|${p[lane + "Km"] || 0}`,
        fill: (v) => (v[0] === "-" ? "var(--sheet)" : data.watching[v.split("|")[0]][1]),
        text: (v) => (v[0] === "-" ? "" : every(Number(v.split("|")[1]))),
      });
    }
    list.push({
      name: texts.forts, height: 17, key: (p) => `${p.fort}|${p.fortKm}`, ink: (v) => inkOn(data.forts[Number(v.split("|")[0])]?.[1]),
      text: (v) => every(Number(v.split("|")[1])), fill: (v) => (v[0] === "-" ? "var(--sheet)" : data.forts[v.split("|")[0]][1]),
    });
    return list;
  }

  // white letters on dark colours
  function inkOn(colour) {
    const part = (n) => parseInt((colour || "").slice(n, n + 2), 16);
    return 0.3 * part(1) + 0.59 * part(3) + 0.11 * part(5) < 125 ? "var(--sheet)" : "var(--ink)";
  }

  function textIn(group, text, x, width, y, ink, small) {
    const size = small ? 10.5 : 11;
    if (!text || width < text.length * size * 0.56 + 6) return false;
    group.appendChild(make("text", { x: x + width / 2, y, fill: ink || "var(--ink)", "font-size": size, "text-anchor": "middle", "dominant-baseline": "central" }, text));
    return true;
  }

  function strip(line, shape) {
    const parts = pieces(line.runs);
    const rows = Math.max(1, Math.ceil((line.km - 0.05) / shape.rowKm));
    const list = lanes(shape.parts);
    const above = list.reduce((sum, lane) => sum + lane.height + 2, 0) + (line.sectors ? 34 : 0);
    const costHeight = 62, rowHeight = above + costHeight + 34;
    const svgs = [];
    const scale = (shape.width - shape.left - 16) / shape.rowKm;
    for (let row = 0; row < rows; row++) {
      const start = row * shape.rowKm, end = Math.min(start + shape.rowKm, line.km);
      // a drawing of its own for each row, so that paper can break between them
      const group = make("svg", { viewBox: `0 0 ${shape.width} ${rowHeight}`, width: shape.width, height: rowHeight });
      svgs.push(group);
      const clip = (p) => ({ x: shape.left + (Math.max(p.from, start) - start) * scale, width: (Math.min(p.to, end) - Math.max(p.from, start)) * scale });
      const within = (all) => all.filter((p) => p.to > start + 1e-6 && p.from < end - 1e-6);
      const label = (text, y) => group.appendChild(make("text", { x: shape.left - 8, y, "font-size": 11, "text-anchor": "end", "dominant-baseline": "central", fill: "var(--quiet)" }, text));
      let y = 0;
      for (const lane of list) {
        label(lane.name, y + lane.height / 2);
        for (const p of within(joined(parts, lane.key))) {
          const { x, width } = clip(p);
          group.appendChild(make("rect", { x, y, width, height: lane.height, fill: lane.fill(p.value), class: lane.fill(p.value) === "var(--sheet)" ? "bare" : "piece" }));
          textIn(group, lane.text(p.value), x, width, y + lane.height / 2 + 0.5, typeof lane.ink === "function" ? lane.ink(p.value) : lane.ink, lane.small);
        }
        y += lane.height + 2;
      }
      if (line.sectors) y = sectors(group, line.sectors, within, clip, label, y);
      costs(group, within(parts), clip, shape, y + 6, costHeight);
      axis(group, start, end, scale, shape, y + 6 + costHeight);
    }
    return { svgs, parts, rowHeight, scale };
  }

  // what a stretch of 50 km and more stops, and where it is
  function sectors(group, list, within, clip, label, y) {
    let at = 0;
    const all = list.map(([km, near, stops, met]) => {
      at += km;
      return { from: at - km, to: at, near, stops, met };
    });
    label(texts.stops, y + 8);
    label(texts.near, y + 25);
    for (const p of within(all)) {
      const { x, width } = clip(p);
      group.appendChild(make("rect", { x, y, width, height: 17, fill: p.met ? "var(--met)" : "var(--unmet)", stroke: "var(--sheet)" }));
      const mid = p.stops.split(" (")[0];
      [p.stops, mid].some((text) => textIn(group, p.met ? text : `▼ ${text}`, x, width, y + 9, "var(--ink)"));
      textIn(group, p.near, x, width, y + 26, "var(--quiet)");
    }
    return y + 34;
  }

  function costs(group, parts, clip, shape, y, height) {
    const up = (value) => y + height - (value / shape.top) * height;
    for (const part of [0, 0.5, 1]) {
      group.appendChild(make("line", { x1: shape.left, x2: shape.width - 16, y1: up(part * shape.top), y2: up(part * shape.top), stroke: "var(--rule)" }));
      group.appendChild(make("text", { x: shape.left - 8, y: up(part * shape.top), "font-size": 10.5, "text-anchor": "end", "dominant-baseline": "central", fill: "var(--quiet)" }, thin((part * shape.top) / 1000) + (part === 1 ? "k" : part ? "k" : "")));
    }
    let mid = "", low = "", high = "";
    parts.forEach((p, n) => {
      const { x, width } = clip(p);
      mid += `${n ? "V" : `M${x.toFixed(1)} `}${up(p.price).toFixed(1)}H${(x + width).toFixed(1)}`;
      high += `${n ? "L" : "M"}${x.toFixed(1)} ${up(p.high).toFixed(1)}H${(x + width).toFixed(1)}`;
      low = `L${(x + width).toFixed(1)} ${up(p.low).toFixed(1)}H${x.toFixed(1)}${low}`;
    });
    group.appendChild(make("path", { d: `${high}${low}Z`, fill: "var(--inside)", "fill-opacity": 0.2 }));
    group.appendChild(make("path", { d: mid, fill: "none", stroke: "var(--line)", "stroke-width": 1.6 }));
  }

  function axis(group, start, end, scale, shape, y) {
    const step = tick(74 / scale);
    group.appendChild(make("line", { x1: shape.left, x2: shape.left + (end - start) * scale, y1: y, y2: y, stroke: "var(--ink)" }));
    for (let km = Math.ceil(start / step) * step; km <= end + 1e-6; km += step) {
      const x = shape.left + (km - start) * scale;
      group.appendChild(make("line", { x1: x, x2: x, y1: y, y2: y + 4, stroke: "var(--ink)" }));
      group.appendChild(make("text", { x, y: y + 12, "font-size": 10.5, "text-anchor": "middle", "dominant-baseline": "central", fill: "var(--ink)" }, `${thin(km)}${km === 0 || km === Math.ceil(start / step) * step ? `${THIN}km` : ""}`));
    }
  }

  // ---- all strips of a step, with a reading line for pointer and keyboard -------------------------
  function draw(width) {
    const frame = one("strips");
    const { lines, rest } = data.strips.steps[state.step];
    if (!lines.length) {
      frame.replaceChildren(html("p", "quiet", texts.no_line));
      state.strips = 0;
      return;
    }
    const longest = Math.max(...lines.map((l) => l.km), rest ? rest.km : 0);
    const most = width < 560 ? 8 : 4;
    let rowKm = 25;
    while (Math.ceil((longest - 0.05) / rowKm) > most) rowKm = round(rowKm * 1.01);
    const seen = rest && rest.km > rowKm / 50; // a shorter one would be a few dots
    const all = [...lines, ...(seen ? [rest] : [])];
    const parts = all.flatMap((line) => pieces(line.runs));
    const top = round(Math.max(...parts.map((p) => p.high)) / 2) * 2;
    const shape = { width, left: width < 560 ? 66 : 84, rowKm, top, parts };
    frame.replaceChildren(...all.map((line, n) => figure(line, n, line === rest, shape)));
    if (rest && !seen) frame.append(html("p", "quiet", counted(rest, "not_drawn")));
    state.strips = all.length;
    state.width = width;
  }

  const counted = ({ count, km }, name) =>
    fill(count === 1 ? texts[`${name}_one`] : texts[name], { count: thin(count), km: digits(km) });

  function figure(line, n, rest, shape) {
    const box = html("figure", "strip");
    const title = rest
      ? counted(line, "besides")
      : fill(line.closed ? texts.title_closed : texts.title, { n: n + 1, km: thin(line.km) });
    box.appendChild(html("figcaption", "", title));
    const drawn = strip(line, shape);
    const rows = html("div", "rows");
    rows.setAttribute("role", "img");
    rows.setAttribute("tabindex", "0");
    rows.setAttribute("aria-label", fill(texts.label, { title }));
    const readout = html("p", "readout no-print", "");
    readout.setAttribute("aria-live", "polite");
    const cursors = drawn.svgs.map((svg) => svg.appendChild(make("line", { class: "cursor", y1: 0, y2: drawn.rowHeight - 28, visibility: "hidden" })));
    let at = 0;
    const read = (km) => {
      at = Math.max(0, Math.min(line.km - 1e-3, km));
      const row = Math.floor(at / shape.rowKm);
      const part = drawn.parts.find((p) => at < p.to) || drawn.parts[drawn.parts.length - 1];
      const x = shape.left + (at - row * shape.rowKm) * drawn.scale;
      cursors.forEach((cursor, n) => {
        cursor.setAttribute("visibility", n === row ? "visible" : "hidden");
        cursor.setAttribute("x1", x);
        cursor.setAttribute("x2", x);
      });
      readout.textContent = told(part, at, rest);
    };
    drawn.svgs.forEach((svg, row) => svg.addEventListener("pointermove", (event) => {
      const place = svg.getBoundingClientRect();
      read(row * shape.rowKm + Math.max(0, ((event.clientX - place.left) * shape.width) / place.width - shape.left) / drawn.scale);
    }));
    rows.addEventListener("keydown", (event) => {
      const by = { ArrowRight: 1, ArrowLeft: -1, PageDown: 10, PageUp: -10 }[event.key];
      if (by) read(at + (by * shape.rowKm) / 100);
      else if (event.key === "Home") read(0);
      else if (event.key === "End") read(line.km);
      else return;
      event.preventDefault();
    });
    rows.addEventListener("focus", () => read(at));
    rows.append(...drawn.svgs);
    box.append(rows, readout);
    return box;
  }

  // ---- what moves them ---------------------------------------------------------------------------
  function show(step) {
    state.step = step;
    draw(state.width || Math.max(300, one("strips").clientWidth));
  }

  document.addEventListener("vallum-step", (event) => show(event.detail));
  window.addEventListener("beforeprint", () => draw(700));
  window.addEventListener("afterprint", () => draw(Math.max(300, one("strips").clientWidth)));
  new ResizeObserver(() => {
    const width = Math.max(300, one("strips").clientWidth);
    if (state.step >= 0 && Math.abs(width - state.width) > 2) draw(width);
  }).observe(one("strips"));
})();
