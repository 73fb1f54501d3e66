// Lines in the live region that nobody here caused: no connection, the end of the session, what concerns the reader.
import { words } from "./words.js";
const region = document.getElementById("messages");
const MOST = 3;
const waiting = new Map(); // ticket -> event, so that ten events of one ticket are one line
let lost = null;
let timer = 0;

function line(level, text, link) {
  const item = document.createElement("li");
  item.dataset.level = level;
  item.dataset.message = "";
  const span = document.createElement("span");
  span.textContent = text;
  item.append(span);
  if (link) {
    const anchor = document.createElement("a");
    anchor.href = link;
    anchor.textContent = words.signIn;
    item.append(anchor);
  }
  region?.append(item);
  return item;
}

function stand(state) {
  if (state === "lost" && !lost) lost = line("warning", words.offline);
  if (state === "connected" && lost) {
    lost.remove();
    lost = null;
    line("success", words.online);
  }
  if (state === "ended") {
    lost?.remove();
    line("error", words.ended, `${document.querySelector(".frame").dataset.login}?next=${encodeURIComponent(location.pathname + location.search)}`);
  }
}

async function fetchLines() {
  const due = [...waiting].slice(-MOST);
  waiting.clear();
  for (const [number, seq] of due) {
    const answer = await fetch(`/tickets/${number}/told/?seq=${seq}`, { headers: { "HX-Request": "true" } }).catch(() => null);
    if (!answer?.ok || answer.redirected) continue;
    const part = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("li");
    const passing = [...region.querySelectorAll("[data-passing]")];
    if (passing.length >= MOST) passing[0].remove();
    if (part) region.append(document.adoptNode(part));
  }
}

if (region && document.querySelector(".frame[data-live]")) {
  document.addEventListener("live:state", (event) => stand(event.detail));
  document.addEventListener("live:gone", () => line("warning", words.gone));
  document.addEventListener("live:notice", (event) => {
    if (document.hidden) return; // the tab that is looked at says it
    waiting.set(event.detail.number, event.detail.seq);
    clearTimeout(timer);
    timer = setTimeout(fetchLines, 600);
  });
}
