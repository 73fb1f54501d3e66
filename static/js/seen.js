// T10: nobody replies over a message they have not seen. An entry that came while the page was open counts as seen when
// it stood in sight for a second; only then does the hidden field `seen` of the reply move on.
const waits = new Map(); // entry -> since when it has been in sight, 0 for not
const number = (entry) => Number(entry.id.slice(6)) || 0;
let observer = null;

function note(changes) {
  for (const change of changes) if (waits.has(change.target)) waits.set(change.target, change.isIntersecting ? Date.now() : 0);
}

function settle() {
  if (document.hidden || !waits.size) return;
  const field = document.querySelector("#composer input[name=seen]");
  for (const entry of [...waits.keys()].sort((a, b) => number(a) - number(b))) {
    const since = waits.get(entry);
    if (entry.isConnected && (!since || Date.now() - since < 1000)) break;
    waits.delete(entry);
    observer.unobserve(entry);
    if (field && entry.isConnected && number(entry) > Number(field.value)) field.value = number(entry);
  }
}

const items = document.getElementById("items");
if (items && document.getElementById("composer")) {
  observer = new IntersectionObserver(note, { threshold: 0.2 });
  new MutationObserver((changes) => {
    for (const change of changes) {
      for (const node of change.addedNodes) {
        if (!node.id?.startsWith("entry-")) continue;
        waits.set(node, 0);
        observer.observe(node);
      }
    }
  }).observe(items, { childList: true });
  setInterval(settle, 500);
}
