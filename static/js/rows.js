// Lists by keyboard: [data-rows] holds [data-row]; j and k move the focus between the rows' links, Enter follows,
// x picks the row's checkbox, Escape lets go. [data-rows-count] says how many are picked; [data-bulk] shows with any.
const rowsOf = (list) => [...list.querySelectorAll("[data-row]")].filter((row) => row.offsetParent !== null);
const linkOf = (row) => row.querySelector("[data-row-link]") || row.querySelector("a[href]");

function move(step) {
  const here = document.activeElement?.closest("[data-row]");
  const list = here?.closest("[data-rows]") || document.querySelector("[data-rows]");
  if (!list) return false;
  const rows = rowsOf(list);
  const next = rows[here ? rows.indexOf(here) + step : step > 0 ? 0 : rows.length - 1];
  if (!next) return false;
  linkOf(next)?.focus();
  next.scrollIntoView({ block: "nearest" });
  return true;
}

function pick(row) {
  const box = row.querySelector("input[type=checkbox]");
  if (!box) return false;
  box.checked = !box.checked;
  box.dispatchEvent(new Event("change", { bubbles: true }));
  return true;
}

function count() {
  const picked = document.querySelectorAll("[data-row] input[type=checkbox]:checked").length;
  document.querySelectorAll("[data-rows-count]").forEach((element) => { element.textContent = picked; });
  document.querySelectorAll("[data-bulk]").forEach((element) => { element.hidden = picked === 0; });
}

// the letters come from keys.js, so that they are the user's own
document.addEventListener("keys:letter", (event) => {
  const { letter } = event.detail;
  const row = document.activeElement?.closest("[data-row]");
  const done = letter === "j" ? move(1) : letter === "k" ? move(-1) : letter === "x" && row ? pick(row) : false;
  if (done) event.preventDefault();
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && document.activeElement?.closest("[data-row]")) document.activeElement.blur();
});

document.addEventListener("change", (event) => {
  const all = event.target.closest("[data-rows-all]");
  if (all) {
    document.querySelectorAll("[data-row] input[type=checkbox]").forEach((box) => { box.checked = all.checked; });
  }
  if (all || event.target.closest("[data-row]")) count();
});
document.addEventListener("htmx:afterSettle", count);
document.addEventListener("rows:count", count);
count();
