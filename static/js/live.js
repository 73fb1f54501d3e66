// The socket of this page. It only hints; what changed is fetched. Others hear it as events on document:
//   live:ticket {number, seq, kind, mine}  live:presence {number, people}  live:notice {number, seq}
//   live:desk {tickets}  live:gone {number}  live:state "connected" | "lost" | "ended"
// and tell it something by live:doing ("looks" | "writes").
const frame = document.querySelector("[data-live]");
const BEAT = 15000;
const ENDED = 4401;
let line = null;
let tries = 0;
let retry = 0;
let beats = 0;
let answer = 0;
let last = null;
let state = "";
let doing = "looks";
let isOver = false;

const tell = (name, detail) => document.dispatchEvent(new CustomEvent(`live:${name}`, { detail }));

function become(next) {
  if (state === next) return;
  state = next;
  tell("state", next);
}

function here() {
  const page = document.getElementById("ticket");
  const follows = page && document.getElementById("composer");
  return follows ? { ticket: Number(page.dataset.ticket), seq: Number(page.dataset.seq) || 0 } : null;
}

function say(what) {
  if (line?.readyState === WebSocket.OPEN) line.send(JSON.stringify(what));
}

// compared with the database, so that a hint which was lost on the way is made good; no answer means a dead line
function beat() {
  if (line?.readyState !== WebSocket.OPEN) return;
  say({ beat: { seq: here()?.seq || 0, last: last ?? 0 } });
  clearTimeout(answer);
  answer = setTimeout(() => drop(), 10000);
}

function hear(event) {
  const said = JSON.parse(event.data);
  if (said.beat) {
    clearTimeout(answer);
    last = said.beat.last;
    tries = 0; // only now: a server that lets one in may still have no database, or no room
    become("connected");
    return;
  }
  for (const name of ["ticket", "presence", "notice", "desk", "gone"]) if (said[name]) tell(name, said[name]);
}

function drop() {
  const old = line;
  line = null;
  old?.close();
  later();
}

function later() {
  clearInterval(beats);
  clearTimeout(answer);
  clearTimeout(retry);
  if (isOver) return;
  if (tries > 0) become("lost"); // the first failure may be a restart that nobody need hear of
  const wait = Math.min(30000, 1000 * 2 ** tries) * (0.5 + Math.random());
  tries += 1;
  retry = setTimeout(connect, wait);
}

function connect() {
  clearTimeout(retry);
  if (line || isOver) return;
  const mine = new WebSocket(`${location.origin.replace(/^http/, "ws")}${frame.dataset.live}`);
  line = mine;
  mine.addEventListener("open", () => {
    say({ doing });
    say({ watch: here() });
    if (last !== null) beat(); // what happened meanwhile
    beats = setInterval(beat, BEAT);
  });
  mine.addEventListener("message", hear);
  mine.addEventListener("close", (event) => {
    if (line !== mine) return;
    line = null;
    if (event.code === ENDED) {
      isOver = true;
      become("ended");
    }
    later();
  });
}

function leave() {
  clearTimeout(retry);
  clearInterval(beats);
  clearTimeout(answer);
  const old = line;
  line = null;
  old?.close();
}

if (frame) {
  connect();
  window.addEventListener("online", () => { tries = 0; connect(); });
  window.addEventListener("offline", () => { leave(); become("lost"); retry = setTimeout(connect, 30000); });
  window.addEventListener("pagehide", leave); // also lets the page rest in the back-forward cache
  window.addEventListener("pageshow", (event) => event.persisted && connect());
  document.addEventListener("visibilitychange", () => document.hidden || (line ? beat() : connect()));
  document.addEventListener("live:doing", (event) => {
    if (doing === event.detail) return;
    doing = event.detail;
    say({ doing });
  });
  document.addEventListener("live:state", (event) => event.detail === "ended" && !isOver && ((isOver = true), leave()));
}
