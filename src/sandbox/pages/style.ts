/** One sheet for every page: a road book's paper and ink, one signal colour for the primary action, no request to anybody else. */
export const STYLE = `
:root { color-scheme: light dark;
  --paper: #FAF8F3; --sheet: #FFFFFF; --ink: #1B1F1E; --quiet: #5B6562; --line: #E4E0D6; --control: #857F70;
  --track: #CC4218; --on-track: #FFFFFF; --spruce: #1F6B5B; --amber: #9A6700; --brick: #B3261E; }
@media (prefers-color-scheme: dark) { :root {
  --paper: #131716; --sheet: #1B2120; --ink: #ECEFED; --quiet: #9AA6A2; --line: #2B3331; --control: #6B7774;
  --track: #FF7A4D; --on-track: #131716; --spruce: #5FBFA8; --amber: #E3B341; --brick: #F2857C; } }
* { box-sizing: border-box; }
html { background: var(--paper); color: var(--ink); -webkit-text-size-adjust: 100%; }
body { margin: 0 auto; max-width: 1180px; padding: 24px 16px 64px;
  font: 16px/1.5 "Overpass Variable", Overpass, "Atkinson Hyperlegible Next", system-ui, sans-serif; font-variant-numeric: tabular-nums; }
h1 { font-size: 28px; line-height: 1.2; font-weight: 600; margin: 0 0 8px; letter-spacing: -.01em; }
h2 { font-size: 20px; line-height: 1.25; font-weight: 600; margin: 40px 0 12px; }
p { margin: 0 0 12px; max-width: 68ch; }
a { color: inherit; text-underline-offset: 3px; }
small, .quiet { color: var(--quiet); font-size: 14px; }
code { font: 14px/1.4 ui-monospace, "Cascadia Code", Menlo, monospace; overflow-wrap: anywhere; }
:focus-visible { outline: 2px solid var(--ink); outline-offset: 2px; }
button, input, select, textarea { font: inherit; color: inherit; min-height: 44px; border: 1px solid var(--control); border-radius: 6px; background: var(--sheet); padding: 8px 12px; }
textarea { min-height: 88px; resize: vertical; }
button { cursor: pointer; white-space: nowrap; }
button:hover { border-color: var(--ink); }
button.primary { background: var(--track); border-color: var(--track); color: var(--on-track); font-weight: 600; }
button.grave { color: var(--brick); }
label { display: grid; gap: 4px; font-size: 14px; color: var(--quiet); }
label > * { color: var(--ink); font-size: 16px; width: 100%; }
form { margin: 0; }
.row { display: flex; flex-wrap: wrap; gap: 8px; align-items: end; }
.row > label { flex: 1 1 96px; min-width: 0; }
.row > label.wide { flex-basis: 168px; }
.tabs { display: flex; flex-wrap: wrap; gap: 8px 16px; margin: 16px 0; padding: 0; list-style: none; }
.tabs a { display: inline-block; padding: 10px 0 8px; text-decoration: none; color: var(--quiet); border-bottom: 2px solid transparent; }
.tabs a[aria-current] { color: var(--ink); font-weight: 600; border-color: var(--ink); }
.notice { border-left: 3px solid var(--spruce); padding: 8px 12px; margin: 16px 0; background: var(--sheet); }
.notice.bad { border-color: var(--amber); }
@media (min-width: 900px) { .desk { display: grid; grid-template-columns: minmax(0, 1fr) 400px; gap: 40px; } }
.list { border-top: 1px solid var(--line); }
details.item { border-bottom: 1px solid var(--line); }
details.item > summary { display: grid; grid-template-columns: minmax(0, 1fr) auto; gap: 0 16px; padding: 10px 0; cursor: pointer; list-style: none; align-items: center; }
details.item > summary::-webkit-details-marker { display: none; }
details.item > summary:hover .name { text-decoration: underline; text-underline-offset: 3px; }
.name { overflow-wrap: anywhere; }
.num { text-align: right; white-space: nowrap; }
.num small { margin-left: 2px; }
.meta { grid-column: 1; } .num.second { color: var(--quiet); }
.editor { display: grid; gap: 12px; padding: 4px 0 20px; }
.panel { display: grid; gap: 16px; }
.log { width: 100%; border-collapse: collapse; font-size: 14px; }
.log th { text-align: left; font-weight: 400; color: var(--quiet); padding: 4px 12px 4px 0; }
.log td { padding: 8px 12px 8px 0; border-top: 1px solid var(--line); vertical-align: middle; }
.log td:last-child { text-align: right; padding-right: 0; }
.log button { min-height: 44px; padding: 4px 10px; }
.ok { color: var(--spruce); } .bad-word { color: var(--brick); overflow-wrap: anywhere; } .warn { color: var(--amber); }
.wrap { overflow-x: auto; }
.line { display: block; width: 100%; height: 320px; background: var(--sheet); border: 1px solid var(--line); border-radius: 6px; margin: 16px 0; }
.line polyline { fill: none; stroke: var(--track); stroke-width: 3; stroke-linejoin: round; stroke-linecap: round; vector-effect: non-scaling-stroke; }
.door { max-width: 440px; margin: 6vh auto 0; }
.door fieldset { border: 0; padding: 0; margin: 24px 0; }
.door legend { float: left; width: 100%; font-size: 14px; color: var(--quiet); padding: 0 0 8px; border-bottom: 1px solid var(--line); }
.door legend + * { clear: both; }
.choice { display: flex; align-items: center; gap: 12px; border-bottom: 1px solid var(--line); padding: 12px 0; min-height: 56px; cursor: pointer; color: var(--ink); font-size: 16px; }
.choice input { width: 20px; min-height: 20px; height: 20px; margin: 0; accent-color: var(--ink); flex: none; }
.choice span { display: grid; }
.door ul { padding-left: 20px; margin: 0 0 24px; }
.door .row button { flex: 1 1 120px; }
`;
