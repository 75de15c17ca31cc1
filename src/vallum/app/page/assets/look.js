// The quick look at later stages: asked for when the slider has rested, and never in the way.
"use strict";
const REST_MS = 1500;
let lookClock = null;
// a look makes room for a new frontier
V.stopLook = () => {
  if (V.looking || V.resting) V.cut = true;
  clearTimeout(V.resting);
  V.resting = null;
  if (V.looking) {
    V.send("cancel", { what: "look" });
    V.one("look-status").textContent = V.say("look.rest");
    V.one("look-cancel").hidden = true;
  }
  V.looking = false;
  clearInterval(lookClock);
};
// the new frontier did not come: the look that made room for it is had after all
V.lookOn = () => { if (V.cut && V.state.view && V.state.view.steps.length) V.rest(); };
V.rest = () => {
  V.stopLook();
  V.cut = false;
  V.one("looks").classList.add("stale");
  V.one("look-cancel").hidden = true;
  V.one("look-status").textContent = V.say("look.rest");
  V.resting = setTimeout(() => {
    V.resting = null;
    V.looking = true;
    V.send("look", { step: V.state.step });
  }, REST_MS);
};
V.on("looking", () => {
  V.looking = true;
  const since = performance.now();
  V.one("look-cancel").hidden = false;
  clearInterval(lookClock);
  const tell = () => { V.one("look-status").textContent = V.say("looking", { s: Math.round((performance.now() - since) / 1000) }); };
  tell();
  lookClock = setInterval(tell, 500);
});
V.lookEnds = (text) => {
  V.looking = false;
  clearInterval(lookClock);
  V.one("look-cancel").hidden = true;
  V.one("look-status").textContent = text;
};
V.on("look", (message) => {
  const found = message.look;
  V.lookEnds(V.say("look.of", { n: found.step + 1, draws: V.plain(found.draws), s: V.plain(found.seconds, 2) }));
  V.one("looks").hidden = false;
  V.one("looks").classList.toggle("stale", found.step !== V.state.step);
  V.pairs(V.one("look-forces"), found.forces);
  V.one("look-short").replaceChildren(...found.short.map(([text, lang]) => V.make("li", { lang }, text)));
  V.pairs(V.one("look-campaign"), found.campaign);
  V.table(V.one("look-accord"), found.accord);
  V.table(V.one("look-shares"), found.shares);
  V.one("look-partner-name").hidden = !found.partner.length;
  V.pairs(V.one("look-partner"), found.partner);
  V.one("look-said").replaceChildren(...found.said.map(([text, lang]) => V.make("li", { lang }, ...V.linked(text))));
  window.vallum.state.looked = found.step;
});
V.on("ended", (message) => { if (message.of === "look" && V.looking) V.lookEnds(V.say("stopped")); });
for (const kind of ["faults", "trouble"]) V.on(kind, (message) => { if (message.of === "look") V.lookEnds(V.say("not_had")); });
V.startLook = () => V.one("look-cancel").addEventListener("click", () => {
  clearTimeout(V.resting);
  V.resting = null;
  V.send("cancel", { what: "look" });
});
