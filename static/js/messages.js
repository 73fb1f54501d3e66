// Messages go when dismissed; those that only confirm, and offer nothing to press, after ten seconds.
// A request that failed without an answer says so in the same live region.
import { words } from "./words.js";
const region = document.getElementById("messages");

function settle(message) {
  const lasting = ["error", "warning"].includes(message.dataset.level) || (message.querySelector("a, form") && !("passing" in message.dataset));
  if (!lasting) setTimeout(() => message.matches(":hover, :focus-within") || message.remove(), 10000);
}

function fail() {
  const line = document.createElement("li");
  line.dataset.level = "error";
  line.dataset.message = "";
  const text = document.createElement("span");
  text.textContent = words.failed;
  const button = document.createElement("button");
  button.type = "button";
  button.dataset.dismiss = "";
  button.setAttribute("aria-label", words.close);
  button.textContent = "×";
  line.append(text, button);
  region?.append(line);
}

document.addEventListener("click", (event) => event.target.closest("[data-dismiss]")?.closest("[data-message]")?.remove());

// They stand clear of a ticket's head and of what one writes, however tall both are just now.
function place() {
  if (!region.childElementCount) return;
  const head = document.querySelector(".ticket-page .top")?.getBoundingClientRect();
  const box = document.getElementById("composer")?.getBoundingClientRect();
  if (head) region.style.setProperty("--head", `${Math.max(0, head.bottom)}px`);
  const foot = !box || box.bottom < innerHeight / 2 ? 0 : innerHeight - Math.max(box.top, innerHeight / 4);
  if (box) region.style.setProperty("--foot", `${Math.max(0, foot)}px`);
}

if (region && document.querySelector(".ticket-page")) {
  // Measured once in a frame, when the page is laid out for it anyway: asked for in the middle of a swap, each answer
  // lays it out anew. What is watched from now on tells its size by itself.
  let frame = 0;
  const soon = () => {
    frame ||= requestAnimationFrame(() => {
      frame = 0;
      place();
    });
  };
  const sizes = new ResizeObserver(place);
  const watch = () => document.querySelectorAll("#composer, .ticket-page .top").forEach((part) => sizes.observe(part));
  new MutationObserver(soon).observe(region, { childList: true });
  document.addEventListener("htmx:afterSettle", watch);
  for (const name of ["scroll", "resize"]) addEventListener(name, place, { passive: true });
  watch();
}
if (region) {
  region.querySelectorAll("[data-message]").forEach(settle);
  new MutationObserver((changes) => {
    for (const change of changes) for (const node of change.addedNodes) if (node.matches?.("[data-message]")) settle(node);
  }).observe(region, { childList: true });
}
for (const name of ["htmx:sendError", "htmx:responseError", "htmx:timeout"]) document.addEventListener(name, fail);
