// .choices[data-choices]: keys 1–9 pick the n-th choice of the group that has the focus, or else of the first group of the
// open act that still lacks an answer. data-choice-key="y" on a choice's input gives it a letter of its own.
const inputs = (group) => [...group.querySelectorAll("input[type=radio]:not(:disabled), input[type=checkbox]:not(:disabled)")];

function current() {
  const focused = document.activeElement?.closest("[data-choices]");
  if (focused) return focused;
  const groups = [...document.querySelectorAll("[data-act] [data-choices]")];
  return groups.find((group) => !inputs(group).some((input) => input.checked)) || groups[0];
}

function choose(input) {
  input.focus();
  if (input.type === "radio") input.checked = true;
  else input.checked = !input.checked;
  input.dispatchEvent(new Event("change", { bubbles: true }));
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.key.length !== 1 || document.body.dataset.keys === "off") return;
  if (event.target.closest?.("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable], trix-editor")) return;
  const act = event.target.closest?.("[data-act]") || document.querySelector("[data-act]");
  const own = act?.querySelector(`[data-choice-key="${CSS.escape(event.key)}"]`);
  const group = current();
  const input = own || (/^[1-9]$/.test(event.key) && group ? inputs(group)[event.key - 1] : null);
  if (!input) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  choose(input);
}, true);

// [data-shows="id"] on a choice shows a part of the form only while it is picked; without script all parts stand there
function reveal(root) {
  for (const input of root.querySelectorAll?.("input[data-shows]") || []) {
    const part = document.getElementById(input.dataset.shows);
    if (part) part.hidden = !input.checked;
  }
}
document.addEventListener("change", (event) => {
  if (event.target.matches("input[type=radio], input[type=checkbox]")) reveal(event.target.form || document);
});
document.addEventListener("htmx:afterSettle", (event) => reveal(event.detail.elt));
reveal(document);
