"use strict";

// Okabe and Ito's colours, which colour-blind readers tell apart, the most legible first.
const ON_LIGHT = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00"];
const ON_DARK = ["#56b4e9", "#e69f00", "#009e73", "#cc79a7", "#d55e00", "#0072b2"];

// Draw the interactive figures from the data in the page, in the colours of the theme.
function drawInteractiveFigures() {
  const style = getComputedStyle(document.documentElement);
  const ink = style.getPropertyValue("--pst-color-text-base").trim();
  const grid = style.getPropertyValue("--pst-color-border").trim();
  const dark = document.documentElement.dataset.theme === "dark";
  const axis = { gridcolor: grid, zerolinecolor: grid, linecolor: grid, automargin: true };
  for (const box of document.querySelectorAll(".interactive-figure")) {
    const { data, layout, frames } = JSON.parse(box.querySelector("script").textContent);
    const themed = {
      colorway: dark ? ON_DARK : ON_LIGHT,
      ...layout,
      font: { ...layout.font, color: ink, family: style.getPropertyValue("--book-sans"), size: 14 },
      paper_bgcolor: "rgba(0,0,0,0)",
      plot_bgcolor: "rgba(0,0,0,0)",
      margin: { t: 40, r: 16, b: 56, l: 64, ...layout.margin },
      legend: { orientation: "h", y: 1.15, ...layout.legend },
    };
    for (const name of Object.keys(layout).filter((key) => /^[xy]axis\d*$/.test(key)).concat("xaxis", "yaxis")) {
      themed[name] = { ...axis, ...layout[name] };
    }
    const config = { responsive: true, displaylogo: false, modeBarButtonsToRemove: ["select2d", "lasso2d"] };
    Plotly.react(box.querySelector(".drawing"), { data, layout: themed, frames: frames || [], config });
  }
}

// What scrolls sideways can be reached and scrolled with the keyboard.
function makeScrollersReachable() {
  const boxes = "article pre, article .pst-scrollable-table-container, article .cell_output > .output, article div.math";
  for (const box of document.querySelectorAll(boxes)) {
    const scrolls = box.scrollWidth > box.clientWidth + 1;
    if (scrolls) {
      box.tabIndex = 0;
      box.classList.add("scroller");
    } else if (!scrolls && box.classList.contains("scroller")) {
      box.removeAttribute("tabindex");
      box.classList.remove("scroller");
    }
  }
}

document.addEventListener("DOMContentLoaded", () => {
  if (document.querySelector(".interactive-figure")) {
    drawInteractiveFigures();
    new MutationObserver(drawInteractiveFigures).observe(document.documentElement, {
      attributeFilter: ["data-theme"],
    });
  }
  makeScrollersReachable();
  window.addEventListener("resize", makeScrollersReachable);
  window.addEventListener("load", () => {
    const typeset = window.MathJax && MathJax.startup ? MathJax.startup.promise : Promise.resolve();
    typeset.then(makeScrollersReachable);
  });
});
