// `#` offers canned replies, `@` (in a note) colleagues: a list at the caret, by the pattern of ARIA's combobox.
// Arrows choose, Enter or Tab puts it in, Escape closes and leaves the sign as it was typed.
import { flat } from "./markup.js";

const SIGN = /(?:^|[\s(])([#@])([\p{L}\p{N}_.-]{0,40})$/u;
let open = null; // {form, editor, list, sign, from, query}
let dismissed = "";
let asked = 0;
let waiting = 0;

const options = (list) => [...list.querySelectorAll("[role=option]:not([aria-disabled])")];
const chosen = (list) => list.querySelector("[aria-selected=true]");

function close() {
  if (!open) return;
  const { editor, list } = open;
  open = null;
  asked += 1;
  list.hidePopover();
  list.replaceChildren();
  list.removeAttribute("style"); // htmx would carry it over to the next list, past the content policy
  editor.setAttribute("role", "textbox");
  editor.setAttribute("aria-multiline", "true");
  for (const name of ["aria-expanded", "aria-controls", "aria-activedescendant", "aria-autocomplete"]) editor.removeAttribute(name);
}

function choose(option) {
  const { list, editor } = open;
  options(list).forEach((other, n) => {
    other.id ||= `${list.id}-${n}`;
    other.setAttribute("aria-selected", String(other === option));
  });
  if (option) {
    editor.setAttribute("aria-activedescendant", option.id);
    option.scrollIntoView({ block: "nearest" });
  } else editor.removeAttribute("aria-activedescendant");
}

function place() {
  const { list, editor, from } = open;
  const at = editor.editor.getClientRectAtPosition(from) || editor.getBoundingClientRect();
  const above = at.top > innerHeight - at.bottom;
  const start = Math.max(8, Math.min(at.left, innerWidth - list.offsetWidth - 8));
  list.style.setProperty("left", `${start}px`);
  list.style.setProperty("top", above ? "auto" : `${at.bottom + 6}px`);
  list.style.setProperty("bottom", above ? `${innerHeight - at.top + 6}px` : "auto");
  list.style.setProperty("max-height", `${Math.max(120, (above ? at.top : innerHeight - at.bottom) - 24)}px`);
}

function show(form, editor, found) {
  const list = form.querySelector("#write-list");
  if (!open) {
    const said = { role: "combobox", "aria-expanded": "true", "aria-controls": list.id, "aria-autocomplete": "list" };
    editor.removeAttribute("aria-multiline");
    for (const [name, value] of Object.entries(said)) editor.setAttribute(name, value);
  }
  open = { form, editor, list, ...found };
}

async function offer(form, editor, found) {
  const address = found.sign === "#" ? form.dataset.canned : form.dataset.colleagues;
  const mine = (asked += 1);
  let html;
  try {
    const answer = await fetch(`${address}?q=${encodeURIComponent(found.query)}`, { headers: { "HX-Request": "true" } });
    if (!answer.ok || answer.redirected) return;
    html = await answer.text();
  } catch {
    return;
  }
  if (mine !== asked || !editor.isConnected) return;
  show(form, editor, found);
  open.list.innerHTML = html;
  if (!open.list.matches(":popover-open")) open.list.showPopover();
  place();
  choose(options(open.list)[0]);
}

function look(editor) {
  const form = editor.closest("form[data-composer]");
  const [from, to] = editor.editor.getSelectedRange();
  const before = editor.editor.getDocument().toString().slice(0, from).split("\n").pop();
  const found = from === to && document.activeElement === editor && SIGN.exec(before);
  const usable = found && (found[1] === "#" ? form.dataset.canned : form.dataset.colleagues);
  if (!usable || (dismissed && before.startsWith(dismissed))) {
    if (!found) dismissed = "";
    return close();
  }
  dismissed = "";
  clearTimeout(waiting);
  const at = { sign: found[1], query: found[2], from: from - found[2].length - 1 };
  waiting = setTimeout(() => offer(form, editor, at), found[2] ? 100 : 0);
}

async function put(option) {
  const { form, editor, from, query } = open;
  const range = [from, from + query.length + 1];
  close();
  if (option.dataset.mention) {
    editor.editor.setSelectedRange(range);
    editor.editor.insertString(`@${option.dataset.name} `);
    const field = document.createElement("input");
    Object.assign(field, { type: "hidden", name: "mentions", value: option.dataset.mention });
    field.dataset.name = option.dataset.name;
    form.append(field);
    return;
  }
  const token = form.querySelector("[name=csrfmiddlewaretoken]").value;
  try {
    const answer = await fetch(option.dataset.insert, { method: "POST", headers: { "X-CSRFToken": token, "X-Drawn-For": document.body.dataset.for } });
    if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
    const { html } = await answer.json();
    editor.editor.setSelectedRange(range);
    editor.editor.insertHTML(flat(html));
    form.dispatchEvent(new CustomEvent("composer:inserted", { bubbles: true, detail: { at: from } }));
  } catch {
    form.dispatchEvent(new CustomEvent("composer:say", { bubbles: true, detail: { word: "failed", tone: "bad" } }));
  }
}

document.addEventListener("trix-selection-change", (event) => event.target.closest("form[data-composer]") && look(event.target));
document.addEventListener("trix-blur", () => setTimeout(close, 150));

// a name that was deleted again is no mention
document.addEventListener("composer:change", (event) => {
  if (!event.target.dataset.composer) return;
  const text = event.target.querySelector("textarea[data-rich]").value;
  event.target.querySelectorAll("input[name=mentions][data-name]").forEach((field) => (field.disabled = !text.includes(`@${field.dataset.name}`)));
});

document.addEventListener("keydown", (event) => {
  if (!open || event.target !== open.editor || event.isComposing) return;
  const all = options(open.list);
  const at = all.indexOf(chosen(open.list));
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    if (all.length) choose(all[(at + (event.key === "ArrowDown" ? 1 : -1) + all.length) % all.length]);
  } else if ((event.key === "Enter" || event.key === "Tab") && !event.ctrlKey && !event.metaKey && all[at]) put(all[at]);
  else if (event.key === "Escape") {
    const text = open.editor.editor.getDocument().toString();
    dismissed = text.slice(0, open.from + 1).split("\n").pop();
    close();
  } else return;
  event.preventDefault();
  event.stopImmediatePropagation();
}, true);

document.addEventListener("mousedown", (event) => {
  if (!open?.list.contains(event.target)) return;
  event.preventDefault();
  const option = event.target.closest("[role=option]:not([aria-disabled])");
  if (option) put(option);
});
