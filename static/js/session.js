// A session that ended while somebody worked (403 with X-Session-Ended): a dialog in the server's words, the page and
// what was typed stay, and the fresh token that came along is put into the page; so is one that comes as `session:token`
// {detail: token}. Where somebody else is signed in now there is none. And a network that is gone.
import { words } from "./words.js";

function renew(token) {
  if (!token) return;
  const headers = JSON.parse(document.body.getAttribute("hx-headers") || "{}");
  document.body.setAttribute("hx-headers", JSON.stringify({ ...headers, "x-csrftoken": token }));
  for (const field of document.querySelectorAll("input[name=csrfmiddlewaretoken]")) field.value = token;
}

document.addEventListener("session:token", (event) => renew(event.detail));

function tell(html) {
  if (document.querySelector("dialog[data-session-ended][open]")) return;
  document.querySelector("dialog[data-session-ended]")?.remove();
  const before = document.activeElement;
  const dialog = new DOMParser().parseFromString(html, "text/html").querySelector("dialog");
  if (!dialog) return;
  document.body.append(dialog);
  dialog.addEventListener("close", () => { dialog.remove(); before?.focus?.(); });
  dialog.addEventListener("click", (event) => event.target.closest("a") && setTimeout(() => dialog.close(), 100));
  dialog.showModal();
}

// in the capture phase: whoever says "that did not work" for any failure need not say it for this one
document.addEventListener("htmx:responseError", (event) => {
  const xhr = event.detail.xhr;
  if (!xhr.getResponseHeader("X-Session-Ended")) return;
  event.stopPropagation();
  renew(xhr.getResponseHeader("X-CSRFToken"));
  tell(xhr.responseText);
}, true);

// ours alone on customers' pages; the desk says it beside its live connection
const portal = document.querySelector(".portal, .auth");
function offline() {
  let banner = document.getElementById("offline");
  if (navigator.onLine) return banner?.remove();
  if (!banner) {
    banner = document.createElement("p");
    banner.id = "offline";
    banner.className = "notice";
    banner.dataset.level = "warning";
    banner.setAttribute("role", "status");
    banner.textContent = words.offlineForm;
    portal.querySelector("main").prepend(banner);
  }
}
if (portal && words.offlineForm) {
  for (const name of ["online", "offline"]) window.addEventListener(name, offline);
  if (!navigator.onLine) offline();
  document.addEventListener("submit", (event) => {
    if (navigator.onLine || event.target.method !== "post") return;
    event.preventDefault();
    event.stopImmediatePropagation();
    offline();
    document.getElementById("offline").scrollIntoView({ block: "center" });
  }, true);
}
