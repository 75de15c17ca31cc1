// Files from elsewhere: the service reads them, and says what is wrong with them.
"use strict";
const MOST_DRAWN_POINTS = 2000; // of one page, as the session has it

// sends the file of an input, and gives what was found in it; null where that is a fault
V.bring = async (input, use, home) => {
  V.clearFaults();
  const [file] = input.files;
  input.value = "";
  if (!file) return null;
  if (!file.size) {
    V.fault(home, V.say("upload.empty", { name: file.name }));
    return null;
  }
  if (file.size > V.state.upload) {
    V.fault(home, V.say("large", { name: file.name, size: V.amount(file.size), most: V.amount(V.state.upload) }));
    return null;
  }
  V.one("open-said").textContent = V.say("upload.reading", { name: file.name });
  try {
    const answer = await fetch(`api/uploads/check?use=${use}&filename=${encodeURIComponent(file.name)}`, {
      method: "POST", body: file, redirect: "error",
      headers: { "Content-Type": "application/octet-stream", "X-Vallum-Request": "1" },
    });
    const told = await answer.json();
    if (told.found) return told.found;
    const lang = V.lang === "en" ? null : "en";
    for (const one of told.faults) V.fault(home, `${one.place ? `${one.place}: ` : ""}${one.place ? one.found : V.capital(one.found)}. ${V.capital(one.mend)}.`, lang);
    if (!told.faults.length) V.fault(home, told.detail, lang);
  } catch {
    V.fault(home, V.say("upload.lost"));
  } finally {
    V.one("open-said").textContent = "";
  }
  return null;
};

V.startUploads = () => {
  V.one("open-drawn").addEventListener("change", async (event) => {
    const found = await V.bring(event.target, "drawn", "drawn");
    if (!found) return;
    const closed = found.drawn.type === "Polygon";
    const points = closed ? found.drawn.coordinates[0].slice(0, -1) : found.drawn.coordinates;
    if (points.length > MOST_DRAWN_POINTS) {
      V.fault("drawn", V.say("upload.points", { n: V.plain(points.length, 6), most: V.plain(MOST_DRAWN_POINTS) }));
      return;
    }
    V.send("points", { text: points.map((at) => at.join(", ")).join("\n"), closed });
  });
  V.one("open-places").addEventListener("change", async (event) => {
    const found = await V.bring(event.target, "places", "drawn");
    if (!found) return;
    const field = V.state.fields.find((one) => one.kind === "places");
    const before = V.state.values[field.key];
    const more = found.places.filter((one) => !before.includes(one));
    if (more.length) V.put(field, [...before, ...more], true);
    V.one("open-said").textContent = V.sayMany("upload.places", more.length);
  });
};
