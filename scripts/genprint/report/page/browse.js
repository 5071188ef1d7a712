"use strict";
// The table of all combinations: sorted, filtered, and no more rows in the page than are looked at.
(() => {
  const { rows, columns } = JSON.parse(document.getElementById("combinations").textContent);
  const place = document.getElementById("browse");
  const [head, body] = [place.querySelector("thead tr:last-child"), place.querySelector("tbody")];
  const texts = columns.filter((column) => column.words);
  const chosen = new Map();
  let sorted = columns.find((column) => column.name === "AUC");
  let descending = true;
  let words = [];
  let most = 25;

  const element = (name, properties = {}, ...children) => {
    const made = Object.assign(document.createElement(name), properties);
    made.append(...children);
    return made;
  };
  const choice = (label, options, changed) => {
    const select = element("select", { onchange: () => changed(select.value) });
    options.forEach(([value, text]) => select.append(element("option", { value, textContent: text })));
    return element("label", { textContent: label }, select);
  };
  const cell = (column, row) => {
    const value = column.values[row];
    if (column.words) return column.words[value];
    if (value === null) return "";
    const text = value.toFixed(column.digits);
    if (!column.low || column.low[row] === null || column.high[row] === null) return text;
    return `${text} [${column.low[row].toFixed(column.digits)}, ${column.high[row].toFixed(column.digits)}]`;
  };
  const matches = (row) => {
    for (const [column, code] of chosen) if (column.values[row] !== code) return false;
    if (!words.length) return true;
    const text = texts.map((column) => column.words[column.values[row]]).join(" ").toLowerCase();
    return words.every((word) => text.includes(word));
  };
  // What has no value comes last in either direction; equals keep their order.
  const compare = (a, b) => {
    let [x, y] = [sorted.values[a], sorted.values[b]];
    if (x === null || y === null) return (x === null) - (y === null) || a - b;
    if (sorted.words) [x, y] = [sorted.rank[x], sorted.rank[y]];
    return (descending ? y - x : x - y) || a - b;
  };
  const render = () => {
    const found = [];
    for (let row = 0; row < rows; row++) if (matches(row)) found.push(row);
    found.sort(compare);
    body.replaceChildren(...found.slice(0, most).map((row) => element("tr", {}, ...columns.map((column) =>
      element("td", { className: column.words ? "" : "number", textContent: cell(column, row) })))));
    shown.textContent = `${Math.min(most, found.length)} of ${found.length} rows` +
      (found.length < rows ? `, of ${rows} in all` : "");
    [...head.children].forEach((header, position) => {
      if (columns[position] === sorted) header.setAttribute("aria-sort", descending ? "descending" : "ascending");
      else header.removeAttribute("aria-sort");
    });
  };

  texts.forEach((column) => {
    const order = column.words.map((_, code) => code).sort((a, b) => column.words[a].localeCompare(column.words[b], "en"));
    column.rank = [];
    order.forEach((code, position) => { column.rank[code] = position; });
  });
  const search = element("input", { type: "search", placeholder: "words, e.g. ssim noise", oninput: () => {
    words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    render();
  } });
  const shown = element("output", { ariaLive: "polite" });
  const filters = element("div", { className: "filters" }, element("label", { textContent: "Search" }, search));
  texts.filter((column) => column.words.length > 1).forEach((column) => {
    const options = column.words.map((word, code) => [code, word]).sort((a, b) => column.rank[a[0]] - column.rank[b[0]]);
    filters.append(choice(column.name, [["", "all"], ...options], (value) => {
      if (value === "") chosen.delete(column); else chosen.set(column, Number(value));
      render();
    }));
  });
  filters.append(choice("rows", [25, 100, 500].map((count) => [count, count]), (value) => {
    most = Number(value);
    render();
  }), shown);
  place.prepend(filters);
  [...head.children].forEach((header, position) => {
    const column = columns[position];
    const button = element("button", { type: "button", textContent: header.textContent, onclick: () => {
      descending = sorted === column ? !descending : !column.words;
      sorted = column;
      render();
    } });
    header.replaceChildren(button);
  });
  render();
})();
// What the page folds opens where a link leads into it, and on paper.
(() => {
  const unfold = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    for (let place = target; place; place = place.parentElement) if (place.tagName === "DETAILS") place.open = true;
    if (target) target.scrollIntoView();
  };
  addEventListener("hashchange", unfold);
  addEventListener("beforeprint", () => document.querySelectorAll("details").forEach((fold) => { fold.open = true; }));
  unfold();
})();
