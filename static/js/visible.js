// Whether an element is on the page, and drawn.
export const visible = (element) => element.isConnected && (element.checkVisibility?.() ?? element.offsetParent !== null);
