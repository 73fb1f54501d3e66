// [data-picture="id"]: draws the Vega-Lite specification of the data block with that id, after the page has painted.
// Without it, or where drawing fails, the table beside each picture has the same numbers.
const addresses = document.querySelector("script[data-charts]").dataset.charts.split(" ");
const OPTIONS = { ast: true, actions: false, renderer: "svg", defaultStyle: false, tooltip: { disableDefaultStyle: true } };

function load(address) {
  return new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = address;
    script.async = false; // each needs the one before it
    script.onload = resolve;
    script.onerror = () => reject(new Error(address));
    document.head.append(script);
  });
}

async function draw(place) {
  const spec = JSON.parse(document.getElementById(place.dataset.picture).textContent);
  await window.vegaEmbed(place, spec, OPTIONS);
  place.dataset.drawn = "";
}

async function drawAll() {
  const places = [...document.querySelectorAll("[data-picture]")];
  try {
    await Promise.all(addresses.map(load));
    await document.fonts?.ready; // labels are measured
    await Promise.all(places.map(draw));
  } catch (error) {
    for (const place of places) {
      if ("drawn" in place.dataset) continue;
      place.hidden = true;
      place.parentElement.querySelector("details")?.setAttribute("open", "");
    }
    console.warn("The pictures could not be drawn.", error);
  }
}

requestAnimationFrame(() => setTimeout(drawAll));
