// A ticket's page in motion: pieces of it are replaced as others, or we, change the ticket (desk/tickets/moving.py).
// The page says up to which event it has heard (#ticket[data-seq]) and gets the rest: nothing missing, nothing twice.
//   live:ticket {number, seq}   somebody changed the ticket; the page catches up
//   ticket:moved {seq}          sent on #ticket when it has
const page = document.getElementById("ticket");
const follows = page && document.getElementById("composer"); // an older part of a long story stands still
let isStale = false;
let wrote = false;
let held = null; // where the focus was, in words that find it again
let opener = null; // the button that opened the act
let running = false;
let again = false;

const seq = () => Number(page.dataset.seq) || 0;
const newest = () => Math.max(0, ...[...document.querySelectorAll("#items > [id^=entry-]")].map((item) => Number(item.id.slice(6)) || 0));

function describe(element) {
  if (!element || element === document.body || !element.closest("#ticket")) return null;
  const place = element.closest("#act, #composer, #ticket-head, #context, #items");
  return { id: element.id, key: element.dataset.key, href: element.getAttribute("href"), name: element.getAttribute("name"), place: place?.id };
}

function find(was) {
  if (!was) return null;
  const root = document.getElementById(was.place) || page;
  const by = (name, value) => value && root.querySelector(`[${name}="${CSS.escape(value)}"]`);
  return (was.id && document.getElementById(was.id)) || by("data-key", was.key) || by("href", was.href) || by("name", was.name);
}

const usable = (element) => (element?.isConnected && element.getClientRects().length ? element : null);
const writing = () => usable(document.querySelector("#composer trix-editor")) || usable(document.getElementById("write-text"));

// the focus goes back to where it was, to the button of the act that was done, or to the composer
function settleFocus() {
  const now = document.activeElement;
  if (!held || (now && now !== document.body && now.isConnected)) return;
  const back = held.place === "act" ? usable(find(opener)) : held.place === "composer" ? writing() : usable(find(held));
  (back || writing() || document.getElementById("main"))?.focus({ preventScroll: true });
  held = null;
}

function isTyped() {
  const text = document.getElementById("write-text")?.value || document.querySelector("#composer trix-editor")?.textContent;
  return Boolean(text?.trim() || document.querySelector("#composer input[type=file]")?.files.length);
}

function scroller(element) {
  for (let up = element.parentElement; up && up !== document.body; up = up.parentElement) {
    if (up.scrollHeight > up.clientHeight && /auto|scroll/.test(getComputedStyle(up).overflowY)) return up;
  }
  return document.scrollingElement;
}

// what comes in above the composer must not push it away from under the hands
function keepStill(change) {
  const fixed = document.activeElement?.closest("#composer") || null;
  const before = fixed?.getBoundingClientRect().top;
  change();
  const after = document.getElementById("composer");
  if (fixed && after) scroller(after).scrollTop += after.getBoundingClientRect().top - before;
}

function arrive(answered, from) {
  isStale = answered < seq();
  wrote = Boolean(from?.closest?.("#composer form.box"));
  held = describe(document.activeElement) || held;
  if (!isStale) page.dataset.seq = answered;
}

function arrived() {
  settleFocus();
  page.dispatchEvent(new CustomEvent("ticket:moved", { bubbles: true, detail: { seq: seq() } }));
}

async function catchUp() {
  if (running) return void (again = true);
  running = true;
  try {
    const answer = await fetch(`/tickets/${page.dataset.ticket}/since/?seq=${seq()}&entry=${newest()}`, { headers: { "HX-Request": "true" } });
    const answered = Number(answer.headers.get("X-Ticket-Seq"));
    if (answer.ok && !answer.redirected && answered) {
      const pieces = await answer.text();
      arrive(answered, null);
      keepStill(() => window.htmx.swap(page, pieces, { swapStyle: "none", swapDelay: 0, settleDelay: 0 }));
      arrived();
    } else if (answer.redirected) document.dispatchEvent(new CustomEvent("live:state", { detail: "ended" }));
  } catch {
    // no connection: the socket is gone too, and asks again when it is back
  }
  running = false;
  if (again) {
    again = false;
    catchUp();
  }
}

function place(fragment) {
  for (const item of [...fragment.children]) {
    const there = item.id && document.getElementById(item.id);
    if (!there) continue;
    there.replaceWith(item);
    window.htmx.process(item);
  }
  if (fragment.children.length) document.querySelector("#items > .muted:only-child")?.remove();
}

function reopen(target, fragment) {
  const open = [...target.querySelectorAll("details")].map((menu) => menu.open);
  fragment.querySelectorAll("details").forEach((menu, place) => open[place] && (menu.open = true));
}

if (follows) {
  document.addEventListener("htmx:configRequest", (event) => {
    event.detail.headers["X-Ticket-Seq"] = String(seq());
    event.detail.headers["X-Ticket-Entry"] = String(newest());
    if (event.detail.verb === "get" && event.detail.target?.id === "act") opener = describe(event.detail.elt);
  });
  document.addEventListener("htmx:beforeSwap", (event) => {
    const answered = Number(event.detail.xhr.getResponseHeader("X-Ticket-Seq"));
    if (!answered) return;
    arrive(answered, event.detail.requestConfig.elt);
    setTimeout(arrived, 40); // htmx settles after 20 ms
  });
  document.addEventListener("htmx:oobBeforeSwap", (event) => {
    const { target, fragment } = event.detail;
    if (target.id === "act" || target.id === "messages") return;
    if (isStale) event.detail.shouldSwap = false;
    else if (target.id === "items") place(fragment);
    else if (target.id === "composer") event.detail.shouldSwap = wrote || !isTyped();
    else if (target.id === "ticket-head" || target.id === "context") reopen(target, fragment);
  });
  document.addEventListener("live:ticket", (event) => {
    if (event.detail.number !== Number(page.dataset.ticket)) return;
    // one's own act brings its pieces along; what it does not bring is asked for
    setTimeout(() => event.detail.seq > seq() && catchUp(), event.detail.mine ? 400 : 50);
  });
}
