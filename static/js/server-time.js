// The server's time, whatever this machine's clock says: what ticks here must agree with what the server counted. A page
// says in <body data-server-time> when it was drawn; by how many milliseconds the server is ahead stands in data-ahead,
// since each bundle has its own copy of this module.
const KEPT = "server-ahead";
const told = document.body.dataset;

export const serverNow = () => Date.now() + Number(told.ahead || 0);

// The server said `at` at some time between `asked` and `received` of our clock: the least correction that agrees with it.
export function learn(at, asked, received) {
  if (!Number.isNaN(at)) told.ahead = Math.round(Math.max(at - received, Math.min(at - asked, Number(told.ahead || 0))));
}

function keep(ahead) {
  try {
    if (ahead !== undefined) sessionStorage.setItem(KEPT, ahead);
    return sessionStorage.getItem(KEPT);
  } catch {
    return null; // a browser that keeps nothing
  }
}

if (!("ahead" in told)) {
  const isOld = performance.getEntriesByType?.("navigation")[0]?.type === "back_forward"; // perhaps drawn long ago
  told.ahead = keep() || 0;
  learn(Date.parse(told.serverTime), isOld ? -Infinity : Date.now() - performance.now(), Date.now());
  keep(told.ahead);
}
