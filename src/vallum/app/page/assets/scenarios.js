// Scenarios: keep, open, share, delete; and as files.
"use strict";
const act = (label, name, onclick) => V.make("button", { type: "button", class: "plain", "aria-label": `${label} ${name}`, onclick }, label.toLowerCase());
V.scenarioRow = (row) => V.make("li", { "data-id": row.id },
  V.make("div", {}, V.make("b", {}, row.name), ` version ${row.version}, ${row.changed} by ${row.by}${row.own ? "" : `, of ${row.owner}`}${row.shared ? ", shared" : ""}`),
  V.make("div", { class: "acts" },
    act("Open", row.name, () => V.openSheet(row.id)),
    act("History", row.name, () => V.send("history", { id: row.id })),
    row.own ? act(row.shared ? "Keep private" : "Share", row.name, () => V.send("share", { id: row.id, shared: !row.shared })) : null,
    row.own ? act("Delete", row.name, (event) => V.sure(event.target, () => V.send("delete", { id: row.id }))) : null),
  V.make("ol", { class: "history", hidden: true }));
// what can't be undone is pressed twice
V.sure = (button, then) => {
  if (button.dataset.sure) return then();
  button.dataset.sure = "1";
  button.textContent = "delete for good?";
  setTimeout(() => { delete button.dataset.sure; button.textContent = "delete"; }, 4000);
  return undefined;
};
V.openSheet = (id, version) => {
  V.clearFaults();
  V.state.asked = V.send("open", { id, version });
};
V.on("scenarios", (message) => {
  V.one("scenarios").replaceChildren(...(message.rows.length ? message.rows.map(V.scenarioRow) : [V.make("li", { class: "quiet" }, "None yet.")]));
  for (const side of ["left", "right"]) {
    const select = V.one(side);
    const before = select.value;
    select.replaceChildren(V.make("option", { value: "now" }, "what is on the page"),
      ...message.rows.map((row) => V.make("option", { value: row.id }, `${row.name} (version ${row.version})`)));
    if ([...select.options].some((one) => one.value === before)) select.value = before;
  }
});
V.on("history", (message) => {
  const list = document.querySelector(`li[data-id="${CSS.escape(message.id)}"] .history`);
  list.hidden = false;
  list.replaceChildren(...message.rows.map((row) => V.make("li", {}, `Version ${row.version}, ${row.changed} by ${row.by} `,
    act("Open", `version ${row.version}`, () => V.openSheet(row.id, row.version)))));
});
V.keptSaid = () => {
  const kept = V.state.scenario;
  V.one("kept-said").textContent = kept ? `Kept as version ${kept.version}.${kept.own ? "" : " It is somebody else’s: saving makes your own."}` : "Not kept yet.";
};
V.on("saved", (message) => { V.state.scenario = message.sheet.scenario; V.state.dirty = false; V.keptSaid(); });
V.on("sheet", V.keptSaid);
V.on("start", V.keptSaid);
V.on("text", (message) => {
  const address = URL.createObjectURL(new Blob([message.text], { type: "application/toml" }));
  const name = (V.one("name").value || "scenario").replace(/[^\p{L}\p{N}]+/gu, "-").replace(/^-|-$/g, "") || "scenario";
  V.make("a", { href: address, download: `${name}.toml` }).click();
  setTimeout(() => URL.revokeObjectURL(address), 10000);
});
V.startScenarios = () => {
  V.one("save").addEventListener("click", () => { V.clearFaults(); V.send("save", V.sheet()); });
  V.one("save-new").addEventListener("click", () => { V.clearFaults(); V.send("save", { ...V.sheet(), new: true }); });
  V.one("download").addEventListener("click", () => { V.clearFaults(); V.send("text", V.sheet()); });
  V.one("upload").addEventListener("change", async (event) => {
    V.clearFaults();
    const [file] = event.target.files;
    event.target.value = "";
    if (!file) return;
    if (file.size > V.state.upload) {
      V.fault("scenario", `${file.name} has ${V.amount(file.size)} bytes. At most ${V.amount(V.state.upload)} may be loaded.`);
      return;
    }
    V.state.asked = V.send("load", { text: await file.text() });
  });
};
