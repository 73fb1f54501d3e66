// [data-countdown] with <time datetime data-started>: the words and the tone the server rendered, kept true each second.
// A clock of working time also has data-open="start-end …" (seconds since 1970, the open stretches until it is due),
// data-rest (what is open after them) and data-whole (its target): it stands still while nothing is open.
import { serverNow } from "./server-time.js";
import { fill, words } from "./words.js";

function spoken(seconds, days) {
  const minutes = Math.floor(Math.abs(seconds) / 60);
  if (!minutes) return words.soon;
  const hours = Math.floor(minutes / 60);
  const parts = days && hours >= 24
    ? [["d", Math.floor(hours / 24)], ["h", hours % 24]]
    : [["h", hours], ["min", minutes % 60]];
  return parts.filter(([, n]) => n).map(([unit, n]) => fill(words[unit], { n })).join(" ");
}

function openTime(time, now) {
  const spans = (time.dataset.open || "").split(" ").filter(Boolean).map((span) => span.split("-").map(Number));
  return spans.reduce((sum, [start, end]) => sum + Math.max(0, end - Math.max(start, now)), Number(time.dataset.rest));
}

function tone(left, whole) {
  if (left < 0) return "bad";
  if (!(whole > 0)) return left < 3600 ? "warn" : "good";
  if (left < whole / 4) return "warn";
  return left > whole / 2 ? "good" : "";
}

function told(left, works, when) {
  const span = spoken(left, left < 0 || !works);
  if (!when) return fill(left >= 0 ? words.left : words.overdue, { span });
  return fill(left < 0 ? words.overBy : works ? words.leftOfWork : words.leftBy, { span, when });
}

function tick() {
  const now = serverNow() / 1000;
  for (const chip of document.querySelectorAll("[data-countdown]")) {
    const time = chip.querySelector("time");
    const due = Date.parse(time?.dateTime) / 1000;
    if (Number.isNaN(due)) continue;
    const works = "rest" in time.dataset;
    const left = works && now <= due ? openTime(time, now) : due - now;
    const text = told(left, works, time.dataset.when);
    if (time.textContent !== text) time.textContent = text;
    if (chip.dataset.countdown === "told") continue;
    const whole = works ? Number(time.dataset.whole) : due - Date.parse(time.dataset.started) / 1000;
    const is = tone(left, whole);
    if ((chip.dataset.tone || "") !== is) {
      if (is) chip.dataset.tone = is;
      else delete chip.dataset.tone;
    }
  }
}

if (words.left) setInterval(() => document.hidden || tick(), 1000);
document.addEventListener("visibilitychange", () => document.hidden || tick());
