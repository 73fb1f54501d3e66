// A ticket's page in motion: pieces of it are replaced as others, or we, change the ticket (desk/tickets/moving.py).
// The page says up to which event it has heard (#ticket[data-seq]) and gets the rest: nothing missing, nothing twice.
//   live:ticket {number, seq}   somebody changed the ticket; the page catches up
//   ticket:moved {seq}          sent on #ticket when it has
const page = document.getElementById("ticket");
const follows = page && document.getElementById("composer"); // an older part of a long story stands still
let isStale = false;
let wrote = false;
let running = false;
let again = false;
let asked = 0; // acts that wait for their answer

const seq = () => Number(page.dataset.seq) || 0;
const newest = () => Math.max(0, ...[...document.querySelectorAll("#items > [id^=entry-]")].map((item) => Number(item.id.slice(6)) || 0));

function isTyped() {
  const text = document.getElementById("write-text")?.value || document.querySelector("#composer trix-editor")?.textContent;
  return Boolean(text?.trim() || document.querySelector("#composer input[type=file]")?.files.length);
}

// who reads the end goes on reading the end; for everybody else nothing moves, also not the composer under their hands
function keepStill(change) {
  const scroller = document.scrollingElement;
  const isAtEnd = scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < 60;
  change();
  if (isAtEnd) scroller.scrollTop = scroller.scrollHeight;
}

function arrive(answered, from) {
  isStale = answered < seq();
  wrote = Boolean(from?.matches?.("#composer form.box") || from?.elements?.composer?.value); // also what it asked for beside
  if (!isStale) page.dataset.seq = answered;
}

function arrived() {
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
      keepStill(() => window.htmx.swap(page, pieces, { swapStyle: "none", swapDelay: 0, settleDelay: 0 }, { eventInfo: { target: page, elt: page } }));
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
    if (!there && item.id.startsWith("entry-") && Number(item.id.slice(6)) < newest()) item.remove(); // of an older part
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
  });
  document.addEventListener("htmx:beforeSwap", (event) => {
    const answered = Number(event.detail.xhr.getResponseHeader("X-Ticket-Seq"));
    if (!answered) return;
    arrive(answered, event.detail.requestConfig.elt);
    setTimeout(arrived);
  });
  document.addEventListener("htmx:oobBeforeSwap", (event) => {
    const { target, fragment } = event.detail;
    if (target.id === "act" || target.id === "messages") return;
    if (target.id === "composer") event.detail.shouldSwap = wrote || !(isStale || isTyped()); // what was sent stands there no more
    else if (isStale) event.detail.shouldSwap = false;
    else if (target.id === "items") place(fragment);
    else if (target.id === "ticket-head" || target.id === "context") reopen(target, fragment);
  });
  document.addEventListener("live:ticket", (event) => {
    if (event.detail.number !== Number(page.dataset.ticket)) return;
    // one's own act brings its pieces along, however long they take; what it does not bring is asked for
    const look = () => {
      if (event.detail.seq <= seq()) return;
      if (asked > 0) setTimeout(look, 400);
      else catchUp();
    };
    setTimeout(look, event.detail.mine ? 400 : 50);
  });
  document.addEventListener("htmx:beforeSend", (event) => event.detail.requestConfig.verb === "post" && (asked += 1));
  document.addEventListener("htmx:afterRequest", (event) => event.detail.requestConfig?.verb === "post" && (asked = Math.max(0, asked - 1)));
}
