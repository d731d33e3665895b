/**
 * What all widgets look like. A page themes them with the `--harta-*` properties; without any they follow its
 * `color-scheme`. Style sheets are constructed, which a policy of `style-src 'self'` allows.
 */
const common = `
:host {
  --ink: var(--harta-ink, light-dark(#17211c, #e8efea));
  --muted: var(--harta-muted, light-dark(#5e6b64, #94a39b));
  --line: var(--harta-line, light-dark(#e3e2da, #27312c));
  --up: var(--harta-up, light-dark(#0b7a53, #53cf98));
  --down: var(--harta-down, light-dark(#b3362c, #ff8f80));
  --warn: var(--harta-warn, light-dark(#8a5a00, #e7b65c));
  --tint: var(--harta-tint, light-dark(#17211c0d, #e8efea12));
  display: block;
  color: var(--ink);
  font: 400 1rem/1.45 var(--harta-font, Inter, system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif);
  font-variant-numeric: tabular-nums;
}
:host([hidden]), [hidden] { display: none !important }
.muted { color: var(--muted) }
.up { color: var(--up) }
.down { color: var(--down) }
.note { color: var(--muted); margin: 0; padding: 1.5rem 0; text-align: center }
.unseen {
  position: absolute; width: 1px; height: 1px; margin: -1px; padding: 0; border: 0;
  overflow: hidden; clip-path: inset(50%); white-space: nowrap;
}
.badge {
  display: inline-block; padding: 0 .45em; border-radius: 1em; background: var(--tint); color: var(--muted);
  font-size: .6875rem; line-height: 1.55; white-space: nowrap;
}
.warn { color: var(--warn) }
.badge[data-state='stale'], .badge[data-state='unpriced'] {
  color: var(--warn); background: color-mix(in srgb, var(--warn) 14%, transparent);
}
.badge[data-state='live'] { color: var(--up); background: color-mix(in srgb, var(--up) 12%, transparent) }
.figure { border-radius: .3em; box-shadow: 0 0 0 .2em transparent }
.figure[data-moved='up-0'] { animation: rise-0 .9s ease-out }
.figure[data-moved='up-1'] { animation: rise-1 .9s ease-out }
.figure[data-moved='down-0'] { animation: fall-0 .9s ease-out }
.figure[data-moved='down-1'] { animation: fall-1 .9s ease-out }
${['rise', 'fall']
  .flatMap((way) => [0, 1].map((turn) => [way, turn, way === 'rise' ? '--up' : '--down']))
  .map(
    ([way, turn, color]) => `@keyframes ${way}-${turn} { from {
  color: color-mix(in srgb, var(${color}) var(--hue-share, 100%), var(--ink)); background: color-mix(in srgb, var(${color}) var(--glow, 12%), transparent);
  box-shadow: 0 0 0 .2em color-mix(in srgb, var(${color}) var(--glow, 12%), transparent);
} }`,
  )
  .join('\n')}
@media (prefers-reduced-motion: reduce) { .figure { animation: none !important } }
`

const sheets = new Map<string, CSSStyleSheet>()

/** Gives a shadow root the common style and its own, each parsed once for all elements. */
export function dress(root: ShadowRoot, own: string): void {
  root.adoptedStyleSheets = [common, own].map((text) => {
    let sheet = sheets.get(text)
    if (!sheet) {
      sheet = new CSSStyleSheet()
      sheet.replaceSync(text)
      sheets.set(text, sheet)
    }
    return sheet
  })
}
