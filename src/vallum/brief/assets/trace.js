// From the raster of entry steps to held land and line: a port of vallum/line/trace.py.
// Used by page.js through window.vallumTrace; no state of its own.
window.vallumTrace = (function () {
  "use strict";

  // (value, length) pairs, little-endian int32 in base64 -> one value per cell
  function unpack(text, size) {
    const raw = atob(text);
    const bytes = new Uint8Array(raw.length);
    for (let i = 0; i < raw.length; i++) bytes[i] = raw.charCodeAt(i);
    const view = new DataView(bytes.buffer);
    const out = new Int32Array(size);
    let at = 0;
    for (let i = 0; i < bytes.length; i += 8) {
      const end = at + view.getInt32(i + 4, true);
      out.fill(view.getInt32(i, true), at, end);
      at = end;
    }
    return out;
  }

  function heldAt(entry, step) {
    const held = new Uint8Array(entry.length);
    for (let i = 0; i < entry.length; i++) held[i] = entry[i] >= 0 && entry[i] <= step ? 1 : 0;
    return held;
  }

  // unit edges [start corner, end corner, held cell], held land on the left, sorted by cell and
  // then by the cell in front; corners are numbered row * (cols + 1) + col
  function edges(held, fenced, rows, cols) {
    const start = [], end = [], cell = [];
    const corner = (r, c) => r * (cols + 1) + c;
    for (let i = 0; i < held.length; i++) {
      if (!held[i]) continue;
      const r = Math.floor(i / cols), c = i % cols;
      const open = (j) => !held[j] && (fenced === null || fenced[j]);
      if (r > 0 && open(i - cols)) { start.push(corner(r, c + 1)); end.push(corner(r, c)); cell.push(i); }
      if (c > 0 && open(i - 1)) { start.push(corner(r, c)); end.push(corner(r + 1, c)); cell.push(i); }
      if (c < cols - 1 && open(i + 1)) { start.push(corner(r + 1, c + 1)); end.push(corner(r, c + 1)); cell.push(i); }
      if (r < rows - 1 && open(i + cols)) { start.push(corner(r + 1, c)); end.push(corner(r + 1, c + 1)); cell.push(i); }
    }
    return { start, end, cell };
  }

  // link edges into runs of corners; open runs first
  function chains(held, fenced, rows, cols) {
    const e = edges(held, fenced, rows, cols);
    const leaving = new Map(), arriving = new Map();
    for (let n = 0; n < e.cell.length; n++) {
      if (!leaving.has(e.start[n])) leaving.set(e.start[n], []);
      leaving.get(e.start[n]).push(n);
      arriving.set(e.end[n], (arriving.get(e.end[n]) || 0) + 1);
    }
    const used = new Uint8Array(e.cell.length);
    const out = [];
    function follow(first) {
      const corners = [e.start[first]];
      let n = first;
      for (;;) {
        used[n] = 1;
        corners.push(e.end[n]);
        const ways = (leaving.get(e.end[n]) || []).filter((m) => !used[m]);
        if (!ways.length) break;
        // at a corner where two held cells meet, keep to the same cell
        const same = ways.find((m) => e.cell[m] === e.cell[n]);
        n = same === undefined ? ways[0] : same;
      }
      out.push(corners);
    }
    for (let n = 0; n < e.cell.length; n++) {
      const begins = leaving.get(e.start[n]).length > (arriving.get(e.start[n]) || 0);
      if (begins && !used[n]) follow(n);
    }
    for (let n = 0; n < e.cell.length; n++) if (!used[n]) follow(n);
    return out;
  }

  // means of nearby edge middles, ends kept; in km
  function smooth(corners, grid, reach) {
    const cols1 = grid.cols + 1, count = corners.length - 1;
    const row = corners.map((k) => Math.floor(k / cols1)), col = corners.map((k) => k % cols1);
    const closed = corners[0] === corners[count];
    const middle = (list, n) => (list[n] + list[n + 1]) / 2;
    const r = Math.min(reach, Math.max(0, Math.floor((count - 2) / 4)));
    const at = (list, n) => {
      if (n >= 0 && n < count) return middle(list, n);
      if (closed) return middle(list, (n + count) % count);
      return n < 0 ? list[0] : list[count];
    };
    const xs = [], ys = [];
    const push = (y, x) => { xs.push(grid.west + x * grid.cell); ys.push(grid.north - y * grid.cell); };
    if (!closed) push(row[0], col[0]);
    for (let n = 0; n < count; n++) {
      let y = 0, x = 0;
      for (let k = -r; k <= r; k++) { y += at(row, n + k); x += at(col, n + k); }
      push(y / (2 * r + 1), x / (2 * r + 1));
    }
    if (closed) { xs.push(xs[0]); ys.push(ys[0]); } else push(row[count], col[count]);
    return { xs, ys };
  }

  // the boundary as multi-line data
  function lines(held, fenced, grid) {
    const xs = [], ys = [];
    for (const run of chains(held, fenced, grid.rows, grid.cols)) {
      const path = smooth(run, grid, 2);
      xs.push(path.xs);
      ys.push(path.ys);
    }
    return { xs, ys };
  }

  // held land as one patch, pieces and holes parted by NaN
  function area(held, grid) {
    const all = lines(held, null, grid);
    const xs = [], ys = [];
    all.xs.forEach((part, n) => {
      if (n) { xs.push(NaN); ys.push(NaN); }
      for (let k = 0; k < part.length; k++) { xs.push(part[k]); ys.push(all.ys[n][k]); }
    });
    return { xs, ys };
  }

  // Cauchy–Crofton length in km of the boundary that needs a line, as the cut counts it
  function cutLength(held, fenced, grid) {
    const { rows, cols } = grid;
    const axis = Math.atan2(1, 2), knight = Math.PI / 4 - Math.atan2(1, 2);
    const gap = { 1: axis, 2: knight, 5: (axis + knight) / 2 };
    let total = 0;
    for (let dy = -2; dy <= 2; dy++) {
      for (let dx = -2; dx <= 2; dx++) {
        const square = dy * dy + dx * dx;
        if (!(square in gap)) continue;
        let crossed = 0;
        for (let r = Math.max(0, -dy); r < rows - Math.max(0, dy); r++) {
          for (let c = Math.max(0, -dx); c < cols - Math.max(0, dx); c++) {
            const j = (r + dy) * cols + c + dx;
            if (held[r * cols + c] && !held[j] && fenced[j]) crossed++;
          }
        }
        total += (crossed * grid.cell * gap[square]) / (2 * Math.sqrt(square));
      }
    }
    return total;
  }

  function drawnLength(path) {
    let total = 0;
    path.xs.forEach((xs, n) => {
      for (let k = 1; k < xs.length; k++) total += Math.hypot(xs[k] - xs[k - 1], path.ys[n][k] - path.ys[n][k - 1]);
    });
    return total;
  }

  return { unpack, heldAt, chains, lines, area, cutLength, drawnLength };
})();
