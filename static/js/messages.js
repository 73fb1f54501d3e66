// Messages go when dismissed; those that only confirm, and offer nothing to press, after ten seconds.
// A request that failed without an answer says so in the same live region.
const words = JSON.parse(document.getElementById("words")?.textContent || "{}");
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
if (region) {
  region.querySelectorAll("[data-message]").forEach(settle);
  new MutationObserver((changes) => {
    for (const change of changes) for (const node of change.addedNodes) if (node.matches?.("[data-message]")) settle(node);
  }).observe(region, { childList: true });
}
for (const name of ["htmx:sendError", "htmx:responseError", "htmx:timeout"]) document.addEventListener(name, fail);
