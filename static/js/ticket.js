// A ticket's page: the newest in sight, older parts come in above without moving what one reads, Cancel empties the slot of
// an act's form, an undo fades when its time is over.
document.addEventListener("click", (event) => {
  const cancel = event.target.closest("#act [data-cancel], #filter-form [data-cancel]");
  if (!cancel) return;
  event.preventDefault();
  cancel.closest("#act, #filter-form").replaceChildren();
});

// what comes in above keeps what stood there where it stood; a day is named once
let kept = null;
document.addEventListener("htmx:beforeSwap", (event) => {
  const { target } = event.detail;
  if (target.id !== "earlier" && target.id !== "later") return;
  const item = target.id === "earlier" ? target.nextElementSibling : target.previousElementSibling;
  kept = { item, top: item?.getBoundingClientRect().top };
});
document.addEventListener("htmx:afterSettle", () => {
  if (!kept) return;
  const { item, top } = kept;
  kept = null;
  let named = "";
  for (const day of document.querySelectorAll("#items > .day")) {
    const date = day.querySelector("time").dateTime;
    if (date === named && day !== item) day.remove();
    named = date;
  }
  if (item?.isConnected) window.scrollBy(0, item.getBoundingClientRect().top - top);
});

for (const fading of document.querySelectorAll("[data-fades]")) {
  setTimeout(() => fading.remove(), Number(fading.dataset.fades) * 1000);
}

const arrived = performance.getEntriesByType("navigation")[0]?.type;
if (document.getElementById("composer") && !location.hash && arrived !== "back_forward" && arrived !== "reload") {
  document.querySelector(".conversation").scrollIntoView({ block: "end", behavior: "instant" });
}
