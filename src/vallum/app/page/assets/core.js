// What all parts of the page share: messages to and from the session, and small helpers.
"use strict";
const V = (window.vallumPage = { heard: {}, up: null, n: 0 });
window.vallum = { state: { ready: false, step: -1, busy: true, looked: -1, views: 0 } };
window.vallumTimings = [];
V.state = {
  view: null, step: -1, values: {}, fields: [], drawn: [], choice: { mu: null, budget: null },
  scenario: null, asked: 0, touched: false, upload: 1e6,
};

// texts by key, in the language of the page; a script has none of its own
V.texts = JSON.parse(document.getElementById("vallum-texts").textContent);
V.lang = document.documentElement.lang;
V.say = (key, values = {}) => V.texts[key].replace(/\{(\w+)\}/g, (_, name) => values[name]);
V.sayMany = (key, n, values = {}) => V.say(`${key}.${(V.lang === "fr" ? n < 2 : n === 1) ? "one" : "many"}`, { n, ...values });
// the same with elements among the values: a list of what to append
V.sayNodes = (key, values) => V.texts[key].split(/\{(\w+)\}/).map((part, n) => (n % 2 ? values[part] : part));

const MOST_SENT = 500000; // signs, of which each may be four bytes where it comes to be sent
V.capital = (text) => text.slice(0, 1).toUpperCase() + text.slice(1);
V.one = (id) => document.getElementById(id);
V.on = (name, act) => { (V.heard[name] ||= []).push(act); };
V.send = (verb, more = {}) => {
  V.n += 1;
  if (V.lost) { // nobody hears it
    V.clearFaults();
    V.fault("page", V.say("lost.more"));
    return V.n;
  }
  const text = JSON.stringify({ do: verb, n: V.n, ...more });
  if (text.length > MOST_SENT) { // the server would close the line on it
    V.fault(HOMES[verb] || "page", V.say("sent.large", { n: V.plain(MOST_SENT, 7) }));
    return V.n;
  }
  V.up.data = { text: [text] };
  return V.n;
};
V.receive = (text) => {
  const message = JSON.parse(text);
  for (const act of V.heard[message.is] || []) act(message);
};
// an element with attributes, listeners (onclick) and children
V.make = (name, more = {}, ...children) => {
  const el = document.createElement(name);
  for (const [key, value] of Object.entries(more)) {
    if (key.startsWith("on")) el.addEventListener(key.slice(2), value);
    else if (value === true) el.setAttribute(key, "");
    else if (value !== false && value !== null && value !== undefined) el.setAttribute(key, value);
  }
  el.append(...children.filter((child) => child !== null && child !== undefined));
  return el;
};
V.bytes = (text) => Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0));
V.array = (text, Kind) => new Kind(V.bytes(text).buffer);

// all that the page says of the scenario, as the session reads it
V.sheet = () => ({
  values: V.state.values,
  drawn: V.state.drawn.map((one) => ({ km: one.km, closed: one.closed, holding: one.holding || [] })),
  choice: V.state.choice,
  name: V.one("name").value || V.say("unnamed"),
  note: V.one("note").value,
});

// numbers as the brief writes them: some digits, thin spaces, the scale in words
V.plain = (value, digits = 3) => {
  if (!Number.isFinite(value)) return "–";
  const rounded = Number(value.toPrecision(digits));
  const text = Math.abs(rounded) >= 1000
    ? Math.round(rounded).toString().replace(/\B(?=(\d{3})+$)/g, "\u202f")
    : String(rounded);
  return text.replace("-", "−").replace(".", V.texts.decimal);
};
V.amount = (value, digits = 3) => {
  const size = Math.abs(value);
  if (size >= 1e9) return `${V.plain(value / 1e9, digits)}\u202f${V.say("billion")}`;
  if (size >= 1e6) return `${V.plain(value / 1e6, digits)}\u202f${V.say("million")}`;
  return V.plain(value, digits);
};

