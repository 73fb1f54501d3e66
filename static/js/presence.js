// Who else is on this ticket: avatars in its head (a ring for who writes), and words for those who cannot see them.
import { words } from "./words.js";
const region = document.getElementById("here");
const WRITES = 15000; // after the last letter one is a reader again
let people = [];
let rests = 0;

const phrase = (one) => (one.doing === "writes" ? words.writes : words.looks).replace("%(name)s", one.name);

function initials(name) {
  const parts = name.trim().split(/\s+/);
  return ([...parts[0]][0] + (parts.length > 1 ? [...parts.at(-1)][0] : [...parts[0]][1] || "")).toUpperCase();
}

function draw() {
  const place = document.querySelector("#ticket-head [data-presence]");
  place?.replaceChildren(...people.slice(0, 5).map((one) => {
    const avatar = document.createElement("span");
    avatar.className = "avatar small";
    avatar.dataset.here = one.doing === "writes" ? "writing" : "looking";
    avatar.title = phrase(one);
    avatar.setAttribute("aria-hidden", "true");
    avatar.textContent = initials(one.name);
    return avatar;
  }));
}

if (region) {
  document.addEventListener("live:presence", (event) => {
    if (event.detail.number !== Number(document.getElementById("ticket").dataset.ticket)) return;
    people = event.detail.people;
    draw();
    region.textContent = people.map(phrase).join(". ");
  });
  document.addEventListener("live:state", (event) => {
    if (event.detail === "connected") return;
    people = [];
    draw();
    region.textContent = "";
  });
  document.getElementById("ticket").addEventListener("ticket:moved", draw);
  document.addEventListener("input", (event) => {
    if (!event.target.closest("#composer")) return;
    document.dispatchEvent(new CustomEvent("live:doing", { detail: "writes" }));
    clearTimeout(rests);
    rests = setTimeout(() => document.dispatchEvent(new CustomEvent("live:doing", { detail: "looks" })), WRITES);
  });
}
