#include "client/core/publish_html_private.h"
#include "common/buf.h"

/* Text on paper has a contrast of 4.5 or more in both modes (WCAG 2.1, 1.4.3); the tests compute
 * it. Nothing is told by colour alone. */
static const char *const style[] = {
    ":root{color-scheme:light dark;--paper:#fbfaf6;--card:#fff;--ink:#17262e;--soft:#50616b;"
    "--line:#d8d5cb;--accent:#0b5563;--tint:#dcebed;--warm:#9a4208;--track:#e9e6dc}",
    "@media(prefers-color-scheme:dark){:root{--paper:#11181c;--card:#172126;--ink:#e8eef0;"
    "--soft:#a5b4bb;--line:#2e3d44;--accent:#7cccd9;--tint:#1b3a42;--warm:#f2a86b;"
    "--track:#26343a}}",
    "*{box-sizing:border-box}",
    "html{font:16px/1.6 system-ui,-apple-system,\"Segoe UI\",Roboto,\"Noto Sans\",\"Helvetica "
    "Neue\",Arial,sans-serif;background:var(--paper);color:var(--ink);"
    "-webkit-text-size-adjust:100%}",
    "body{margin:0 auto;max-width:54rem;padding:2rem 1rem 3rem;overflow-wrap:anywhere}",
    "@media(min-width:48rem){body{padding:4rem 2.5rem}}",
    "h1,h2,h3,.big,.letter{font-family:Charter,\"Bitstream Charter\",\"Sitka "
    "Text\",Cambria,Georgia,\"Noto Serif\",\"Liberation Serif\",serif;font-weight:600;"
    "line-height:1.2;text-wrap:balance}",
    "h1{font-size:clamp(1.75rem,5vw,2.75rem);margin:.3rem 0 .4rem;letter-spacing:-.01em}",
    "h2{font-size:1.5rem;margin:0 0 1rem;padding-top:1.1rem;border-top:2px solid var(--ink)}",
    "h3{font-size:1.05rem;margin:0 0 .5rem}",
    "h3::first-letter{text-transform:uppercase}",
    "p{margin:0 0 1rem;max-width:44rem}",
    "section{margin:3.25rem 0 0}",
    ".kicker{margin:0;color:var(--accent);font-size:.8125rem;font-weight:600;letter-spacing:.08em;"
    "text-transform:uppercase}",
    ".when{margin:0 0 2rem;color:var(--soft);font-size:1.125rem}",
    ".remark{border-left:4px solid var(--warm);padding:.35rem 0 .35rem .9rem;margin:0 0 1.5rem}",
    ".result{background:var(--card);border:1px solid var(--line);border-radius:14px;"
    "padding:1.5rem 1.25rem 1.25rem}",
    "@media(min-width:48rem){.result{padding:2rem 2.25rem 1.75rem}}",
    ".score{display:flex;flex-wrap:wrap;align-items:center;gap:.75rem 1.75rem;margin:0 0 1.25rem}",
    ".big{font-size:clamp(4rem,17vw,6rem);line-height:.95;letter-spacing:-.03em;"
    "font-variant-numeric:lining-nums tabular-nums}",
    ".grade{display:flex;align-items:center;gap:.75rem}",
    ".letter{display:grid;flex:none;place-items:center;width:3.75rem;height:3.75rem;border-radius:"
    "50%;"
    "background:var(--accent);color:var(--paper);font-size:2rem}",
    ".words{display:block;font-size:1.375rem;font-weight:600;line-height:1.3}",
    ".words small{display:block;color:var(--soft);font-size:.875rem;font-weight:400}",
    ".lead{font-size:1.125rem;margin:1.5rem 0 0;max-width:none}",
    "dl{display:grid;gap:0;margin:0}",
    "dl>div{padding:.65rem 0;border-bottom:1px solid var(--line)}",
    "dt{color:var(--soft);font-size:.875rem}dd{margin:0}",
    "@media(min-width:40rem){dl>div{display:grid;grid-template-columns:13rem 1fr;gap:1.5rem}"
    "dt{padding-top:.1rem}}",
    "nav{margin:1.75rem 0 0}nav ul{display:flex;flex-wrap:wrap;gap:.25rem "
    "1.25rem;list-style:none;margin:0;padding:0;font-size:.9375rem}",
    "a{color:var(--accent);text-underline-offset:.2em}nav a{display:inline-block;padding:.3rem 0}",
    "a:focus-visible,.scroll:focus-visible{outline:3px solid var(--accent);outline-offset:3px}",
    "figure{margin:0 0 1.75rem;break-inside:avoid}",
    "figcaption{font-weight:600;margin:0 0 .75rem}",
    "figcaption small,.note{display:block;color:var(--soft);font-size:.875rem;font-weight:400}",
    ".grid{display:grid;gap:2.25rem 2.5rem}",
    ".grid>*{min-width:0}",
    "@media(min-width:48rem){.grid{grid-template-columns:1fr 1fr}}",
    ".scroll{overflow-x:auto;margin:0 0 1.25rem}",
    "table{border-collapse:collapse;width:100%;font-size:.9375rem;line-height:1.4}",
    "caption{text-align:left;color:var(--soft);font-size:.875rem;padding:0 0 .5rem}",
    "caption::first-letter{text-transform:uppercase}",
    "th,td{padding:.5rem .6rem;text-align:left;vertical-align:top;border-bottom:1px solid "
    "var(--line)}",
    "th:first-child,td:first-child{padding-left:0}th:last-child,td:last-child{padding-right:0}",
    "th{font-weight:600}tbody th{font-weight:400}",
    "thead th{vertical-align:bottom;border-bottom:1.5px solid var(--ink);font-size:.8125rem;"
    "line-height:1.3}",
    "@media(max-width:40rem){table{font-size:.875rem}th,td{padding:.45rem .45rem}}",
    ".r{text-align:right;white-space:nowrap;font-variant-numeric:lining-nums tabular-nums}",
    "thead .r{white-space:normal}.k{white-space:nowrap}",
    "th,td{overflow-wrap:break-word}.w{min-width:8.5rem}",
    "code{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;font-size:.8125em;"
    "color:var(--soft)}",
    ".code{color:var(--soft);font-size:.875em;font-weight:600;margin-right:.45em}",
    "footer{margin:3.5rem 0 0;padding:1rem 0 0;border-top:1px solid var(--line);"
    "color:var(--soft);font-size:.875rem}",
    /* charts */
    "svg{display:block;width:100%;overflow:hidden;font-size:13px}",
    "svg text{fill:var(--ink);font-variant-numeric:lining-nums tabular-nums}",
    "svg .t{fill:var(--soft);font-size:12px}svg .b{font-weight:600}svg .v{font-weight:600;"
    "font-size:15px}",
    "svg .track{fill:var(--track)}svg .bar{fill:var(--accent)}svg .low{fill:var(--warm)}"
    "svg .hidden{fill:var(--soft)}",
    "svg .grid-line{stroke:var(--line)}svg .axis{stroke:var(--soft)}svg .bound{stroke:var(--soft);"
    "stroke-dasharray:4 4}svg .curve{stroke:var(--accent);stroke-width:2.5}"
    "svg .span{stroke:var(--accent);stroke-width:1.5}svg .join{stroke:var(--soft);"
    "stroke-width:2}svg .here{stroke:var(--ink);stroke-width:2}",
    "svg .on{fill:var(--paper);font-weight:600}svg .dot{fill:var(--accent);stroke:var(--paper);"
    "stroke-width:2}svg .box{fill:var(--paper);stroke:var(--warm);stroke-width:3}",
    "svg .gap{stroke:var(--paper)}",
    "svg .c1{fill:#8f2d0a}svg .c2{fill:#b4511f}svg .c3{fill:#e5ae76}svg .c4{fill:#ddd9cc}"
    "svg .c5{fill:#97c6cd}svg .c6{fill:#27707d}svg .c7{fill:#0b5563}",
    "svg .c1,svg .c2,svg .c3,svg .c4,svg .c5,svg .c6,svg .c7{stroke:var(--paper)}",
    "svg .k1,svg .k2,svg .k6,svg .k7{fill:#fff}svg .k3,svg .k4,svg .k5{fill:#17262e}",
    "@page{size:A4;margin:17mm 16mm 18mm}",
    "@media print{:root{--paper:#fff;--card:#fff;--ink:#000;--soft:#444;--line:#bbb;"
    "--accent:#0b5563;--tint:#dcebed;--warm:#9a4208;--track:#e6e6e6}",
    "html{font-size:10.5pt;-webkit-print-color-adjust:exact;print-color-adjust:exact}"
    "body{max-width:none;padding:0}nav{display:none}"
    "section{margin-top:1.6rem}h2,h3,caption,figcaption{break-after:avoid}"
    "th,td{padding-top:.3rem;padding-bottom:.3rem}tr,.result,figure,dl>div{break-inside:avoid}"
    "thead{display:table-header-group}"
    ".scroll{overflow:visible}.grid{grid-template-columns:1fr 1fr;gap:1.25rem 1.75rem}"
    ".grid>*{break-inside:avoid}a{color:inherit;text-decoration:none}}",
};

void html_style(struct buf *out)
{
    buf_puts(out, "<style>\n");
    for (size_t i = 0; i < sizeof style / sizeof *style; i++) {
        buf_puts(out, style[i]);
        buf_putc(out, '\n');
    }
    buf_puts(out, "</style>\n");
}
