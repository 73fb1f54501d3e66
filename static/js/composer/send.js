// Sending: without loading the page; kept and sent again, once, when the connection is lost.
import { wordsOf } from "./words.js";
const mine = (event) => event.detail.elt?.matches?.("form[data-composer]") && event.detail.elt;
const waits = new WeakMap();
const PAUSES = [2, 4, 8, 16, 30];

function say(form, { text = "", word = "", tone = "", acts = [], link = null }) {
  const line = form.querySelector("[data-say]");
  line.dataset.about = "";
  line.dataset.tone = tone;
  line.hidden = false;
  const buttons = acts.map(([label, act]) => {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "button small";
    button.textContent = label;
    button.addEventListener("click", () => {
      line.hidden = true;
      form.querySelector("trix-editor, textarea")?.focus();
      act();
    });
    return button;
  });
  const words = document.createElement("span");
  words.textContent = text || wordsOf(form)[word];
  if (link) words.append(" ", Object.assign(document.createElement("a"), { href: link, textContent: form.dataset.loginWords, className: "link" }));
  line.replaceChildren(words, ...buttons);
}
document.addEventListener("composer:say", (event) => say(event.target, event.detail));

function freeze(form, is) {
  form.toggleAttribute("data-waiting", is);
  form.querySelector("trix-editor")?.setAttribute("contenteditable", String(!is));
  form.querySelector("textarea[data-rich]").readOnly = is;
}

function signedOut(form) {
  freeze(form, false);
  const link = `${form.dataset.login}?next=${encodeURIComponent(location.pathname + location.search)}`;
  say(form, { word: "signedOut", tone: "warn", link });
}

// --- On its way ------------------------------------------------------------------
document.addEventListener("htmx:configRequest", (event) => {
  const open = document.querySelector("form[data-composer]");
  if (open) event.detail.headers["X-Composer"] = open.dataset.composer;
  const form = mine(event);
  const submitter = event.detail.triggeringEvent?.submitter;
  if (form && submitter?.hasAttribute("formaction")) event.detail.path = submitter.getAttribute("formaction");
  if (form) waits.set(form, { submitter, tries: waits.get(form)?.tries || 0 });
});

document.addEventListener("htmx:beforeRequest", (event) => {
  const form = mine(event);
  if (!form) return;
  if (form.querySelector("textarea[data-rich]").value.length > Number(form.dataset.longest)) {
    event.preventDefault();
    form.dispatchEvent(new CustomEvent("form:done", { bubbles: true }));
    say(form, { word: "tooLong", tone: "bad" });
    return;
  }
  form.dispatchEvent(new CustomEvent("composer:sending"));
});

// --- It could not be sent ----------------------------------------------------------
function retry(form) {
  const state = waits.get(form);
  if (!form.isConnected || !form.hasAttribute("data-waiting") || form.dataset.sending) return;
  clearTimeout(state.timer);
  const button = state.submitter?.isConnected ? state.submitter : form.querySelector("[data-default]");
  form.requestSubmit(button);
}

for (const name of ["htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(name, (event) => {
    const form = mine(event);
    if (!form) return;
    event.stopImmediatePropagation();
    const state = waits.get(form);
    const pause = PAUSES[Math.min(state.tries, PAUSES.length - 1)] * 1000;
    state.tries += 1;
    freeze(form, true); // the words that may have arrived are the words that are sent again
    say(form, { word: "offline", tone: "warn", acts: [[wordsOf(form).again, () => retry(form)]] });
    state.timer = setTimeout(() => retry(form), pause);
  }, true);
}
addEventListener("online", () => document.querySelectorAll("form[data-composer][data-waiting]").forEach(retry));

// a form that is older than the sign-in: its token is renewed, the message goes out with the same key
async function renew(form) {
  try {
    const answer = await fetch(form.action, { headers: { "HX-Request": "true" } });
    if (answer.redirected || !answer.ok) return signedOut(form);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const token = page.querySelector("[name=csrfmiddlewaretoken]")?.value;
    if (!token || form.dataset.renewed) return say(form, { word: "failed", tone: "bad" });
    form.dataset.renewed = "";
    document.dispatchEvent(new CustomEvent("session:token", { detail: token }));
    form.requestSubmit(waits.get(form).submitter || undefined);
  } catch {
    say(form, { word: "failed", tone: "bad" });
  }
}

document.addEventListener("htmx:beforeOnLoad", (event) => {
  const { xhr, elt, requestConfig } = event.detail;
  const form = mine(event) || (elt.matches?.("#act form") && elt.elements.composer?.value && document.querySelector("form[data-composer=reply]"));
  if (!form || requestConfig.verb !== "post") return;
  const gone = new URL(xhr.responseURL, location).pathname !== new URL(requestConfig.path, location).pathname;
  if (gone && elt === form) {
    event.preventDefault();
    signedOut(form);
  } else if (xhr.getResponseHeader("X-Session-Ended") === "other") {
    freeze(form, false); // session.js says whose session it is
  } else if (xhr.status === 403 && elt === form) {
    event.preventDefault();
    freeze(form, false);
    renew(form);
  } else if (xhr.status < 300) {
    form.dispatchEvent(new CustomEvent("composer:sent"));
    if (elt === form) form.dataset.done = "";
  } else if (elt === form) {
    freeze(form, false);
    if (xhr.status >= 500 || xhr.status === 413) say(form, { word: "failed", tone: "bad" });
  }
});

// "Send and resolve" may have questions: its form opens in the slot of the acts
document.addEventListener("htmx:beforeSwap", (event) => {
  const config = event.detail.requestConfig;
  if (!config.elt.matches?.("form[data-composer]") || !config.path.endsWith("/resolve/") || event.detail.xhr.status < 400) return;
  event.detail.target = document.getElementById("act");
  event.detail.swapOverride = "innerHTML";
});

// --- After it ----------------------------------------------------------------------
let sent = false;
document.addEventListener("composer:sent", () => (sent = true), true);

// what one sent is seen above the box, also where that had been scrolled away
function reveal() {
  document.scrollingElement.scrollTop = document.scrollingElement.scrollHeight;
}
document.addEventListener("ticket:moved", () => document.activeElement?.id === "composer" && reveal());

function start() {
  if (sent && document.querySelector("form[data-composer]:not([data-sent])")) {
    sent = false;
    document.getElementById("composer").dataset.focusMe = "still"; // letters are keys again
    reveal();
  }
}
document.addEventListener("htmx:load", start);
start();
