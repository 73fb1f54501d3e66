// [data-countdown] with <time datetime data-started>: the words and the tone the server rendered, kept true each second.
import { fill, words } from "./words.js";

function spoken(seconds) {
  const minutes = Math.floor(Math.abs(seconds) / 60);
  if (!minutes) return words.soon;
  const hours = Math.floor(minutes / 60);
  const days = Math.floor(hours / 24);
  const parts = days ? [["d", days], ["h", hours % 24]] : [["h", hours], ["min", minutes % 60]];
  return parts.filter(([, n]) => n).map(([unit, n]) => fill(words[unit], { n })).join(" ");
}

function tone(left, whole) {
  if (left < 0) return "bad";
  if (!(whole > 0)) return left < 3600 ? "warn" : "good";
  if (left < whole / 4) return "warn";
  return left > whole / 2 ? "good" : "";
}

function tick() {
  const now = Date.now();
  for (const chip of document.querySelectorAll("[data-countdown]")) {
    const time = chip.querySelector("time");
    const due = Date.parse(time?.dateTime);
    if (Number.isNaN(due)) continue;
    const left = (due - now) / 1000;
    const text = fill(left >= 0 ? words.left : words.overdue, { span: spoken(left) });
    if (time.textContent !== text) time.textContent = text;
    const started = Date.parse(time.dataset.started);
    const is = tone(left, (due - started) / 1000);
    if ((chip.dataset.tone || "") !== is) {
      if (is) chip.dataset.tone = is;
      else delete chip.dataset.tone;
    }
  }
}

if (words.left) setInterval(() => document.hidden || tick(), 1000);
document.addEventListener("visibilitychange", () => document.hidden || tick());
