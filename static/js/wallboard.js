// The board on the wall: fetches what changes, after a hint of the socket and every few seconds, and puts in only the
// parts that are others than before, so that nothing flickers. Without a connection it says how old the picture is.
import { learn, serverNow } from "./server-time.js";

const board = document.querySelector("[data-wallboard]");
const OFTEN = 2000; // not more often than this after hints
const ALWAYS = 15000;
const OLD = 40000; // a picture that is older has lost its connection
const PATIENCE = 10000;
const words = JSON.parse(document.getElementById("words")?.textContent || "{}");
const seen = new Map(); // the parts as the server sent them; what stands in the page has ticked on since
let taken = serverNow(); // by the server's clock; `asked` by ours
let asked = 0;
let timer = 0;
let isLost = false;
let isEnded = false;

function put(html, since) {
  const fresh = new DOMParser().parseFromString(html, "text/html");
  const at = Date.parse(fresh.querySelector("[data-at]")?.dataset.at);
  learn(at, since, Date.now());
  for (const part of fresh.querySelectorAll("[data-part]")) {
    const name = part.dataset.part;
    if (name === "figures" || seen.get(name) === part.outerHTML) continue; // the figures one by one
    seen.set(name, part.outerHTML);
    document.querySelector(`[data-part="${name}"]`)?.replaceWith(document.adoptNode(part));
  }
  return Number.isNaN(at) ? serverNow() : at;
}

async function fetchBoard() {
  clearTimeout(timer);
  timer = setTimeout(fetchBoard, ALWAYS);
  const since = Date.now();
  asked = since;
  try {
    const answer = await fetch(board.dataset.wallboard, { signal: AbortSignal.timeout(PATIENCE), credentials: "same-origin" });
    isEnded = answer.redirected || answer.status === 401 || answer.status === 403;
    if (!answer.ok || isEnded) throw new Error(answer.statusText);
    taken = put(await answer.text(), since);
    isLost = false;
  } catch {
    isLost = true;
  }
  tell();
}

function hint() {
  const wait = Math.max(0, Math.min(OFTEN, OFTEN - (Date.now() - asked))); // whatever becomes of the clock
  clearTimeout(timer);
  timer = setTimeout(fetchBoard, wait);
}

function zoned(timeZone) {
  const shape = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
  try {
    return new Intl.DateTimeFormat(document.documentElement.lang, { ...shape, timeZone });
  } catch {
    return new Intl.DateTimeFormat(document.documentElement.lang, shape); // a zone that an old browser does not know
  }
}

const reader = zoned(board?.dataset.zone); // the reader's, not the machine's
const clock = (time) => reader.format(time);

function span(ms) {
  const minutes = Math.floor(ms / 60000);
  return minutes < 60 ? words.min.replace("%(n)d", minutes) : words.h.replace("%(n)d", Math.floor(minutes / 60));
}

function tell() {
  const line = board.querySelector("[data-wall-old]");
  const age = serverNow() - taken;
  const isOld = isEnded || (isLost && age > 5000) || age > OLD;
  const text = (isEnded ? line.dataset.ended : line.dataset.words)
    .replace("%(time)s", clock(taken)).replace("%(span)s", age < 60000 ? words.soon : span(age));
  if (isOld && line.firstElementChild.textContent !== text) line.firstElementChild.textContent = text;
  line.querySelector("a").hidden = !isEnded;
  line.hidden = !isOld;
  board.toggleAttribute("data-old", isOld);
  const face = board.querySelector("[data-wall-clock]");
  const time = clock(serverNow());
  if (face.textContent !== time) face.textContent = time;
}

if (board) {
  for (const part of document.querySelectorAll("[data-part]")) seen.set(part.dataset.part, part.outerHTML);
  timer = setTimeout(fetchBoard, ALWAYS);
  setInterval(tell, 1000);
  document.addEventListener("live:desk", hint);
  document.addEventListener("live:state", (event) => event.detail === "connected" ? hint() : fetchBoard());
  document.addEventListener("visibilitychange", () => document.hidden || hint());
  const whole = board.querySelector("[data-whole-screen]");
  whole.hidden = !document.fullscreenEnabled;
  whole.addEventListener("click", () =>
    document.fullscreenElement ? document.exitFullscreen() : document.documentElement.requestFullscreen());
}
