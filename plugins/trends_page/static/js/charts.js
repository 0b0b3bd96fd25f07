// Charts by uPlot (global, vendored). A null is a hole: lines break there and a hatched band says so.

import { clock, compact, dayName, whole } from "./format.js";
import { colour, fade } from "./theme.js";

const FONT = '11px Inter, system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans KR", sans-serif';

export const bucketTimes = ({ from_at, step_s, count }) => {
  const start = Date.parse(from_at) / 1000;
  return Array.from({ length: count }, (_, place) => start + place * step_s);
};

// What landing may still be working on is no hole yet.
const STILL_LANDING = 3;

// The places of a platform's holes. Before the first known value collection had not begun.
export function findHoles(values) {
  const first = values.findIndex((value) => value !== null);
  const last = values.findLastIndex((value) => value !== null);
  const end = values.length - last > STILL_LANDING ? values.length - 1 : last;
  return first < 0 ? [] : values.flatMap((value, place) => (value === null && place > first && place <= end ? [place] : []));
}

// Neighbouring places as [first, last].
export function joinRuns(places) {
  const runs = [];
  for (const place of places) {
    if (runs.at(-1)?.[1] === place - 1) runs.at(-1)[1] = place;
    else runs.push([place, place]);
  }
  return runs;
}

function hatch(ink) {
  const tile = document.createElement("canvas");
  const ratio = devicePixelRatio;
  tile.width = tile.height = 8 * ratio;
  const pen = tile.getContext("2d");
  pen.strokeStyle = ink;
  pen.lineWidth = 1.2 * ratio;
  pen.beginPath();
  for (const shift of [-8, 0, 8]) {
    pen.moveTo((shift - 1) * ratio, 9 * ratio);
    pen.lineTo((shift + 9) * ratio, -1 * ratio);
  }
  pen.stroke();
  return pen.createPattern(tile, "repeat");
}

function drawHoles(holes, ink) {
  return (chart) => {
    const [times] = chart.data;
    const { ctx, bbox } = chart;
    ctx.save();
    ctx.fillStyle = hatch(ink);
    for (const [start, end] of joinRuns(holes)) {
      const left = chart.valToPos(times[Math.max(0, start - 1)], "x", true);
      const right = chart.valToPos(times[Math.min(times.length - 1, end + 1)], "x", true);
      ctx.fillRect(left, bbox.top, right - left, bbox.height);
    }
    ctx.restore();
  };
}

function addTooltip(describe) {
  let tip;
  return {
    hooks: {
      init: (chart) => {
        tip = document.createElement("div");
        tip.className = "tip";
        tip.hidden = true;
        chart.over.append(tip);
      },
      setCursor: (chart) => {
        const place = chart.cursor.idx;
        tip.hidden = place === null || place === undefined || chart.cursor.left < 0;
        if (tip.hidden) return;
        tip.textContent = describe(place);
        const isRight = chart.cursor.left > chart.over.clientWidth / 2;
        tip.style.left = isRight ? "auto" : `${chart.cursor.left + 12}px`;
        tip.style.right = isRight ? `${chart.over.clientWidth - chart.cursor.left + 12}px` : "auto";
      },
    },
  };
}

function axes(ink, zone) {
  const line = { stroke: fade(ink.border, 0.9), width: 1 };
  return [
    { stroke: ink.muted, font: FONT, grid: { show: false }, ticks: { show: false }, size: 26, gap: 6, space: 64,
      values: zone ? (_, splits) => splits.map((at) => clock(at * 1000, zone)) : undefined },
    { stroke: ink.muted, font: FONT, grid: line, ticks: { show: false }, size: 44, gap: 6, space: 34,
      values: (_, splits) => splits.map(compact) },
  ];
}

const inks = (name) => ({ main: colour(name), muted: colour("muted"), border: colour("border") });

const fromZero = (_, low, high) => [0, Math.max(1, high * 1.08)];

// A chart of its box's width that is drawn anew when the box changes; `build` returns uPlot's options and data.
function mount(box, height, build) {
  const [options, data] = build();
  const chart = new uPlot({ width: Math.max(120, box.clientWidth), height, legend: { show: false }, ...options }, data, box);
  const watcher = new ResizeObserver(() => {
    if (box.clientWidth > 0) chart.setSize({ width: box.clientWidth, height });
  });
  watcher.observe(box);
  return {
    destroy: () => {
      watcher.disconnect();
      chart.destroy();
    },
  };
}

export function drawViewers(box, { buckets, values, holes, incomplete = [], nothing = "no samples", zone, ink: name, height = 148 }) {
  const ink = inks(name);
  const partial = new Set(incomplete);
  const missing = new Set(holes);
  const times = bucketTimes(buckets);
  const describe = (place) => {
    const at = clock(times[place] * 1000, zone);
    if (values[place] === null) return `${at} · ${missing.has(place) ? "no samples" : nothing}`;
    return `${at} · ${whole(values[place])} viewers${partial.has(place) ? " · incomplete sweep" : ""}`;
  };
  const fill = (chart) => {
    const { top, height: tall } = chart.bbox;
    const shade = chart.ctx.createLinearGradient(0, top, 0, top + tall);
    shade.addColorStop(0, fade(ink.main, 0.28));
    shade.addColorStop(1, fade(ink.main, 0.02));
    return shade;
  };
  return mount(box, height, () => [
    {
      padding: [8, 16, 0, 0],
      tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), zone),
      scales: { y: { range: fromZero } },
      cursor: { y: false, points: { size: 8, fill: ink.main, stroke: ink.main }, drag: { x: false, y: false } },
      axes: axes(ink, zone),
      series: [
        {},
        { stroke: ink.main, width: 1.75, fill, spanGaps: false,
          points: { show: true, size: 6, fill: colour("warn"), stroke: colour("warn"),
            filter: () => incomplete.filter((place) => values[place] !== null) } },
      ],
      hooks: { drawClear: [drawHoles(holes, fade(ink.muted, 0.32))] },
      plugins: [addTooltip(describe)],
    },
    [times, values],
  ]);
}

export function drawDays(box, { days, values, ink: name, height = 132, unit }) {
  const ink = inks(name);
  const places = days.map((_, place) => place);
  const every = Math.ceil(days.length / 7);
  return mount(box, height, () => [
    {
      padding: [8, 16, 0, 0],
      scales: { x: { time: false, range: [-0.6, Math.max(6, days.length - 1) + 0.6] }, y: { range: fromZero } },
      cursor: { y: false, x: false, points: { show: false }, drag: { x: false, y: false } },
      axes: axes(ink, null).map((axis, place) => place ? axis : {
        ...axis,
        splits: () => places.filter((place) => (days.length - 1 - place) % every === 0),
        values: (_, splits) => splits.map((at) => (days[at] ? dayName(days[at], { day: "numeric", month: "short" }) : "")),
      }),
      series: [{}, { fill: fade(ink.main, 0.75), stroke: ink.main, width: 0, points: { show: false },
        paths: uPlot.paths.bars({ size: [0.62, 44], radius: 0.18 }) }],
      plugins: [addTooltip((place) => `${dayName(days[place])} · ${whole(values[place])} ${unit}`)],
    },
    [places, values],
  ]);
}
