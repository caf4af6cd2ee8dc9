/** The colours of the page and of its timeline, for light and dark; paper is always light. */
export const palette = `
:root { color-scheme: light dark;
  --paper: #fbfaf8; --card: #ffffff; --ink: #1c2430; --muted: #566072; --line: #dcdfe5; --faint: #eef0f3;
  --active: #1f6f8b; --standby: #b5d5df; --refused: #a96a10; --failed: #b3372f; --rebuilding: #6c5aa8;
  --good: #1f6e48; --bad: #b3372f; }
@media screen and (prefers-color-scheme: dark) { :root {
  --paper: #11151b; --card: #181e26; --ink: #e7eaef; --muted: #9fa9b8; --line: #303947; --faint: #202733;
  --active: #63b4d1; --standby: #2f5769; --refused: #e3ab52; --failed: #f08a80; --rebuilding: #b3a4e6;
  --good: #74cda0; --bad: #f08a80; } }`;

/** Everything under `.timeline`, because the picture also stands inside the page. */
export const timelineStyle = `
.timeline { font: 11px system-ui, -apple-system, 'Segoe UI', sans-serif; background: var(--card); }
.timeline text { fill: var(--ink); }
.timeline .quiet { fill: var(--muted); }
.timeline .region { font-weight: 600; font-size: 13px; }
.timeline .back { fill: var(--faint); }
.timeline .rule { stroke: var(--line); fill: none; }
.timeline .active { fill: var(--active); }
.timeline .standby { fill: var(--standby); }
.timeline .fenced { fill: url(#timeline-fenced); }
.timeline .down { fill: url(#timeline-down); }
.timeline .rebuilding { fill: url(#timeline-rebuilding); }
.timeline .edge { stroke: var(--card); }
.timeline .phase { fill: var(--faint); stroke: var(--card); }
.timeline .phase.done:nth-of-type(even) { fill: var(--line); }
.timeline .phase.failed { fill: url(#timeline-down); }
.timeline .leader { stroke: var(--muted); fill: none; stroke-width: 0.75; }
.timeline .mark { stroke: var(--ink); fill: none; stroke-dasharray: 2 3; }
.timeline .point { fill: var(--ink); stroke: var(--card); }
.timeline .gap { fill: var(--failed); fill-opacity: 0.1; stroke: var(--failed); stroke-opacity: 0.4; }
.timeline .bracket { stroke: var(--failed); fill: none; stroke-width: 2; }
.timeline text.halo { paint-order: stroke; stroke: var(--card); stroke-width: 4px; stroke-linejoin: round; }
.timeline text.inverse { fill: var(--card); }`;

export const pageStyle = `
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); line-height: 1.5;
  font-family: system-ui, -apple-system, 'Segoe UI', sans-serif; font-variant-numeric: tabular-nums; }
main { max-width: 70rem; margin: 0 auto; padding: 2.5rem 1.25rem 4rem; }
h1 { font-size: 2rem; line-height: 1.2; margin: 0 0 0.5rem; letter-spacing: -0.01em; }
h2 { font-size: 1.2rem; margin: 2.75rem 0 0.75rem; }
h3 { font-size: 1rem; margin: 1.5rem 0 0.5rem; }
p { margin: 0.4rem 0; max-width: 56rem; overflow-wrap: anywhere; }
.answer { border-left: 0.4rem solid var(--bad); padding: 0.1rem 0 0.1rem 1.25rem; }
.answer.met { border-color: var(--good); }
.quiet, caption { color: var(--muted); }
.good { color: var(--good); font-weight: 600; }
.bad { color: var(--bad); font-weight: 600; }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(14rem, 1fr)); gap: 1rem; margin: 1.75rem 0 0; }
.figures > div, .card { background: var(--card); border: 1px solid var(--line); border-radius: 0.6rem; padding: 1rem 1.25rem; }
.figures dt { color: var(--muted); }
.figures dd { margin: 0; font-size: 1.9rem; font-weight: 600; line-height: 1.3; }
.figures dd + dd { font-size: 0.9rem; font-weight: 400; color: var(--muted); line-height: 1.45; }
.scroll { overflow-x: auto; }
* + .scroll { margin-top: 0.9rem; }
.scroll:focus-visible { outline: 2px solid var(--active); outline-offset: 2px; }
table { border-collapse: collapse; min-width: min(100%, 36rem); font-size: 0.92rem; }
table:has(.bar) { width: 100%; }
caption { text-align: left; padding-bottom: 0.4rem; }
th, td { text-align: left; vertical-align: top; padding: 0.4rem 1rem 0.4rem 0; border-bottom: 1px solid var(--line); }
code { overflow-wrap: anywhere; }
th { font-weight: 600; }
thead th { color: var(--muted); font-weight: 500; vertical-align: bottom; }
thead th::first-letter { text-transform: uppercase; }
.number { text-align: right; }
td.number { white-space: nowrap; }
td:has(.bar) { width: 30%; min-width: 6rem; }
tr:has(.sum) > * { border-top: 2px solid var(--ink); font-weight: 600; }
svg.bar { display: block; width: 100%; height: 0.8rem; margin-top: 0.3rem; }
.bar .track { fill: var(--faint); }
.bar .measured { fill: var(--active); }
.bar .withheld { fill: var(--standby); stroke: var(--active); }
.bar .over { fill: var(--failed); }
code, pre { font-family: ui-monospace, 'SF Mono', Menlo, Consolas, monospace; font-size: 0.88em; }
pre { background: var(--card); border: 1px solid var(--line); border-radius: 0.6rem; padding: 1rem 1.25rem; overflow-x: auto; }
summary { cursor: pointer; padding: 0.4rem 0; }
.picture { padding: 0.75rem; }
.picture svg { display: block; width: 100%; min-width: 46rem; height: auto; }
@page { margin: 14mm; }
@media print { body { background: none; } main { max-width: none; padding: 0; } h2, h3 { break-after: avoid; } tr, .card, .figures > div { break-inside: avoid; }
  .picture svg { min-width: 0; } details::details-content { content-visibility: visible; display: block; } }`;
