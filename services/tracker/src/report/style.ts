/** Style of a report: for a screen, and on A4. */
export const style = `
:root { color-scheme: light; --ink: #1b2430; --soft: #5b6775; --line: #d9dfe6; --shade: #f4f6f8; --good: #14713f; --bad: #a61b1b; --mind: #8a5300; }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 62rem; padding: 2rem 1.5rem 4rem; color: var(--ink); background: #fff; font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Liberation Sans", Arial, sans-serif; }
header { border-bottom: 3px solid var(--ink); margin-bottom: 1.5rem; padding-bottom: 1rem; }
h1 { font-size: 1.9rem; line-height: 1.2; margin: 0 0 .3rem; }
h2 { font-size: 1.25rem; margin: 2.2rem 0 .6rem; padding-bottom: .2rem; border-bottom: 1px solid var(--line); }
h3 { font-size: 1rem; margin: 1.2rem 0 .4rem; }
p { margin: .4rem 0; }
.soft { color: var(--soft); }
.good { color: var(--good); } .bad { color: var(--bad); } .mind { color: var(--mind); }
.figures { display: grid; grid-template-columns: repeat(5, 1fr); gap: .7rem; margin: 1rem 0; }
.figure { background: var(--shade); border-left: 3px solid var(--line); padding: .6rem .8rem; }
.figure b { display: block; font-size: 1.45rem; line-height: 1.2; font-variant-numeric: tabular-nums; }
.verdict { padding: .7rem 1rem; border-left: 4px solid currentColor; background: var(--shade); margin: .8rem 0; }
.verdict > * { color: var(--ink); } .verdict > b { color: inherit; }
ul { margin: .4rem 0; padding-left: 1.3rem; }
table { border-collapse: collapse; width: 100%; margin: .5rem 0 1rem; font-size: .87em; }
th, td { text-align: left; vertical-align: top; padding: .3rem .6rem .3rem 0; border-bottom: 1px solid var(--line); overflow-wrap: anywhere; }
th { color: var(--soft); font-weight: 600; white-space: nowrap; }
td { min-width: 5.5rem; }
.number { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
.pair { display: grid; grid-template-columns: 1fr 1fr; column-gap: 2rem; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1.2rem; margin: .5rem 0; }
dt { color: var(--soft); } dd { margin: 0; overflow-wrap: anywhere; }
code { font: .92em/1.4 ui-monospace, "SF Mono", "Liberation Mono", Menlo, monospace; overflow-wrap: anywhere; }
@media (max-width: 45rem) { .figures { grid-template-columns: repeat(2, 1fr); } .pair { grid-template-columns: 1fr; } }
@page { size: A4; margin: 20mm 15mm 18mm; @top-left { content: "Governance compliance report"; color: #5b6775; font: 9pt sans-serif; } @bottom-right { content: "Page " counter(page) " of " counter(pages); color: #5b6775; font: 9pt sans-serif; } }
@media print {
  body { max-width: none; padding: 0; font-size: 9.5pt; } h2 { margin-top: 1.4rem; }
  h2, h3 { break-after: avoid; } tr, .figure, .verdict, li { break-inside: avoid; } thead { display: table-header-group; }
  .figure, .verdict { -webkit-print-color-adjust: exact; print-color-adjust: exact; }
}`;
