// Places of a canned reply that wait for the agent, {{ like this }}: marked, named below the text, and Tab goes from one
// to the next. After the last one Tab leaves the field as everywhere.
import { wordsOf } from "./words.js";

const PLACE = /\{\{(\s*(?:\?[^{}\n]{1,200}|[\p{L}_][\p{L}\p{N}_ \u00a0.'-]{0,200}))\}\}/gu;
const named = (inner) => inner.replace(/\s+/g, " ").trim().replace(/^\?\s*/, "");
const paint = window.Highlight && CSS.highlights ? new Highlight() : null;
if (paint) CSS.highlights.set("place", paint);

function meant(node) {
  return !node.parentElement.closest("pre, code, blockquote");
}

function mark(editor) {
  const left = [];
  paint?.clear();
  const walker = document.createTreeWalker(editor, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode;
    if (!meant(node)) continue;
    for (const found of node.data.matchAll(PLACE)) {
      left.push(named(found[1]));
      const range = new Range();
      range.setStart(node, found.index);
      range.setEnd(node, found.index + found[0].length);
      paint?.add(range);
    }
  }
  return [...new Set(left)];
}

function tell(form, left) {
  const line = form.querySelector("[data-say]");
  if (!line || !form.dataset.composer) return; // in the settings a place is what one means
  if (!left.length && line.dataset.about !== "places") return;
  const words = wordsOf(form);
  line.dataset.about = left.length ? "places" : "";
  line.textContent = left.length ? words.fill.replace("%(places)s", left.join(" · ")) : "";
  line.hidden = !left.length;
}

function next(editor) {
  const text = editor.editor.getDocument().toString();
  const [from, to] = editor.editor.getSelectedRange();
  const after = [...text.matchAll(PLACE)].find((found) => found.index >= (from === to ? from : to));
  if (!after) return false;
  editor.editor.setSelectedRange([after.index, after.index + after[0].length]);
  return true;
}

document.addEventListener("composer:change", (event) => {
  const editor = event.target.querySelector("trix-editor");
  if (editor) requestAnimationFrame(() => editor.isConnected && tell(event.target, mark(editor)));
});
document.addEventListener("composer:ready", (event) => {
  const editor = event.target.querySelector("trix-editor");
  const left = mark(editor);
  tell(event.target, left);
  if (!left.length || !editor.matches("[aria-invalid=true]")) return;
  editor.focus(); // refused for a place that nobody filled: there one goes on
  editor.editor.setSelectedRange(0);
  next(editor);
});

// a reply that was put in begins at its first place
document.addEventListener("composer:inserted", (event) => {
  const editor = event.target.querySelector("trix-editor");
  editor.focus();
  const end = editor.editor.getPosition();
  editor.editor.setSelectedRange(event.detail.at);
  if (!next(editor)) editor.editor.setSelectedRange(end);
});

document.addEventListener("keydown", (event) => {
  const editor = event.target.closest?.("trix-editor");
  if (!editor || event.key !== "Tab" || event.shiftKey || event.ctrlKey || event.altKey || event.defaultPrevented) return;
  if (!next(editor)) return;
  event.preventDefault();
  event.stopImmediatePropagation();
}, true);
