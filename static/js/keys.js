// Single keys: data-key="h" on a link, button or field acts on h, or on the user's own key for it: <body data-own-keys='{"h":"b","c":""}'>.
// What no element stands for goes out as `keys:letter` {letter} (rows: j k x; letter as it comes). g and data-go="t" lead to a page.
// <body data-keys="off"> switches all of them off (WCAG 2.1.4); Escape and modified keys are not ours to switch.
import { visible } from "./visible.js";

const own = JSON.parse(document.body.dataset.ownKeys || "{}");
const isOff = () => document.body.dataset.keys === "off";
const mine = (letter) => (isOff() ? "" : own[letter] ?? letter);
const TEXT = "input:not([type=checkbox], [type=radio], [type=button], [type=submit]), textarea, select, [contenteditable], trix-editor";
const typing = (target) => target.closest?.(TEXT);
const menuAround = (element) => element.closest("details.menu:not([open])"); // an act that a narrow page folds into a menu

// what is written on the page says the key in use
function dress(root) {
  const all = [...(root.querySelectorAll?.("[data-key]:not([data-key-as])") || [])];
  if (root.matches?.("[data-key]:not([data-key-as])")) all.push(root);
  for (const element of all) {
    const key = mine(element.dataset.key);
    element.dataset.keyAs = key;
    const cap = element.querySelector(":scope > kbd") || (element.matches(TEXT) && element.parentElement?.querySelector(":scope > kbd"));
    if (cap) {
      cap.hidden = !key;
      cap.textContent = key;
    }
    if (key) element.setAttribute("aria-keyshortcuts", key);
    else element.removeAttribute("aria-keyshortcuts");
  }
}

// the typed character, then the key at that place where the keyboard writes no Latin letters
function characters(event) {
  const typed = event.key.toLowerCase();
  const place = /^Key([A-Z])$/.exec(event.code)?.[1].toLowerCase();
  return /[a-z]/.test(typed) || !place ? [typed] : [typed, place];
}

function bound(key) {
  const all = [...document.querySelectorAll(`[data-key-as="${CSS.escape(key)}"]`)].filter((element) => visible(element) || menuAround(element));
  const act = document.querySelector("[data-act]");
  return all.find((element) => act?.contains(element)) || all.find(visible) || all[0];
}

// before htmx has read the page a press on what it serves would lead away from it
let isRead = document.readyState === "complete";
document.addEventListener("DOMContentLoaded", () => { isRead = true; });

function use(element) {
  if (!isRead) return void document.addEventListener("DOMContentLoaded", () => use(element), { once: true });
  if (element.matches("input:not([type=checkbox], [type=radio]), textarea, select, trix-editor")) {
    element.dispatchEvent(new CustomEvent("keys:entered", { bubbles: true }));
    element.focus();
    element.select?.();
  } else if (element.matches("[disabled], [aria-disabled=true]")) {
    const menu = menuAround(element);
    if (menu) menu.open = true;
    element.focus();
  } else {
    element.click();
  }
}

// --- g and the pages --------------------------------------------------------------
let going = 0;

function stopGoing() {
  clearTimeout(going);
  going = 0;
  document.getElementById("go-hint")?.remove();
}

function startGoing() {
  stopGoing();
  going = setTimeout(stopGoing, 2500);
  const hint = document.createElement("div");
  hint.id = "go-hint";
  hint.className = "go-hint";
  hint.setAttribute("role", "status");
  for (const place of document.querySelectorAll("[data-go]")) {
    const line = document.createElement("span");
    const cap = document.createElement("kbd");
    cap.textContent = place.dataset.go;
    line.append(cap, ` ${(place.querySelector(".words") || place).textContent.trim()}`);
    hint.append(line);
  }
  document.body.append(hint);
}

// --- Escape: a menu, a dialog, a list, then the act, then the field -----------------
let cameFrom = null;
document.addEventListener("keys:entered", () => {
  cameFrom = document.activeElement === document.body ? null : document.activeElement;
});

function leave(field) {
  if (cameFrom?.isConnected && cameFrom !== field && visible(cameFrom)) cameFrom.focus();
  else field.blur();
  cameFrom = null;
}

function escape(event) {
  if (document.querySelector("dialog:modal, details.menu[open], :popover-open")) return;
  const field = typing(event.target);
  const act = event.target.closest?.("[data-act]") || document.querySelector("[data-act]");
  const cancel = act?.querySelector("[data-cancel]");
  if (field && act?.contains(field) && cancel && field.value !== field.defaultValue && field.type !== "search" && !field.matches("select")) {
    act.tabIndex = -1; // what was typed outlives the first press
    act.focus();
  } else if (cancel && visible(cancel)) cancel.click();
  else if (field) leave(field);
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.defaultPrevented) return;
  if (event.key === "Escape") {
    if (going) stopGoing();
    else escape(event);
    return;
  }
  if (isOff() || event.key.length !== 1 || event.key === " " || typing(event.target)) return;
  if (event.key === "?") {
    event.preventDefault();
    document.dispatchEvent(new CustomEvent("keys:list"));
    return;
  }
  const wanted = characters(event);
  if ((event.shiftKey && /[a-z]/.test(wanted[0])) || document.querySelector("dialog:modal")) return;
  if (going) {
    const place = wanted.map((key) => document.querySelector(`[data-go="${CSS.escape(key)}"]`)).find(Boolean);
    stopGoing();
    event.preventDefault();
    place?.click();
    return;
  }
  for (const key of wanted) {
    const element = bound(key);
    if (element) {
      event.preventDefault();
      if (!event.repeat) use(element);
      return;
    }
    const letter = [..."/abcdefghijklmnopqrstuvwxyz"].find((one) => mine(one) === key);
    if (letter === "g" && document.querySelector("[data-go]")) {
      event.preventDefault();
      startGoing();
      return;
    }
    if (letter && !event.target.dispatchEvent(new CustomEvent("keys:letter", { bubbles: true, cancelable: true, detail: { letter } }))) {
      event.preventDefault();
      return;
    }
  }
});

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-show-keys]")) document.dispatchEvent(new CustomEvent("keys:list"));
  const opener = event.target.closest("[data-dialog]");
  if (opener) document.getElementById(opener.dataset.dialog)?.showModal();
});
document.addEventListener("focusin", (event) => event.target.matches("[data-letter]") && event.target.select());

dress(document);
new MutationObserver((changes) => {
  for (const change of changes) for (const node of change.addedNodes) if (node.nodeType === 1) dress(node);
}).observe(document.body, { childList: true, subtree: true });
