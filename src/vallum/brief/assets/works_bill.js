// The bill of quantities, its bars, and people at the line, of the step shown.
(function () {
  "use strict";
  const data = JSON.parse(document.getElementById("works-data").textContent);
  const one = (id) => document.getElementById(id);

  function html(name, className, text) {
    const el = document.createElement(name);
    if (className) el.className = className;
    if (text !== undefined) el.textContent = text;
    return el;
  }

  // a distance between ticks: 1, 2 or 5 times a power of ten
  function tick(rough) {
    const power = Math.pow(10, Math.floor(Math.log10(rough)));
    return [1, 2, 5, 10].find((n) => n * power >= rough * 0.8) * power;
  }

  // the first cell of a row names it
  function rowHead(text) {
    const el = html("th", "", text);
    el.scope = "row";
    return el;
  }

  function cell(pair, tag) {
    const el = html(tag || "td", "n", pair[0]);
    if (pair[1]) el.append(" ", html("span", "quiet", `(${pair[1]})`));
    return el;
  }

  function bill(step) {
    const { items, total, materials, said, bars } = data.bills[step];
    let role = "";
    one("bill-rows").replaceChildren(...items.map(([n, quantity, ...pairs]) => {
      const [text, of] = data.items[n];
      const row = html("tr", of === role ? "" : "begins");
      const name = rowHead(text);
      row.append(html("td", "quiet", of === role ? "" : of), name, html("td", "n", quantity), ...pairs.map((p) => cell(p)));
      role = of;
      return row;
    }));
    one("bill-total").replaceChildren(html("td", "", ""), rowHead(data.texts.all), html("th", "n", total[0]), ...total.slice(1).map((p) => cell(p, "th")));
    one("materials-rows").replaceChildren(...materials.map(([text, ...rest]) => {
      const row = html("tr", "");
      row.append(rowHead(text), ...rest.map((p) => cell(p)));
      return row;
    }));
    one("materials").hidden = !materials.length;
    one("bill-said").replaceChildren(...said.map((text) => html("p", "", text)));
    barChart(bars);
  }

  function barChart(bars) {
    const top = 1.02 * Math.max(1e-9, ...bars.map((b) => b[3]));
    const [unit, word] = top >= 1e9 ? [1e9, "billion"] : top >= 1e6 ? [1e6, "million"] : [1e3, "thousand"];
    const every = tick(top / 5);
    const axis = html("div", "scale");
    for (let v = 0; v <= top * 1.0001; v += every) {
      const mark = html("span", "", String(Number((v / unit).toPrecision(3))).replace(".", data.texts.decimal));
      mark.style.left = `${(100 * v) / top}%`;
      axis.append(mark);
    }
    const rows = bars.map(([n, low, mid, high]) => {
      const row = html("div", "bar-row");
      const track = html("div", "track"), bar = html("i", "bar"), whisker = html("i", "whisker");
      bar.style.width = `${(100 * mid) / top}%`;
      whisker.style.left = `${(100 * low) / top}%`;
      whisker.style.width = `${(100 * (high - low)) / top}%`;
      track.append(bar, whisker);
      row.append(html("span", "bar-name", data.items[n][2]), track);
      return row;
    });
    const foot = html("div", "bar-row");
    foot.append(html("span", "bar-name quiet", data.texts[word]), axis);
    one("bars").replaceChildren(...rows, foot);
  }

  function people(step) {
    if (!data.people[step]) return;
    const { lead, rows, gates } = data.people[step];
    const row = (texts, first) => {
      const el = html("tr", "");
      el.append(...texts.map((text, n) => (Array.isArray(text) ? cell(text) : n ? html("td", n < first ? "" : "n", text) : rowHead(text))));
      return el;
    };
    one("people-said").replaceChildren(...lead.map((text) => html("p", "", text)));
    one("people-rows").replaceChildren(...rows.map((r) => row(r, 2)));
    one("gates-rows").replaceChildren(...gates.map((r) => row(r, 2)));
  }

  document.addEventListener("vallum-step", (event) => {
    bill(event.detail);
    people(event.detail);
  });
})();
