// What axe does not see and a machine can: run in a page, answers with a list of sentences.
(() => {
  const seen = (el) => el.checkVisibility({ visibilityProperty: true, opacityProperty: false }) && el.getClientRects().length > 0;
  const name = (el) => `<${el.localName}${el.id ? ` #${el.id}` : ""}${el.className && el.className.baseVal === undefined ? ` .${String(el.className).trim().replaceAll(/\s+/g, ".")}` : ""}> ${(el.textContent || el.getAttribute("aria-label") || "").trim().slice(0, 40)}`;
  const stops = [...document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex]")].filter(
    (el) => seen(el) && el.tabIndex >= 0 && !el.disabled && !el.closest("[inert]"));

  function targets() {
    // a row's link and a card's cover are as large as what they cover
    const boxes = stops.filter((el) => !el.matches("[data-row-link], .cover, .name") && !(el.localName === "a" && el.closest("p, li > span, dd, small, .body, .story"))).map((el) => {
      const place = el.matches("input[type=radio], input[type=checkbox]") && el.closest("label") ? el.closest("label") : el;
      return [el, place.getBoundingClientRect()];
    });
    const small = boxes.filter(([, box]) => Math.min(box.width, box.height) < 23.5 && box.width > 1 && box.height > 1);
    const middle = (box) => [box.x + box.width / 2, box.y + box.height / 2];
    // 2.5.8: a circle of 24 px around a small target meets no other target, and no such circle
    return small.filter(([el, box]) => boxes.some(([other, near]) => {
      if (other === el || el.contains(other) || other.contains(el)) return false;
      const [x, y] = middle(box);
      const dx = Math.max(near.x - x, 0, x - near.right), dy = Math.max(near.y - y, 0, y - near.bottom);
      return Math.hypot(dx, dy) < 12 && near.width > 1;
    })).map(([el, box]) => `target of ${Math.round(box.width)}×${Math.round(box.height)} px: ${name(el)}`);
  }

  const KEYS = ["outlineStyle", "outlineWidth", "outlineColor", "boxShadow", "borderColor", "backgroundColor", "clipPath", "transform", "textDecoration"];
  function look(el) {
    const chain = [];
    for (let at = el, n = 0; at && n < 5; at = at.parentElement, n += 1) chain.push(at);
    return JSON.stringify([...chain.map((at) => KEYS.map((key) => getComputedStyle(at)[key])),
      KEYS.map((key) => getComputedStyle(el, "::after")[key]),
      ...[...(el.parentElement?.children ?? [])].slice(0, 6).map((at) => getComputedStyle(at).outlineStyle)]);
  }
  function focus() {
    const blind = [];
    for (const el of stops.slice(0, 80)) {
      document.activeElement?.blur();
      if (document.activeElement === el) continue; // a dialog that keeps the focus in its only field
      const before = look(el);
      el.focus({ preventScroll: true, focusVisible: true });
      if (document.activeElement === el && look(el) === before) blind.push(`the focus cannot be seen: ${name(el)}`);
    }
    document.activeElement?.blur();
    return blind;
  }

  function order() {
    const wrong = stops.filter((el) => el.tabIndex > 0).map((el) => `a tabindex of its own: ${name(el)}`);
    const rtl = document.documentElement.dir === "rtl";
    for (const box of document.querySelectorAll("main *")) {
      if (!/flex|grid/.test(getComputedStyle(box).display) || !seen(box)) continue;
      const parts = [...box.children].filter((el) => seen(el) && !/absolute|sticky|fixed/.test(getComputedStyle(el).position) &&
        (stops.includes(el) || el.querySelector("a[href], button, input, select, textarea, summary")));
      for (let n = 1; n < parts.length; n += 1) {
        const one = parts[n - 1].getBoundingClientRect(), next = parts[n].getBoundingClientRect();
        const above = next.bottom <= one.top + 1;
        const sameRow = next.top < one.bottom - 1 && next.bottom > one.top + 1;
        const before = sameRow && (rtl ? next.left >= one.right - 1 : next.right <= one.left + 1);
        if ((above && next.left < one.right && next.right > one.left) || before) wrong.push(`comes before what it follows: ${name(parts[n])}`);
      }
    }
    return wrong;
  }
  return [...targets(), ...focus(), ...order()];
})()
