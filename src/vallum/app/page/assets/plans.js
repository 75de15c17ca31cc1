// Full plans: asked for here, made elsewhere; the list is asked again while one is under way.
"use strict";
const STATUS = {
  queued: "waiting", running: "running", done: "done", failed: "failed", cancelled: "cancelled",
  interrupted: "interrupted: it can be resumed",
};
V.planRow = (row) => {
  const live = row.status === "queued" || row.status === "running";
  const name = `plan of ${row.asked}`;
  const acting = (label, verb, more = {}) => V.make("button", {
    type: "button", class: "plain", "aria-label": `${label} ${name}`,
    onclick: (event) => { const go = () => V.send(verb, { id: row.id, ...more }); if (verb === "delete_plan") V.sure(event.target, go); else go(); },
  }, label.toLowerCase());
  const main = ["brief.html", "annex.docx", "tables.xlsx", "plan.gpkg"];
  const link = (file) => V.make("a", { href: `api/plans/${row.id}/files/${file.name.split("/").map(encodeURIComponent).join("/")}`, download: file.name.split("/").pop() }, file.name);
  const first = row.files.filter((file) => main.includes(file.name));
  const rest = row.files.filter((file) => !main.includes(file.name));
  return V.make("li", { "data-plan": row.id, "data-status": row.status },
    V.make("div", {}, V.make("b", {}, STATUS[row.status] || row.status), ` asked ${row.asked}${row.own ? "" : ` by ${row.owner}`}${row.shared ? ", shared" : ""}, brief in ${row.language === "fr" ? "French" : "English"}`),
    live && row.stages ? V.make("div", {}, V.make("progress", { max: row.stages, value: row.done, "aria-label": `Progress of ${name}` }), ` ${row.stage || "waiting"}, ${row.done} of ${row.stages} stages, ${row.seconds}\u202fs`) : null,
    row.said ? V.make("p", { class: "faulty" }, row.said) : null,
    first.length ? V.make("p", { class: "files" }, ...first.flatMap((file) => [link(file), " "])) : null,
    rest.length ? V.make("details", {}, V.make("summary", {}, `${rest.length} more files`), V.make("p", { class: "files" }, ...rest.flatMap((file) => [link(file), " "]))) : null,
    row.own ? V.make("div", { class: "acts" },
      live ? acting("Cancel", "cancel_plan") : null,
      ["failed", "cancelled", "interrupted"].includes(row.status) ? acting("Resume", "resume_plan") : null,
      row.status === "done" ? acting(row.shared ? "Keep private" : "Share", "share_plan", { shared: !row.shared }) : null,
      live ? null : acting("Delete", "delete_plan")) : null);
};
V.exporting = null;
V.on("submitted", (message) => {
  V.one("plans-said").textContent = "Asked for. It goes on if you close the page.";
  if (V.exporting === "next") V.exporting = message.id;
});
V.on("plans", (message) => {
  const open = new Set([...document.querySelectorAll("#plans li:has(details[open])")].map((el) => el.dataset.plan));
  V.one("plans").replaceChildren(...(message.rows.length ? message.rows.map(V.planRow) : [V.make("li", { class: "quiet" }, "None yet.")]));
  open.forEach((id) => { const el = document.querySelector(`li[data-plan="${CSS.escape(id)}"] details`); if (el) el.open = true; });
  const wanted = message.rows.find((row) => row.id === V.exporting);
  if (wanted && !["queued", "running"].includes(wanted.status)) {
    V.exporting = null;
    const link = [...document.querySelectorAll(`li[data-plan="${CSS.escape(wanted.id)}"] a`)].find((el) => el.textContent === "brief.html");
    if (link) link.click();
    V.one("plans-said").textContent = link ? "The brief is being downloaded." : "The plan made no brief; see below.";
  }
  clearTimeout(V.polling);
  if (message.rows.some((row) => row.status === "queued" || row.status === "running")) {
    V.polling = setTimeout(() => V.send("plans"), 2000);
  }
});
V.startPlans = () => {
  const ask = () => {
    V.clearFaults();
    V.send("submit", { ...V.sheet(), language: V.one("language").value, changed: !!V.state.dirty });
  };
  V.one("submit").addEventListener("click", ask);
  V.one("export").addEventListener("click", () => {
    V.exporting = "next";
    V.one("plans-said").textContent = "The full plan is made first; its brief is downloaded when it is done.";
    ask();
  });
};
