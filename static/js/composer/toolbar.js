// The editor's buttons for the keyboard: one stop for Tab, arrows inside, pressed ones say so. Trix hears the mouse alone.
const buttons = (bar) => [...bar.querySelectorAll("button")];

function rove(bar, to) {
  for (const button of buttons(bar)) button.tabIndex = button === to ? 0 : -1;
}

document.addEventListener("composer:ready", (event) => {
  const bar = event.target.querySelector("[role=toolbar]");
  rove(bar, buttons(bar)[0]);
});

document.addEventListener("keydown", (event) => {
  const bar = event.target.closest?.(".composer [role=toolbar]");
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (!bar || !step) return;
  event.preventDefault();
  const all = buttons(bar).filter((button) => !button.disabled);
  const turn = getComputedStyle(bar).direction === "rtl" ? -step : step;
  const next = all[(all.indexOf(event.target) + turn + all.length) % all.length];
  rove(bar, next);
  next.focus();
});

document.addEventListener("click", (event) => {
  const button = event.target.closest?.(".composer [role=toolbar] button");
  if (!button) return;
  const editor = button.closest("form").querySelector("trix-editor");
  rove(button.parentElement, button);
  if (button.dataset.type && editor) {
    editor.focus();
    const before = editor.editor.getDocument().toString().slice(0, editor.editor.getPosition());
    editor.editor.insertString((/(^|\s)$/.test(before) ? "" : " ") + button.dataset.type);
  } else if (event.detail === 0) {
    button.dispatchEvent(new MouseEvent("mousedown", { bubbles: true, cancelable: true })); // pressed by a key
    if (!button.dataset.trixAction) editor?.focus();
  }
});

function show(event) {
  for (const button of event.target.toolbarElement?.querySelectorAll("[data-trix-attribute]") || []) {
    button.setAttribute("aria-pressed", String(button.hasAttribute("data-trix-active")));
  }
}
for (const name of ["trix-attributes-change", "trix-selection-change", "trix-change", "trix-toolbar-dialog-hide"]) document.addEventListener(name, show);

// Ctrl+K is a link while one writes; nothing else of the page hears these
document.addEventListener("keydown", (event) => {
  if (!event.target.closest?.("trix-editor") || !(event.ctrlKey || event.metaKey) || event.altKey) return;
  if (["b", "i", "k"].includes(event.key.toLowerCase()) && event.defaultPrevented) event.stopImmediatePropagation();
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && event.target.closest?.(".composer [data-trix-dialog]")) {
    event.stopPropagation();
    setTimeout(() => event.target.closest("form")?.querySelector("trix-editor")?.focus());
  }
}, true);
