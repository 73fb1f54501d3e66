// Single-letter shortcuts: data-key="h" on a link, button or field. `?` lists those of the page.
// <body data-keys="off"> switches letters off (WCAG 2.1.4); Escape and modified keys are not ours.
const words = JSON.parse(document.getElementById("words")?.textContent || "{}");

const typing = (target) =>
  target.closest?.("input:not([type=checkbox], [type=radio], [type=button], [type=submit]), textarea, select, [contenteditable], trix-editor");

const visible = (element) => element.checkVisibility?.() ?? element.offsetParent !== null;

function bound(key) {
  const all = [...document.querySelectorAll(`[data-key="${CSS.escape(key)}"]`)].filter(visible);
  const modal = document.querySelector("dialog:modal");
  return all.find((element) => !modal || modal.contains(element));
}

function use(element) {
  if (element.matches("input, textarea, select")) {
    element.focus();
    element.select?.();
  } else if (element.matches("[disabled], [aria-disabled=true]")) {
    element.focus();
  } else {
    element.click();
  }
}

function nameOf(element) {
  const labelled = element.getAttribute("aria-label") || element.labels?.[0]?.textContent;
  if (labelled) return labelled.trim();
  const copy = element.cloneNode(true);
  copy.querySelectorAll("kbd, svg").forEach((part) => part.remove());
  return copy.textContent.trim();
}

function list() {
  const lines = new Map([["?", words.help]]);
  if (document.querySelector("[data-rows]")) {
    lines.set("j", words.next).set("k", words.previous).set("x", words.select);
  }
  for (const element of document.querySelectorAll("[data-key]")) {
    if (visible(element)) lines.set(element.dataset.key, nameOf(element));
  }
  return lines;
}

function show() {
  document.getElementById("keys")?.remove();
  const dialog = document.createElement("dialog");
  dialog.id = "keys";
  dialog.className = "dialog";
  dialog.setAttribute("aria-label", words.keys);
  const title = document.createElement("h2");
  title.textContent = words.keys;
  const grid = document.createElement("div");
  grid.className = "keys";
  for (const [key, name] of list()) {
    const line = document.createElement("div");
    const label = document.createElement("span");
    const cap = document.createElement("kbd");
    label.textContent = name;
    cap.textContent = key;
    line.append(label, cap);
    grid.append(line);
  }
  const form = document.createElement("form");
  form.method = "dialog";
  const close = document.createElement("button");
  close.className = "button";
  close.textContent = words.close;
  form.append(close);
  dialog.append(title, grid, form);
  document.body.append(dialog);
  dialog.showModal();
}

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-show-keys]")) show();
  const opener = event.target.closest("[data-dialog]");
  if (opener) document.getElementById(opener.dataset.dialog)?.showModal();
});

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.defaultPrevented) return;
  if (event.key === "Escape") {
    const cancel = event.target.closest?.("[data-act]")?.querySelector("[data-cancel]") || document.querySelector("[data-act] [data-cancel]");
    if (document.querySelector("dialog:modal, details.menu[open]")) return;
    if (cancel && visible(cancel)) cancel.click();
    else if (typing(event.target)) event.target.blur();
    return;
  }
  if (document.body.dataset.keys === "off" || event.key.length !== 1 || typing(event.target)) return;
  if (event.key === "?") {
    event.preventDefault();
    show();
    return;
  }
  if (event.repeat || document.querySelector("dialog:modal")) return;
  const element = bound(event.key);
  if (!element) return;
  event.preventDefault();
  use(element);
});
