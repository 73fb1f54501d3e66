// `?` (the event keys:list): the keys of this page by group, with the user's own letters. More lines for a group of their own:
// <span data-key-hint="#" data-key-words="Insert a canned reply"> on anything that is there while they work.
import { words } from "./words.js";
const own = JSON.parse(document.body.dataset.ownKeys || "{}");
const mine = (letter) => own[letter] ?? letter;
const visible = (element) => element.checkVisibility?.() ?? element.offsetParent !== null;
const reachable = (element) => visible(element) || element.closest("details.menu:not([open])");

function nameOf(element) {
  const label = document.getElementById(element.getAttribute("aria-labelledby"));
  const labelled = element.getAttribute("aria-label") || label?.textContent || element.labels?.[0]?.textContent;
  if (labelled) return labelled.trim();
  const copy = element.cloneNode(true);
  copy.querySelectorAll("kbd, svg, .why, .why-not").forEach((part) => part.remove());
  copy.querySelectorAll(".visually-hidden").forEach((part) => part.remove());
  return copy.textContent.trim() || element.title;
}

function groups() {
  const page = new Map();
  const everywhere = new Map();
  for (const element of document.querySelectorAll("[data-key-as]")) {
    const why = element.matches("[aria-disabled=true]") ? (element.querySelector(".why, .why-not")?.textContent || element.title).trim() : "";
    const group = element.closest("main") ? page : everywhere;
    if (element.dataset.keyAs && reachable(element) && !group.has(element.dataset.keyAs)) group.set(element.dataset.keyAs, [nameOf(element), why]);
  }
  if (document.querySelector("[data-rows] [data-row]")) {
    for (const [letter, name] of [["j", words.next], ["k", words.previous], ["x", words.select]]) if (mine(letter)) page.set(mine(letter), [name]);
    page.set("Enter", [words.open]);
  }
  if (document.querySelector("main [data-choices]")) page.set("1 – 9", [words.choose]);
  if (document.querySelector("main textarea")) page.set("Ctrl Enter", [words.send]);
  for (const hint of document.querySelectorAll("[data-key-hint]")) page.set(hint.dataset.keyHint, [hint.dataset.keyWords]);
  if (document.getElementById("palette")) everywhere.set("Ctrl K", [words.palette]);
  everywhere.set("Esc", [words.escape]).set("?", [words.help]);
  const places = new Map();
  for (const place of document.querySelectorAll("[data-go]")) {
    if (mine("g")) places.set(`${mine("g")} ${place.dataset.go}`, [(place.querySelector(".words") || place).textContent.trim()]);
  }
  return [[words.thisPage, page], [words.everywhere, everywhere], [words.goTo, places]].filter(([_title, lines]) => lines.size);
}

const make = (name, text = "", kind = "") => {
  const element = document.createElement(name);
  element.textContent = text;
  if (kind) element.className = kind;
  return element;
};

function line(key, [name, why]) {
  const row = make("div");
  const label = make("dt", name);
  if (why) label.append(make("small", why));
  const caps = make("dd");
  caps.append(...key.split(" ").map((part) => (part === "–" ? part : make("kbd", part))));
  row.append(label, caps);
  return row;
}

function footer() {
  const form = make("form", "", "wrap");
  form.method = "dialog";
  const url = document.querySelector("[data-keys-url]")?.dataset.keysUrl;
  if (url) {
    const link = make("a", words.changeKeys, "button quiet");
    link.href = url;
    form.append(link);
  }
  const close = make("button", words.close, "button");
  close.autofocus = true;
  form.append(close);
  const foot = make("footer");
  foot.append(form);
  return foot;
}

document.addEventListener("keys:list", () => {
  const open = document.getElementById("keys");
  if (open) return open.close();
  if (document.querySelector("dialog:modal")) return undefined;
  const dialog = make("dialog", "", "dialog keys-dialog");
  dialog.id = "keys";
  dialog.setAttribute("aria-labelledby", "keys-title");
  const title = make("h2", words.keys);
  title.id = "keys-title";
  dialog.append(title);
  for (const [name, lines] of groups()) {
    const list = make("dl", "", "keys");
    for (const [key, about] of lines) list.append(line(key, about));
    dialog.append(make("h3", name), list);
  }
  dialog.append(footer());
  dialog.addEventListener("close", () => dialog.remove());
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  document.body.append(dialog);
  dialog.showModal();
  return undefined;
});
