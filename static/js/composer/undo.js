// What was sent can be taken back for some seconds: they are counted, then the offer goes.
function countDown(form) {
  const left = form.querySelector("[data-undo-left]");
  const end = performance.now() + Number(form.dataset.undo) * 1000;
  const tick = setInterval(() => {
    const seconds = Math.ceil((end - performance.now()) / 1000);
    if (form.isConnected && (seconds > 0 || form.dataset.sending)) {
      left.textContent = Math.max(0, seconds);
      return;
    }
    clearInterval(tick);
    form.remove();
  }, 250);
}

function start() {
  document.querySelectorAll("form[data-undo]:not([data-counting])").forEach((form) => {
    form.dataset.counting = "";
    countDown(form);
  });
}
document.addEventListener("htmx:load", start);
start();
