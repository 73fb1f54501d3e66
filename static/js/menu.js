// <details data-menu>: closes on Escape, on a press elsewhere and when the focus leaves; arrows, Home and End walk its items.
const open = () => document.querySelectorAll("details[data-menu][open]");
const items = (menu) => [...menu.querySelectorAll(".panel a[href], .panel button:not([disabled])")];

function closeOthers(target) {
  for (const menu of open()) if (!menu.contains(target)) menu.open = false;
}
document.addEventListener("click", (event) => {
  closeOthers(event.target);
  const item = event.target.closest("details[data-menu] .panel .item");
  if (item && !item.matches("[aria-disabled=true], [data-theme-choice]")) item.closest("details").open = false;
});
document.addEventListener("focusin", (event) => closeOthers(event.target));

document.addEventListener("keydown", (event) => {
  const menu = event.target.closest?.("details[data-menu]");
  if (event.key === "Escape") {
    for (const other of open()) {
      other.open = false;
      if (other.contains(document.activeElement) || document.activeElement === document.body) other.querySelector("summary").focus();
    }
    return;
  }
  const all = menu && ["ArrowDown", "ArrowUp", "Home", "End"].includes(event.key) ? items(menu) : [];
  if (!all.length || (["Home", "End"].includes(event.key) && !menu.open)) return;
  event.preventDefault();
  menu.open = true;
  const at = all.indexOf(document.activeElement);
  const step = event.key === "ArrowDown" ? 1 : -1;
  if (event.key === "Home") all[0].focus();
  else if (event.key === "End") all[all.length - 1].focus();
  else all[at < 0 ? (step > 0 ? 0 : all.length - 1) : (at + step + all.length) % all.length].focus();
});
