// Where the focus is after something came, went or was drawn anew is decided here alone. Others mark what they want:
//   data-focus-me        set by the server or by a script: this takes the focus, once ("still": and nothing scrolls)
//   aria-invalid=true    the first field of what came back refused takes it
//   #act, #filter-form   slots: a form that opens there takes it to its first question; when the slot empties, it goes back to
//                        what had opened the form
// Else what had the focus and is gone hands it on: to the same thing drawn anew (its id, key, address, or name and value), to the
// part or the heading it stood under, to the heading of the page.
import { visible } from "./visible.js";

const FOCUSABLE = "a[href], button:not([disabled]), input:not([disabled], [type=hidden]), select, textarea, summary, trix-editor, [tabindex]";
const FIELDS = "input:not([type=hidden], [type=file], :disabled), select:not(:disabled), textarea:not(:disabled)";
const HEADINGS = ["h1", "h2", "h3"].flatMap((name) => [`:scope > ${name}`, `:scope > header ${name}`]).join();
const SLOT = "#act, #filter-form";
const seen = (part, selector) => [...part.querySelectorAll(selector)].find(visible);
const same = (name, value) => (value ? `[${name}="${CSS.escape(value)}"]` : "");
const openers = new WeakMap(); // slot -> what had opened its form
let came = []; // parts that came in and were not looked at yet
let last = null;

// how to find an element again after its part of the page was drawn anew
function sign(element) {
  const trail = [];
  for (let above = element.parentElement; above && above !== document.body; above = above.parentElement) trail.push(above);
  const name = element.localName;
  const marks = [
    element.id && `#${CSS.escape(element.id)}`,
    same("data-key", element.dataset.key),
    element.getAttribute("href") && name + same("href", element.getAttribute("href")),
    element.name && element.type !== "submit" && name + same("name", element.name) + (element.matches("[type=radio], [type=checkbox]") ? same("value", element.value) : ""),
  ];
  return { element, trail, slot: element.closest(SLOT), marks: marks.filter(Boolean) };
}

// what it stood in, the innermost first, as it is now: a part that was drawn anew kept its id
const around = ({ trail }) => trail.map((part) => (part.isConnected ? part : part.id && document.getElementById(part.id))).filter(Boolean);

// the nearest one first: the same address may stand elsewhere on the page, too
function* candidates(signed) {
  yield signed.element;
  const parts = [...around(signed), document];
  for (const mark of signed.marks) for (const part of parts) yield part.querySelector(mark);
}

function again(signed) {
  if (!signed) return null;
  for (const element of candidates(signed)) {
    if (!element?.isConnected || element.disabled) continue;
    if (visible(element) && element.matches(FOCUSABLE)) return element;
    const menu = element.closest("details.menu:not([open])")?.querySelector("summary"); // it lies in a menu that has closed
    if (menu && visible(menu)) return menu;
  }
  return null;
}

function near(signed) {
  for (const part of around(signed).filter(visible)) {
    if (part.id === "main") break;
    if (part.matches("[tabindex]")) return part;
    const heading = seen(part, HEADINGS);
    if (heading) return heading;
  }
  return seen(document, "main h1") || document.getElementById("main");
}

function put(element, { still = false } = {}) {
  if (!element || element === document.activeElement) return;
  const modal = document.querySelector("dialog:modal");
  const target = modal && !modal.contains(element) ? modal : element;
  if (!target.matches(FOCUSABLE)) target.tabIndex = -1;
  target.focus({ preventScroll: still });
}

function firstQuestion(act) {
  const first = seen(act, FIELDS);
  const picked = first?.type === "radio" && act.querySelector(`input[name="${CSS.escape(first.name)}"]:checked`);
  return picked || first || seen(act, "[data-default]:not(:disabled)") || seen(act, "a[href]:not([data-cancel]), button:not(:disabled, [data-cancel])") || seen(act, "[data-cancel]");
}

// what came in asks for the focus, or is a form that opened
function welcome(parts) {
  const within = (selector) => parts.flatMap((part) => [...(part.matches(selector) ? [part] : []), ...part.querySelectorAll(selector)]).filter(visible);
  const asking = within("[data-focus-me], [aria-invalid=true]")[0];
  if (asking) {
    const still = asking.dataset.focusMe === "still";
    for (const asked of within("[data-focus-me]")) delete asked.dataset.focusMe;
    return put(asking, { still });
  }
  const act = within("[data-act]").find((one) => one.closest(SLOT));
  if (act && !act.contains(document.activeElement)) put(firstQuestion(act), { still: true });
}

function rescue() {
  const here = document.activeElement;
  if (!last || (here && here !== document.body && visible(here) && !here.disabled)) return;
  const hasClosed = last.slot && !last.slot.querySelector("[data-act]");
  put((hasClosed ? again(openers.get(last.slot)) : again(last)) || near(last), { still: true });
}

// after each change, before anything else happens: one swap with all its pieces is one change
new MutationObserver((changes) => {
  const asked = changes.filter((change) => change.attributeName === "data-focus-me" && change.target.hasAttribute("data-focus-me"));
  const parts = [...came, ...asked.map((change) => change.target)].filter((part) => part.isConnected);
  came = [];
  if (parts.length) welcome(parts);
  rescue();
}).observe(document.body, { childList: true, subtree: true, attributes: true, attributeFilter: ["hidden", "disabled", "open", "data-focus-me"] });

document.addEventListener("htmx:load", (event) => event.target !== document.body && came.push(event.target));
document.addEventListener("focusin", (event) => { last = sign(event.target); });
document.addEventListener("focusout", (event) => {
  if (event.relatedTarget) { // on its way: a list that closes meanwhile does not call it back
    last = null;
    return;
  }
  queueMicrotask(() => { // still there and yet without it: let go on purpose
    if (document.activeElement === document.body && last?.element === event.target && visible(event.target) && !event.target.disabled) last = null;
  });
}, true);
document.addEventListener("htmx:beforeRequest", (event) => {
  const slot = event.detail.target?.closest?.(SLOT);
  if (slot && !slot.contains(event.detail.elt)) openers.set(slot, sign(event.detail.elt));
});
welcome([document.body]);
