// The assumptions: a field each, marked where it differs from the default.
"use strict";
V.openWord = (value) => V.say([0, 0.5, 1].includes(value) ? `open.${value}` : value < 0.5 ? "open.low" : "open.high");
V.same = (a, b) => JSON.stringify(a ?? null) === JSON.stringify(b ?? null);

V.shown = (field, value) => {
  if (value === null || value === undefined) return V.say(field.kind === "members" ? "members.all" : "nothing");
  if (field.kind === "choice") return (field.choices.find(([key]) => key === value) || [value, value])[1];
  if (field.kind === "openness") return V.openWord(value);
  if (Array.isArray(value)) return value.length ? value.join(", ") : V.say("nothing");
  return V.plain(value, 6);
};

V.mark = (field) => {
  const row = document.querySelector(`[data-field-row="${CSS.escape(field.key)}"]`);
  const value = V.state.values[field.key];
  const differs = !V.same(value, field.default);
  row.classList.toggle("changed", differs);
  const said = row.querySelector(".mark");
  said.replaceChildren();
  if (differs) {
    said.append(`${V.say("changed", { value: V.shown(field, field.default) })} `, V.make("button", {
      type: "button", class: "plain", "aria-label": V.say("put_back.name", { name: field.label }),
      onclick: () => V.put(field, field.default, true),
    }, V.say("put_back")));
  }
  if (field.key === "line.objective") {
    // what a person is worth is asked only where it counts
    const worth = document.querySelector('[data-field-row="line.usd_per_person_yr"]');
    if (worth) worth.hidden = value !== "mix";
  }
  const word = row.querySelector(".word");
  if (word) word.textContent = V.openWord(value);
  const seen = (key) => !document.querySelector(`[data-field-row="${CSS.escape(key)}"]`).hidden;
  const count = V.state.fields.filter((one) => !V.same(V.state.values[one.key], one.default) && seen(one.key)).length;
  V.one("changed-count").textContent = count ? V.sayMany("changed", count) : V.say("changed.none");
};

V.put = (field, value, ask) => {
  V.state.values[field.key] = value;
  V.fill(field);
  V.mark(field);
  if (ask) V.change();
};

V.fill = (field) => {
  const value = V.state.values[field.key];
  const el = document.querySelector(`[data-key="${CSS.escape(field.key)}"]`);
  if (field.kind === "members") {
    el.querySelectorAll("input").forEach((box) => { box.checked = !value || value.includes(box.value); });
  } else if (field.kind === "places") {
    el.querySelector("ul").replaceChildren(...value.map((place) => V.make("li", {}, `${place} `, V.make("button", {
      type: "button", class: "plain", "aria-label": V.say("remove.name", { name: place }),
      onclick: () => V.put(field, V.state.values[field.key].filter((one) => one !== place), true),
    }, V.say("remove")))));
  } else if (document.activeElement !== el || el.value === "") {
    el.value = value ?? "";
  }
};

const ID = (key) => `f-${key.replaceAll(".", "-")}`;
const INPUTS = {
  number: (field, set) => V.make("input", {
    id: ID(field.key), type: "number", step: field.step, min: field.least, max: field.most, inputmode: "decimal", "data-key": field.key,
    onchange: ({ target }) => {
      // what the browser can't read has no value: an empty field asks for the default, this for nothing
      if (target.validity.badInput) {
        V.clearFaults();
        V.fault(field.key, V.say("number.bad"));
      } else set(target.value === "" ? field.default : Number(target.value));
    },
  }),
  openness: (field, set) => V.make("input", {
    id: ID(field.key), type: "range", min: 0, max: 1, step: 0.05, "data-key": field.key,
    oninput: (event) => { event.target.closest(".field").querySelector(".word").textContent = V.openWord(Number(event.target.value)); },
    onchange: (event) => set(Number(event.target.value)),
  }),
  choice: (field, set) => V.make("select", {
    id: ID(field.key), "data-key": field.key, onchange: (event) => set(event.target.value),
  }, ...field.choices.map(([value, label]) => V.make("option", { value }, label))),
  members: (field, set) => V.make("div", { "data-key": field.key, role: "group", "aria-label": field.label },
    ...field.choices.map(([value, label]) => V.make("label", { class: "check" }, V.make("input", {
      type: "checkbox", value,
      onchange: (event) => {
        const on = [...event.target.closest("[data-key]").querySelectorAll("input:checked")].map((box) => box.value);
        set(on.length && on.length < field.choices.length ? on : null); // nobody is everybody
      },
    }), ` ${label}`))),
  places: (field, set) => {
    const add = () => {
      const input = V.one(ID(field.key));
      const name = input.value.trim();
      if (name) set([...V.state.values[field.key].filter((one) => one !== name), name]);
      input.value = "";
      V.fill(field);
    };
    return V.make("div", { "data-key": field.key }, V.make("ul", { class: "chips" }), V.make("div", { class: "adding" },
      V.make("input", {
        id: ID(field.key), list: "towns", placeholder: V.say("place.hint"),
        onkeydown: (event) => { if (event.key === "Enter") { event.preventDefault(); add(); } },
      }),
      V.make("button", { type: "button", onclick: add }, V.say("place.add"))));
  },
};

V.summary = (field) => (field.kind === "number" && field.default !== null
  ? V.say("meaning.default", { value: V.shown(field, field.default) }) : V.say("meaning"));
