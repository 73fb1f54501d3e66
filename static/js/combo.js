// A typeahead: .combo[data-combo] with an input[role=combobox][hx-get][hx-target=its listbox] and ul[role=listbox].
// The server answers <li role="option" data-value="7" data-text="Miriam Halevi">; the value goes to the hidden input
// [data-combo-value], and a `combo:picked` event bubbles from it (for hx-trigger). Arrows, Enter, Escape as ARIA's pattern says.
const parts = (combo) => ({
  input: combo.querySelector("[role=combobox]"),
  list: combo.querySelector("[role=listbox]"),
  value: combo.querySelector("[data-combo-value]"),
});
const options = (list) => [...list.querySelectorAll("[role=option]:not([aria-disabled=true])")];

function mark(combo, option) {
  const { input, list } = parts(combo);
  options(list).forEach((other, n) => {
    other.id ||= `${list.id}-${n}`;
    other.setAttribute("aria-selected", String(other === option));
  });
  if (option) {
    input.setAttribute("aria-activedescendant", option.id);
    option.scrollIntoView({ block: "nearest" });
  } else {
    input.removeAttribute("aria-activedescendant");
  }
}

function open(combo, is) {
  const { input, list } = parts(combo);
  input.setAttribute("aria-expanded", String(is));
  list.hidden = !is;
}

function pick(combo, option) {
  const { input, value } = parts(combo);
  input.value = option.dataset.text ?? (option.querySelector("b") || option).textContent.trim();
  if (value) value.value = option.dataset.value ?? "";
  open(combo, false);
  mark(combo, null);
  (value || input).dispatchEvent(new CustomEvent("combo:picked", { bubbles: true, detail: { ...option.dataset } }));
}

document.addEventListener("htmx:afterSettle", (event) => {
  const combo = event.detail.elt.closest?.("[data-combo]");
  if (!combo || !event.detail.elt.matches("[role=listbox]")) return;
  open(combo, options(event.detail.elt).length > 0);
  mark(combo, options(event.detail.elt)[0]);
});

document.addEventListener("input", (event) => {
  const combo = event.target.matches("[role=combobox]") && event.target.closest("[data-combo]");
  if (!combo) return;
  const { value } = parts(combo);
  if (value?.value) {
    value.value = "";
    value.dispatchEvent(new CustomEvent("combo:picked", { bubbles: true, detail: {} }));
  }
});

document.addEventListener("keydown", (event) => {
  const combo = event.target.matches?.("[role=combobox]") && event.target.closest("[data-combo]");
  if (!combo || event.isComposing) return;
  const { list } = parts(combo);
  const all = options(list);
  const at = all.findIndex((option) => option.getAttribute("aria-selected") === "true");
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    if (!all.length) return;
    event.preventDefault();
    open(combo, true);
    mark(combo, all[(at + (event.key === "ArrowDown" ? 1 : -1) + all.length) % all.length]);
  } else if (event.key === "Enter" && !list.hidden && all[at]) {
    event.preventDefault();
    pick(combo, all[at]);
  } else if (event.key === "Escape" && !list.hidden && all.length) {
    event.preventDefault();
    event.stopPropagation();
    open(combo, false);
  }
});

document.addEventListener("click", (event) => {
  const option = event.target.closest("[data-combo] [role=option]");
  if (option && option.getAttribute("aria-disabled") !== "true") pick(option.closest("[data-combo]"), option);
  for (const combo of document.querySelectorAll("[data-combo]")) if (!combo.contains(event.target)) open(combo, false);
});
