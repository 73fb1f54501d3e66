// Finding as one types: input[role=combobox][data-finder="url"] asks the address with ?q= and shows its answer in the
// [data-finder-answer] of the listbox it controls. [data-finder-first] marks the first find by itself, without it Enter sends the form.
// Arrows choose, Enter or a press picks: `finder:pick` bubbles from the option (preventable), then its data-href is opened.
import { words } from "./words.js";
const DELAY = 60; // after the last of letters that follow each other fast; one by itself is asked for at once
const RECENT = "recent-tickets";
const ticket = /^\/tickets\/(\d+)\/$/.exec(location.pathname)?.[1];
const states = new WeakMap();
const stateOf = (input) => states.get(input) || states.set(input, { timer: 0, asked: 0, request: null, is: null, enter: false, moved: false }).get(input);
const listOf = (input) => document.getElementById(input.getAttribute("aria-controls"));
const optionsOf = (list) => [...list.querySelectorAll("[role=option]")];
const markedIn = (list) => list.querySelector("[role=option][aria-selected=true]");

function mark(input, option) {
  for (const other of optionsOf(listOf(input))) other.setAttribute("aria-selected", String(other === option));
  if (!option) return input.removeAttribute("aria-activedescendant");
  input.setAttribute("aria-activedescendant", option.id);
  return option.scrollIntoView({ block: "nearest" });
}

function open(input, is) {
  if (input.hasAttribute("data-finder-first")) return;
  listOf(input).hidden = !is;
  input.setAttribute("aria-expanded", String(is));
  if (!is) mark(input, null);
}

function settle(input) {
  const list = listOf(input);
  const all = optionsOf(list);
  all.forEach((option, n) => { option.id = `${list.id}-${n}`; });
  const kept = stateOf(input).moved ? markedIn(list) : null; // what was not chosen on purpose gives way to the first
  mark(input, input.hasAttribute("data-finder-first") ? kept || all[0] : kept);
  const status = input.closest("dialog, form")?.querySelector("[data-finder-status]");
  if (status) status.textContent = (words.found || "").replace("%(n)d", all.length);
}

function recent() {
  try {
    return (localStorage.getItem(RECENT) || "").split(",").filter(Boolean);
  } catch {
    return [];
  }
}

async function ask(input) {
  const state = stateOf(input);
  const answer = listOf(input).querySelector("[data-finder-answer]");
  const q = input.value.trim();
  state.request?.abort();
  if (q.startsWith(">") || (!q && !input.hasAttribute("data-finder-first"))) {
    answer.replaceChildren();
    state.is = input.value;
    if (!q) open(input, false);
    return settle(input);
  }
  state.request = new AbortController();
  const asked = input.value;
  const query = new URLSearchParams(q ? { q } : { q, recent: recent().filter((number) => number !== ticket).join(",") });
  try {
    const response = await fetch(`${input.dataset.finder}?${query}`, { signal: state.request.signal, headers: { "HX-Request": "true" } });
    if (!response.ok || response.redirected) throw new Error(String(response.status));
    const html = await response.text();
    if (input.value !== asked) return undefined;
    answer.innerHTML = html;
    state.is = asked;
  } catch (error) {
    if (error.name === "AbortError") return undefined;
    answer.replaceChildren(Object.assign(document.createElement("p"), { className: "none", role: "presentation", textContent: words.notFound }));
    state.is = asked;
  }
  if (document.activeElement === input) open(input, true);
  settle(input);
  const first = markedIn(listOf(input));
  if (state.enter && first) pick(first, input, false);
  state.enter = false;
  return undefined;
}

function pick(option, input, apart) {
  if (!option.dispatchEvent(new CustomEvent("finder:pick", { bubbles: true, cancelable: true, detail: { input } }))) return;
  if (!option.dataset.href) return;
  if (apart) window.open(option.dataset.href, "_blank", "noopener");
  else location.assign(option.dataset.href);
}

document.addEventListener("input", (event) => {
  const input = event.target;
  if (!input.matches?.("[data-finder]")) return;
  const state = stateOf(input);
  clearTimeout(state.timer);
  state.enter = state.moved = false;
  const pause = input.value.trim() ? state.asked + DELAY - event.timeStamp : 0;
  state.asked = event.timeStamp;
  if (pause <= 0) ask(input);
  else state.timer = setTimeout(ask, DELAY, input);
});
document.addEventListener("finder:settle", (event) => settle(event.target));

document.addEventListener("keydown", (event) => {
  const input = event.target;
  if (!input.matches?.("[data-finder]") || event.isComposing) return;
  const list = listOf(input);
  const all = optionsOf(list);
  const marked = markedIn(list);
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    if (!all.length || list.hidden) return void (input.value.trim() && ask(input));
    stateOf(input).moved = true;
    const at = all.indexOf(marked);
    mark(input, all[at < 0 ? (event.key === "ArrowDown" ? 0 : all.length - 1) : (at + (event.key === "ArrowDown" ? 1 : -1) + all.length) % all.length]);
  } else if (event.key === "Enter" && (marked || input.hasAttribute("data-finder-first"))) {
    event.preventDefault();
    const isOfNow = stateOf(input).is === input.value || marked?.closest("[data-finder-local]");
    if (isOfNow && marked) pick(marked, input, event.ctrlKey || event.metaKey);
    else stateOf(input).enter = true; // the answer is on its way
  } else if (event.key === "Escape" && !input.hasAttribute("data-finder-first") && !list.hidden) {
    event.preventDefault();
    event.stopImmediatePropagation();
    open(input, false);
  }
}, true);

document.addEventListener("pointerdown", (event) => event.target.closest("[data-finder-answer], [data-finder-local]") && event.preventDefault());
document.addEventListener("click", (event) => {
  const option = event.target.closest("[data-finder-answer] [role=option], [data-finder-local] [role=option]");
  if (!option) return;
  const list = option.closest("[role=listbox]");
  pick(option, document.querySelector(`[aria-controls="${list.id}"]`), event.ctrlKey || event.metaKey);
});
document.addEventListener("focusout", (event) => {
  if (event.target.matches?.("[data-finder]") && !event.relatedTarget?.closest("[role=listbox]")) open(event.target, false);
});

// the numbers of the tickets that were looked at last, and nothing more, stay in this browser
if (ticket) {
  try {
    localStorage.setItem(RECENT, [ticket, ...recent().filter((number) => number !== ticket)].slice(0, 8).join(","));
  } catch { /* a browser that keeps nothing */ }
}