V.fieldRow = (field) => {
  const set = (value) => { V.put(field, value, true); };
  const grouped = field.kind === "members";
  return V.make("div", { class: `field ${field.kind}`, "data-field-row": field.key },
    V.make(grouped ? "span" : "label", grouped ? { class: "label" } : { for: ID(field.key) }, field.label,
      field.unit && field.kind === "number" ? V.make("span", { class: "unit" }, ` ${field.unit}`) : null),
    INPUTS[field.kind](field, set),
    field.kind === "openness" ? V.make("span", { class: "word" }) : null,
    V.make("span", { class: "mark" }),
    field.help && field.kind !== "openness" ? V.make("details", {}, V.make("summary", {}, V.summary(field)), V.make("p", { lang: field.lang || null }, ...V.linked(field.help))) : null,
    V.make("div", { class: "faults", "data-faults": field.key, role: "alert", hidden: true }));
};

V.makeFields = () => {
  const groups = new Map();
  for (const field of V.state.fields) groups.set(field.group, [...(groups.get(field.group) || []), field]);
  V.one("fields").replaceChildren(...[...groups].map(([name, fields]) => V.make("fieldset", {},
    V.make("legend", {}, name),
    fields[0].kind === "openness" ? V.make("p", { class: "quiet small" }, V.say("open.scale")) : null,
    ...fields.map(V.fieldRow))));
  V.one("fields").addEventListener("submit", (event) => event.preventDefault());
};

// what the session says of a scenario, put on the page
V.showSheet = (sheet) => {
  Object.assign(V.state, {
    values: sheet.values, choice: sheet.choice, scenario: sheet.scenario,
    drawn: sheet.drawn, touched: false,
  });
  V.stuck = false;
  V.one("others").hidden = !sheet.others.length;
  V.one("others").textContent = sheet.others.length ? V.sayMany("others", sheet.others.length, { names: sheet.others.join(", ") }) : "";
  V.one("name").value = sheet.name;
  V.one("note").value = sheet.note;
  for (const field of V.state.fields) { V.fill(field); V.mark(field); }
  V.showDrawn();
};

// a change waits a moment for the next one; only the last is asked
V.change = () => {
  const { state } = V;
  const aim = state.values["line.objective"];
  if (state.aim && aim !== state.aim) {
    // a price for people is none for dollars
    const cost = state.view && state.view.steps.length ? state.view.steps[state.step].cost : 1e9;
    if (aim === "people" || state.aim === "people" || state.touched) state.choice = { mu: null, budget: state.choice.budget ?? cost };
  }
  state.aim = aim;
  V.touch();
  V.stuck = false;
  clearTimeout(V.waiting);
  window.vallum.state.busy = true;
  V.waiting = setTimeout(() => {
    V.clearFaults();
    V.stopLook();
    state.asked = V.send("change", V.sheet());
  }, 150);
};

// what comes in the place of all that is on the page: no change that still waits may overtake it
V.instead = () => {
  clearTimeout(V.waiting);
  V.stopLook();
  V.clearFaults();
};

let clock = null;
V.busy = (since) => {
  clearInterval(clock);
  window.vallum.state.busy = true;
  V.one("cancel").hidden = false;
  document.body.classList.add("finding");
  const tell = () => { V.one("status").textContent = V.say("finding", { s: Math.round((performance.now() - since) / 1000) }); };
  tell();
  clock = setInterval(tell, 500);
};
V.idle = (...said) => {
  clearInterval(clock);
  window.vallum.state.busy = false;
  V.one("cancel").hidden = true;
  document.body.classList.remove("finding");
  V.one("status").replaceChildren(...said);
};
V.again = () => V.make("button", { type: "button", class: "plain", onclick: () => V.change() }, V.say("find_again"));
V.notFound = (why, lang) => {
  V.idle(...V.sayNodes("not_found", { why: V.make("span", { lang }, why) }));
  V.lookOn();
};
V.on("finding", (message) => { if (message.n >= V.state.asked) { V.state.asked = message.n; V.busy(performance.now()); } });
V.on("view", () => V.idle(V.say(V.state.dirty ? "found.changed" : "found")));
V.on("faults", (message) => { if (message.n === V.state.asked) V.notFound(message.faults[0].found, message.lang); });
V.on("trouble", (message) => { if (message.n === V.state.asked) V.notFound(message.said, message.lang); });
V.on("ended", (message) => {
  if (message.n !== V.state.asked) return;
  V.idle(`${V.say(V.state.view ? "cancelled" : "cancelled.first")} `, V.again());
  V.lookOn();
});
V.on("sheet", (message) => {
  V.state.dirty = !!message.dirty;
  V.showSheet(message.sheet);
  V.state.aim = message.sheet.values["line.objective"];
});
V.on("start", (message) => {
  V.state.fields = message.fields;
  V.state.upload = message.upload_bytes;
  V.one("who").textContent = message.local ? V.say("local") : V.say("user", { user: message.user });
  if (message.leaves) V.one("who").append(" ", V.make("a", { href: "/logout" }, V.say("logout")));
  V.one("towns").replaceChildren(...message.towns.map((value) => V.make("option", { value })));
  V.makeFields();
  V.showSheet(message.sheet);
  V.state.aim = message.sheet.values["line.objective"];
});
