// <time data-ago>: keeps "5 min ago" true. The server chose words, zone and the title; after a day it stands still.
import { serverNow } from "./server-time.js";
import { fill, words } from "./words.js";

function refresh() {
  for (const time of document.querySelectorAll("time[data-ago]")) {
    const seconds = (serverNow() - Date.parse(time.dateTime)) / 1000;
    const distance = Math.abs(seconds);
    if (Number.isNaN(distance) || distance >= 86400) continue;
    let text = words.now;
    if (distance >= 60) {
      const [unit, n] = distance < 3600 ? ["min", Math.floor(distance / 60)] : ["h", Math.floor(distance / 3600)];
      text = fill(seconds > 0 ? words.ago : words.in, { span: fill(words[unit], { n }) });
    }
    if (time.textContent !== text) time.textContent = text;
  }
}

if (words.ago) setInterval(refresh, 30000);
