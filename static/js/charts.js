// Draws Plotly figures. The figure is JSON from Django's json_script; a colour in it names a token, "var(--p-aws)", so that
// one redraw follows the theme. In the page:  <div class="plot" data-figure="spend-figure" role="img" aria-label="..." aria-busy="true">
"use strict";
(() => {
  const probe = document.createElement("i");

  // The computed value of a token is always rgb() or rgba(), which Plotly reads; light-dark() it does not.
  function colour(token) {
    probe.style.color = `var(${token})`;
    return getComputedStyle(probe).color;
  }
  function resolved(value) {
    const token = typeof value === "string" && /^var\((--[\w-]+)\)$/.exec(value);
    if (token) return colour(token[1]);
    if (Array.isArray(value)) return value.map(resolved);
    if (value !== null && typeof value === "object") {
      return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, resolved(inner)]));
    }
    return value;
  }
  function axis(own, more) {
    return {
      gridcolor: colour("--grid"),
      zerolinecolor: colour("--border-strong"),
      linecolor: colour("--border-strong"),
      tickfont: { size: 11, color: colour("--axis") },
      fixedrange: true,
      ...more,
      ...own,
    };
  }
  function layout(own = {}) {
    return {
      margin: { l: 48, r: 8, t: 8, b: 28 },
      hovermode: "x unified",
      ...own,
      autosize: true,
      template: {},
      showlegend: false,
      paper_bgcolor: "rgba(0,0,0,0)",
      plot_bgcolor: "rgba(0,0,0,0)",
      font: { family: "Inter, system-ui, sans-serif", size: 12, color: colour("--axis") },
      hoverlabel: { bgcolor: colour("--raised"), bordercolor: colour("--border-strong"), font: { color: colour("--text"), size: 12 } },
      xaxis: axis(own.xaxis, { gridcolor: "rgba(0,0,0,0)" }),
      yaxis: axis(own.yaxis, { rangemode: "tozero" }),
    };
  }
  async function draw(place) {
    const figure = JSON.parse(document.getElementById(place.dataset.figure).textContent);
    document.body.append(probe);
    const drawn = [resolved(figure.data), layout(resolved(figure.layout))];
    probe.remove();
    if (place.hasAttribute("aria-busy")) place.textContent = "";
    await Plotly.react(place, ...drawn, { responsive: true, displayModeBar: false });
    place.removeAttribute("aria-busy");
    place.dataset.drawn = document.documentElement.dataset.theme;
  }
  function drawAll() {
    if (!window.Plotly) return;
    for (const place of document.querySelectorAll(".plot[data-figure]")) {
      if (place.dataset.drawn !== document.documentElement.dataset.theme) draw(place);
    }
  }
  document.addEventListener("DOMContentLoaded", drawAll);
  document.addEventListener("themechange", drawAll);
  document.addEventListener("htmx:after:swap", drawAll);
})();
