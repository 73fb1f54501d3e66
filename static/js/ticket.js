// A ticket's page: Cancel empties the slot of the act, an undo fades when its time is over, the newest entry is in sight.
document.addEventListener("click", (event) => {
  const cancel = event.target.closest("#act [data-cancel], #filter-form [data-cancel]");
  if (!cancel) return;
  event.preventDefault();
  const slot = cancel.closest("#act, #filter-form");
  slot.replaceChildren();
  document.getElementById("main")?.focus({ preventScroll: true });
});

// with an act open, its letter keys are its own; a press beside it must not leave what was typed
document.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target?.id === "act") event.detail.target.scrollIntoView({ block: "nearest" });
});

for (const fading of document.querySelectorAll("[data-fades]")) {
  setTimeout(() => fading.remove(), Number(fading.dataset.fades) * 1000);
}

const composer = document.getElementById("composer");
const entries = document.querySelectorAll(".entry");
if (composer && entries.length > 4 && !location.hash) entries[entries.length - 1].scrollIntoView({ block: "center" });
