// How the HTML report looks, light and dark, on a screen and on paper. One text that `page` puts into the file; it must load
// nothing.

export const style = `
:root {
  color-scheme: light dark;
  --ground: light-dark(#f4f5f7, #14161a);
  --surface: light-dark(#ffffff, #1c1f25);
  --line: light-dark(#dde1e7, #323841);
  --line-strong: light-dark(#868f9d, #6b7480);
  --text: light-dark(#1b2027, #e6e9ee);
  --soft: light-dark(#59626f, #9fa8b5);
  --good: light-dark(#18703c, #68cc92);
  --bad: light-dark(#b3261e, #f4958d);
  --bad-ground: light-dark(#fce8e6, #45211f);
  --wait: light-dark(#7a5200, #e8bd62);
  --wait-ground: light-dark(#fbf0d6, #3b3019);
  --series-1: light-dark(#1f6fb5, #6db3f2);
  --series-2: light-dark(#b8540b, #f0a05e);
  --series-3: light-dark(#2a7f4e, #6fcf97);
  --series-4: light-dark(#8a3fa0, #cf93e3);
  --series-5: light-dark(#a33a4e, #f08ea0);
  --series-6: light-dark(#60646c, #a9b0ba);
}
* { box-sizing: border-box }
body { margin: 0 auto; max-width: 1180px; padding: 24px 20px 60px; background: var(--ground); color: var(--text);
  font: 14px/1.45 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "DejaVu Sans", sans-serif }
h1 { font-size: 22px; margin: 0 }
h2 { font-size: 17px; margin: 0 0 10px }
h3 { font-size: 14px; margin: 0 0 6px }
p { margin: 4px 0 }
section { background: var(--surface); border: 1px solid var(--line); border-radius: 6px; padding: 16px 18px; margin-top: 16px }
nav { margin-top: 10px; font-size: 13px }
nav a { color: var(--soft); margin-right: 14px }
.soft, .note { color: var(--soft) }
.note { font-size: 12.5px; margin-top: 8px }
.question { font-size: 16px; margin-top: 6px }
.figures { display: flex; flex-wrap: wrap; gap: 10px 36px; margin-top: 14px }
.figures b { display: block; font-size: 22px; font-weight: 650 }
.good { color: var(--good) } .bad { color: var(--bad) } .wait { color: var(--wait) }
.grid { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 430px), 1fr)); gap: 20px }
.grid > *, .run { min-width: 0 }
.run + .run { margin-top: 22px }
.wide { overflow-x: auto }
table { border-collapse: collapse; width: 100%; font-size: 13px }
th, td { text-align: left; padding: 4px 10px 4px 0; border-bottom: 1px solid var(--line); vertical-align: top }
th { color: var(--soft); font-weight: 600; white-space: nowrap }
th.n, td.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; padding: 4px 0 4px 14px }
.n + :not(.n) { padding-left: 18px }
table.list td { white-space: nowrap } table.list td:last-child { width: 100%; white-space: normal }
tr.group td { padding-top: 14px; font-weight: 650; border-bottom-color: var(--line-strong) }
tr.sum td { font-weight: 650 }
abbr { text-decoration: none; cursor: help }
ol { margin: 0; padding-left: 18px }
pre { overflow-x: auto; font: 12px/1.45 ui-monospace, "SF Mono", Menlo, "DejaVu Sans Mono", monospace; margin: 0 }
summary { cursor: pointer; color: var(--soft); margin: 8px 0 }
svg { display: block; width: 100%; height: auto; overflow: visible }
svg text { font-size: 11px; fill: var(--soft) }
svg text.name { fill: var(--text) }
svg .grid-line { stroke: var(--line); stroke-width: 1 }
svg .axis { stroke: var(--line-strong); stroke-width: 1 }
svg .curve { fill: none; stroke-width: 1.8; stroke-linejoin: round }
svg .fault { stroke: var(--bad); stroke-width: 1; stroke-dasharray: 3 3 }
svg .gap { fill: var(--wait-ground) } svg .gap.on-lane { fill: var(--wait); opacity: .55 }
svg .mark { stroke: var(--surface); stroke-width: 1 }
svg .mark.fault-mark { fill: var(--bad) } svg .mark.cluster-mark { fill: var(--series-1) } svg .mark.client-mark { fill: var(--series-6) }
.legend { display: flex; flex-wrap: wrap; gap: 4px 18px; font-size: 12.5px; color: var(--soft); margin: 4px 0 8px }
.legend i { display: inline-block; width: 18px; height: 0; border-top: 3px solid; vertical-align: middle; margin-right: 6px }
.legend i.box { height: 10px; border: 0; border-radius: 2px; background: currentColor }
${[1, 2, 3, 4, 5, 6].map((n) => `.s${n} { color: var(--series-${n}); stroke: var(--series-${n}) } .f${n} { fill: var(--series-${n}); color: var(--series-${n}) }`).join('\n')}
@media print {
  :root { color-scheme: light }
  body { max-width: none; padding: 0; background: none; font-size: 11px }
  nav { display: none }
  section { border: 0; border-top: 1px solid var(--line-strong); border-radius: 0; padding: 10px 0; margin-top: 10px }
  h2, h3 { break-after: avoid } tr, svg { break-inside: avoid }
  .wide, pre { overflow: visible } pre { white-space: pre-wrap }
  .grid { grid-template-columns: 1fr 1fr }
  ::details-content { content-visibility: visible; display: block } summary { display: none }
}
`
