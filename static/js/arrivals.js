// Lists that stay true without moving under the eyes: rows change in their place; what is new is counted on top, and
// counts in the rail follow. Other pages that name a changed ticket offer to be loaded anew.
import { words } from "./words.js";
const list = document.getElementById("rows");
const toolbar = document.querySelector("#main .toolbar");
const fresh = new Set();
const changed = new Set();
let rowsTimer = 0;
let railTimer = 0;
let railAt = 0;
let missed = false;
let hint = null;

const href = (number) => `/tickets/${number}/`;
const rowOf = (number) => list?.querySelector(`a[data-row-link][href="${href(number)}"]`)?.closest("tr");

// beside the heading, in a line that is there anyway: nothing below moves
function offer(text) {
  if (!hint) return;
  let link = hint.querySelector("a");
  if (!link) {
    link = document.createElement("a");
    link.className = "button small";
    hint.append(link);
  }
  link.href = location.pathname + location.search;
  link.textContent = text;
}

function replace(old, row) {
  const box = old.querySelector("input[type=checkbox]");
  const next = row.querySelector("input[type=checkbox]");
  if (box && next) next.checked = box.checked;
  old.replaceWith(row);
  window.htmx?.process(row);
}

async function refreshRows() {
  rowsTimer = 0;
  const numbers = [...changed].slice(0, 50);
  numbers.forEach((number) => changed.delete(number));
  if (changed.size) rowsTimer = setTimeout(refreshRows, 2000);
  const query = new URLSearchParams(location.search);
  query.delete("after");
  query.set("numbers", numbers.join(","));
  const answer = await fetch(`/tickets/rows/?${query}`, { headers: { "HX-Request": "true" } }).catch(() => null);
  if (!answer?.ok || answer.redirected) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const row of page.querySelectorAll("tr[data-row]")) {
    const number = row.querySelector("a[data-row-link]").getAttribute("href").match(/(\d+)\/$/)[1];
    const old = rowOf(number);
    if (old) replace(old, document.adoptNode(row));
  }
  for (const number of (answer.headers.get("X-In-View") || "").split(",").filter(Boolean)) if (!rowOf(number)) fresh.add(number);
  if (fresh.size) offer(words.arrived.replace("%(n)d", fresh.size));
}

async function refreshRail() {
  railTimer = 0;
  if (document.hidden) return void (missed = true);
  railAt = Date.now();
  const query = list ? location.search || "?view=" : "";
  const answer = await fetch(`/rail/${query}`, { headers: { "HX-Request": "true" } }).catch(() => null);
  if (!answer?.ok || answer.redirected) return;
  const { counts } = await answer.json();
  for (const link of document.querySelectorAll("nav.rail a[href]")) {
    const now = counts[link.getAttribute("href")];
    if (!now) continue;
    let count = link.querySelector(".count");
    if (!now.count) count?.remove();
    else {
      if (!count) {
        count = document.createElement("span");
        link.append(count);
      }
      count.className = now.hot ? "count hot" : "count";
      if (count.textContent !== now.count) count.textContent = now.count;
    }
  }
}

function hear(event) {
  const numbers = event.detail.tickets;
  // soon where little happens, now and then where much does; and not every page of the house at once
  railTimer ||= setTimeout(refreshRail, (Date.now() - railAt > 15000 ? 1000 : 9000) * (1 + Math.random()));
  if (list) {
    const shown = [...list.querySelectorAll("a[data-row-link]")].map((link) => link.getAttribute("href").match(/(\d+)\/$/)?.[1]);
    for (const number of numbers.length ? numbers : shown.filter(Boolean).slice(0, 50)) changed.add(Number(number));
    if (changed.size) rowsTimer ||= setTimeout(refreshRows, 400 + Math.random() * 800);
  } else if (!document.getElementById("ticket") && numbers.some((number) => document.querySelector(`#main a[href^="${href(number)}"]`))) {
    offer(`${words.stale}. ${words.refresh}`);
  }
}

if (document.querySelector(".frame[data-live]")) {
  if (toolbar?.querySelector("h1")) {
    hint = document.createElement("span");
    hint.setAttribute("role", "status");
    toolbar.querySelector("h1").after(hint);
  }
  document.addEventListener("live:desk", hear);
  document.addEventListener("visibilitychange", () => {
    if (document.hidden || !missed) return;
    missed = false;
    refreshRail();
  });
}
