"""How the operator's page looks: dark, large, calm; readable from two metres.

The page's library has no style sheet of its own to set, so this one rides in its first HTML element.
"""

STYLE = """<style>
:root { --cyc-ink: #e8eaed; --cyc-dim: #9aa3ad; --cyc-line: #272c33; --cyc-panel: #14171b;
  --cyc-good: #74d3a4; --cyc-warn: #ffc45c; --cyc-bad: #ff6b66; --cyc-rec: #ff4d4d; }
:root[data-mantine-color-scheme="dark"] { --mantine-color-body: var(--cyc-panel) !important;
  --mantine-color-dark-7: var(--cyc-panel) !important; --mantine-color-dark-6: #1d2126 !important; }
.mantine-Button-root { height: 46px !important; font-size: 20px !important; font-weight: 600 !important;
  border-radius: 6px !important; }
.mantine-Button-root[data-size="compact-xs"] { height: 36px !important; font-size: 17px !important;
  padding: 0 10px !important; color: var(--cyc-ink) !important; border-color: #3a424c !important; }
.mantine-TextInput-input, .mantine-Input-input { height: 42px !important; min-height: 42px !important;
  font-size: 20px !important; border-radius: 6px !important; }
.mantine-Select-option, .mantine-Combobox-option { font-size: 19px !important; padding: 8px 12px !important; }
.mantine-TextInput-input::placeholder { color: #6d7681; }
[role="tab"] { padding: 8px 9px !important; } [role="tab"] span { font-size: 16px !important; }
label, .mantine-Text-root { font-size: 17px !important; letter-spacing: 0 !important; }
.cyc { color: var(--cyc-ink); font: 500 20px/1.35 "Inter", "Segoe UI", system-ui, sans-serif; padding: 4px 14px 10px;
  font-variant-numeric: tabular-nums; }
.cyc h2 { font-size: 17px; font-weight: 600; letter-spacing: .02em; color: var(--cyc-dim); margin: 6px 0 4px; }
.cyc table { width: 100%; border-collapse: collapse; }
.cyc th { font-size: 15px; font-weight: 500; color: var(--cyc-dim); text-align: right; padding: 0 0 3px 10px; }
.cyc td { text-align: right; padding: 3px 0 3px 10px; border-top: 1px solid var(--cyc-line); white-space: nowrap; }
.cyc th:first-child, .cyc td:first-child { text-align: left; padding-left: 0; }
.cyc th.l, .cyc td.l { text-align: left; }
.cyc .name { font-weight: 650; overflow: hidden; text-overflow: ellipsis; max-width: 8.5em; }
.cyc .name.long { max-width: 15em; }
.cyc .good { color: var(--cyc-good); } .cyc .warn { color: var(--cyc-warn); } .cyc .idle { color: var(--cyc-dim); }
.cyc .bad { color: #1b0605; background: var(--cyc-bad); border-radius: 5px; padding: 0 8px; font-weight: 700; }
.cyc .rec { color: #fff; background: #c22f2f; border-radius: 8px; padding: 0 14px 2px; font-weight: 700; }
.cyc .ice { color: #06222e; background: #7fd8ff; border-radius: 5px; padding: 0 8px; font-weight: 700; }
.cyc .note { color: var(--cyc-ink); background: #39424d; }
.cyc .badge { border-radius: 5px; padding: 0 6px; font-size: 15px; font-weight: 700; }
.cyc .warn.badge { color: #231700; background: var(--cyc-warn); }
.cyc .tc { font-size: 20px; font-weight: 650; }
.cyc code { font-size: 17px; color: var(--cyc-ink); background: #262c34; border-radius: 4px; padding: 1px 6px; }
.cyc .cyc-loud { font-size: 24px; font-weight: 700; background: var(--cyc-bad); color: #1b0605; padding: 8px 12px; }
.cyc .cyc-fine { color: var(--cyc-dim); }
.cyc .dim { color: var(--cyc-dim); }
.cyc .big { font-size: 32px; font-weight: 700; line-height: 1.3; }
.cyc .side { float: right; font-weight: 500; color: var(--cyc-ink); }
.cyc-worlds { display: grid; grid-template-columns: repeat(auto-fill, minmax(170px, 1fr)); gap: 12px; }
.cyc-worlds > div { position: relative; display: flex; flex-direction: column; gap: 4px; cursor: grab;
  background: #1b1f25; border-radius: 8px; overflow: hidden; padding-bottom: 8px; }
.cyc-worlds > div:hover { background: #232931; } .cyc-worlds > div:active { cursor: grabbing; }
.cyc-worlds img, .cyc-worlds i { width: 100%; aspect-ratio: 16 / 9; object-fit: cover; background: #262c34; }
.cyc-worlds b, .cyc-worlds small { padding: 0 10px; overflow: hidden; overflow-wrap: anywhere; }
.cyc-worlds b { font-size: 16px; font-weight: 600; line-height: 1.25; height: 2.5em; display: -webkit-box;
  -webkit-line-clamp: 2; -webkit-box-orient: vertical; }
.cyc-worlds small { font-size: 13px; color: var(--cyc-dim); flex: 1; }
.cyc-worlds button { margin: 4px 10px 0; height: 34px; border: 0; border-radius: 6px; background: rgb(40, 92, 140);
  color: #fff; font-family: inherit; font-size: 16px; font-weight: 600; cursor: pointer; }
.cyc-worlds button:hover { background: rgb(52, 112, 168); }
.cyc-worlds button:focus-visible { outline: 3px solid var(--cyc-warn); outline-offset: 1px; }
.cyc-worlds > div::after { position: absolute; top: 6px; left: 6px; padding: 0 8px; border-radius: 5px; font-size: 14px;
  font-weight: 700; color: #0c1410; }
div:has(> .cyc-worlds) + * { display: none; }
.cyc-target::before { content: ""; position: absolute; inset: 12px; z-index: 1; pointer-events: none;
  border: 4px dashed var(--cyc-good); border-radius: 12px; }
.cyc-target::after { content: "Drop it here: onto the walls"; position: absolute; inset: auto 0 8% 0; margin: auto;
  width: max-content; max-width: 90%; padding: 8px 20px; border-radius: 8px; background: var(--cyc-good);
  color: #06150d; font: 700 24px/1.3 "Inter", "Segoe UI", system-ui, sans-serif; pointer-events: none; }
.cyc p { margin: 4px 0; } .cyc p.wrap { white-space: normal; } .cyc .whole { white-space: nowrap; }
.cyc .dense td { padding-top: 0; padding-bottom: 0; }
.cyc .dense td { font-size: 18px; line-height: 1.25; }
.cyc-spark { display: inline-block; vertical-align: middle; background: #1b1f25; border-radius: 3px; }
.cyc-line, .cyc-line-bad { fill: none; stroke: #7fb6e6; stroke-width: 1.6; }
.cyc-line-bad { stroke: var(--cyc-bad); }
.cyc-lost { stroke: var(--cyc-warn); stroke-width: 2.4; }
.cyc-budget { margin: 4px 0 8px; }
.cyc-bar { display: flex; height: 30px; background: #1b1f25; border-radius: 4px; overflow: hidden; }
.cyc-bar span { min-width: 4px; border-right: 1px solid var(--cyc-panel); font-size: 16px; line-height: 30px;
  overflow: hidden; white-space: nowrap; text-align: center; }
.cyc-line-of { display: flex; align-items: center; gap: 10px; margin: 3px 0; font-size: 18px; }
.cyc-of { flex: 0 0 5.5em; overflow: hidden; text-overflow: ellipsis; } .cyc-sum { flex: 0 0 8em; text-align: right; }
.cyc-bar.thin { flex: 1 1 auto; height: 20px; } .cyc-bar.thin span { font-size: 14px; line-height: 20px; }
.cyc-solid { background: #4f9be0; color: #04121f; font-weight: 700; }
.cyc-hatch { background: repeating-linear-gradient(135deg, #46505c 0 6px, #323a44 6px 12px); color: var(--cyc-ink); }
.cyc-gap { background: none; color: var(--cyc-dim); width: 4%; border: 1px dashed #56616d !important; }
.cyc .cyc-under, .cyc .cyc-key { font-size: 16px; } .cyc .cyc-key { color: var(--cyc-dim); }
.cyc-key i { display: inline-block; width: 22px; height: 13px; border-radius: 2px; margin: 0 6px 0 10px; }
.cyc .cyc-verdict { font-size: 34px; font-weight: 750; line-height: 1.25; border-radius: 8px; padding: 6px 16px;
  margin: 4px 0; background: #1c2127; }
.cyc .cyc-verdict.good { color: var(--cyc-good); } .cyc .cyc-verdict.idle { color: var(--cyc-dim); }
.cyc .cyc-verdict.warn { color: #231700; background: var(--cyc-warn); }
.cyc .cyc-verdict.bad { color: #1b0605; background: var(--cyc-bad); }
.cyc .cyc-verdict.ice { color: #06222e; background: #7fd8ff; }
@media (max-width: 1400px) { .cyc { font-size: 17px; padding: 4px 8px 8px; } .cyc .cyc-verdict { font-size: 26px; }
  .cyc .dense td { font-size: 16px; } .cyc .big { font-size: 26px; } .cyc-spark { width: 60px; }
  .cyc td, .cyc th { padding-left: 6px; } [role="tab"] span { font-size: 15px !important; }
  .cyc-target::after { font-size: 17px; padding: 6px 8px; } }
.cyc-old { position: fixed; inset: auto 0 0 0; z-index: 99999; padding: 16px; text-align: center; visibility: hidden;
  background: var(--cyc-bad); color: #1b0605; font-size: 28px; font-weight: 700;
  animation: cyc-old 0s linear 5s forwards; }
@keyframes cyc-old { to { visibility: visible; } }
</style>"""
