// Log a contact: the timer that starts by itself, a new customer from what was typed, and what outlives a reload.
const KEPT = `log-contact:${document.body.dataset.for}`;
const form = document.getElementById("log");
const call = form?.querySelector("[data-call]");
const hidden = { person: form?.elements.person, q: document.getElementById("who") };
const two = (n) => String(n).padStart(2, "0");
const isAgain = Boolean(call?.hasAttribute("data-again")); // refused, and shown anew
const before = JSON.parse(sessionStorage.getItem(KEPT) || "{}");
const isReload = isAgain || (performance.getEntriesByType("navigation")[0]?.type !== "navigate" && !before.sent);
const kept = isReload ? Object.assign(before, { sent: false }) : {};
const keep = (changes) => sessionStorage.setItem(KEPT, JSON.stringify(Object.assign(kept, changes)));

// --- the timer: `rest` holds the length of the pauses, `paused` when the last one began --------
const isLive = () => ["phone", "in_person"].includes(form.elements.way.value);
const seconds = () => Math.max(0, Math.round(((kept.paused || Date.now()) - kept.start - kept.rest) / 1000));

function show() {
  const time = call.querySelector("[data-call-time]");
  const all = seconds();
  const hours = Math.floor(all / 3600);
  const text = `${hours ? `${hours}:` : ""}${two(Math.floor(all / 60) % 60)}:${two(all % 60)}`;
  time.hidden = false;
  if (time.textContent !== text) time.textContent = text;
  call.hidden = !isLive();
}

function toggle(on) {
  if (on && kept.paused) keep({ rest: kept.rest + Date.now() - kept.paused, paused: 0 });
  else if (!on && !kept.paused) keep({ paused: Date.now() });
  show();
}

if (call) {
  const live = form.elements.live;
  if (!kept.start) keep({ start: Date.now(), rest: 0, paused: 0 });
  live.checked = !kept.paused;
  live.addEventListener("change", () => toggle(live.checked));
  form.addEventListener("change", (event) => event.target.name === "way" && show());
  form.addEventListener("submit", () => {
    if (!isLive()) return;
    form.elements.seconds.value = Math.min(seconds(), 86400);
    form.elements.ago.value = Math.min(Math.round((Date.now() - kept.start) / 1000), 86400);
  }, true);
  show();
  setInterval(show, 1000);
}

// --- who: somebody known, or new from what was typed ---------------------------------------
const newcomer = document.getElementById("newcomer");
const FIELDS = { name: "person_name", phone: "phone", email: "email" };

function newcomerShown(is) {
  newcomer.hidden = !is;
  if (!is) for (const name of Object.values(FIELDS)) form.elements[name].value = "";
}

function pickPerson(value, text) {
  hidden.q.value = text;
  hidden.person.value = value;
  hidden.person.dispatchEvent(new CustomEvent("combo:picked", { bubbles: true, detail: { value, text } }));
}

if (form) {
  newcomerShown(Object.values(FIELDS).some((name) => form.elements[name].value));
  form.addEventListener("combo:picked", (event) => {
    const { value = "", text = "", new: kind } = event.detail || {};
    keep({ person: value, q: value ? text : "" });
    if (kind) {
      newcomerShown(true);
      form.elements[FIELDS[kind]].value = text;
      form.elements[FIELDS[kind]].dispatchEvent(new Event("input", { bubbles: true }));
      form.elements[kind === "name" ? "phone" : "person_name"].focus();
    } else if (value) {
      newcomerShown(false);
      form.elements.text.focus();
    } else {
      document.getElementById("who-card").hidden = true;
    }
  });
  form.addEventListener("click", (event) => {
    const known = event.target.closest("[data-take-person]");
    if (known) pickPerson(known.dataset.takePerson, known.dataset.text);
    if (!event.target.closest("[data-draft-drop]")) return;
    for (const area of form.querySelectorAll("textarea[data-draft]")) {
      area.value = "";
      area.dispatchEvent(new Event("input", { bubbles: true }));
    }
    event.target.closest("[data-draft-kept]").hidden = true;
    form.elements.text.focus();
  });
  form.addEventListener("draft:sent", () => keep({ sent: true }));
  if (hidden.person.value && !form.querySelector("[aria-invalid=true]")) form.elements.text.focus();
  if (kept.person && !hidden.person.value) addEventListener("load", () => pickPerson(kept.person, kept.q));
  if (!isReload && form.elements.text.value) form.querySelector("[data-draft-kept]").hidden = false;
}
