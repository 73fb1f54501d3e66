// What the composer says, in the reader's language (the data block of composer_words).
export const wordsOf = (form) => JSON.parse(form.querySelector("[data-composer-words]").textContent);
