// Drawing on the map: taps add points; a line or an area is then scored, a place must be held.
// What a line holds is the parts of the land with the largest towns, or those that somebody marks.
"use strict";
V.pen = { mode: "", km: [], of: null };
const COLUMNS = (km) => ({ x: km.map((p) => p[0]), y: km.map((p) => p[1]) });

V.showDrawn = () => {
  const { drawn } = V.state;
  V.one("legend-drawn").hidden = !drawn.length && !["line", "area"].includes(V.pen.mode);
  const rings = drawn.map((one) => (one.closed ? [...one.km, one.km[0]] : one.km));
  const marking = V.pen.mode === "side";
  if (V.pen.km.length > 1 && !marking) rings.push(V.pen.km);
  V.map.named("drawn").data = { xs: rings.map((one) => one.map((p) => p[0])), ys: rings.map((one) => one.map((p) => p[1])) };
  V.map.named("points").data = COLUMNS(marking ? [] : V.pen.km);
  const sides = drawn.flatMap((one) => (marking && one === V.pen.of ? [] : one.holding || []));
  V.map.named("sides").data = COLUMNS(marking ? [...sides, ...V.pen.km] : sides);
  V.one("drawn-list").replaceChildren(...drawn.map((one, n) => V.make("li", {},
    V.make("b", {}, V.say(one.closed ? "area" : "line", { n: n + 1, points: one.km.length })),
    one.closed || (sides.length && !one.holding?.length) ? null : V.make("div", { class: "quiet" }, V.holds(one)),
    V.make("div", { class: "acts" },
      one.closed ? null : V.make("button", {
        type: "button", class: "plain", "aria-label": V.say("side.name", { n: n + 1 }), onclick: () => V.setPen("side", one),
      }, V.say("side")),
      V.make("button", { type: "button", class: "plain", "aria-label": V.say("drawing.remove", { n: n + 1 }), onclick: () => {
        V.state.drawn = drawn.filter((other) => other !== one);
        V.showDrawn();
        V.change();
      } }, V.say("remove"))))));
};

V.holds = ({ holding }) => (holding?.length ? V.sayMany("sides", holding.length) : V.say("sides.none"));

V.setPen = (mode, of = null) => {
  V.pen = { mode, km: [], of };
  V.one("drawbar").hidden = !mode;
  V.one("draw-said").textContent = mode ? V.say(`pen.${mode}`) : "";
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
  const { mode, km, of } = V.pen;
  if (mode === "side") {
    of.holding = km;
    V.setPen("");
    V.change();
    return;
  }
  const least = mode === "area" ? 3 : 2;
  if (km.length < least) {
    V.one("draw-said").textContent = V.say("pen.least", { n: least });
    return;
  }
  V.addDrawn({ km, closed: mode === "area", holding: [] });
};

V.startDrawing = () => {
  const put = (km) => {
    V.pen.km = km;
    V.one("draw-said").textContent = V.sayMany("points", km.length);
    V.showDrawn();
  };
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
      put([...V.pen.km, at]);
    }
  });
  V.one("draw-undo").addEventListener("click", () => put(V.pen.km.slice(0, -1)));
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
