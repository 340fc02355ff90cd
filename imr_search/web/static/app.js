// What the page does beyond its links and forms, all of which work without: completion and count while typing, keys, the tray, sortable tables.
"use strict";
const root = document.documentElement.dataset.root;
document.documentElement.classList.add("js");
const $ = (id) => document.getElementById(id);
const store = {
  get(name, otherwise) { try { return JSON.parse(localStorage.getItem(name)) ?? otherwise; } catch { return otherwise; } },
  set(name, value) { try { localStorage.setItem(name, JSON.stringify(value)); } catch { /* private window: the tray lives as long as the page */ } },
};
try { localStorage.setItem("imr-root", root); } catch { /* kept addresses then need the printed one */ }
const make = (tag, text = "", attributes = {}) => {
  const made = document.createElement(tag);
  made.textContent = text;
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
};
const items = (n) => `${n.toLocaleString("en-US")} item${n === 1 ? "" : "s"}`;
const answerTo = (q) => `${root}search?${new URLSearchParams({ q })}`;

// -- the search box

const box = $("q");
if (box) {
  const list = $("q-list"), live = $("q-live");
  let offers = [], chosen = -1, asking = null, timer = 0;

  const close = () => { list.hidden = true; chosen = -1; box.setAttribute("aria-expanded", "false"); box.removeAttribute("aria-activedescendant"); };
  const choose = (k) => {
    chosen = (k + offers.length) % offers.length;
    [...list.children].forEach((row, at) => row.setAttribute("aria-selected", String(at === chosen)));
    list.children[chosen].scrollIntoView({ block: "nearest" });
    box.setAttribute("aria-activedescendant", `q-${chosen}`);
  };
  const take = (offer) => {
    const rest = box.value.slice(box.selectionStart), before = box.value.slice(0, offer.start);
    const space = offer.kind === "value" && !rest.startsWith(" ") ? " " : "";
    box.value = before + offer.text + space + rest;
    const at = (before + offer.text + space).length;
    box.setSelectionRange(at, at);
    close();
    typed();
  };
  const show = (found) => {
    offers = found;
    list.replaceChildren(...found.map((offer, k) => {
      const row = make("li", "", { role: "option", id: `q-${k}`, "aria-selected": "false" });
      row.append(make("span", offer.text, { class: "value" }), make("span", offer.gloss, { class: "gloss" }));
      if (offer.count !== null) row.append(make("span", offer.count.toLocaleString("en-US"), { class: "n" }));
      row.addEventListener("mousedown", (event) => { event.preventDefault(); take(offer); });
      return row;
    }));
    list.hidden = !found.length;
    box.setAttribute("aria-expanded", String(found.length > 0));
    chosen = -1;
    box.removeAttribute("aria-activedescendant");
  };
  const tell = (found, text) => {
    const said = [];
    if (found.message) {
      const told = make("span", "", { class: "bad" });
      if (found.end > found.start) told.append(make("mark", text.slice(found.start, found.end)), ": ");
      told.append(`${found.message}${found.code ? ` (${found.code})` : ""}`);
      said.push(told);
      for (const one of found.try.slice(0, 3)) said.push(way("Try", one));
    } else if (found.count !== undefined) {
      said.push(`${items(found.count)}, read as `, make("code", found.read_as));
      if (found.as_fields) said.push(way("In fields", found.as_fields));
      for (const one of found.notices.filter((notice) => notice.better).slice(0, 1)) said.push(way("Or", { query: one.better }));
    }
    live.replaceChildren(...said);
  };
  const way = (said, one) => {
    const made = make("span", `${said} `, { class: "way" });
    made.append(make("a", one.query + (one.count === null || one.count === undefined ? "" : ` (${items(one.count)})`), { href: answerTo(one.query) }), " ");
    return made;
  };
  const ask = async () => {
    asking?.abort();
    const mine = asking = new AbortController();
    const text = box.value, get = (path, more) => fetch(`${root}${path}?${new URLSearchParams({ q: text, ...more })}`, { signal: mine.signal }).then((answer) => answer.json());
    try {
      const checking = get("check", {});
      const found = text.trim() ? await get("complete", { at: box.selectionStart }) : [];
      if (document.activeElement === box && box.value === text) show(found);
      tell(await checking, text);
    } catch (problem) { if (problem.name !== "AbortError") close(); }
  };
  const typed = () => { clearTimeout(timer); timer = setTimeout(ask, 120); };
  box.addEventListener("input", typed);
  box.addEventListener("blur", () => setTimeout(close, 100));
  box.addEventListener("keydown", (event) => {
    if (list.hidden) { if (event.key === "ArrowDown" && box.value) { event.preventDefault(); ask(); } return; }
    if (event.key === "ArrowDown") { event.preventDefault(); choose(chosen + 1); }
    else if (event.key === "ArrowUp") { event.preventDefault(); choose(chosen < 0 ? -1 : chosen - 1); }
    else if (event.key === "Escape") { event.preventDefault(); close(); }
    else if ((event.key === "Enter" || event.key === "Tab") && chosen >= 0) { event.preventDefault(); take(offers[chosen]); }
  });
}

// -- the tray: ids and notes lie in this browser

