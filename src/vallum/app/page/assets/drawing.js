// Drawing on the map: taps add points; a line or an area is then scored, a place must be held.
"use strict";
V.pen = { mode: "", km: [] };
const SAID = {
  line: "Press on the map to add points of the line, from border to border.",
  area: "Press on the map to add corners of the area.",
  place: "Press on the place that every plan must hold.",
};

V.showDrawn = () => {
  const { drawn } = V.state;
  const rings = drawn.map((one) => (one.closed ? [...one.km, one.km[0]] : one.km));
  if (V.pen.km.length > 1) rings.push(V.pen.km);
  V.map.named("drawn").data = { xs: rings.map((one) => one.map((p) => p[0])), ys: rings.map((one) => one.map((p) => p[1])) };
  V.map.named("points").data = { x: V.pen.km.map((p) => p[0]), y: V.pen.km.map((p) => p[1]) };
  V.one("drawn-list").replaceChildren(...drawn.map((one, n) => V.make("li", {},
    `${one.closed ? "Area" : "Line"} ${n + 1}, ${one.km.length} points `,
    V.make("button", { type: "button", class: "plain", "aria-label": `Remove drawing ${n + 1}`, onclick: () => {
      V.state.drawn = drawn.filter((other) => other !== one);
      V.showDrawn();
      V.change();
    } }, "remove"))));
};

V.setPen = (mode) => {
  V.pen.mode = mode;
  V.pen.km = [];
  V.one("drawbar").hidden = !mode;
  V.one("draw-said").textContent = SAID[mode] || "";
  V.one("draw-undo").hidden = V.one("draw-done").hidden = mode === "place";
  for (const name of ["line", "area", "place"]) V.one(`draw-${name}`).setAttribute("aria-pressed", mode === name ? "true" : "false");
  document.body.classList.toggle("drawing", !!mode);
  V.showDrawn();
  if (mode) V.one("map").scrollIntoView({ block: "nearest" });
};

// lines and areas are scored apart: what is of the other kind goes
V.addDrawn = (one) => {
  V.state.drawn = [...V.state.drawn.filter((other) => other.closed === one.closed), one];
  V.setPen("");
  V.change();
};

V.endPen = () => {
  const { mode, km } = V.pen;
  const least = mode === "area" ? 3 : 2;
  if (km.length < least) {
    V.one("draw-said").textContent = `At least ${least} points are needed.`;
    return;
  }
  V.addDrawn({ km, closed: mode === "area" });
};

V.startDrawing = () => {
  for (const mode of ["line", "area", "place"]) {
    V.one(`draw-${mode}`).addEventListener("click", () => V.setPen(V.pen.mode === mode ? "" : mode));
  }
  V.map.root.on_event("tap", (event) => {
    const { mode } = V.pen;
    if (!mode) return;
    const at = [Number(event.x.toFixed(3)), Number(event.y.toFixed(3))];
    if (mode === "place") {
      V.send("place", { km: at });
      V.setPen("");
    } else {
      V.pen.km = [...V.pen.km, at];
      V.one("draw-said").textContent = `${V.pen.km.length} points.`;
      V.showDrawn();
    }
  });
  V.one("draw-undo").addEventListener("click", () => { V.pen.km = V.pen.km.slice(0, -1); V.showDrawn(); });
  V.one("draw-done").addEventListener("click", V.endPen);
  V.one("draw-stop").addEventListener("click", () => V.setPen(""));
  document.addEventListener("keydown", (event) => {
    if (!V.pen.mode || /INPUT|TEXTAREA|SELECT|BUTTON/.test(event.target.tagName)) return;
    if (event.key === "Escape") V.setPen("");
    if (event.key === "Enter" && V.pen.mode !== "place") V.endPen();
  });
  V.one("points-add").addEventListener("click", () => {
    V.clearFaults();
    V.send("points", { text: V.one("points").value, closed: V.one("points-closed").checked });
  });
};
V.on("points", (message) => {
  V.one("points").value = "";
  V.addDrawn(message.drawn);
});
V.on("place", (message) => {
  const field = V.state.fields.find((one) => one.kind === "places");
  V.put(field, [...V.state.values[field.key], message.text], true);
});
