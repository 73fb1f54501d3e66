// The rich editor over textarea[data-rich]: Trix, fetched when the page has time or the field is reached for.
// The textarea stays in the form as the plain twin; the markup goes along in [data-rich-html]. Without this script the
// textarea is the field, and its words are sent as they are.
import { flat } from "./markup.js";

const escaped = (text) => text.replace(/[&<>]/g, (sign) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;" })[sign]);
const asHtml = (text) => (text ? `<div>${escaped(text).replace(/\n/g, "<br>")}</div>` : "");
let fetching = null;

function fetchTrix(address) {
  fetching ||= new Promise((done, failed) => {
    const script = document.createElement("script");
    script.src = address;
    script.onload = () => customElements.whenDefined("trix-editor").then(done);
    script.onerror = failed;
    document.head.append(script);
  });
  return fetching;
}

// pictures and files become attachments of the form; nothing of them stands in the text
document.addEventListener("trix-file-accept", (event) => {
  event.preventDefault();
  event.target.closest("form")?.dispatchEvent(new CustomEvent("composer:files", { detail: { files: [event.file] } }));
});
document.addEventListener("trix-attachment-add", (event) => event.attachment.remove());

document.addEventListener("trix-change", (event) => {
  const form = event.target.closest("form[data-editor]");
  if (!form) return;
  form.querySelector("textarea[data-rich]").value = event.target.editor.getDocument().toString().replace(/\n$/, "");
  form.dispatchEvent(new CustomEvent("composer:change", { bubbles: true }));
});

// it writes its words down with the next frame; who sends, or leaves, is not made to wait for that
const writeDown = (form) => form.querySelector?.("trix-editor")?.editorController?.render();
document.addEventListener("submit", (event) => event.target.matches("form[data-editor]") && writeDown(event.target), true);
addEventListener("pagehide", () => document.querySelectorAll("form[data-editor]").forEach(writeDown));

document.addEventListener("input", (event) => {
  if (!event.target.matches("textarea[data-rich]")) return;
  event.target.form.dispatchEvent(new CustomEvent("composer:change", { bubbles: true }));
});

// what was refused is being changed: it was read
document.addEventListener("beforeinput", (event) => {
  const refused = event.target.closest?.("form[data-editor]")?.querySelector("#write-errors");
  if (!refused || !event.target.matches("trix-editor, textarea[data-rich]")) return;
  refused.remove();
  event.target.removeAttribute("aria-invalid");
});

function mount(form) {
  const area = form.querySelector("textarea[data-rich]");
  const html = form.querySelector("[data-rich-html]");
  if (!form.isConnected || form.querySelector("trix-editor")) return;
  const label = form.querySelector(`label[for="${area.id}"]`);
  const active = document.activeElement === area;
  const at = [area.selectionStart, area.selectionEnd];
  if (!html.value || area.value !== area.defaultValue) html.value = asHtml(area.value);
  html.value = flat(html.value);
  html.name = "html";
  const editor = document.createElement("trix-editor");
  const words = {
    input: html.id, toolbar: "write-toolbar", class: "rich", dir: "auto", "aria-multiline": "true",
    "aria-labelledby": label.id, placeholder: area.placeholder, "data-key": area.dataset.key, id: `${area.id}-rich`,
  };
  for (const [name, value] of Object.entries(words)) editor.setAttribute(name, value);
  for (const name of ["aria-invalid", "aria-describedby", "data-key-as", "aria-keyshortcuts"]) {
    if (area.hasAttribute(name)) editor.setAttribute(name, area.getAttribute(name));
  }
  delete area.dataset.key;
  delete area.dataset.keyAs;
  label.removeAttribute("for");
  area.hidden = true;
  area.before(editor);
  if (active) {
    editor.focus();
    editor.editor.setSelectedRange(at);
  }
  form.querySelector("[role=toolbar]").setAttribute("aria-controls", editor.id);
  form.dataset.rich = "";
  form.dispatchEvent(new CustomEvent("composer:ready", { bubbles: true }));
}

function start() {
  for (const form of document.querySelectorAll("form[data-editor]:not([data-started])")) {
    form.dataset.started = "";
    const go = () => fetchTrix(form.dataset.editor).then(() => mount(form), () => {});
    if (customElements.get("trix-editor")) mount(form);
    else {
      form.addEventListener("focusin", go, { once: true });
      form.addEventListener("pointerdown", go, { once: true });
      (window.requestIdleCallback || setTimeout)(go, { timeout: 1500 });
    }
  }
}

document.addEventListener("htmx:load", start);
start();
