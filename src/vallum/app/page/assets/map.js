// A map: the ground drawn once by Bokeh; held land is an image whose threshold moves.
"use strict";
V.figure = async (kind, target) => {
  const figures = (V.figures ||= JSON.parse(V.one("vallum-figures").textContent));
  const item = JSON.parse(JSON.stringify(figures[kind]).replaceAll(`"${kind}-`, `"${target}--`));
  item.target_id = target;
  await window.Bokeh.embed.embed_item(item, target);
  const doc = window.Bokeh.documents.find((one) => one.roots().some((root) => root.id === item.root_id));
  return { doc, root: doc.roots()[0], named: (name) => doc.get_model_by_name(name) };
};

V.makeMap = async (target) => {
  const found = await V.figure("map", target);
  const map = { ...found, target, home: null, view: null };
  const { root } = found;
  const [x, y] = [root.x_range, root.y_range];
  map.home = [x.start, x.end, y.start, y.end];
  map.moved = [];
  for (const range of [x, y]) range.change.connect(() => map.moved.forEach((act) => act()));
  const drag = root.toolbar.tools.find((tool) => tool.name === "drag");
  if (drag && window.matchMedia("(pointer: fine)").matches) drag.active = true;
  const layers = root.renderers.filter((one) => (one.name || "").startsWith("names-"));
  const widths = [...new Set(layers.map((one) => Number(one.name.slice(6))))].sort((a, b) => a - b);
  const fit = () => {
    const width = V.one(target).clientWidth;
    const best = widths.filter((one) => width >= one).pop() || widths[0];
    layers.forEach((one) => { one.visible = one.name === `names-${best}`; });
  };
  new ResizeObserver(fit).observe(V.one(target));
  return map;
};

// a view's arrays, unpacked once
V.unpack = (view) => {
  view.entryCells = V.array(view.entry, Int16Array);
  view.xs = V.array(view.x, Float32Array);
  view.ys = V.array(view.y, Float32Array);
  for (const key of ["entry", "x", "y"]) delete view[key];
  if (view.scored) view.scored.cells = V.array(view.scored.held, Int16Array);
  return view;
};

// cells of a view lie on its own grid, which may be another than the one the page was opened with
V.image = (map, name, cells, { shape, place }) => {
  const source = map.named(name);
  const old = source.data.image[0];
  const [x, y, dw, dh] = place.map((km) => [km]);
  source.data = { x, y, dw, dh, image: [new old.constructor(cells, shape)] };
};

V.setView = (map, view) => {
  map.view = view;
  V.image(map, "entry", view.entryCells, view);
  if (view.scored) {
    V.image(map, "scored", view.scored.cells.map((cell) => (cell ? 0 : -1)), view);
  } else if (map.scored) {
    V.image(map, "scored", new Int16Array(view.entryCells.length).fill(-1), view);
  }
  map.scored = !!view.scored;
};

V.setStep = (map, step) => {
  const { view } = map;
  map.named("entry-reach").high = step + 0.5;
  const first = step > 0 ? view.steps_end[step - 1] : 0;
  const xs = [], ys = [];
  for (let path = first; path < (view.steps_end[step] || 0); path++) {
    const from = path > 0 ? view.ends[path - 1] : 0;
    xs.push(view.xs.subarray(from, view.ends[path]));
    ys.push(view.ys.subarray(from, view.ends[path]));
  }
  map.named("line").data = { xs, ys };
  map.held = V.rim(xs, ys);
};

// the rectangle around lines: west, east, south, north
V.rim = (xs, ys) => {
  const ends = (parts) => parts.reduce(([least, most], part) => part.reduce(
    ([a, b], one) => [Math.min(a, one), Math.max(b, one)], [least, most]), [Infinity, -Infinity]);
  return xs.length ? [...ends(xs), ...ends(ys)] : null;
};
// land that is too small to be seen on the whole map is offered to be looked at
const SMALL = 0.06;
V.tiny = (map) => {
  if (!map.held) return false;
  const [west, east, south, north] = map.held;
  return Math.max(east - west, north - south) < SMALL * (map.home[1] - map.home[0]);
};
V.zoomHeld = (map) => {
  const [west, east, south, north] = map.held;
  const { x_range: x, y_range: y } = map.root;
  const wide = Math.max(east - west, north - south, 20) * 3;
  const high = (wide * (map.home[3] - map.home[2])) / (map.home[1] - map.home[0]);
  x.setv({ start: (west + east - wide) / 2, end: (west + east + wide) / 2 });
  y.setv({ start: (south + north - high) / 2, end: (south + north + high) / 2 });
};

V.zoom = (map, factor) => {
  const { x_range: x, y_range: y } = map.root;
  const part = (a, b) => [(a + b) / 2 - ((b - a) * factor) / 2, (a + b) / 2 + ((b - a) * factor) / 2];
  const [x0, x1] = factor ? part(x.start, x.end) : map.home.slice(0, 2);
  const [y0, y1] = factor ? part(y.start, y.end) : map.home.slice(2);
  x.setv({ start: x0, end: x1 });
  y.setv({ start: y0, end: y1 });
};
V.pan = (map, across, up) => {
  const { x_range: x, y_range: y } = map.root;
  const [dx, dy] = [(x.end - x.start) * across, (y.end - y.start) * up];
  x.setv({ start: x.start + dx, end: x.end + dx });
  y.setv({ start: y.start + dy, end: y.end + dy });
};
V.mapKeys = (map) => {
  const acts = {
    ArrowLeft: [-0.15, 0], ArrowRight: [0.15, 0], ArrowUp: [0, 0.15], ArrowDown: [0, -0.15],
  };
  V.one(map.target).addEventListener("keydown", (event) => {
    if (acts[event.key]) V.pan(map, ...acts[event.key]);
    else if (event.key === "+" || event.key === "=") V.zoom(map, 0.7);
    else if (event.key === "-") V.zoom(map, 1 / 0.7);
    else if (event.key === "0") V.zoom(map, 0);
    else return;
    event.preventDefault();
  });
};
