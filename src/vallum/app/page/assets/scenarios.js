// Scenarios: keep, open, share, delete; and as files.
"use strict";
const act = (label, name, onclick) => V.act(V.say(`act.${label}`), name, onclick);
V.act = (label, name, onclick) => V.make("button", { type: "button", class: "plain", "aria-label": `${label} ${name}`, onclick }, label.toLowerCase());
V.scenarioRow = (row) => V.make("li", { "data-id": row.id },
  V.make("div", {}, V.make("b", {}, row.name), ` ${[V.say("version", { n: row.version, day: row.changed, who: row.by }), row.own ? "" : V.say("of_owner", { who: row.owner }), row.shared ? V.say("shared") : ""].filter(Boolean).join(", ")}`),
  V.make("div", { class: "acts" },
    act("open", row.name, () => V.openSheet(row.id)),
    act("history", row.name, () => V.send("history", { id: row.id })),
    row.own ? act(row.shared ? "private" : "share", row.name, () => V.send("share", { id: row.id, shared: !row.shared, dirty: !!V.state.dirty })) : null,
    row.own ? act("delete", row.name, (event) => V.sure(event.target, () => V.send("delete", { id: row.id }))) : null),
  V.make("ol", { class: "history", hidden: true }));
// what can't be undone is pressed twice
V.sure = (button, then) => {
  if (button.dataset.sure) return then();
  const name = button.getAttribute("aria-label"); // what is heard changes with what is seen
  button.dataset.sure = "1";
  button.textContent = V.say("delete.sure");
  button.setAttribute("aria-label", `${name}: ${V.say("delete.sure")}`);
  setTimeout(() => {
    delete button.dataset.sure;
    button.textContent = V.say("act.delete").toLowerCase();
    button.setAttribute("aria-label", name);
  }, 4000);
  return undefined;
};
V.openSheet = (id, version) => {
  V.instead();
  V.state.asked = V.send("open", { id, version });
};
V.on("scenarios", (message) => {
  V.one("scenarios").replaceChildren(...(message.rows.length ? message.rows.map(V.scenarioRow) : [V.make("li", { class: "quiet" }, V.say("empty"))]));
  V.fillPair("scenarios", message.rows.map((row) => [row.id, V.say("kept.option", { name: row.name, n: row.version })]));
});
// what can be compared: what is on the page, scenarios and plans
const pairs = { scenarios: [], plans: [] };
V.fillPair = (kind, rows) => {
  if (JSON.stringify(rows) === JSON.stringify(pairs[kind])) return; // one that is open stays so
  pairs[kind] = rows;
  for (const side of ["left", "right"]) {
    const select = V.one(side);
    const before = select.value;
    select.replaceChildren(...[["now", V.say("now")], ...pairs.scenarios, ...pairs.plans]
      .map(([value, text]) => V.make("option", { value }, text)));
    if ([...select.options].some((one) => one.value === before)) select.value = before;
  }
};
V.on("history", (message) => {
  const list = document.querySelector(`li[data-id="${CSS.escape(message.id)}"] .history`);
  list.hidden = false;
  list.replaceChildren(...message.rows.map((row) => V.make("li", {}, `${V.capital(V.say("version", { n: row.version, day: row.changed, who: row.by }))} `,
    act("open", V.say("version.open", { n: row.version }), () => V.openSheet(row.id, row.version)))));
});
V.keptSaid = () => {
  const { scenario: kept, dirty } = V.state;
  const said = kept && V.say(dirty ? "kept.changed" : "kept", { n: kept.version });
  V.one("kept-said").textContent = kept ? `${said} ${kept.own ? "" : V.say("kept.other")}` : V.say("kept.not");
};
// something on the page is no longer as it was kept
V.touch = () => {
  V.state.dirty = true;
  V.keptSaid();
};
V.on("saved", (message) => { V.state.scenario = message.sheet.scenario; V.state.dirty = !!message.dirty; V.keptSaid(); });
V.on("sheet", V.keptSaid);
V.on("start", V.keptSaid);
// another language is another page: what stands on this one goes with it
V.on("text", (message) => {
  if (!message.to) return;
  const { scenario, dirty } = V.state;
  window.sessionStorage.setItem("vallum", JSON.stringify({ text: message.text, scenario, dirty: !!dirty }));
  window.location.assign(message.to);
});
V.on("text", (message) => {
  if (message.to) return;
  const address = URL.createObjectURL(new Blob([message.text], { type: "application/toml" }));
  const name = (V.one("name").value || "scenario").replace(/[^\p{L}\p{N}]+/gu, "-").replace(/^-|-$/g, "") || "scenario";
  V.make("a", { href: address, download: `${name}.toml` }).click();
  setTimeout(() => URL.revokeObjectURL(address), 10000);
});
V.startScenarios = () => {
  V.one("language-link").addEventListener("click", (event) => {
    if (V.stuck) return; // what is on the page can't be written, and was said so: without it
    event.preventDefault();
    V.clearFaults();
    V.send("text", { ...V.sheet(), to: event.target.search });
  });
  V.on("faults", (message) => { if (message.of === "text") V.stuck = true; });
  V.one("save").addEventListener("click", () => { V.clearFaults(); V.send("save", V.sheet()); });
  V.one("save-new").addEventListener("click", () => { V.clearFaults(); V.send("save", { ...V.sheet(), new: true }); });
  V.one("download").addEventListener("click", () => { V.clearFaults(); V.send("text", V.sheet()); });
  V.one("upload").addEventListener("change", async (event) => {
    const found = await V.bring(event.target, "scenario", "scenario");
    if (!found) return;
    V.instead();
    V.state.asked = V.send("load", { text: found.text });
  });
};
