// A bar chart as SVG: what each contestant costs, with the least and the most of its rounds.

import type { Row } from './rounds.ts';

const width = 760;
const barHeight = 26;
const rowHeight = 58;
const left = 16;
const top = 56;
const room = 560;

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

export function chart(rows: readonly Row[]): string {
  const most = Math.max(...rows.map((row) => row.nsCpuPerRecordMax));
  const x = (ns: number) => Math.round((ns / most) * room);
  const bars = rows.map((row, i) => {
    const y = top + i * rowHeight;
    const middle = y + barHeight / 2 + 16;
    const ours = row.name.startsWith('kafka2ipfix');
    return `
  <text x="${left}" y="${y + 10}">${escaped(row.name)}</text>
  <rect x="${left}" y="${y + 16}" width="${x(row.nsCpuPerRecord)}" height="${barHeight}" rx="3" class="${ours ? 'ours' : 'other'}"/>
  <line x1="${left + x(row.nsCpuPerRecordMin)}" x2="${left + x(row.nsCpuPerRecordMax)}" y1="${middle}" y2="${middle}" class="span"/>
  <text x="${left + x(row.nsCpuPerRecordMax) + 8}" y="${middle + 5}">${row.nsCpuPerRecord} ns</text>`;
  });
  const height = top + rows.length * rowHeight + 8;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="title">
  <title id="title">CPU time per record, in nanoseconds; less is better</title>
  <style>
    text { font: 14px system-ui, sans-serif; fill: #1f2933; }
    .heading { font-weight: 600; font-size: 16px; }
    .ours { fill: #0b7285; }
    .other { fill: #adb5bd; }
    .span { stroke: #1f2933; stroke-width: 2; }
    .ground { fill: #ffffff; }
  </style>
  <rect class="ground" width="${width}" height="${height}"/>
  <text class="heading" x="${left}" y="28">CPU time per record; less is better</text>${bars.join('')}
</svg>
`;
}
