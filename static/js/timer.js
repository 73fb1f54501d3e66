// [data-timer-start="ISO"]: how long a call runs, mm:ss. A hidden field named by data-timer-field="id" gets the seconds on
// submit; a button [data-timer-stop="id of the timer"] freezes it.
import { serverNow } from "./server-time.js";

const two = (n) => String(n).padStart(2, "0");
const running = (timer) => Math.max(0, Math.floor(((timer.dataset.timerStopped || serverNow()) - Date.parse(timer.dataset.timerStart)) / 1000));

function show() {
  for (const timer of document.querySelectorAll("[data-timer-start]")) {
    const seconds = running(timer);
    const hours = Math.floor(seconds / 3600);
    const text = `${hours ? `${hours}:` : ""}${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
    if (Number.isFinite(seconds) && timer.textContent !== text) timer.textContent = text;
  }
}

document.addEventListener("click", (event) => {
  const stop = event.target.closest("[data-timer-stop]");
  const timer = stop && document.getElementById(stop.dataset.timerStop);
  if (timer) timer.dataset.timerStopped ||= serverNow();
});

document.addEventListener("submit", (event) => {
  for (const timer of event.target.querySelectorAll("[data-timer-start][data-timer-field]")) {
    const field = document.getElementById(timer.dataset.timerField);
    if (field) field.value = running(timer);
  }
}, true);

show();
setInterval(show, 1000);
