// The one script of every page. While developing the browser follows these imports; collectstatic writes them into this file.
// These modules bind by data- attributes and know nothing of each other; what they tell each other goes over the DOM. What
// several need (words.js, visible.js) they import by name: only plain values and functions, since each bundle has its own.
import "./keys.js";
import "./keys-list.js";
import "./focus.js";
import "./theme.js";
import "./rows.js";
import "./menu.js";
import "./messages.js";
import "./countdown.js";
import "./local-time.js";
import "./timer.js";
import "./session.js";
import "./form.js";
import "./choices.js";
import "./combo.js";
import "./finder.js";
import "./palette.js";
import "./upload.js";
import "./moving.js";
import "./seen.js";
import "./live.js";
import "./presence.js";
import "./notices.js";
import "./arrivals.js";
