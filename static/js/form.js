// Forms: one press sends once, a key of idempotency travels along, drafts survive a reload. (The focus: focus.js.)
//   <form data-idempotent>          hidden field `idempotency_key`, a new one per filled-in form
//   <textarea data-draft="unique">  kept in this browser's session until the form was sent
//   [data-submit-on-change]         a select or checkbox that sends its form
// Ctrl+Enter (or Cmd) in a text area, and anywhere in an act, sends the form.

function key(form) {
  let field = form.querySelector("input[name=idempotency_key]");
  if (!field) {
    field = document.createElement("input");
    field.type = "hidden";
    field.name = "idempotency_key";
    form.append(field);
  }
  field.value ||= [...crypto.getRandomValues(new Uint8Array(16))].map((n) => n.toString(16).padStart(2, "0")).join("");
}

function free(form) {
  delete form.dataset.sending;
  form.querySelectorAll("[aria-busy=true]").forEach((button) => button.removeAttribute("aria-busy"));
}

// whose page it is: the server writes nothing in the name of somebody who signed in meanwhile (accounts/carrying.py)
function drawnFor(form) {
  if (!document.body.dataset.for || form.elements.namedItem("drawn_for")) return;
  form.append(Object.assign(document.createElement("input"), { type: "hidden", name: "drawn_for", value: document.body.dataset.for }));
}

function draft(area) {
  const name = `draft:${document.body.dataset.for || ""}:${area.dataset.draft}`;
  if (!area.value) area.value = sessionStorage.getItem(name) || "";
  area.addEventListener("input", () => sessionStorage.setItem(name, area.value));
  area.form?.addEventListener("draft:sent", () => sessionStorage.removeItem(name));
}

function start(root) {
  root.querySelectorAll?.("form[data-idempotent]").forEach(key);
  if (root.matches?.("form[data-idempotent]")) key(root);
  root.querySelectorAll?.("textarea[data-draft]").forEach((area) => area.dataset.drafting || (draft(area), (area.dataset.drafting = "1")));
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method === "dialog" || form.method === "get") return;
  if (form.dataset.sending) {
    event.preventDefault();
    event.stopImmediatePropagation();
    return;
  }
  form.dataset.sending = "1";
  event.submitter?.setAttribute("aria-busy", "true");
  setTimeout(() => free(form), 15000); // a download or a cancelled request leaves the page standing
  if (!form.matches("[hx-post], [data-hx-post]")) {
    drawnFor(form);
    form.dispatchEvent(new CustomEvent("draft:sent"));
  }
}, true);
document.addEventListener("form:done", (event) => free(event.target));

document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
  const area = event.target.closest?.("textarea, trix-editor, form[data-act] :is(input, select)");
  const form = area?.closest("form");
  if (!form) return;
  event.preventDefault();
  form.requestSubmit(form.querySelector("[data-default], [type=submit].primary") || undefined);
});

document.addEventListener("change", (event) => {
  const field = event.target.closest("[data-submit-on-change]");
  field?.form?.requestSubmit();
});

document.addEventListener("htmx:afterRequest", (event) => {
  const form = event.detail.elt.closest?.("form");
  if (!form) return;
  free(form);
  if (event.detail.successful) form.dispatchEvent(new CustomEvent("draft:sent"));
});

document.addEventListener("htmx:load", (event) => start(event.target));

window.addEventListener("pageshow", (event) => {
  if (event.persisted) document.querySelectorAll("form[data-sending]").forEach(free);
});

start(document);
