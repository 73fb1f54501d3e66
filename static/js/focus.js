// The focus is never lost: when what had it is taken away, hidden or replaced, it goes to the same thing anew (same id, key or
// address), else to what asks for it, to the opener of the act that closed, to the heading of the part one was in, to the page.
const FOCUSABLE = "a[href], button:not([disabled]), input:not([disabled], [type=hidden]), select, textarea, summary, [tabindex]";
const visible = (element) => element.isConnected && (element.checkVisibility?.() ?? element.offsetParent !== null);
const same = (name, value) => (value ? `[${name}="${CSS.escape(value)}"]` : "");
let last = null;
let opener = null;

// how to find an element again after its part of the page was drawn anew
function sign(element) {
  const trail = [];
  for (let above = element.parentElement; above && above !== document.body; above = above.parentElement) trail.push(above);
  const name = element.localName;
  const marks = [
    element.id && `#${CSS.escape(element.id)}`,
    same("data-key", element.dataset.key),
    element.getAttribute("href") && name + same("href", element.getAttribute("href")),
    element.name && element.type !== "submit" && name + same("name", element.name) + same("value", element.matches("[type=radio]") ? element.value : ""),
  ];
  return { element, trail, marks: marks.filter(Boolean) };
}

function again(signed) {
  if (!signed) return null;
  const found = [signed.element, ...signed.marks.map((mark) => document.querySelector(`main ${mark}, ${mark}`))];
  for (const element of found) {
    if (!element?.isConnected || element.disabled) continue;
    if (visible(element) && element.matches(FOCUSABLE)) return element;
    const menu = element.closest("details.menu:not([open])")?.querySelector("summary"); // it lies in a menu that has closed
    if (menu && visible(menu)) return menu;
  }
  return null;
}

function near(signed) {
  const part = signed.trail.find(visible) || document.getElementById("main");
  const asking = part?.querySelector("[data-focus-me], [aria-invalid=true]");
  if (asking && visible(asking)) return asking;
  for (let above = part; above && above.id !== "main"; above = above.parentElement) {
    const heading = [...above.querySelectorAll(":scope > h1, :scope > h2, :scope > h3, :scope > header h1, :scope > header h2, :scope > header h3")].find(visible);
    if (heading) return heading;
  }
  return document.querySelector("main h1") || document.getElementById("main");
}

function rescue() {
  const here = document.activeElement;
  if ((here && here !== document.body) || !last) return;
  if (visible(last.element) && !last.element.disabled) return; // let go on purpose
  const wasAct = last.trail.some((part) => part.id === "act" || part.matches("[data-act]"));
  const modal = document.querySelector("dialog:modal");
  const target = [again(last), wasAct && again(opener), near(last)].find((one) => one && (!modal || modal.contains(one))) || modal;
  if (!target) return;
  if (!target.matches(FOCUSABLE)) target.tabIndex = -1;
  target.focus({ preventScroll: target.id === "main" });
}

let waiting = 0;
function look() {
  if (waiting) return;
  waiting = setTimeout(() => { // those who put the focus somewhere themselves go first
    waiting = 0;
    rescue();
  }, 60);
}

document.addEventListener("focusin", (event) => { last = sign(event.target); });
document.addEventListener("htmx:beforeRequest", (event) => {
  if (event.detail.target?.matches?.("#act, .act-slot")) opener = sign(event.detail.elt);
});
// an act that opens takes the focus to its first question
document.addEventListener("htmx:afterSettle", (event) => {
  const act = event.detail.target?.matches?.("#act, .act-slot") && event.detail.target.querySelector("form[data-act]");
  if (!act || act.contains(document.activeElement)) return;
  const all = [...act.querySelectorAll("input:not([type=hidden], [type=file]), select, textarea, button, a[href]")].filter((one) => visible(one) && !one.disabled);
  const first = (all[0]?.type === "radio" && act.querySelector(`input[name="${CSS.escape(all[0].name)}"]:checked`)) || all[0];
  first?.focus();
});
document.addEventListener("click", (event) => {
  if (!event.target.closest("[data-cancel]")) return;
  setTimeout(() => {
    const here = document.activeElement;
    if (here === document.body || here.id === "main") again(opener)?.focus();
  });
});
new MutationObserver(look).observe(document.body, { childList: true, subtree: true, attributes: true, attributeFilter: ["hidden", "disabled", "open"] });
