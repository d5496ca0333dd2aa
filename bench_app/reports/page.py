"""The page around the sections of a report: sections -> **one HTML file** without any other file. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from bench_app.reports.markup import text

_STYLE = """
:root{color-scheme:light dark;--ink:#1b1f24;--paper:#fff;--soft:#59636e;--line:#d1d9e0;--panel:#f6f8fa;--bad:#b3261e;
--good:#1a7f37;--warn:#9a6700}
@media (prefers-color-scheme:dark){:root{--ink:#e6edf3;--paper:#14181d;--soft:#9aa4af;--line:#3d444d;--panel:#1d232a;
--bad:#ff8a80;--good:#56d364;--warn:#e3b341}}
*{box-sizing:border-box}body{font:15px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--paper);margin:0 auto;
max-width:960px;padding:24px}h1{font-size:26px;margin:0 0 4px}h2{font-size:18px;margin:28px 0 8px;
border-bottom:1px solid var(--line)}p{margin:4px 0}small,.soft{color:var(--soft)}
.wide{overflow-x:auto}table{border-collapse:collapse;font-variant-numeric:tabular-nums;margin:8px 0}
caption{text-align:left;color:var(--soft)}
th,td{padding:3px 12px 3px 0;text-align:left;border-bottom:1px solid var(--line);
vertical-align:top}th{color:var(--soft);font-weight:600}.n{text-align:right;white-space:nowrap}
tr.sum td{font-weight:700;border-top:2px solid var(--line)}
.verdict{display:inline-block;padding:2px 12px;border:2px solid;border-radius:14px;font-weight:700}
.pass{color:var(--good)}.fail{color:var(--bad)}.invalid,.interrupted{color:var(--warn)}
figure{margin:12px 0;break-inside:avoid}figcaption{font-weight:600}svg{width:100%;height:auto;background:var(--panel)}
svg text{fill:var(--soft);font-size:11px}svg path{fill:none;stroke-width:1.6}.grid{stroke:var(--line);stroke-width:.6}
.mark{stroke:var(--soft);stroke-dasharray:3 3}.fault{stroke:var(--bad);stroke-width:1.5}.cross{stroke:var(--soft)}
.key span{margin-right:16px;white-space:nowrap}.key i{display:inline-block;width:14px;height:4px;margin-right:6px;
vertical-align:middle}
#tip{position:fixed;display:none;background:var(--panel);border:1px solid var(--line);padding:4px 8px;font-size:13px;
pointer-events:none;white-space:pre;z-index:2}
.cell{fill:var(--panel);stroke:var(--line)}.hatched{fill:url(#hatch)}svg .on{fill:#000;font-size:12px}
section{break-inside:auto}tr{break-inside:avoid}
@media print{:root{--ink:#000;--paper:#fff;--soft:#444;--line:#bbb;--panel:#fff;--bad:#b3261e;--good:#1a7f37;
--warn:#9a6700}body{max-width:none;padding:0;font-size:11px}.cross,#tip{display:none}}
"""
_SCRIPT = """
const tip=document.getElementById('tip');
for(const svg of document.querySelectorAll('svg[data-plot]')){
 const plot=JSON.parse(svg.dataset.plot),cross=svg.querySelector('.cross');
 svg.addEventListener('pointermove',event=>{
  const box=svg.getBoundingClientRect(),x=(event.clientX-box.left)*svg.viewBox.baseVal.width/box.width;
  let best=0;plot.px.forEach((place,at)=>{if(Math.abs(place-x)<Math.abs(plot.px[best]-x))best=at});
  for(const end of ['x1','x2'])cross.setAttribute(end,plot.px[best]);
  cross.setAttribute('y2',svg.viewBox.baseVal.height);
  const head=plot.ticks.length?plot.ticks[best]:plot.x[best]+' '+plot.unit;
  tip.textContent=[head,...plot.curves.filter(c=>c.y[best]!=null).map(c=>c.name+': '+c.y[best].toLocaleString('en'))]
   .join('\\n');
  tip.style.display='block';
  tip.style.left=Math.min(event.clientX+14,innerWidth-tip.offsetWidth-8)+'px';
  tip.style.top=Math.min(event.clientY+14,innerHeight-tip.offsetHeight-8)+'px';
 });
 svg.addEventListener('pointerleave',()=>{tip.style.display='none';cross.setAttribute('y2',0)});
}
"""


def page(title: str, sections: Sequence[str], made_at: datetime | None = None) -> str:
    """A whole page. ``sections`` are HTML.

    The page loads nothing and sends nothing: its rule for the browser forbids every address.
    """
    made = (made_at or datetime.now(UTC)).isoformat(timespec="seconds")
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; "
        "script-src 'unsafe-inline'; img-src data:\">"
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{text(title)}</title><style>{_STYLE}</style></head><body>"
        + "\n".join(sections)
        + f'<p class="soft">Made by ZMQ Test Bench, {text(made)}</p><div id="tip"></div>'
        + f"<script>{_SCRIPT}</script></body></html>\n"
    )