// words with the addresses in them as links
V.linked = (text) => {
  const out = [];
  let at = 0;
  for (const found of text.matchAll(/https?:\/\/[^\s;,)]+/g)) {
    const address = found[0].replace(/[.:]+$/, "");
    out.push(text.slice(at, found.index), V.make("a", { href: address, rel: "noreferrer noopener", target: "_blank" }, address.replace(/^https?:\/\//, "")));
    at = found.index + address.length;
  }
  out.push(text.slice(at));
  return out;
};
// columns of figures stand to the right
V.table = (el, data) => {
  el.replaceChildren();
  if (!data || !data.rows.length) return;
  const figures = data.columns.map((_, n) => n > 0 && data.rows.every((row) => /^([−+]?\d|–$)/.test(row[n])));
  const kind = (n) => (figures[n] ? "n" : null);
  el.append(
    V.make("thead", {}, V.make("tr", {}, ...data.columns.map((name, n) => V.make("th", { scope: "col", class: kind(n) }, name)))),
    V.make("tbody", {}, ...data.rows.map((row) => V.make("tr", {}, ...row.map((cell, n) => V.make(n ? "td" : "th", n ? { class: kind(n) } : { scope: "row" }, cell)))))
  );
};
V.pairs = (el, rows) => el.replaceChildren(
  ...rows.map(([name, value]) => V.make("div", {}, V.make("dt", {}, name), V.make("dd", {}, value)))
);

// faults: beside their field where there is one, else on the panel they belong to
V.fault = (where, text, lang = null) => {
  const el = document.querySelector(`[data-faults="${CSS.escape(where)}"]`) || V.one("faults-page");
  el.append(V.make("p", { lang }, text));
  el.hidden = false;
  const field = document.querySelector(`[data-key="${CSS.escape(where)}"]`);
  if (field) field.setAttribute("aria-invalid", "true");
  return el;
};
V.clearFaults = () => {
  document.querySelectorAll(".faults").forEach((el) => { el.replaceChildren(); el.hidden = true; });
  document.querySelectorAll("[aria-invalid]").forEach((el) => el.removeAttribute("aria-invalid"));
};
const HOMES = {
  save: "scenario", open: "scenario", load: "scenario", share: "scenario", delete: "scenario",
  history: "scenario", text: "scenario", submit: "plan", plans: "plan", cancel_plan: "plan",
  resume_plan: "plan", delete_plan: "plan", share_plan: "plan", compare: "compare", points: "drawn", place: "drawn",
};
// where a fault is shown, and whether its place is to be said: beside its field it is seen
V.home = ({ where, place, found }, verb) => {
  if (place.includes("drawn")) return ["drawn", false];
  const known = [...document.querySelectorAll("[data-faults]")].map((el) => el.dataset.faults);
  const near = (name) => known.find((key) => name === key || name.startsWith(`${key}.`) || name.startsWith(`${key}[`));
  if (place && near(place)) return [near(place), false];
  const field = (name) => (near(name) || "").includes(".") && near(name); // and no panel
  if (where && field(where)) return [field(where), true];
  if (place && field(`${where}.${place}`)) return [field(`${where}.${place}`), false];
  // a fault of a whole section names its fields in words: the last of them is what is missing
  const words = (found.match(/\w+/g) || []).reverse();
  const meant = words.map((word) => known.find((key) => key === `${place || where}.${word}`)).find(Boolean);
  const shown = meant && document.querySelector(`[data-faults="${CSS.escape(meant)}"]`).closest(".field:not([hidden])");
  if (shown) return [meant, false];
  return [HOMES[verb] || "page", where !== "page"];
};
V.on("faults", (message) => {
  for (const one of message.faults) {
    const [home, named] = V.home(one, message.of);
    const text = `${V.capital(one.found)}. ${V.capital(one.mend)}.`;
    V.fault(home, named && one.place ? `${one.place}: ${text}` : text, message.lang);
  }
});
V.on("trouble", (message) => V.fault(HOMES[message.of] || "page", message.said, message.lang));
