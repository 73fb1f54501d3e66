// The board on the wall: fetches what changes, after a hint of the socket and every few seconds, and puts in only the
// parts that are others than before, so that nothing flickers. Without a connection it says how old the picture is.
const board = document.querySelector("[data-wallboard]");
const OFTEN = 2000; // not more often than this after hints
const ALWAYS = 15000;
const OLD = 40000; // a picture that is older has lost its connection
const PATIENCE = 10000;
const words = JSON.parse(document.getElementById("words")?.textContent || "{}");
const seen = new Map(); // the parts as the server sent them; what stands in the page has ticked on since
let taken = Date.now();
let asked = 0;
let timer = 0;
let isLost = false;
let isEnded = false;

function put(html) {
  const fresh = new DOMParser().parseFromString(html, "text/html");
  for (const part of fresh.querySelectorAll("[data-part]")) {
    const name = part.dataset.part;
    if (name === "figures" || seen.get(name) === part.outerHTML) continue; // the figures one by one
    seen.set(name, part.outerHTML);
    document.querySelector(`[data-part="${name}"]`)?.replaceWith(document.adoptNode(part));
  }
}

async function fetchBoard() {
  clearTimeout(timer);
  timer = setTimeout(fetchBoard, ALWAYS);
  asked = Date.now();
  try {
    const answer = await fetch(board.dataset.wallboard, { signal: AbortSignal.timeout(PATIENCE), credentials: "same-origin" });
    isEnded = answer.redirected || answer.status === 401 || answer.status === 403;
    if (!answer.ok || isEnded) throw new Error(answer.statusText);
    put(await answer.text());
    taken = Date.now();
    isLost = false;
  } catch {
    isLost = true;
  }
  tell();
}

function hint() {
  const wait = Math.max(0, OFTEN - (Date.now() - asked));
  clearTimeout(timer);
  timer = setTimeout(fetchBoard, wait);
}

const clock = (time) => new Date(time).toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });

function span(ms) {
  const minutes = Math.floor(ms / 60000);
  return minutes < 60 ? words.min.replace("%(n)d", minutes) : words.h.replace("%(n)d", Math.floor(minutes / 60));
}

function tell() {
  const line = board.querySelector("[data-wall-old]");
  const age = Date.now() - taken;
  const isOld = isEnded || (isLost && age > 5000) || age > OLD;
  const text = (isEnded ? line.dataset.ended : line.dataset.words)
    .replace("%(time)s", clock(taken)).replace("%(span)s", age < 60000 ? words.soon : span(age));
  if (isOld && line.firstElementChild.textContent !== text) line.firstElementChild.textContent = text;
  line.querySelector("a").hidden = !isEnded;
  line.hidden = !isOld;
  board.toggleAttribute("data-old", isOld);
  const now = board.querySelector("[data-wall-clock]");
  if (now.textContent !== clock(Date.now())) now.textContent = clock(Date.now());
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
