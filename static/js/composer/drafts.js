// Drafts save themselves: on the server a second after typing stops and when the page goes, in this tab's session at once.
// Two tabs: who knows an older draft than the server has is asked which one to keep; nothing is overwritten unseen.
import { wordsOf } from "./words.js";

const PAUSE = 1000;
const AGAIN = 15000;
const KEEPALIVE = 60000; // what browsers let a page that goes still send, in bytes
const name = (form) => `composer:${document.body.dataset.for}:${form.dataset.ticket}-${form.dataset.composer}`;
const timers = new WeakMap();
const running = new WeakMap();

function local(form) {
  try {
    return JSON.parse(sessionStorage.getItem(name(form)) || "null");
  } catch {
    return null;
  }
}

function keepHere(form, more) {
  const text = form.querySelector("textarea[data-rich]").value;
  const html = form.querySelector("[data-rich-html]").value;
  try {
    sessionStorage.setItem(name(form), JSON.stringify({ text, html, version: Number(form.dataset.version), saved: false, ...more }));
  } catch {
    /* a full or forbidden storage: the server has it */
  }
}

function write(form, { html, text }) {
  const area = form.querySelector("textarea[data-rich]");
  const editor = form.querySelector("trix-editor");
  if (editor?.editor) {
    editor.editor.loadHTML(html || "");
    if (!html && text) editor.editor.insertString(text);
    return;
  }
  area.value = area.defaultValue = text;
  form.querySelector("[data-rich-html]").value = html;
}

function note(form, text) {
  form.querySelector("[data-saved]").textContent = text;
}

function say(form, detail) {
  form.dispatchEvent(new CustomEvent("composer:say", { bubbles: true, detail }));
}

function payload(form, more) {
  const data = new FormData();
  data.set("csrfmiddlewaretoken", form.querySelector("[name=csrfmiddlewaretoken]").value);
  data.set("text", form.querySelector("textarea[data-rich]").value);
  data.set("html", form.hasAttribute("data-rich") ? form.querySelector("[data-rich-html]").value : "");
  data.set("seen", form.querySelector("[name=seen]")?.value || "");
  data.set("version", form.dataset.version);
  data.set("drawn_for", document.body.dataset.for);
  for (const [key, value] of Object.entries(more)) data.set(key, value);
  return data;
}

function askWhich(form, newer) {
  form.dataset.behind = "";
  const words = wordsOf(form);
  const take = () => {
    form.dataset.version = newer.version;
    write(form, newer);
    settled(form, newer);
  };
  const keep = () => save(form, { keep: "1" });
  say(form, { text: words.newer, tone: "warn", acts: [[words.take, take], [words.keep, keep]] });
}

function settled(form, { version, at }) {
  delete form.dataset.behind;
  delete form.dataset.dirty;
  form.dataset.version = version;
  note(form, form.querySelector("textarea[data-rich]").value.trim() ? wordsOf(form).saved.replace("%(at)s", at) : "");
  keepHere(form, { saved: true });
}

async function save(form, more = {}) {
  clearTimeout(timers.get(form));
  if (!form.isConnected || form.dataset.sent !== undefined || form.dataset.sending || running.has(form)) return;
  const abort = new AbortController();
  running.set(form, abort);
  const before = form.querySelector("textarea[data-rich]").value;
  let later = 0;
  try {
    const answer = await fetch(form.dataset.drafts, { method: "POST", body: payload(form, more), signal: abort.signal, headers: { "HX-Request": "true" } });
    if (form.dataset.sent !== undefined) return;
    if (answer.headers.get("X-Session-Ended") === "other") note(form, wordsOf(form).another);
    else if (answer.redirected || answer.status === 403) note(form, wordsOf(form).signedOut);
    else if (answer.status === 409) askWhich(form, await answer.json());
    else if (answer.status === 422) note(form, (await answer.json()).message);
    else if (answer.ok) settled(form, await answer.json());
    else throw new Error(String(answer.status));
  } catch {
    if (abort.signal.aborted) return;
    note(form, wordsOf(form).unsaved);
    later = AGAIN;
  } finally {
    running.delete(form);
  }
  if (form.querySelector("textarea[data-rich]").value !== before) later = PAUSE;
  if (later) timers.set(form, setTimeout(() => save(form), later));
}

document.addEventListener("composer:change", (event) => {
  const form = event.target;
  if (!form.dataset.composer || form.dataset.sent !== undefined) return;
  form.dataset.dirty = "";
  keepHere(form);
  form.toggleAttribute("data-filled", form.querySelector("textarea[data-rich]").value.trim() !== "");
  clearTimeout(timers.get(form));
  if (form.dataset.behind === undefined) timers.set(form, setTimeout(() => save(form), PAUSE));
});

// a page that goes: the last words leave with it
function flush() {
  for (const form of document.querySelectorAll("form[data-composer][data-dirty]:not([data-sent], [data-behind])")) {
    const data = payload(form, {});
    const long = data.get("text").length + data.get("html").length;
    if (form.dataset.sending || long * 2 > KEEPALIVE) continue; // the session's copy has it
    clearTimeout(timers.get(form));
    fetch(form.dataset.drafts, { method: "POST", body: data, keepalive: true, headers: { "HX-Request": "true" } }).catch(() => {});
  }
}
addEventListener("pagehide", flush);
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "hidden") document.querySelectorAll("form[data-composer][data-dirty]:not([data-behind])").forEach((form) => save(form));
});
addEventListener("online", () => document.querySelectorAll("form[data-composer][data-dirty]:not([data-behind])").forEach((form) => save(form)));

// while a message is on its way no draft of it follows; once it was taken nothing of it is kept here
document.addEventListener("composer:sending", (event) => {
  clearTimeout(timers.get(event.target));
  running.get(event.target)?.abort();
  keepHere(event.target, { key: event.target.querySelector("[name=idempotency_key]")?.value });
}, true);
document.addEventListener("composer:sent", (event) => {
  event.target.dataset.sent = "";
  clearTimeout(timers.get(event.target));
  sessionStorage.removeItem(name(event.target));
}, true);

function start() {
  for (const form of document.querySelectorAll("form[data-composer]:not([data-drafts-on])")) {
    form.dataset.draftsOn = "";
    const mine = local(form);
    const shown = form.querySelector("textarea[data-rich]").value;
    if (mine && !mine.saved && mine.text.trim() && mine.text.trim() !== shown.trim()) {
      form.dataset.version = mine.version;
      write(form, mine);
      form.dataset.dirty = "";
      const key = form.querySelector("[name=idempotency_key]");
      if (mine.key && key) key.value = mine.key; // it may have arrived: sent again it is the same message
      timers.set(form, setTimeout(() => save(form), PAUSE));
    }
    form.toggleAttribute("data-filled", form.querySelector("textarea[data-rich]").value.trim() !== "");
  }
}
document.addEventListener("htmx:load", start);
start();
