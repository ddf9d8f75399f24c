/** The style of both pages; Swagger UI brings its own for what is inside it, and is light alone. */
export const docsStyle = `body { margin: 0; }
.doors {
  display: flex;
  flex-wrap: wrap;
  gap: 4px 20px;
  align-items: baseline;
  padding: 12px 24px;
  background: #16222e;
  font: 15px/1.5 system-ui, sans-serif;
}
.doors strong { color: #fff; font-size: 17px; margin-right: 8px; }
.doors a { color: #b9c8d6; text-decoration: none; }
.doors a:hover { color: #fff; text-decoration: underline; }
.doors a[aria-current] { color: #fff; box-shadow: 0 2px 0 #49cc90; }
.doors a:last-child { margin-left: auto; font: 13px/1.5 ui-monospace, monospace; }

.reading {
  --paper: #fff;
  --ink: #1f2933;
  --quiet: #5b6875;
  --line: #dde3e9;
  --code: #f3f5f8;
  --link: #0b62b8;
  --mark: #fff6d6;
  color-scheme: light dark;
  background: var(--paper);
  color: var(--ink);
  font: 16px/1.55 system-ui, sans-serif;
}
@media (prefers-color-scheme: dark) {
  .reading {
    --paper: #12181e;
    --ink: #dce3ea;
    --quiet: #93a1ae;
    --line: #2b3641;
    --code: #1b242d;
    --link: #7ab8f5;
    --mark: #2e2a17;
  }
}
.columns a { color: var(--link); text-underline-offset: 2px; }
.columns {
  display: grid;
  grid-template-columns: 250px minmax(0, 1fr);
  gap: 40px;
  max-width: 1240px;
  margin: 0 auto;
  padding: 0 24px 80px;
}
.contents {
  position: sticky;
  top: 0;
  max-height: 100vh;
  overflow-y: auto;
  padding: 24px 0;
  box-sizing: border-box;
  font-size: 14px;
}
.columns .contents h2 a { color: inherit; }
.contents h2 { font-size: 14px; margin: 14px 0 4px; }
.contents ul { list-style: none; margin: 0; padding: 0; }
.contents li { padding: 1px 0 1px 12px; overflow-wrap: anywhere; }
.contents a { text-decoration: none; }
.columns .contents li a { color: var(--quiet); }
.contents a:hover { text-decoration: underline; }
main > section { padding-top: 12px; }
main h1 { font-size: 30px; line-height: 1.2; margin: 36px 0 12px; }
main h2 { font-size: 23px; margin: 36px 0 8px; padding-bottom: 6px; border-bottom: 2px solid var(--line); }
main h3 { font: 600 18px/1.4 ui-monospace, monospace; margin: 0 0 8px; overflow-wrap: anywhere; }
.columns h3 a { color: inherit; text-decoration: none; }
main h3 a:hover { text-decoration: underline; }
main p { margin: 8px 0; max-width: 76ch; }
article { padding: 22px 0; border-bottom: 1px solid var(--line); }
:target { scroll-margin-top: 12px; }
article:target > h3, details:target > summary { background: var(--mark); box-shadow: 0 0 0 4px var(--mark); }
code, pre { font: 13.5px/1.5 ui-monospace, monospace; }
code { overflow-wrap: anywhere; }
p code, td:last-child code { background: var(--code); border-radius: 4px; padding: 1px 4px; }
pre { background: var(--code); border-radius: 6px; padding: 14px 16px; overflow-x: auto; }
pre code { overflow-wrap: normal; }
details { margin: 10px 0; }
summary { cursor: pointer; width: fit-content; font-weight: 600; font-size: 15px; }
#shapes details { padding: 10px 0; border-bottom: 1px solid var(--line); }
#shapes summary { font: 600 16px/1.5 ui-monospace, monospace; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; margin: 6px 0 10px; font-size: 14.5px; }
th { text-align: left; font-size: 13px; font-weight: 600; color: var(--quiet); }
th, td { padding: 6px 14px 6px 0; border-bottom: 1px solid var(--line); vertical-align: top; }
tbody tr:last-child td { border-bottom: 0; }
th:first-child { width: 30%; }
.fields th:nth-child(2) { width: 42%; }
.optional { color: var(--quiet); font-size: 12.5px; font-style: italic; }
.alternatives { padding-left: 20px; }
.alternatives li { margin: 5px 0; }
@media (max-width: 800px) {
  .columns { display: block; padding: 0 16px 60px; }
  .contents { position: static; max-height: none; padding: 16px 0 0; }
  .contents ul { columns: 2; }
  .doors { padding: 12px 16px; }
}
`;
