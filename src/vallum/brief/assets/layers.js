// The page's maps: each is embedded, filled with the borders that all share, and read by pointer.
(function () {
  "use strict";
  const data = JSON.parse(document.getElementById("vallum-data").textContent);
  const state = { ready: false, maps: [] };
  window.vallum = { state };

  function fill(model) {
    for (const source of new Set(model.renderers.map((r) => r.data_source))) {
      if (source && source.name && data.shared[source.name]) source.data = data.shared[source.name];
    }
  }

  // names are placed for a wide and for a narrow map
  function fit(model, element) {
    const kind = element.clientWidth >= 470 ? "names-wide" : "names-narrow";
    for (const r of model.renderers) if (r.name && r.name.startsWith("names-")) r.visible = r.name === kind;
  }

  // what is under the pointer, from the cells that the map is drawn from
  function read(view, labels, element) {
    const out = element.closest(".card").querySelector("[data-readout]");
    const cells = view.model.renderers.find((r) => r.name === "cells");
    if (!out || !cells || !labels.length) return;
    const { x, y, dw, dh } = cells.glyph;
    const image = cells.data_source.data.image[0];
    const [rows, cols] = image.shape || [image.length, image[0].length];
    const at = (r, c) => (image.shape ? image[r * cols + c] : image[r][c]);
    const show = (event) => {
      const box = element.getBoundingClientRect();
      const { x_range: h, y_range: v } = view.model;
      const east = h.start + ((event.clientX - box.left) / box.width) * (h.end - h.start);
      const north = v.end - ((event.clientY - box.top) / box.height) * (v.end - v.start);
      const col = Math.floor(((east - x.value) / dw.value) * cols);
      const row = Math.floor(((north - y.value) / dh.value) * rows);
      const inside = row >= 0 && row < rows && col >= 0 && col < cols;
      out.textContent = inside ? `${out.dataset.readout} ${labels[at(row, col)]}` : "\u00a0";
      out.classList.add("touched");
    };
    element.addEventListener("pointermove", show);
    element.addEventListener("pointerdown", show);
    element.addEventListener("pointerleave", () => { out.textContent = "\u00a0"; });
  }

  // on paper a picture of each map stands in for the drawing, and takes the paper's width
  function picture({ view, element }) {
    if (!view.export) return;
    const frame = element.parentElement;
    let image = frame.querySelector("img.on-paper");
    if (!image) {
      image = document.createElement("img");
      image.className = "on-paper";
      image.alt = element.getAttribute("aria-label");
      frame.insertBefore(image, element);
    }
    image.src = view.export("auto", true).canvas.toDataURL("image/png");
    frame.classList.add("pictured");
  }

  async function start() {
    const drawn = [];
    for (const map of data.maps) {
      const element = document.getElementById(map.id);
      await window.Bokeh.embed.embed_item(map.figure);
      const view = window.Bokeh.index.roots.find((root) => element.contains(root.el));
      fill(view.model);
      fit(view.model, element);
      new ResizeObserver(() => fit(view.model, element)).observe(element);
      read(view, map.labels, element);
      drawn.push({ view, element });
      state.maps.push(map.id);
    }
    window.addEventListener("beforeprint", () => {
      document.querySelectorAll("details").forEach((d) => { d.open = true; });
      drawn.forEach(picture);
    });
    state.ready = true;
  }

  start();
})();
