// Full plans: asked for here, made elsewhere; the list is asked again while one is under way.
"use strict";
const LIVE = ["queued", "running"];
V.planRow = (row) => {
  const live = LIVE.includes(row.status);
  const name = V.say("plan.name", { day: row.asked });
  const acting = (label, verb, more = {}) => V.act(V.say(`act.${label}`), name, (event) => {
    const go = () => V.send(verb, { id: row.id, ...more });
    if (verb === "delete_plan") V.sure(event.target, go); else go();
  });
  const main = ["brief.html", "annex.docx", "tables.xlsx", "plan.gpkg"];
  const link = (file) => V.make("a", { href: `api/plans/${row.id}/files/${file.name.split("/").map(encodeURIComponent).join("/")}`, download: file.name.split("/").pop() }, file.name);
  const first = row.files.filter((file) => main.includes(file.name));
  const rest = row.files.filter((file) => !main.includes(file.name));
  return V.make("li", { "data-plan": row.id, "data-status": row.status },
    V.make("div", {}, V.make("b", {}, V.say(`status.${row.status}`)), ` ${[V.say("plan.asked", { day: row.asked }), row.own ? "" : V.say("plan.by", { who: row.owner }), row.shared ? V.say("shared") : "", V.say(`plan.${row.language}`)].filter(Boolean).join(", ")}`),
    live && row.stages ? V.make("div", {}, V.make("progress", { max: row.stages, value: row.done, "aria-label": V.say("plan.progress", { name }) }), ` ${V.say("plan.far", { stage: row.stage || V.say("status.queued"), done: row.done, all: row.stages, s: row.seconds })}`) : null,
    row.said ? V.make("p", { class: "faulty", lang: row.lang }, row.said) : null,
    first.length ? V.make("p", { class: "files" }, ...first.flatMap((file) => [link(file), " "])) : null,
    rest.length ? V.make("details", {}, V.make("summary", {}, V.sayMany("plan.more", rest.length)), V.make("p", { class: "files" }, ...rest.flatMap((file) => [link(file), " "]))) : null,
    row.own ? V.make("div", { class: "acts" },
      live ? acting("cancel", "cancel_plan") : null,
      ["failed", "cancelled", "interrupted"].includes(row.status) ? acting("resume", "resume_plan") : null,
      row.status === "done" ? acting(row.shared ? "private" : "share", "share_plan", { shared: !row.shared }) : null,
      live ? null : acting("delete", "delete_plan")) : null);
};
// briefs that are to be downloaded: what was asked for, and the plans that came of it
const asked = new Set();
const exported = new Set();
V.on("submitted", (message) => {
  V.one("plans-said").textContent = V.say("plan.submitted");
  if (asked.delete(message.n)) exported.add(message.id);
});
for (const kind of ["faults", "trouble"]) {
  V.on(kind, (message) => { if (asked.delete(message.n)) V.one("plans-said").textContent = ""; });
}
// the rows anew; what had the focus has it again
V.planRows = (rows) => {
  const list = V.one("plans");
  const sure = list.querySelector("li:has([data-sure])"); // pressed once: the next press is of the same button
  const open = new Set([...list.querySelectorAll("li:has(details[open])")].map((el) => el.dataset.plan));
  const at = list.contains(document.activeElement) ? document.activeElement : null;
  const own = at && at.closest("li").dataset.plan;
  const name = (el) => el.getAttribute("aria-label") || el.getAttribute("href") || el.tagName;
  list.replaceChildren(...(rows.length
    ? rows.map((one) => (sure && sure.dataset.plan === one.id ? sure : V.planRow(one)))
    : [V.make("li", { class: "quiet" }, V.say("plan.none"))]));
  const row = (id) => list.querySelector(`li[data-plan="${CSS.escape(id)}"]`);
  open.forEach((id) => { const el = row(id) && row(id).querySelector("details"); if (el) el.open = true; });
  const same = own && row(own) && [...row(own).querySelectorAll("button, a, summary")].find((el) => name(el) === name(at));
  if (same) same.focus();
};
V.on("plans", (message) => {
  V.planRows(message.rows);
  V.fillPair("plans", message.rows.map((row) => [`plan:${row.id}`, V.capital(V.say("plan.name", { day: row.asked }))]));
  for (const wanted of message.rows.filter((row) => exported.has(row.id) && !LIVE.includes(row.status))) {
    exported.delete(wanted.id);
    const link = [...document.querySelectorAll(`li[data-plan="${CSS.escape(wanted.id)}"] a`)].find((el) => el.textContent === "brief.html");
    if (link) link.click();
    V.one("plans-said").textContent = V.say(link ? "plan.brief" : "plan.no_brief");
  }
  clearTimeout(V.polling);
  if (V.one("plans-said").textContent === V.say("plan.submitted") && !message.rows.some((row) => LIVE.includes(row.status))) {
    V.one("plans-said").textContent = "";
  }
  if (message.rows.some((row) => LIVE.includes(row.status))) {
    V.polling = setTimeout(() => V.send("plans"), 2000);
  }
});
V.startPlans = () => {
  const ask = () => {
    V.clearFaults();
    return V.send("submit", { ...V.sheet(), language: V.one("language").value });
  };
  V.one("submit").addEventListener("click", ask);
  V.one("export").addEventListener("click", () => {
    V.one("plans-said").textContent = V.say("plan.first");
    asked.add(ask());
  });
};
