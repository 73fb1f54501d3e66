// Ctrl+K (Cmd+K) or [data-palette-open]: the palette. What this page can do and where it leads is read from the page itself, greyed
// acts with their reason; tickets and customers come from finder.js. `>` narrows to what can be done.
const dialog = document.getElementById("palette");
import { words } from "./words.js";
const input = dialog?.querySelector("[data-finder]");
const SOURCES = [
  ["doHere", "main [data-key], main .acts .button, main .acts .item, main .toolbar .button"],
  ["goTo", ".rail ul a[href]"],
  ["everywhere", ".topbar [data-key], .topbar .menu .item"],
];
const acts = new WeakMap();
const folded = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

function nameOf(element) {
  const label = document.getElementById(element.getAttribute("aria-labelledby"));
  const labelled = element.getAttribute("aria-label") || label?.textContent || element.labels?.[0]?.textContent;
  if (labelled) return labelled.trim();
  const copy = element.cloneNode(true);
  copy.querySelectorAll("kbd, svg, small, .why, .visually-hidden, .count, .presence").forEach((part) => part.remove());
  return copy.textContent.replace(/\s+/g, " ").trim() || element.title;
}

const whyNot = (element) => (element.matches("[aria-disabled=true]") ? (element.querySelector(".why, .why-not")?.textContent || element.title).trim() : "");

function known() {
  const seen = new Set();
  return SOURCES.map(([group, selector]) => {
    const found = [...document.querySelectorAll(selector)].filter((element) => {
      const reachable = element.checkVisibility() || element.closest("details.menu, .rail");
      const name = reachable && !element.matches("summary") && !element.closest("dialog, form.act, [hidden]") && nameOf(element);
      if (!name || seen.has(name)) return false;
      seen.add(name);
      return true;
    });
    return [group, found.map((element) => ({ element, name: nameOf(element), why: whyNot(element) }))];
  });
}

function draw({ element, name, why }) {
  const option = document.createElement("div");
  option.setAttribute("role", "option");
  if (why) option.setAttribute("aria-disabled", "true");
  const drawing = element.querySelector("svg")?.cloneNode(true) || document.createElement("span");
  const what = document.createElement("span");
  what.className = "what";
  const label = Object.assign(document.createElement("b"), { textContent: name, dir: "auto" });
  what.append(label);
  if (why) what.append(" ", Object.assign(document.createElement("small"), { textContent: why }));
  option.append(drawing, what);
  const key = element.dataset.keyAs || (element.dataset.go && `g ${element.dataset.go}`);
  if (key && document.body.dataset.keys !== "off") option.append(Object.assign(document.createElement("kbd"), { textContent: key, ariaHidden: "true" }));
  acts.set(option, { element, why });
  return option;
}

function fill() {
  const q = input.value.trim();
  const local = dialog.querySelector("[data-finder-local]");
  const isAct = q.startsWith(">");
  const wanted = folded(q.replace(/^[>#@]/, "")).split(/\s+/).filter(Boolean);
  local.replaceChildren();
  for (const [group, all] of /^[#@]/.test(q) ? [] : known()) {
    if (isAct && group === "goTo") continue;
    const fits = all.filter(({ name }) => wanted.every((word) => folded(name).includes(word)))
      .sort((a, b) => (wanted.length ? folded(b.name).startsWith(wanted[0]) - folded(a.name).startsWith(wanted[0]) : 0));
    if (!fits.length) continue;
    const part = document.createElement("div");
    part.setAttribute("role", "group");
    const title = Object.assign(document.createElement("h3"), { id: `palette-${group}`, textContent: words[group] });
    title.setAttribute("role", "presentation");
    part.setAttribute("aria-labelledby", title.id);
    part.append(title, ...fits.map(draw));
    local.append(part);
  }
  const answer = dialog.querySelector("[data-finder-answer]");
  if (q) answer.querySelector("[data-recent]")?.remove();
  if (q) answer.before(local);
  else local.before(answer); // recent tickets first
  for (const option of dialog.querySelectorAll("[aria-selected=true]")) option.setAttribute("aria-selected", "false");
  input.dispatchEvent(new CustomEvent("finder:settle", { bubbles: true }));
}

function show() {
  if (dialog.open) return dialog.close();
  document.querySelector("dialog:modal")?.close();
  for (const menu of document.querySelectorAll("details.menu[open]")) menu.open = false;
  input.value = "";
  dialog.querySelector("[data-finder-answer]").replaceChildren();
  dialog.showModal();
  input.focus();
  return input.dispatchEvent(new Event("input", { bubbles: true }));
}

if (dialog) {
  document.addEventListener("keydown", (event) => {
    if (event.key.toLowerCase() !== "k" && event.code !== "KeyK") return;
    if (!(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey || event.defaultPrevented) return;
    event.preventDefault();
    show();
  });
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-palette-open]")) show();
    else if (event.target === dialog || event.target.closest("[data-palette-close]")) dialog.close();
  });
  input.addEventListener("input", fill);
  dialog.addEventListener("finder:pick", (event) => {
    const act = acts.get(event.target);
    if (!act) return;
    event.preventDefault();
    if (act.why) {
      dialog.querySelector("[data-finder-status]").textContent = act.why;
      return;
    }
    dialog.close();
    if (act.element.matches("input, textarea, select, trix-editor")) act.element.focus();
    else act.element.click();
  });
}
