// What scripts say, in the reader's language (the data block of js_words), and how its places are filled.
export const words = JSON.parse(document.getElementById("words")?.textContent || "{}");
export const fill = (text, values) => text.replace(/%\((\w+)\)[sd]/g, (_, name) => values[name]);
