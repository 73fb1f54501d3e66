// Files by choosing, drop and paste: listed with name and size, each removable, what does not fit is named and left out.
// They are kept beside the form, so that an answer which draws it anew takes none away.
import { wordsOf } from "./words.js";

const kept = new Map();
const size = (bytes) => (bytes < 1e6 ? `${Math.max(1, Math.round(bytes / 1e3))} kB` : `${(bytes / 1e6).toFixed(1)} MB`);
const place = (form) => `${form.dataset.ticket}-${form.dataset.composer}`;
const field = (form) => form.querySelector("input[type=file]");

function draw(form) {
  const list = form.querySelector("[data-file-list]");
  const files = kept.get(place(form)) || [];
  const words = wordsOf(form);
  const data = new DataTransfer();
  files.forEach((file) => data.items.add(file));
  field(form).files = data.files;
  list.hidden = !files.length;
  list.replaceChildren(...files.map((file, n) => {
    const line = document.createElement("li");
    const name = document.createElement("bdi");
    const note = document.createElement("small");
    const button = document.createElement("button");
    name.textContent = file.name;
    name.className = "truncate";
    note.textContent = size(file.size);
    button.type = "button";
    button.textContent = "×";
    button.dataset.without = n;
    button.setAttribute("aria-label", words.remove.replace("%(name)s", file.name));
    line.append(name, note, button);
    return line;
  }));
  form.toggleAttribute("data-with-files", files.length > 0);
}

function objection(form, file, words) {
  if (file.size > Number(form.dataset.bytes)) return words.tooLarge.replace("%(name)s", file.name);
  const ending = file.name.toLowerCase().replace(/[. ]+$/, "").match(/\.[^.]*$/)?.[0];
  return ending && form.dataset.refused.split(" ").includes(ending) ? words.refused.replace("%(name)s", file.name) : "";
}

function add(form, files) {
  const words = wordsOf(form);
  const mine = [...(kept.get(place(form)) || [])];
  const said = new Set();
  for (const file of files) {
    const why = objection(form, file, words);
    if (why) said.add(why);
    else if (mine.length >= Number(form.dataset.files)) said.add(words.tooMany);
    else if (!mine.some((one) => one.name === file.name && one.size === file.size && one.lastModified === file.lastModified)) mine.push(file);
  }
  kept.set(place(form), mine);
  draw(form);
  if (said.size) form.dispatchEvent(new CustomEvent("composer:say", { bubbles: true, detail: { text: [...said].join(" "), tone: "bad" } }));
}

document.addEventListener("change", (event) => {
  const form = event.target.matches("input[type=file]") && event.target.closest("form[data-composer]");
  if (form) add(form, [...event.target.files]);
});
document.addEventListener("composer:files", (event) => add(event.target, event.detail.files), true);
document.addEventListener("composer:sent", (event) => kept.delete(place(event.target)), true);

document.addEventListener("click", (event) => {
  const button = event.target.closest(".composer [data-without]");
  if (!button) return;
  const form = button.closest("form");
  kept.set(place(form), kept.get(place(form)).filter((_file, n) => n !== Number(button.dataset.without)));
  draw(form);
  (form.querySelector("[data-without]") || field(form)).focus();
});

for (const name of ["dragover", "dragleave", "drop"]) {
  document.addEventListener(name, (event) => {
    const form = event.target.closest?.("form[data-composer]");
    if (!form || !event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    event.stopPropagation();
    form.toggleAttribute("data-over", name === "dragover");
    if (name === "drop") add(form, [...event.dataTransfer.files]);
  }, true);
}

document.addEventListener("paste", (event) => {
  const form = event.target.closest?.("form[data-composer]");
  const files = [...(event.clipboardData?.files || [])];
  if (!form || !files.length || event.clipboardData.types.includes("text/plain")) return;
  event.preventDefault();
  event.stopPropagation();
  add(form, files);
}, true);

const start = () => document.querySelectorAll("form[data-composer]:not([data-files-on])").forEach((form) => {
  form.dataset.filesOn = "";
  if (kept.get(place(form))?.length) draw(form);
});
document.addEventListener("htmx:load", start);
start();
// with promises to answer, "Send and resolve" asks in a form of its own: the files go along
document.addEventListener("htmx:afterSwap", (event) => {
  const input = event.detail.target.id === "act" && event.detail.target.querySelector("input[type=file][name=files]");
  const form = event.detail.target.closest?.(".composer")?.querySelector("form[data-composer]");
  if (input && form && kept.get(place(form))?.length && event.detail.requestConfig?.elt === form) input.files = field(form).files;
});
