// .upload[data-upload] around an <input type=file>: names and sizes before sending, a drop zone, too large ones named.
import { words } from "./words.js";
const size = (bytes) => bytes < 1e6 ? `${Math.max(1, Math.round(bytes / 1e3))} kB` : `${(bytes / 1e6).toFixed(1)} MB`;

function show(zone) {
  const input = zone.querySelector("input[type=file]");
  const most = Number(zone.dataset.upload) || Infinity;
  let list = zone.querySelector("ul");
  if (!list) {
    list = document.createElement("ul");
    list.setAttribute("aria-live", "polite");
    zone.append(list);
  }
  list.replaceChildren(...[...input.files].map((file) => {
    const line = document.createElement("li");
    const name = document.createElement("span");
    const note = document.createElement("small");
    name.textContent = file.name;
    name.className = "truncate";
    note.textContent = file.size > most ? `${words.tooLarge}: ${size(file.size)} > ${size(most)}` : size(file.size);
    if (file.size > most) line.className = "errors";
    line.append(name, note);
    return line;
  }));
}

document.addEventListener("change", (event) => {
  const zone = event.target.matches("input[type=file]") && event.target.closest("[data-upload]");
  if (zone) show(zone);
});
for (const name of ["dragover", "dragleave", "drop"]) {
  document.addEventListener(name, (event) => {
    const zone = event.target.closest?.("[data-upload]");
    if (!zone) return;
    event.preventDefault();
    zone.toggleAttribute("data-over", name === "dragover");
    if (name !== "drop" || !event.dataTransfer.files.length) return;
    zone.querySelector("input[type=file]").files = event.dataTransfer.files;
    show(zone);
  });
}
