// The tickets list: the form of filters closes, and Back brings one where one was: as many rows, the same place, the same
// row under the hands, the same ones picked.
const form = document.getElementById("filter-form");
const rows = () => document.getElementById("rows");
const place = `list:${location.pathname}${location.search}`;

document.addEventListener("click", (event) => {
  if (event.target.closest("#filter-form [data-cancel]")) {
    event.preventDefault();
    form.replaceChildren();
  } else if (form?.firstElementChild && !event.target.closest("#filter-form, [hx-target='#filter-form']")) form.replaceChildren();
});

// what a page remembers of itself when it is left
window.addEventListener("pagehide", () => {
  if (!rows()) return;
  const at = document.activeElement?.closest("[data-row]")?.id || "";
  const picked = [...rows().querySelectorAll("input[type=checkbox]:checked")].map((box) => box.value);
  sessionStorage.setItem(place, JSON.stringify({ y: scrollY, at, picked, many: rows().children.length }));
});

async function restore() {
  const kept = JSON.parse(sessionStorage.getItem(place) || "null");
  if (!kept || !rows()) return;
  for (let turns = 0; rows().children.length < kept.many && turns < 12; turns += 1) {
    const more = document.querySelector("#pager a");
    if (!more) break;
    const settled = new Promise((done) => {
      document.addEventListener("htmx:afterSettle", done, { once: true });
      setTimeout(done, 4000);
    });
    more.click();
    await settled;
  }
  for (const box of rows().querySelectorAll("input[type=checkbox]")) box.checked = kept.picked.includes(box.value);
  rows().dispatchEvent(new CustomEvent("rows:count", { bubbles: true }));
  scrollTo({ top: kept.y, behavior: "instant" });
  document.getElementById(kept.at)?.querySelector("[data-row-link]")?.setAttribute("data-focus-me", "still");
}
if (performance.getEntriesByType("navigation")[0]?.type === "back_forward") {
  history.scrollRestoration = "manual";
  restore();
}
