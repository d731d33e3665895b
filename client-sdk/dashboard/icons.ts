/** Small line drawings on a grid of 24, in the colour of the text around them. */
const DRAWN = {
  home: 'M4 11.5 12 4.5l8 7M6.5 10v9h11v-9M10 19v-5h4v5',
  cashflow: 'M5 19v-6M10 19V8M15 19v-9M20 19V5',
  goals: 'M12 4a8 8 0 1 0 8 8M12 8a4 4 0 1 0 4 4M12 12l7-7M15.500 5l.5 3 3 .5',
  health: 'M3.500 12.500h4l2-5 4 10 2.500-7 1.500 2h3',
  performance: 'M4 17l5.500-5.500 3.500 3L20 7M15 7h5v5',
  data: 'M8 4v12M4.500 12.500 8 16l3.500-3.500M16 20V8M12.500 11.500 16 8l3.500 3.500',
  feeds: 'M5 19a1 1 0 1 0 .01 0M5 12a7 7 0 0 1 7 7M5 5a14 14 0 0 1 14 14',
  alerts: 'M6.500 16.500V11a5.500 5.500 0 0 1 11 0v5.500l1.500 1.500H5zM10 20.500a2.200 2.200 0 0 0 4 0',
  settings: 'M5 7h8M17 7h2M5 17h2M11 17h8M15 5v4M9 15v4',
  more: 'M5 12h.01M12 12h.01M19 12h.01',
  add: 'M12 5v14M5 12h14',
} as const

export type IconName = keyof typeof DRAWN

const SVG = 'http://www.w3.org/2000/svg'

export function icon(name: IconName, size = 22): SVGSVGElement {
  const svg = svgElement('svg', { viewBox: '0 0 24 24', width: size, height: size, class: 'icon' })
  svg.setAttribute('aria-hidden', 'true')
  svg.append(svgElement('path', { d: DRAWN[name] }))
  return svg
}

export function svgElement<K extends keyof SVGElementTagNameMap>(
  tag: K,
  attributes: Readonly<Record<string, string | number>>,
): SVGElementTagNameMap[K] {
  const element = document.createElementNS(SVG, tag)
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value))
  return element
}
