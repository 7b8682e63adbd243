"use strict";
// Learning curves by uPlot: a line for each curve, its band, marks, and a smoothing like TensorBoard's.
{
  const box = document.querySelector("[data-chart]");
  const DASHES = [[], [8, 4], [2, 3], [10, 3, 2, 3], [4, 4], [14, 4]];
  const HUES = [250, 32, 200, 330, 150, 275];

  // exponential, corrected for its beginning
  const smooth = (values, weight) => {
    let last = 0;
    let count = 0;
    return values.map((value) => {
      if (value === null) return null;
      last = last * weight + (1 - weight) * value;
      count += 1;
      return last / (1 - weight ** count);
    });
  };

  const align = (curves) => {
    const xs = [...new Set(curves.flatMap((curve) => curve.x))].sort((a, b) => a - b);
    const place = new Map(xs.map((x, index) => [x, index]));
    const spread = (curve, values) => {
      const all = new Array(xs.length).fill(undefined);
      curve.x.forEach((x, index) => { all[place.get(x)] = values[index]; });
      return all;
    };
    return { xs, spread };
  };

  const draw = ({ curves, marks }) => {
    const slider = document.querySelector("[data-smoothing]");
    const style = () => getComputedStyle(document.documentElement);
    const ink = (name) => style().getPropertyValue(name).trim();
    const isDark = () => document.documentElement.dataset.bsTheme === "dark";
    const colour = (index, alpha = 1) => `hsl(${HUES[index % HUES.length]} 60% ${isDark() ? 72 : 45}% / ${alpha})`;
    const { xs, spread } = align(curves);
    const data = () => [
      xs,
      ...curves.flatMap((curve) => {
        const mean = smooth(curve.mean, Number(slider.value));
        const error = smooth(curve.error, Number(slider.value));
        const edge = (sign) => mean.map((value, index) => (error[index] === null ? value : value + sign * error[index]));
        return [spread(curve, mean), spread(curve, edge(1)), spread(curve, edge(-1))];
      }),
    ];

    const drawMarks = (plot) => {
      const { ctx, bbox } = plot;
      ctx.save();
      for (const mark of marks) {
        const x = plot.valToPos(mark.x, "x", true);
        if (x < bbox.left || x > bbox.left + bbox.width) continue;
        ctx.strokeStyle = ink(mark.change ? "--odd" : "--line");
        ctx.fillStyle = ink("--odd");
        ctx.setLineDash(mark.change ? [] : [3, 3]);
        ctx.beginPath();
        ctx.moveTo(x, bbox.top);
        ctx.lineTo(x, bbox.top + bbox.height);
        ctx.stroke();
        ctx.textAlign = "center";
        if (mark.change) ctx.fillText("◆", x, bbox.top + 10);
      }
      ctx.restore();
    };

    const options = () => ({
      width: box.clientWidth,
      height: Math.max(220, Math.min(380, box.clientWidth * 0.45)),
      scales: { x: { time: box.dataset.by === "time" } },
      axes: [{}, { size: 56 }].map((axis) => ({ ...axis, stroke: ink("--muted"), grid: { stroke: ink("--line-soft"), width: 1 }, ticks: { stroke: ink("--line"), width: 1 } })),
      series: [
        { label: box.dataset.by },
        ...curves.flatMap((curve, index) => [
          { label: curve.name, stroke: colour(index), width: curve.greedy ? 3 : 2, dash: DASHES[index % DASHES.length], spanGaps: true, points: { show: curve.greedy, size: 5 }, value: (_, value) => (value == null ? "–" : value.toPrecision(4)) },
          ...[1, -1].map(() => ({ label: "", stroke: "transparent", spanGaps: true, points: { show: false } })),
        ]),
      ],
      bands: curves.map((_, index) => ({ series: [2 + 3 * index, 3 + 3 * index], fill: colour(index, 0.14) })),
      legend: { markers: { dash: (self, index) => (self.series[index].dash?.length ? "dashed" : "solid") } },
      hooks: { draw: [drawMarks] },
    });

    let plot = null;
    const make = () => {
      plot?.destroy();
      plot = new uPlot(options(), data(), box);
      // the edges of bands are no curves of their own
      box.querySelectorAll(".u-legend .u-series").forEach((row, index) => { if (index > 0 && (index - 1) % 3) row.hidden = true; });
      box.dataset.drawn = String(curves.length);
    };
    make();
    slider.addEventListener("input", () => {
      document.querySelector("output[for=smoothing]").textContent = Number(slider.value).toFixed(2);
      plot.setData(data());
    });
    let width = box.clientWidth;
    addEventListener("resize", () => { if (box.clientWidth !== width) { width = box.clientWidth; plot.setSize({ width, height: options().height }); } });
    new MutationObserver(make).observe(document.documentElement, { attributeFilter: ["data-bs-theme"] });
  };

  if (box) draw(JSON.parse(document.getElementById(box.dataset.chart).textContent));
}
