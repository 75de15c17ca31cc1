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
V.exporting = null;
V.on("submitted", (message) => {
  V.one("plans-said").textContent = V.say("plan.submitted");
  if (V.exporting === "next") V.exporting = message.id;
});
V.on("plans", (message) => {
  const open = new Set([...document.querySelectorAll("#plans li:has(details[open])")].map((el) => el.dataset.plan));
  V.one("plans").replaceChildren(...(message.rows.length ? message.rows.map(V.planRow) : [V.make("li", { class: "quiet" }, V.say("plan.none"))]));
  V.fillPair("plans", message.rows.map((row) => [`plan:${row.id}`, V.capital(V.say("plan.name", { day: row.asked }))]));
  open.forEach((id) => { const el = document.querySelector(`li[data-plan="${CSS.escape(id)}"] details`); if (el) el.open = true; });
  const wanted = message.rows.find((row) => row.id === V.exporting);
  if (wanted && !LIVE.includes(wanted.status)) {
    V.exporting = null;
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
    V.send("submit", { ...V.sheet(), language: V.one("language").value });
  };
  V.one("submit").addEventListener("click", ask);
  V.one("export").addEventListener("click", () => {
    V.exporting = "next";
    V.one("plans-said").textContent = V.say("plan.first");
    ask();
  });
};
