// The composer of a ticket's page. As desk.js: only imports, which collectstatic writes into this file.
// Events on the form: composer:ready (the editor stands), composer:change, composer:files {files}, composer:say {text, tone, acts}.
import "./composer/editor.js";
import "./composer/toolbar.js";
import "./composer/places.js";
import "./composer/suggest.js";
import "./composer/files.js";
import "./composer/drafts.js";
import "./composer/send.js";
import "./composer/undo.js";