const tray = () => store.get("imr-tray", []), notes = () => store.get("imr-notes", {});
const counted = () => {
  const held = tray(), link = $("tray-link"), badge = $("tray-count");
  if (!link) return;
  badge.hidden = !held.length;
  badge.textContent = held.length;
  const query = box?.value || new URLSearchParams(location.search).get("q") || "";
  const address = new URLSearchParams(held.map((id) => ["id", id]));
  if (query) address.set("q", query);
  link.href = `${root}tray?${address}`;
};
for (const tick of document.querySelectorAll('.tick input[name="id"]')) {
  tick.checked = tray().includes(tick.value);
  tick.addEventListener("change", () => {
    store.set("imr-tray", [...tray().filter((id) => id !== tick.value), ...(tick.checked ? [tick.value] : [])]);
    counted();
  });
}
for (const note of document.querySelectorAll("[data-note]")) {
  note.value = notes()[note.dataset.note] || "";
  note.addEventListener("input", () => store.set("imr-notes", { ...notes(), [note.dataset.note]: note.value }));
}
const forget = (ids) => {
  const left = notes();
  for (const id of ids) delete left[id];
  store.set("imr-notes", left);
  store.set("imr-tray", tray().filter((id) => !ids.includes(id)));
  counted();
  location.href = $("tray-link").href;
};
for (const button of document.querySelectorAll("[data-untick]")) button.addEventListener("click", () => forget([button.dataset.untick]));
$("tray-clear")?.addEventListener("click", () => { if (confirm(`Take all ${items(tray().length)} out of the tray, and their notes?`)) forget(tray()); });
for (const button of document.querySelectorAll("[data-move]")) {
  button.addEventListener("click", () => {
    const held = tray(), at = held.indexOf(button.dataset.move);
    if (at > 0) [held[at - 1], held[at]] = [held[at], held[at - 1]];
    store.set("imr-tray", held);
    counted();
    location.replace($("tray-link").href);
  });
}
counted();

// -- tables that sort, citations that copy, forms that go at once

for (const table of document.querySelectorAll("table[data-sortable]")) {
  const heads = [...table.tHead.rows[0].cells], body = table.tBodies[0];
  const value = (row, k) => {
    const cell = row.cells[k], number = cell.dataset.value;
    return number === undefined ? cell.textContent.trim().toLowerCase() : number === "" ? -Infinity : Number(number);
  };
  heads.forEach((head, k) => {
    if ("fixed" in head.dataset) return;
    const button = make("button", head.textContent, { type: "button" });
    head.replaceChildren(button);
    button.addEventListener("click", () => {
      const down = head.getAttribute("aria-sort") !== "descending";
      heads.forEach((other) => other.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      const rows = [...body.rows].sort((a, b) => { const x = value(a, k), y = value(b, k); return (x < y ? -1 : x > y ? 1 : 0) * (down ? -1 : 1); });
      body.replaceChildren(...rows);
    });
  });
}
for (const button of document.querySelectorAll("[data-copy]")) {
  button.addEventListener("click", async () => {
    const from = $(button.dataset.copy);
    const text = from.matches("ol") ? [...from.children].map((line) => line.textContent.trim()).join("\n") : from.textContent.trim();
    try { await navigator.clipboard.writeText(text); button.firstChild.textContent = "Copied"; } catch { getSelection().selectAllChildren(from); }
  });
}
for (const form of document.querySelectorAll("form[data-auto]")) form.addEventListener("change", () => form.requestSubmit());
$("print")?.addEventListener("click", () => print());

// -- a page that is being fetched is seen to be; what is downloaded leaves this one as it is

const going = (on) => document.documentElement.classList.toggle("going", on);
addEventListener("submit", (event) => { if (event.target.id !== "tray-form") going(true); });
addEventListener("click", (event) => {
  const link = event.target.closest?.("a[href]");
  if (link && !event.defaultPrevented && !event.ctrlKey && !event.metaKey && !event.shiftKey && !link.target && !link.hasAttribute("download") && link.pathname + link.search !== location.pathname + location.search) going(true);
});
addEventListener("pageshow", () => going(false));

// -- keys; a single letter may be what somebody's speech input types, so they can be turned off

const keys = $("keys-on");
if (keys) {
  keys.checked = store.get("imr-keys", true);
  keys.addEventListener("change", () => store.set("imr-keys", keys.checked));
}
const entries = [...document.querySelectorAll("a.hit")];
let here = -1;
const go = (k) => {
  if (!entries.length) return;
  entries[here]?.closest("li, tr").classList.remove("here");
  here = Math.min(Math.max(k, 0), entries.length - 1);
  entries[here].closest("li, tr").classList.add("here");
  entries[here].focus();
};
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input:not([type=checkbox]), textarea, select")) return;
  if (!store.get("imr-keys", true)) return;
  const at = entries.indexOf(document.activeElement);
  if (at >= 0) here = at;
  const follow = (selector) => document.querySelector(selector)?.click();
  const act = {
    "/": () => { box?.focus(); box?.select(); },
    j: () => (entries.length ? go(here + 1) : follow(".around a[rel=next]")),
    k: () => (entries.length ? go(here - 1) : follow(".around a[rel=prev]")),
    x: () => (entries[here]?.closest("li, tr") || document.querySelector(".decision:target, .decision"))?.querySelector(".tick input")?.click(),
    t: () => { location.href = $("tray-link").href; },
    u: () => follow(".around a.back"),
  }[event.key];
  if (act) { event.preventDefault(); act(); }
});
