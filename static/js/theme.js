// Light, dark, or as the device has it, without a reload: radios and buttons [data-theme-choice], of whatever form they are sent with.
function show(theme) {
  if (theme) document.documentElement.dataset.theme = theme;
  else delete document.documentElement.dataset.theme;
  for (const one of document.querySelectorAll("[data-theme-choice]")) {
    if (one.type === "radio") one.checked = one.value === theme;
    else one.setAttribute("aria-pressed", String(one.value === theme));
  }
}

document.addEventListener("change", (event) => event.target.matches("input[data-theme-choice]") && show(event.target.value));
document.addEventListener("submit", (event) => {
  const button = event.submitter;
  if (!button?.matches("button[data-theme-choice]")) return;
  event.preventDefault();
  show(button.value);
  fetch(event.target.action, { method: "POST", body: new FormData(event.target, button), redirect: "manual" });
  event.target.dispatchEvent(new CustomEvent("form:done", { bubbles: true }));
});
